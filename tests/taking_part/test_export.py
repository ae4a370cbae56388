"""Taking one's own data along: everything of one's own, nothing of anybody else's."""

import io
import json
import re
from zipfile import ZipFile

from sqlalchemy import insert
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.stories.models import photos
from board.taking_part.export import Parcel
from tests.invented import HERE, person, remembered, say, tell, vote
from tests.taking_part.test_you import ANA, furnish


def unpacked(client: TestClient) -> dict[str, bytes]:
    """The files of one's own export."""
    answer = client.post("/you/export", headers=HERE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["cache-control"] == "private, no-store"
    with ZipFile(io.BytesIO(answer.content)) as parcel:
        assert parcel.testzip() is None
        return {name: parcel.read(name) for name in parcel.namelist()}


def test_export_holds_all_of_mine_in_clear(client: TestClient, board: Board) -> None:
    furnish(board)
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        say(conn, bob, 1, "Bob answers under Ana's story", story_id=2)
        jpeg = {"jpeg": b"\xff\xd8 ana", "width": 4, "height": 3, "alt": "My kitchen"}
        conn.execute(insert(photos).values(story_id=2, created_at=clock.now(), **jpeg))
        jpeg = {"jpeg": b"\xff\xd8 bob", "width": 4, "height": 3, "alt": "Bob's kitchen"}
        conn.execute(insert(photos).values(story_id=1, created_at=clock.now(), **jpeg))
    remembered(board, client, "Ana")
    files = unpacked(client)
    assert set(files) == {"your-data.json", "your-data.html", "photos/1.jpg"}
    found = json.loads(files["your-data.json"])
    assert found["contact"][0]["value"] == ANA
    assert found["vote"][0]["town"] == "Velenje"
    assert found["vote_topic"] == [{"word": "Knitting"}]
    assert found["story"][0]["title"] == "Story 0"
    assert found["contact_use"][0]["purpose"] == "contact"
    assert files["photos/1.jpg"] == b"\xff\xd8 ana"
    for not_mine in (b"Bob", b"Sue", b"actor_id"):
        assert not any(not_mine in content for content in files.values())


def test_page_inside_is_readable_alone(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ana = person(conn, "Ana <script>")
        tell(conn, ana, vote(conn, ana), "Line one\nLine two <b>", title="<i>Mine")
    remembered(board, client, "Ana <script>")
    html = unpacked(client)["your-data.html"].decode()
    assert "Line one<br>Line two &lt;b&gt;" in html
    assert "Ana &lt;script&gt;" in html
    assert not re.search(r"<script|<link|<style|src=\"(?!photos/)|https?://", html)
    german = client.post("/de/you/export", headers=HERE)
    with ZipFile(io.BytesIO(german.content)) as parcel:
        assert b'<html lang="de"' in parcel.read("your-data.html")


def test_export_of_thirty_things_is_whole(client: TestClient, board: Board) -> None:
    furnish(board, 30)
    remembered(board, client, "Ana")
    found = json.loads(unpacked(client)["your-data.json"])
    assert len(found["story"]) == len(found["comment"]) == 30


def test_parcel_hands_out_what_is_ready_piece_by_piece() -> None:
    parcel, sent = Parcel(), []
    for number in range(20):
        sent.append(parcel.put(f"{number}.jpg", bytes([number]) * 100_000, packed=False))
    sent.append(parcel.close())
    # Nothing is held back: what is in hand is never more than one file.
    assert max(len(piece) for piece in sent) < 110_000
    with ZipFile(io.BytesIO(b"".join(sent))) as whole:
        assert len(whole.namelist()) == 20
        assert whole.testzip() is None
