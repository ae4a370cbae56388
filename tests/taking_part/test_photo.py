"""A picture with a story: it survives every step, is shown when the story is, and never before."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.stories.actions import destroy_due, hide_story, show_story
from board.stories.models import photos, stories, uploads
from board.taking_part import photo_desk
from tests import pictures
from tests.invented import HERE, remembered
from tests.pictures import plain
from tests.post import deliver
from tests.taking_part.test_tell import STORY, Form, confirm, errors, rows

TELL = {**STORY, "alt": "A room with a red door"}


def tell(client: TestClient, file: bytes | None, path: str = "/tell", **changes: str) -> Any:
    files = {} if file is None else {"picture": ("room.jpg", file, "image/jpeg")}
    data = {**TELL, **changes}
    return client.post(path, data=data, files=files or None, headers=HERE)


def token_in(html: str) -> str:
    found = re.search(r'/tell/photo/([\w-]+)"', html)
    assert found is not None
    return found.group(1)


def told(client: TestClient, board: Board) -> tuple[int, int]:
    """A confirmed story with a picture; its id and the picture's."""
    answer = tell(client, plain())
    assert answer.status_code == 303
    confirm(client, board, answer.headers["location"])
    (photo,) = rows(board, photos)
    return photo.story_id, photo.id


def show(board: Board, story_id: int) -> None:
    with board.database.transaction() as conn:
        show_story(conn, story_id, clock.now())


def test_picture_waits_sealed_and_comes_along_when_confirmed(
    client: TestClient, board: Board
) -> None:
    answer = tell(client, pictures.from_a_phone())
    assert answer.status_code == 303
    (upload,) = rows(board, uploads)
    assert b"\xff\xd8\xff" not in upload.jpeg[:40]
    assert upload.expires_at > clock.now() + timedelta(days=2)
    confirm(client, board, answer.headers["location"])
    (photo,) = rows(board, photos)
    assert rows(board, uploads) == []
    assert (photo.width, photo.height, photo.alt) == (200, 400, "A room with a red door")
    assert b"Ana" not in photo.jpeg


def test_picture_survives_mistakes_preview_and_change(client: TestClient, board: Board) -> None:
    wrong = tell(client, plain(), name="")
    assert (wrong.status_code, errors(wrong.text)) == (422, ["name"])
    token = token_in(wrong.text)
    sent = client.get(f"/tell/photo/{token}")
    assert (sent.status_code, sent.headers["content-type"]) == (200, "image/jpeg")
    assert sent.headers["cache-control"] == "private, no-store"
    assert sent.headers["x-content-type-options"] == "nosniff"
    typed = {**Form(wrong.text).fields, "name": "Alice"}
    preview = client.post("/tell", data={**typed, "preview": "1"}, headers=HERE)
    assert token_in(preview.text) == token
    assert 'alt="A room with a red door"' in preview.text
    typed = Form(preview.text).fields
    changed = client.post("/tell", data={**typed, "change": "1"}, headers=HERE)
    assert token_in(changed.text) == token
    answer = client.post("/tell", data=Form(changed.text).fields, headers=HERE)
    confirm(client, board, answer.headers["location"])
    assert len(rows(board, photos)) == 1


def test_picture_needs_words_for_those_who_can_t_see_it(client: TestClient) -> None:
    answer = tell(client, plain(), alt="")
    assert (answer.status_code, errors(answer.text)) == (422, ["alt"])
    typed = Form(answer.text).fields
    assert typed["photo"]
    long = client.post("/tell", data={**typed, "alt": "x" * 301}, headers=HERE)
    assert (long.status_code, errors(long.text)) == (422, ["alt"])


def test_picture_is_left_out_or_replaced(client: TestClient, board: Board) -> None:
    first = tell(client, plain(), preview="1")
    typed = {**Form(first.text).fields, "preview": "1"}
    files = {"picture": ("other.png", plain(300, 300, kind="PNG"), "image/png")}
    second = client.post("/tell", data=typed, files=files, headers=HERE)
    assert [row.width for row in rows(board, uploads)] == [300]
    typed = {**Form(second.text).fields, "without_photo": "1"}
    answer = client.post("/tell", data=typed, headers=HERE)
    assert rows(board, uploads) == []
    confirm(client, board, answer.headers["location"])
    assert rows(board, photos) == []


BAD = {
    "svg": pictures.SVG,
    "page": b"<html><script>alert(1)</script></html>",
    "bomb": pictures.bomb(),
    "half": plain()[:400],
    "too large": plain() + bytes(8 * 1024 * 1024),
}


@pytest.mark.parametrize("name", BAD)
def test_file_that_is_no_picture_keeps_every_word(
    client: TestClient, board: Board, name: str
) -> None:
    answer = tell(client, BAD[name], own="My grandmother's words.")
    assert (answer.status_code, errors(answer.text)) == (422, ["picture"])
    assert "My grandmother" in answer.text
    assert rows(board, uploads) == []


def test_file_far_over_the_limit_is_refused_at_the_door(client: TestClient, board: Board) -> None:
    answer = tell(client, bytes(17 * 1024 * 1024))
    assert answer.status_code == 413
    assert "Go back" in answer.text
    assert tell(client, None, why="x" * 200_000).status_code == 413
    # Where no picture is taken, the small limit holds for whatever form.
    path = "/towns/si/velenje/comments"
    assert tell(client, plain() + bytes(200_000), path).status_code == 413
    big = {"picture": ("a.jpg", plain() + bytes(200_000), "image/jpeg")}
    assert client.put("/tell", files=big).status_code == 413
    assert rows(board, uploads) == []


def test_words_around_a_picture_have_the_small_limit(client: TestClient) -> None:
    data = {**TELL, **{f"more{number}": "x" * 9_000 for number in range(40)}}
    files = {"picture": ("room.jpg", plain(), "image/jpeg")}
    assert client.post("/tell", data=data, files=files, headers=HERE).status_code == 413


def test_pictures_of_a_network_are_counted(client: TestClient, board: Board) -> None:
    for _time in range(photo_desk.UPLOADS_A_DAY):
        assert tell(client, b"no picture").status_code == 422
    answer = tell(client, plain(), own="Kept.")
    assert (answer.status_code, errors(answer.text)) == (422, ["picture"])
    assert "today" in answer.text
    assert "Kept." in answer.text
    assert tell(client, None).status_code == 303
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert tell(client, plain(), preview="1").status_code == 200
    assert len(rows(board, uploads)) == 1


def test_no_more_than_a_few_wait_for_the_decoder(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_desk, "_MOST_AT_ONCE", 0)
    answer = tell(client, plain())
    assert (answer.status_code, errors(answer.text)) == (422, ["picture"])


def test_picture_nobody_confirmed_is_shown_to_nobody_and_lapses(
    client: TestClient, board: Board
) -> None:
    token = token_in(tell(client, plain(), preview="1").text)
    assert client.get("/photos/1").status_code == 404
    assert client.get(f"/tell/photo/{token[:-1]}").status_code == 404
    later = clock.now() + timedelta(days=2, minutes=1)
    with time_machine.travel(later, tick=False):
        assert client.get(f"/tell/photo/{token}").status_code == 404
        # Sent all the same, the story comes without it.
        answer = client.post("/tell", data={**TELL, "photo": token}, headers=HERE)
        assert answer.status_code == 303
    with board.database.transaction() as conn:
        assert destroy_due(conn, later).uploads == 1
    assert rows(board, uploads) == []


def test_picture_is_shown_while_its_story_is(client: TestClient, board: Board) -> None:
    story_id, photo_id = told(client, board)
    path = f"/photos/{photo_id}"
    stranger = TestClient(client.app, follow_redirects=False)

    def answers() -> list[Any]:
        return [browser.get(path) for browser in (stranger, client)]

    held = answers()
    assert [a.status_code for a in held] == [404, 200]
    assert held[1].headers["cache-control"] == "private, no-store"
    show(board, story_id)
    public = stranger.get(path)
    assert public.status_code == 200
    assert public.headers["content-type"] == "image/jpeg"
    assert public.headers["cache-control"] == "no-cache"
    assert public.headers["x-content-type-options"] == "nosniff"
    etag = public.headers["etag"]
    assert stranger.get(path, headers={"if-none-match": etag}).status_code == 304
    with board.database.transaction() as conn:
        hide_story(conn, story_id, "unlisted", "spam", clock.now())
    again = stranger.get(path, headers={"if-none-match": etag})
    assert again.status_code == 410
    with board.database.transaction() as conn:
        hide_story(conn, story_id, "deleted", "spam", clock.now())
    assert [a.status_code for a in answers()] == [410, 410]
    with board.database.transaction() as conn:
        destroy_due(conn, clock.now() + timedelta(hours=25))
    assert [a.status_code for a in answers()] == [404, 404]


def test_page_shows_the_picture_after_the_words(client: TestClient, board: Board) -> None:
    story_id, photo_id = told(client, board)
    show(board, story_id)
    stranger = TestClient(client.app)
    for path in (f"/stories/{story_id}", "/stories", "/towns/si/velenje"):
        html = stranger.get(path).text
        (tag,) = re.findall(r'<img class="story-photo"[^>]*>', html)
        assert f'src="/photos/{photo_id}"' in tag
        assert 'width="400" height="300"' in tag
        assert 'alt="A room with a red door"' in tag
        assert 'loading="lazy"' in tag
        assert html.index("winding down") < html.index(tag)


def test_moderator_sees_the_picture_in_the_queue(client: TestClient, board: Board) -> None:
    _story_id, photo_id = told(client, board)
    remembered(board, client, "Mo", role="moderator")
    assert f'src="/photos/{photo_id}"' in client.get("/staff/queue").text
    assert client.get(f"/photos/{photo_id}").status_code == 200


def test_token_is_used_once(client: TestClient, board: Board) -> None:
    token = Form(tell(client, plain(), preview="1").text).fields["photo"]
    for email in ("alice@example.org", "bob@example.org"):
        form = {**TELL, "photo": token, "email": email}
        answer = client.post("/tell", data=form, headers=HERE)
        client.cookies.clear()
        confirm(client, board, answer.headers["location"])
    assert len(rows(board, stories)) == 2
    assert len(rows(board, photos)) == 1


def test_story_without_a_file_field_is_told_as_before(client: TestClient, board: Board) -> None:
    empty = {"picture": ("", b"", "application/octet-stream")}
    answer = client.post("/tell", data=STORY, files=empty, headers=HERE)
    assert answer.status_code == 303
    confirm(client, board, answer.headers["location"])
    with board.database.snapshot() as conn:
        assert conn.execute(select(stories.c.id)).scalar_one()
    assert deliver(board)
    assert rows(board, uploads) == rows(board, photos) == []
