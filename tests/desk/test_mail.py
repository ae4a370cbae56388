"""The outbox at the desk: states and last words, never an address; page by page."""

import re

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.mail.actions import stop_stream, suppress
from board.mail.models import outgoing_mails
from board.mail.rules import STATES
from tests.invented import HERE, remembered, statements
from tests.mail.outbox import put


@pytest.fixture
def desk(client: TestClient, board: Board) -> TestClient:
    """Sue sits at the desk."""
    remembered(board, client, "Sue", role="staff")
    return client


def fill(board: Board, count: int = len(STATES)) -> None:
    """Mails in every state, in turn."""
    with board.database.transaction() as conn:
        for number in range(count):
            put(conn, board.keys, to="bob.of.velenje@example.org", event=f"e:{number}")
        for mail_id in conn.execute(select(outgoing_mails.c.id)).scalars().all():
            state = STATES[(mail_id - 1) % len(STATES)]
            change = update(outgoing_mails).where(outgoing_mails.c.id == mail_id)
            conn.execute(change.values(state=state, attempts=2, answer=f"words of {state}"))


def shown(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr id="mail-(\d+)"', html)]


def test_desk_sees_each_mail_s_state_and_the_last_words(desk: TestClient, board: Board) -> None:
    fill(board)
    html = desk.get("/staff/mail").text
    assert shown(html) == list(range(len(STATES), 0, -1))
    for state in STATES:
        assert f"words of {state}" in html
        only = desk.get(f"/staff/mail?state={state}").text
        assert [STATES[number - 1] for number in shown(only)] == [state]


def test_desk_sees_no_recipient_and_no_words(desk: TestClient, board: Board) -> None:
    fill(board)
    html = desk.get("/staff/mail").text
    for secret in ("bob.of.velenje", "example.org<", "Velenje"):
        assert secret not in html
    key = board.keys.person_key("bob.of.velenje@example.org")
    assert key.hex() not in html


def test_pages_of_mails_leave_none_out(desk: TestClient, board: Board) -> None:
    fill(board, 120)
    seen: list[int] = []
    path = "/staff/mail"
    while path:
        html = desk.get(path).text
        seen += shown(html)
        older = re.search(r'href="(/staff/mail\?[^"]*before=\d+)"', html)
        path = older.group(1).replace("&amp;", "&") if older else ""
    assert seen == list(range(120, 0, -1))


@pytest.mark.parametrize(
    "query", ["state=nothing", "before=x", "before=99999999999999", "state=%00"]
)
def test_odd_questions_are_answered_with_a_page(desk: TestClient, board: Board, query: str) -> None:
    fill(board)
    assert desk.get(f"/staff/mail?{query}").status_code == 200


def test_desk_counts_the_mailboxes_that_want_none(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        for number, reason in enumerate(("asked", "bounced", "bounced", "complained")):
            suppress(conn, bytes([number]) * 32, reason, clock.now())  # type: ignore[arg-type]
        stop_stream(conn, b"x" * 32, "digest", clock.now())
    words = " ".join(re.sub(r"<[^>]+>", "", desk.get("/staff/mail").text).split())
    for line in ("1 asked for no mail", "2 aren't there", "1 called our mail spam",
                 "1 stopped one kind: weekly letter"):  # fmt: skip
        assert line in words.replace("&#39;", "'")


def test_try_again_hurries_what_waits(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        put(conn, board.keys)
        later = clock.now().replace(year=clock.now().year + 1)
        conn.execute(update(outgoing_mails).values(attempts=3, due_at=later))
    answer = desk.post("/staff/mail", headers=HERE)
    assert answer.status_code == 303
    assert "is sent now" in desk.get(answer.headers["location"]).text
    with board.database.snapshot() as conn:
        assert conn.execute(select(outgoing_mails.c.due_at)).scalar_one() <= clock.now()


@pytest.mark.parametrize("role", ["", "moderator", "organiser"])
def test_outbox_is_for_staff(client: TestClient, board: Board, role: str) -> None:
    remembered(board, client, "Mo", role=role)
    for method in ("GET", "POST"):
        assert client.request(method, "/staff/mail", headers=HERE).status_code in (303, 403)
    assert 'href="/staff/mail"' not in client.get("/staff/queue").text


def test_outbox_takes_as_many_statements_for_many_mails(desk: TestClient, board: Board) -> None:
    counts = []
    for many in (1, 3, 30):
        with board.database.transaction() as conn:
            conn.execute(outgoing_mails.delete())
        fill(board, many)
        with statements(board.database.reader) as seen:
            desk.get("/staff/mail")
        counts.append(len(seen))
    assert len(set(counts)) == 1
