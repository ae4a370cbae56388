"""A story kept for later: the link in the mail is the only way to it, and it leaves no trace."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.people.models import waitings
from board.people.queries import also_waiting, forms_to_call, waiting_by_link, waiting_on_page
from board.stories.models import stories, uploads
from tests.invented import HERE, person, remembered
from tests.pictures import plain
from tests.post import Post, deliver
from tests.taking_part.test_tell import ALICE, STORY, Form, confirm, errors, rows

HALF = {
    "at": "si/velenje",
    "why": "The mine is\r\nwinding down.",
    "own": "I was <born> here.",
    "title": "Half of it",
    "language": "sl",
    "come": "1",
    "email": ALICE,
    "save": "1",
}


def link_in(post: Post) -> str:
    found = re.search(r"https?://[^/\s]+((?:/[a-z]{2})?/tell/draft/\S+)", post.text)
    assert found is not None, post.text
    return found.group(1)


def save(client: TestClient, path: str = "/tell", **changes: str) -> int:
    answer = client.post(path, data={**HALF, **changes}, headers=HERE)
    if answer.status_code == 303:
        assert answer.headers["location"] == "/tell/saved"
    return answer.status_code


def test_draft_is_sealed_mailed_and_opens_as_it_was_left(client: TestClient, board: Board) -> None:
    assert save(client) == 303
    assert "kept for you" in client.get("/tell/saved").text
    (row,) = rows(board, waitings)
    assert (row.kind, row.town_id, row.channel) == ("draft", None, "email")
    assert b"mine" not in row.payload
    assert ALICE.encode() not in row.contact
    (post,) = deliver(board)
    assert (post.to, post.subject) == (ALICE, "Your story waits for you")
    assert post.code == ""
    link = link_in(post)
    for _time in range(3):
        client.head(link)
        answer = client.get(link)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert errors(answer.text) == []
    typed = Form(answer.text, link).fields
    kept = {name: typed.get(name, "") for name in HALF if name != "save"}
    assert kept == {name: HALF[name] for name in kept}
    assert len(rows(board, waitings)) == 1


def test_draft_s_mail_speaks_the_language_of_its_page(client: TestClient, board: Board) -> None:
    answer = client.post("/de/tell", data=HALF, headers=HERE)
    assert answer.headers["location"] == "/de/tell/saved"
    assert link_in(deliver(board)[0]).startswith("/de/tell/draft/")


def test_draft_needs_an_address_alone(client: TestClient, board: Board) -> None:
    for email in ("", "alice@"):
        answer = client.post("/tell", data={**HALF, "email": email}, headers=HERE)
        assert (answer.status_code, errors(answer.text)) == (422, ["email"])
        assert "I was &lt;born&gt; here." in answer.text
    assert rows(board, waitings) == []
    only = {"email": ALICE, "save": "1"}
    assert client.post("/tell", data=only, headers=HERE).status_code == 303


def test_draft_too_long_is_asked_again_with_every_word(client: TestClient) -> None:
    answer = client.post("/tell", data={**HALF, "why": "x" * 2_001}, headers=HERE)
    assert (answer.status_code, errors(answer.text)) == (422, ["why"])
    assert "x" * 2_001 in answer.text


def test_draft_saved_again_takes_its_own_place(client: TestClient, board: Board) -> None:
    save(client)
    link = link_in(deliver(board)[0])
    with time_machine.travel(clock.now() + timedelta(days=20), tick=False):
        assert save(client, link, why="More of it.") == 303
        (row,) = rows(board, waitings)
        assert row.expires_at == clock.now() + timedelta(days=30)
        assert len(deliver(board)) == 1
        assert Form(client.get(link).text, link).fields["why"] == "More of it."


def test_draft_saved_for_another_address_leaves_the_old_mailbox(
    client: TestClient, board: Board
) -> None:
    save(client)
    old = link_in(deliver(board)[0])
    assert save(client, old, email="bob@example.org") == 303
    assert len(rows(board, waitings)) == 1
    post = deliver(board)[-1]
    assert post.to == "bob@example.org"
    assert client.get(old).status_code == 410
    assert client.get(link_in(post)).status_code == 200


def test_draft_sent_becomes_a_story_once_and_is_gone(client: TestClient, board: Board) -> None:
    save(client)
    link = link_in(deliver(board)[0])
    answer = client.post(link, data={**STORY, "own": ""}, headers=HERE)
    assert answer.headers["location"].startswith("/confirm/wait/")
    assert [row.kind for row in rows(board, waitings)] == ["story"]
    assert client.get(link).status_code == 410
    assert client.post(link, data=STORY, headers=HERE).status_code == 410
    confirm(client, board, answer.headers["location"])
    assert len(rows(board, stories)) == 1


def test_draft_of_somebody_remembered_is_sent_at_once(client: TestClient, board: Board) -> None:
    save(client)
    link = link_in(deliver(board)[0])
    key = board.keys.person_key(ALICE)
    with board.database.transaction() as conn:
        person(conn, "Alice", key=key)
    remembered(board, client, "Alice")
    answer = client.post(link, data=STORY, headers=HERE)
    assert answer.headers["location"].startswith("/stories/")
    assert rows(board, waitings) == []


def test_draft_with_mistakes_stays(client: TestClient, board: Board) -> None:
    save(client)
    link = link_in(deliver(board)[0])
    answer = client.post(link, data={**STORY, "name": ""}, headers=HERE)
    assert (answer.status_code, errors(answer.text)) == (422, ["name"])
    assert f'action="{link}"' in answer.text
    preview = client.post(link, data={**STORY, "preview": "1"}, headers=HERE)
    assert f'action="{link}"' in preview.text
    assert client.get(link).status_code == 200


def test_draft_is_thrown_away_with_its_picture(client: TestClient, board: Board) -> None:
    files = {"picture": ("room.jpg", plain(), "image/jpeg")}
    assert client.post("/tell", data=HALF, files=files, headers=HERE).status_code == 303
    link = link_in(deliver(board)[0])
    (upload,) = rows(board, uploads)
    assert upload.expires_at > clock.now() + timedelta(days=29)
    assert "/tell/photo/" in client.get(link).text
    assert client.get(f"{link}/drop").status_code == 405
    answer = client.post(f"{link}/drop", headers=HERE)
    assert answer.headers["location"] == "/tell/saved?gone=1"
    assert "thrown away" in client.get("/tell/saved?gone=1").text
    assert rows(board, waitings) == rows(board, uploads) == []
    assert client.post(f"{link}/drop", headers=HERE).status_code == 410


def test_draft_lapses_after_thirty_days(client: TestClient, board: Board) -> None:
    save(client)
    link = link_in(deliver(board)[0])
    later = clock.now() + timedelta(days=30, minutes=1)
    with time_machine.travel(later, tick=False):
        assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    "token", ["x", "1", "1-", "1-abc", "99999999999-x", "0-x", "1-" + "A" * 43]
)
def test_link_that_was_not_mailed_leads_nowhere(client: TestClient, token: str) -> None:
    save(client)
    assert client.get(f"/tell/draft/{token}").status_code == 410
    assert client.post(f"/tell/draft/{token}", data=STORY, headers=HERE).status_code == 410
    assert client.post(f"/tell/draft/{token}/drop", headers=HERE).status_code == 410


def test_draft_is_nothing_to_confirm(client: TestClient, board: Board) -> None:
    """Neither by a link or a page of its row, nor beside another form of the same mailbox."""
    save(client)
    with board.database.snapshot() as conn:
        row = conn.execute(select(waitings)).one()
        now = clock.now()
        token = board.keys.token("confirm", row.id, row.issue)
        assert waiting_by_link(conn, token, now) is None
        assert waiting_on_page(conn, "", now) is None
        assert also_waiting(conn, row.key, now) == forms_to_call(conn, [row.id], now) == []
    assert client.get(f"/confirm/{token}").status_code == 410
    client.post("/tell", data=STORY, headers=HERE)
    page = client.get(deliver(board)[-1].link).text
    assert "Half of it" not in page
    assert page.count('type="checkbox"') == 2


def test_confirm_link_s_token_opens_no_draft(client: TestClient, board: Board) -> None:
    client.post("/tell", data=STORY, headers=HERE)
    waiting_id = rows(board, waitings)[0].id
    token = board.keys.row_token("draft", waiting_id)
    assert client.get(f"/tell/draft/{token}").status_code == 410
    assert client.post(f"/tell/draft/{token}/drop", headers=HERE).status_code == 410
    assert len(rows(board, waitings)) == 1


def test_drafts_flood_no_mailbox(client: TestClient, board: Board) -> None:
    most = board.settings.mail_per_hour
    assert [save(client) for _time in range(most)] == [303] * most
    answer = client.post("/tell", data=HALF, headers=HERE)
    assert (answer.status_code, errors(answer.text)) == (422, ["email"])
    assert "I was &lt;born&gt; here." in answer.text
    assert len(deliver(board)) == most
    assert len(rows(board, waitings)) == most


def test_drafts_of_one_network_flood_nobody(client: TestClient, board: Board) -> None:
    most = board.settings.people_per_hour
    said = [save(client, email=f"bob{number}@example.org") for number in range(most + 20)]
    assert said.count(303) <= most
    assert set(said[-10:]) == {422}
    assert len(deliver(board)) <= most


def test_draft_caught_in_the_trap_is_mailed_to_nobody(client: TestClient, board: Board) -> None:
    assert save(client, website="https://spam.example") == 422
    assert (deliver(board), rows(board, waitings)) == ([], [])


def test_answer_to_a_draft_is_the_same_for_known_and_unknown(
    client: TestClient, board: Board
) -> None:
    remembered(board, client, "Alice")
    client.cookies.clear()
    pages = []
    for email in ("alice@example.org", "nobody@example.org"):
        answer = client.post("/tell", data={**HALF, "email": email}, headers=HERE)
        pages.append((answer.status_code, answer.headers["location"], answer.text))
    assert pages[0] == pages[1]
