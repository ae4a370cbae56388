"""Slips at the desk: made once and shown once, called back with their votes, restored."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import segno
from sqlalchemy import Row, Table, func, select
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.config import ROOT
from board.core.http import Board
from board.desk.codes_sheet import PER_PAGE
from board.drawing.qr import QUIET, qr
from board.people.models import code_batches, desk_codes, people
from board.people.slip_actions import MOST_SLIPS
from board.people.slips import normalise
from board.record.models import decisions
from board.recount import differences
from board.stories.models import stories
from board.taking_part.rules import terms_of
from board.towns.models import towns
from board.votes.actions import take_back_vote
from board.votes.models import votes
from board.votes.void_actions import void_votes
from tests.invented import HERE, VELENJE, remembered, statements

TOWN = "/towns/si/velenje"


@pytest.fixture
def desk(board: Board, client: TestClient) -> TestClient:
    """Sue, staff, at the desk."""
    remembered(board, client, "Sue", role="staff")
    return client


def make(client: TestClient, *, seen: int = 0, **form: str) -> Any:
    """Press “Make the slips”."""
    said = {"geonames_id": str(VELENJE), "count": "4", "seen": str(seen), "language": "en", **form}
    return client.post("/staff/codes", data=said, headers=HERE)


def codes_on(sheet: str) -> list[str]:
    return re.findall(r'<p class="slip-code">([^<]+)</p>', sheet)


def rows(board: Board, table: Table) -> list[Row[Any]]:
    with board.database.snapshot() as conn:
        return list(conn.execute(select(table).order_by(table.c.id)).all())


def count_of(board: Board, name: str = "Velenje") -> int:
    with board.database.snapshot() as conn:
        found = conn.execute(select(towns.c.vote_count).where(towns.c.name == name)).scalar()
        assert differences(conn, board.settings) == []
        return int(found or 0)


def without_cookie(client: TestClient, path: str, **form: str) -> int:
    """What a resident sends who isn't remembered."""
    cookies = dict(client.cookies)
    client.cookies.clear()
    status = client.post(path, data=form, headers=HERE).status_code
    client.cookies.update(cookies)
    return status


# --- making -----------------------------------------------------------------------------------


def test_sheet_shows_the_codes_once(desk: TestClient, board: Board) -> None:
    answer = make(desk, label="Launch evening")
    assert answer.status_code == 200
    codes = codes_on(answer.text)
    assert len(codes) == 4
    assert "shown once and kept nowhere" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert {row.hash for row in rows(board, desk_codes)} == {
        board.keys.slip_hash(code) for typed in codes if (code := normalise(typed))
    }
    for path in ("/staff/codes", "/staff/codes/1"):
        page = desk.get(path).text
        assert "Launch evening" in page
        assert not any(code in page for code in codes)


def test_squares_lead_to_the_slips(desk: TestClient, board: Board) -> None:
    board.settings = board.settings.model_copy(update={"base_url": "https://board.example.org/"})
    sheet = make(desk, count="2").text
    for code in codes_on(sheet):
        address = f"https://board.example.org/slip/{code}"
        assert f'aria-label="{address}"' in sheet
        assert f'd="{qr(address).path}"' in sheet


def test_square_is_the_code_that_its_library_makes() -> None:
    """Each module of the path, painted again, beside the library's own matrix."""
    address = "https://board.example.org/slip/17-7K3M-Q9XZ"
    drawn = qr(address)
    painted = [[0] * drawn.side for _ in range(drawn.side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn.path):
        for column in range(int(x), int(x) + int(width)):
            painted[int(y)][column] = 1
    made = segno.make(address, error="m", micro=False, boost_error=False)
    assert painted == [list(row) for row in made.matrix]
    assert drawn.view_box == f"-{QUIET} -{QUIET} {drawn.side + 8} {drawn.side + 8}"
    assert QUIET >= 4


def test_batch_founds_its_town_and_is_written_down(desk: TestClient, board: Board) -> None:
    make(desk)
    town = rows(board, towns)[0]
    assert (town.name, town.vote_count) == ("Velenje", 0)
    batch = rows(board, code_batches)[0]
    assert (batch.town_id, batch._mapping["count"], batch.label) == (town.id, 4, "")
    entry = rows(board, decisions)[0]
    assert (entry.act, entry.subject, entry.subject_id, entry.after) == ("made", "codes", 1, "4")


def test_form_sent_twice_makes_one_batch(desk: TestClient, board: Board) -> None:
    assert make(desk).status_code == 200
    again = make(desk)
    assert again.status_code == 409
    assert "batch 1 from this page already" in again.text
    assert len(rows(board, code_batches)) == 1
    newest = re.search(r'name="seen" value="(\d+)"', again.text)
    assert newest is not None
    assert make(desk, seen=int(newest[1])).status_code == 200


@pytest.mark.parametrize("count", ["", "0", "-3", "501", "many", "9" * 30])
def test_odd_number_is_asked_back_and_nothing_lost(
    desk: TestClient, board: Board, count: str
) -> None:
    answer = make(desk, count=count, label="For the reading room")
    assert answer.status_code == 422
    assert f"Between 1 and {MOST_SLIPS}" in answer.text
    assert "For the reading room" in answer.text
    assert 'value="3189075"' in answer.text
    assert rows(board, code_batches) == []


def test_town_is_found_without_javascript(desk: TestClient) -> None:
    assert "Choose a town from the list" in make(desk, geonames_id="").text
    several = make(desk, geonames_id="", town="El")
    assert several.status_code == 422
    assert 'type="radio" name="geonames_id"' in several.text
    assert make(desk, geonames_id="", town="Velenje").status_code == 200


def test_sheet_speaks_the_language_that_was_chosen(desk: TestClient) -> None:
    sheet = make(desk, language="de").text
    assert '<html lang="de"' in sheet
    assert "http://testserver/de/slip/1-" in sheet
    assert '<div class="paper-notes" lang="en">' in sheet


def test_pages_hold_twelve(desk: TestClient) -> None:
    sheet = make(desk, count=str(2 * PER_PAGE + 1)).text
    assert sheet.count('class="paper-page"') == 3
    assert "Page 3 of 3" in sheet


def test_list_asks_the_database_the_same_often(desk: TestClient, board: Board) -> None:
    make(desk, count="1")
    with statements(board.database.reader) as few:
        desk.get("/staff/codes")
    for seen in (1, 2, 3):
        make(desk, seen=seen, count="1")
    with statements(board.database.reader) as many:
        assert desk.get("/staff/codes").text.count('href="/staff/codes/4"') == 2
    assert len(few) == len(many)


# --- calling back -----------------------------------------------------------------------------


@pytest.fixture
def used(desk: TestClient, board: Board) -> list[str]:
    """A batch of which four slips were used: a vote, an offer, a story, a comment; one is left."""
    codes = codes_on(make(desk, count="5").text)
    assert without_cookie(desk, f"{TOWN}/vote", slip=codes[0]) == 303
    offer = {"come": "1", "host": "1", "name": "Ana", "phone": "041 765 432"}
    assert without_cookie(desk, f"{TOWN}/vote", slip=codes[1], **offer) == 303
    story = {"geonames_id": str(VELENJE), "why": "To learn.", "name": "Maja", "may_show": "1"}
    assert without_cookie(desk, "/tell", slip=codes[2], **story) == 303
    form = {"text": "Me too.", "name": "Ivo"}
    assert without_cookie(desk, f"{TOWN}/comments", slip=codes[3], **form) == 303
    keep = {"subject": "story", "subject_id": "1", "act": "keep", "seen": "held"}
    assert desk.post("/staff/queue", data=keep, headers=HERE).status_code == 303
    keep["subject"] = "comment"
    assert desk.post("/staff/queue", data=keep, headers=HERE).status_code == 303
    assert count_of(board) == 3
    return codes


def settle(client: TestClient, **form: str) -> int:
    return client.post("/staff/codes/1", data=form, headers=HERE).status_code


def test_batch_page_tells_what_its_slips_brought(desk: TestClient, used: list[str]) -> None:
    page = desk.get("/staff/codes/1").text
    assert "Me too." in page
    assert "/stories/1" in page
    assert [int(n) for n in re.findall(r"<dd><b>(\d+)</b>", page)] == [5, 4, 3, 0, 0]
    assert not any(code in page for code in used)
    assert "765" not in page


def test_recall_voids_votes_and_holds_texts(
    desk: TestClient, board: Board, used: list[str]
) -> None:
    assert settle(desk, act="recall", reason="lost") == 303
    assert count_of(board) == 0
    town = rows(board, towns)[0]
    assert (town.come_count, town.host_count, town.story_count, town.comment_count) == (0, 0, 0, 0)
    assert {row.state for row in rows(board, votes)} == {"voided"}
    assert [row.visibility for row in rows(board, stories)] == ["held"]
    assert [row.visibility for row in rows(board, comments)] == ["held"]
    assert {row.held_for for row in rows(board, stories) + rows(board, comments)} == {"slips"}
    assert "Me too." in desk.get("/staff/queue").text
    assert without_cookie(desk, f"{TOWN}/vote", slip=used[4]) == 422
    entry = rows(board, decisions)[-1]
    assert (entry.act, entry.subject_id, entry.reason, entry.after) == ("recalled", 1, "lost", "3")


def test_restore_counts_again_what_recall_voided(
    desk: TestClient, board: Board, used: list[str]
) -> None:
    settle(desk, act="recall", reason="mistake")
    assert settle(desk, act="restore") == 303
    assert count_of(board) == 3
    assert {row.state for row in rows(board, votes)} == {"counted"}
    assert [row.visibility for row in rows(board, stories)] == ["held"]
    assert without_cookie(desk, f"{TOWN}/vote", slip=used[4]) == 303
    assert count_of(board) == 4


def test_restore_leaves_votes_alone_that_went_for_another_reason(
    desk: TestClient, board: Board, used: list[str]
) -> None:
    with board.database.transaction() as conn:
        first = conn.execute(select(func.min(votes.c.id))).scalar_one()
        void_votes(conn, [first], "fraud", need=terms_of(board.settings).need, now=clock.now())
    settle(desk, act="recall", reason="other")
    settle(desk, act="restore")
    assert [row.state for row in rows(board, votes)] == ["voided", "counted", "counted"]
    assert count_of(board) == 2


def test_vote_taken_back_stays_taken_back(desk: TestClient, board: Board, used: list[str]) -> None:
    with board.database.transaction() as conn:
        row = conn.execute(select(votes).order_by(votes.c.id)).first()
        assert row is not None
        need = terms_of(board.settings).need
        take_back_vote(conn, row.town_id, row.voter_key, need=need, now=clock.now())
    assert count_of(board) == 2
    settle(desk, act="recall", reason="other")
    settle(desk, act="restore")
    assert [row.state for row in rows(board, votes)] == ["taken_back", "counted", "counted"]
    assert count_of(board) == 2


def test_recall_needs_a_reason_and_happens_once(
    desk: TestClient, board: Board, used: list[str]
) -> None:
    assert settle(desk, act="recall") == 422
    assert settle(desk, act="recall", reason="because") == 422
    assert settle(desk) == 422
    assert count_of(board) == 3
    assert settle(desk, act="restore") == 409
    assert settle(desk, act="recall", reason="lost") == 303
    assert settle(desk, act="recall", reason="lost") == 409
    missing = desk.post("/staff/codes/99", data={"act": "recall", "reason": "lost"}, headers=HERE)
    assert missing.status_code == 404
    assert desk.get("/staff/codes/99").status_code == 404


def test_used_slip_of_a_recalled_batch_lets_nobody_in(
    desk: TestClient, board: Board, used: list[str]
) -> None:
    settle(desk, act="recall", reason="lost")
    assert without_cookie(desk, "/slip", slip=used[0]) == 422


def test_large_batch_is_recalled_whole(desk: TestClient, board: Board) -> None:
    codes = codes_on(make(desk, count="120").text)
    for code in codes[:100]:
        assert without_cookie(desk, f"{TOWN}/vote", slip=code) == 303
    assert count_of(board) == 100
    settle(desk, act="recall", reason="misused")
    assert count_of(board) == 0
    settle(desk, act="restore")
    assert count_of(board) == 100


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["", "moderator"])
def test_slips_are_for_staff(board: Board, client: TestClient, role: str) -> None:
    remembered(board, client, "Mo", role=role)
    for path in ("/staff/codes", "/staff/codes/1", "/staff/codes/sheet", "/staff/sheets"):
        assert client.get(path).status_code == (403 if role else 303)
    assert make(client).status_code == (403 if role else 303)
    assert rows(board, code_batches) == []


# --- the command ------------------------------------------------------------------------------


def board_codes(board: Board, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `board codes …` as an operator does."""
    settings = board.settings
    environment = {
        "PATH": os.environ["PATH"],
        "BOARD_DATABASE_URL": settings.database_url,
        "BOARD_VAR": str(settings.var),
        "BOARD_VOTER_SECRET": settings.voter_secret,
        "BOARD_SEALING_KEYS": settings.sealing_keys[0],
        "BOARD_LINK_SECRET": settings.link_secret,
        "BOARD_BASE_URL": "https://board.example.org",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "from board.cli import main; main()", "codes", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_command_writes_a_sheet_that_stands_alone(
    board: Board, client: TestClient, tmp_path: Path
) -> None:
    done = board_codes(
        board, tmp_path, "print", "--place", "Velenje, Slovenia", "--count", "3", "--plain",
        "--label", "Library", "--out", "sheet.html",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    file = tmp_path / "sheet.html"
    html = file.read_text()
    assert done.stdout.split() == codes_on(html)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    addresses = set(re.findall(r'(?:href|src|url\()="?([^")\s]+)', html))
    assert all(address.startswith("data:") for address in addresses)
    assert "https://board.example.org/slip/1-" in html
    assert "/staff" not in html
    code = codes_on(html)[0]
    assert client.post(f"{TOWN}/vote", data={"slip": code}, headers=HERE).status_code == 303
    assert count_of(board) == 1


def test_command_prints_codes_only_when_asked(board: Board, tmp_path: Path) -> None:
    done = board_codes(board, tmp_path, "print", "--place", "si/velenje", "--count", "2")
    codes = codes_on((tmp_path / "codes-1.html").read_text())
    assert len(codes) == 2
    assert not any(code in done.stdout + done.stderr for code in codes)


def test_command_makes_nothing_without_its_file(board: Board, tmp_path: Path) -> None:
    (tmp_path / "there.html").write_text("mine")
    refused = [
        board_codes(board, tmp_path, "print", "--place", "si/velenje", "--out", "there.html"),
        board_codes(board, tmp_path, "print", "--place", "Nowhere at all"),
        board_codes(board, tmp_path, "print", "--place", "Velenje", "--language", "xx"),
        board_codes(board, tmp_path, "print", "--place", "Velenje", "--count", "501"),
    ]
    assert [done.returncode for done in refused] == [2, 2, 2, 2]
    assert (tmp_path / "there.html").read_text() == "mine"
    assert rows(board, code_batches) == []
    assert rows(board, people) == []


def test_command_lists_revokes_and_restores(
    board: Board, client: TestClient, tmp_path: Path
) -> None:
    assert "No slips" in board_codes(board, tmp_path, "list").stdout
    board_codes(board, tmp_path, "print", "--place", "Velenje", "--count", "2", "--out", "a.html")
    code = codes_on((tmp_path / "a.html").read_text())[0]
    client.post(f"{TOWN}/vote", data={"slip": code}, headers=HERE)
    assert "1  Velenje  1 of 2 used  good" in board_codes(board, tmp_path, "list").stdout
    assert board_codes(board, tmp_path, "revoke", "1", "--reason", "why").returncode == 2
    done = board_codes(board, tmp_path, "revoke", "1", "--reason", "lost")
    assert "1 votes out of the count" in done.stdout
    assert count_of(board) == 0
    again = board_codes(board, tmp_path, "revoke", "1", "--reason", "lost")
    assert again.returncode == 1
    assert "done already" in again.stderr
    assert "revoked (lost)" in board_codes(board, tmp_path, "list").stdout
    assert "1 votes are back" in board_codes(board, tmp_path, "unrevoke", "1").stdout
    assert count_of(board) == 1
    acts = [(row.act, row.actor_id) for row in rows(board, decisions)]
    assert acts == [("made", None), ("recalled", None), ("restored", None)]
