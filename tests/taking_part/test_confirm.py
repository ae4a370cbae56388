"""Confirming: a form does what it says once, for whom it is, and for nobody else."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.people.models import contacts, people, sessions, waitings
from board.people.rules import email_reach
from board.stories.models import stories
from board.taking_part.confirm_actions import confirm_by_code
from board.taking_part.rules import VoteWish, Where, terms_of
from board.taking_part.waiting_actions import Sender, wait
from board.towns.models import towns
from board.votes.models import votes
from tests.post import Post, deliver

TOWN = "/towns/si/velenje"
STORY = {
    "geonames_id": "3189075",
    "town": "Velenje",
    "why": "The mine is winding down. We could learn together.",
    "name": "Maja",
    "email": "maja@example.org",
    "may_show": "1",
}
HERE = {"sec-fetch-site": "same-origin"}


def count(board: Board, table: object) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def votes_of(board: Board, name: str = "Velenje") -> int:
    with board.database.snapshot() as conn:
        statement = select(towns.c.vote_count).where(towns.c.name == name)
        return int(conn.execute(statement).scalar() or 0)


def ask(client: TestClient, path: str = f"{TOWN}/vote", **form: str) -> str:
    """Send a form as somebody new; the address of the page they wait on."""
    answer = client.post(path, data=form, headers=HERE)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def last(board: Board) -> Post:
    return deliver(board)[-1]


def test_vote_counts_after_the_code_and_not_before(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    assert count(board, votes) == 0
    assert client.post(page, data={"code": last(board).code}, headers=HERE).status_code == 303
    assert votes_of(board) == 1
    assert "1" in client.get(page).text


def test_plain_vote_keeps_no_address(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    client.post(page, data={"code": last(board).code}, headers=HERE)
    assert count(board, contacts) == 0


def test_offer_keeps_the_address_sealed(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org", name="Bob", come="1")
    client.post(page, data={"code": last(board).code}, headers=HERE)
    with board.database.snapshot() as conn:
        value = conn.execute(select(contacts.c.value)).scalar_one()
    assert b"bob" not in value
    assert board.keys.open("contact.value", value) == "bob@example.org"


def test_code_pasted_with_spaces_is_taken(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    code = last(board).code
    client.post(page, data={"code": f" {code[:3]} {code[3:]} "}, headers=HERE)
    assert votes_of(board) == 1


def test_wrong_codes_run_out_and_stay_counted(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    code = last(board).code
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(board.settings.code_tries):
        assert client.post(page, data={"code": wrong}, headers=HERE).status_code == 422
    assert client.post(page, data={"code": code}, headers=HERE).status_code == 422
    assert votes_of(board) == 0


def test_send_again_repeats_the_code_while_it_lives(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    first = last(board).code
    assert client.post(f"{page}/again", headers=HERE).status_code == 303
    mails = deliver(board)
    assert [mail.code for mail in mails] == [first, first]


def test_send_again_after_wrong_tries_brings_a_new_code(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    first = last(board).code
    wrong = "000000" if first != "000000" else "111111"
    for _ in range(board.settings.code_tries):
        client.post(page, data={"code": wrong}, headers=HERE)
    client.post(f"{page}/again", headers=HERE)
    second = last(board).code
    assert second != first
    assert client.post(page, data={"code": second}, headers=HERE).status_code == 303
    assert votes_of(board) == 1


def test_link_shown_by_a_scanner_changes_nothing(client: TestClient, board: Board) -> None:
    ask(client, email="bob@example.org")
    link = last(board).link
    for _ in range(10):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert votes_of(board) == 0


def test_link_confirms_what_is_ticked_and_nothing_else(client: TestClient, board: Board) -> None:
    ask(client, email="bob@example.org")
    ask(client, path="/towns/fi/joensuu/vote", email="Bob+x@example.org")
    link = last(board).link
    shown = client.get(link).text
    assert "Velenje" in shown
    assert "Joensuu" in shown
    with board.database.snapshot() as conn:
        ids = dict(conn.execute(select(waitings.c.geonames_id, waitings.c.id)).all())
    assert client.post(link, data={f"form-{ids[656083]}": "1"}, headers=HERE).status_code == 303
    assert (votes_of(board), votes_of(board, "Joensuu")) == (0, 1)


def test_link_confirms_no_stranger_s_form(client: TestClient, board: Board) -> None:
    ask(client, email="eve@example.org")
    with board.database.snapshot() as conn:
        stranger = conn.execute(select(waitings.c.id)).scalar_one()
    ask(client, path="/towns/fi/joensuu/vote", email="bob@example.org")
    link = last(board).link
    answer = client.post(link, data={f"form-{stranger}": "1"}, headers=HERE)
    assert answer.status_code == 422
    assert votes_of(board) == 0


def test_link_of_another_purpose_or_changed_is_gone(client: TestClient, board: Board) -> None:
    ask(client, email="bob@example.org")
    link = last(board).link
    assert client.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 410
    with time_machine.travel(_later(hours=25), tick=True):
        assert client.get(link).status_code == 410


def _later(**delta: float) -> datetime:
    return datetime.now(UTC) + timedelta(**delta)


def test_confirming_twice_counts_once(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    mail = last(board)
    client.post(page, data={"code": mail.code}, headers=HERE)
    assert client.post(page, data={"code": mail.code}, headers=HERE).status_code == 303
    assert client.post(mail.link, data={}, headers=HERE).status_code == 303
    assert votes_of(board) == 1


def test_aliases_of_one_mailbox_count_once(client: TestClient, board: Board) -> None:
    for address in ("bob@gmail.com", "b.o.b@googlemail.com", "BOB+town@gmail.com"):
        page = ask(client, email=address)
        client.cookies.clear()
        client.post(page, data={"code": last(board).code, "shared": "1"}, headers=HERE)
    assert votes_of(board) == 1


def test_shared_computer_keeps_nothing_behind(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    answer = client.post(page, data={"code": last(board).code, "shared": "1"}, headers=HERE)
    assert "set-cookie" not in answer.headers
    assert count(board, sessions) == 0


def test_remembered_browser_votes_with_one_click(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    client.post(page, data={"code": last(board).code}, headers=HERE)
    answer = client.post("/towns/fi/joensuu/vote", headers=HERE)
    assert answer.status_code == 303
    assert votes_of(board, "Joensuu") == 1
    assert len(deliver(board)) == 1


def test_forget_me_ends_the_session(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    client.post(page, data={"code": last(board).code}, headers=HERE)
    assert count(board, sessions) == 1
    client.post("/forget", headers=HERE)
    assert count(board, sessions) == 0
    assert client.post("/towns/fi/joensuu/vote", headers=HERE).status_code == 200


def test_take_back_on_the_confirming_page_needs_no_cookie(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    client.post(page, data={"code": last(board).code, "shared": "1"}, headers=HERE)
    with board.database.snapshot() as conn:
        town_id = conn.execute(select(towns.c.id)).scalar_one()
    form = {"town_id": str(town_id), "page": page.rpartition("/")[2]}
    assert client.post("/take-back", data=form, headers=HERE).status_code == 303
    assert votes_of(board) == 0


def test_take_back_by_a_stranger_is_refused(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    client.post(page, data={"code": last(board).code, "shared": "1"}, headers=HERE)
    with board.database.snapshot() as conn:
        town_id = conn.execute(select(towns.c.id)).scalar_one()
    answer = client.post("/take-back", data={"town_id": str(town_id)}, headers=HERE)
    assert answer.status_code == 403
    assert votes_of(board) == 1


def test_story_waits_for_eyes_and_its_vote_counts(client: TestClient, board: Board) -> None:
    page = ask(client, "/tell", **STORY)
    assert count(board, stories) == 0
    client.post(page, data={"code": last(board).code}, headers=HERE)
    with board.database.snapshot() as conn:
        assert conn.execute(select(stories.c.visibility)).scalar_one() == "held"
    assert votes_of(board) == 1
    assert STORY["why"][:20] in client.get(TOWN).text
    client.cookies.clear()
    assert STORY["why"][:20] not in client.get(TOWN).text


def test_story_with_mistakes_keeps_every_word(client: TestClient) -> None:
    form = {**STORY, "email": "maja@", "how": "Thursdays <b>after</b> five", "may_show": ""}
    answer = client.post("/tell", data=form, headers=HERE)
    assert answer.status_code == 422
    for word in ("The mine is winding down", "Thursdays &lt;b&gt;after", "maja@", "Maja"):
        assert word in answer.text
    assert 'id="error-email"' in answer.text


def test_answer_is_the_same_for_known_and_unknown_people(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    client.post(page, data={"code": last(board).code, "shared": "1"}, headers=HERE)
    shown = [
        client.get(ask(client, path="/towns/fi/joensuu/vote", email=address)).text
        for address in ("bob@example.org", "eve@example.org")
    ]
    secrets = [text.count("/confirm/wait/") for text in shown]
    assert secrets[0] == secrets[1]
    assert len(shown[0]) == len(shown[1])


def test_too_many_mails_to_one_mailbox_are_refused_and_nothing_is_lost(
    client: TestClient, board: Board
) -> None:
    for _ in range(board.settings.mail_per_hour):
        ask(client, email="bob@example.org")
    answer = client.post(
        f"{TOWN}/vote", data={"email": "bob@example.org", "name": "Bob", "come": "1"}, headers=HERE
    )
    assert answer.status_code == 422
    assert "bob@example.org" in answer.text
    assert len(deliver(board)) == board.settings.mail_per_hour
    assert count(board, waitings) == board.settings.mail_per_hour


def test_phone_only_waits_to_be_called_and_gets_no_mail(client: TestClient, board: Board) -> None:
    page = ask(client, phone="041 234 567")
    assert client.get(page).status_code == 200
    assert deliver(board) == []
    with board.database.snapshot() as conn:
        assert conn.execute(select(waitings.c.channel)).scalar_one() == "phone"
    assert count(board, votes) == 0


def test_blocked_mailbox_takes_no_more_part(client: TestClient, board: Board) -> None:
    page = ask(client, email="bob@example.org")
    client.post(page, data={"code": last(board).code, "shared": "1"}, headers=HERE)
    with board.database.transaction() as conn:
        conn.execute(people.update().values(blocked_at=_later()))
    other = ask(client, path="/towns/fi/joensuu/vote", email="bob@example.org")
    answer = client.post(other, data={"code": last(board).code}, headers=HERE)
    assert answer.status_code == 403
    assert votes_of(board, "Joensuu") == 0


@pytest.mark.anyio
async def test_parallel_codes_share_the_same_few_tries(board: Board) -> None:
    terms, now = terms_of(board.settings), clock.now()
    reach = email_reach("bob@example.org")
    assert reach is not None
    key = board.keys.person_key(reach.canonical)
    wish = VoteWish(where=Where(geonames_id=3189075))
    sender = Sender(reach, key, "page", "en")
    await board.database.write(wait, board.keys, wish, sender, terms=terms, now=now)
    guesses = (
        board.database.write(
            confirm_by_code, board.keys, "page", f"{n:06d}", browser=None, terms=terms, now=now
        )
        for n in range(40)
    )
    await asyncio.gather(*guesses)
    with board.database.snapshot() as conn:
        assert conn.execute(select(waitings.c.tries)).scalar_one() <= terms.code_tries
