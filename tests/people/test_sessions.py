"""Remembered browsers and the desk: who is let in, for how long, and how they leave."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update
from starlette.routing import Route
from starlette.testclient import TestClient

from board.app import make_app
from board.core import clock
from board.core.http import Board
from board.core.keys import token_hash
from board.desk_routes import DESK
from board.door.sign_in import take_up
from board.mail.models import outgoing_mails
from board.people.actions import block, invite, open_session, remember
from board.people.browser import new_secret
from board.people.models import invitations, people, sessions
from board.people.rules import email_reach
from tests.door.coming_in import begin
from tests.post import deliver

HERE = {"sec-fetch-site": "same-origin"}
VOTE = "/towns/si/velenje/vote"
SUE = "sue@example.org"


def later(**delta: float) -> datetime:
    return datetime.now(UTC) + timedelta(**delta)


def cookie_of(answer: Any) -> Morsel[str]:
    """The one cookie that an answer sets."""
    morsels = list(SimpleCookie(answer.headers["set-cookie"]).values())
    assert len(morsels) == 1
    return morsels[0]


def confirm(client: TestClient, board: Board, email: str = "bob@example.org") -> Any:
    """Vote and confirm; the answer that remembers the browser."""
    page = client.post(VOTE, data={"email": email}, headers=HERE).headers["location"]
    return client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)


def invited(board: Board, role: str = "admin", email: str = SUE) -> str:
    """The path of a fresh invitation."""
    token = new_secret()
    sealed = board.keys.seal("invitation.email", email)
    with board.database.transaction() as conn:
        invite(conn, token, sealed, role, now=clock.now())
    return f"/staff/invitation/{token}"


def person(board: Board, email: str, role: str = "") -> int:
    """Somebody with a role."""
    reach = email_reach(email)
    assert reach is not None
    with board.database.transaction() as conn:
        key = board.keys.person_key(reach.canonical)
        person_id = remember(conn, key, name="Sue", language="en", now=clock.now())
        conn.execute(update(people).where(people.c.id == person_id).values(role=role))
    return person_id


def remembered(board: Board, client: TestClient, role: str, *, desk: bool) -> int:
    """A client whose browser belongs to somebody with a role."""
    person_id, cookie = person(board, f"{role or 'resident'}@example.org", role), new_secret()
    with board.database.transaction() as conn:
        now = clock.now()
        until = now + timedelta(hours=1)
        open_session(conn, person_id, cookie, desk=desk, now=now, expires_at=until)
    client.cookies.clear()
    client.cookies.set("board", cookie)
    return person_id


def count(board: Board, table: Any) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


# --- the cookie -----------------------------------------------------------------------------


def test_cookie_of_a_plain_board(client: TestClient, board: Board) -> None:
    cookie = cookie_of(confirm(client, board))
    assert cookie.key == "board"
    flags = {name: cookie[name] for name in ("path", "secure", "httponly", "samesite", "domain")}
    assert flags == {"path": "/", "secure": "", "httponly": True, "samesite": "lax", "domain": ""}
    assert 89 * 86_400 < int(cookie["max-age"]) <= 90 * 86_400
    assert len(cookie.value) == 43


@pytest.fixture
def secure(board: Board) -> Iterator[TestClient]:
    """A browser on a board that is reached over https."""
    board.settings = board.settings.model_copy(update={"base_url": "https://board.example.org"})
    app, base = make_app(board, work=False), "https://board.example.org"
    with TestClient(app, base_url=base, follow_redirects=False) as opened:
        yield opened


def test_cookie_of_a_secure_board_is_bound_to_it(secure: TestClient, board: Board) -> None:
    cookie = cookie_of(confirm(secure, board))
    assert cookie.key == "__Host-board"
    flags = {name: cookie[name] for name in ("path", "secure", "httponly", "samesite", "domain")}
    assert flags == {"path": "/", "secure": True, "httponly": True, "samesite": "lax", "domain": ""}
    assert secure.post(VOTE, headers=HERE).status_code == 303
    gone = cookie_of(secure.post("/forget", headers=HERE))
    assert (gone.key, gone.value, gone["max-age"]) == ("__Host-board", "", "0")
    assert (gone["secure"], gone["path"]) == (True, "/")


def test_plain_cookie_opens_no_secure_board(secure: TestClient, board: Board) -> None:
    value = cookie_of(confirm(secure, board)).value
    secure.cookies.clear()
    answer = secure.post(VOTE, headers={**HERE, "cookie": f"board={value}"})
    assert answer.status_code == 200


def test_database_holds_the_hash_of_a_cookie_alone(client: TestClient, board: Board) -> None:
    value = cookie_of(confirm(client, board)).value
    with board.database.snapshot() as conn:
        kept = conn.execute(select(sessions.c.id)).scalar_one()
    assert kept == token_hash(value)
    client.cookies.clear()
    answer = client.post(VOTE, headers={**HERE, "cookie": f"board={kept.hex()}"})
    assert answer.status_code == 200


def test_cookie_chosen_by_somebody_else_is_never_taken_over(
    client: TestClient, board: Board
) -> None:
    client.cookies.set("board", "chosen-by-eve")
    value = cookie_of(confirm(client, board)).value
    assert value != "chosen-by-eve"
    eve = {**HERE, "cookie": "board=chosen-by-eve"}
    assert TestClient(client.app).post(VOTE, headers=eve).status_code == 200
    assert count(board, sessions) == 1


def test_each_confirmation_brings_a_cookie_of_its_own(client: TestClient, board: Board) -> None:
    values = set()
    for town in ("si/velenje", "fi/joensuu"):
        form = {"email": "bob@example.org"}
        page = TestClient(client.app, follow_redirects=False).post(
            f"/towns/{town}/vote", data=form, headers=HERE
        )
        code = {"code": deliver(board)[-1].code}
        values.add(cookie_of(client.post(page.headers["location"], data=code, headers=HERE)).value)
    assert len(values) == 2


def test_garbage_for_a_cookie_is_nobody(client: TestClient) -> None:
    for value in ("", "x", "x" * 5_000, '"\\777"', "\xff", "a=b; board=x", "0" * 43):
        cookie = f"board={value}".encode("latin-1")
        headers = [(b"cookie", cookie), (b"sec-fetch-site", b"same-origin")]
        assert client.post(VOTE, headers=headers).status_code == 200
        assert client.get("/staff", headers=[(b"cookie", cookie)]).status_code == 303


# --- how long, and how it ends --------------------------------------------------------------


def test_remembered_browser_is_forgotten_after_its_time(client: TestClient, board: Board) -> None:
    value = cookie_of(confirm(client, board)).value
    own = {**HERE, "cookie": f"board={value}"}
    for days, status in ((89, 303), (91, 200)):
        with time_machine.travel(later(days=days), tick=True):
            assert client.post("/towns/fi/joensuu/vote", headers=own).status_code == status


def test_forgotten_browser_stays_so_with_its_old_cookie(client: TestClient, board: Board) -> None:
    value = cookie_of(confirm(client, board)).value
    gone = cookie_of(client.post("/forget", headers=HERE))
    assert (gone.key, gone.value, gone["max-age"]) == ("board", "", "0")
    own = {**HERE, "cookie": f"board={value}"}
    assert client.post("/towns/fi/joensuu/vote", headers=own).status_code == 200
    assert count(board, sessions) == 0


def test_desk_closes_after_its_hours_and_at_sign_out(client: TestClient, board: Board) -> None:
    client.post(invited(board), data={"name": "Sue"}, headers=HERE)
    begin(client)
    own = {"cookie": f"board={client.cookies['board']}"}
    client.cookies.clear()
    assert client.get("/staff", headers=own).status_code == 200
    with time_machine.travel(later(hours=11), tick=True):
        assert client.get("/staff", headers=own).status_code == 303
    answer = client.post("/staff/sign-out", headers={**HERE, **own})
    assert (answer.headers["location"], cookie_of(answer)["max-age"]) == ("/staff/sign-in", "0")
    assert client.get("/staff", headers=own).status_code == 303
    assert count(board, sessions) == 0


def test_blocked_person_is_out_at_once(client: TestClient, board: Board) -> None:
    person_id = remembered(board, client, "admin", desk=True)
    assert client.get("/staff").status_code == 200
    with board.database.transaction() as conn:
        block(conn, person_id, clock.now())
    assert client.get("/staff").status_code == 303


def test_role_that_was_taken_away_opens_nothing_more(client: TestClient, board: Board) -> None:
    person_id = remembered(board, client, "staff", desk=True)
    with board.database.transaction() as conn:
        conn.execute(update(people).where(people.c.id == person_id).values(role="moderator"))
    assert client.get("/staff").status_code == 403
    assert client.get("/staff/queue").status_code == 200


# --- signing in -----------------------------------------------------------------------------


def knock(client: TestClient, email: str) -> str:
    answer = client.post("/staff/sign-in", data={"email": email}, headers=HERE)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_staff_sign_in_with_a_mailed_code_once(client: TestClient, board: Board) -> None:
    person(board, SUE, "staff")
    page = knock(client, "Sue+desk@example.org")
    mail = deliver(board)[-1]
    assert (mail.to, mail.link) == ("Sue+desk@example.org", "")
    answer = client.post(page, data={"code": mail.code}, headers=HERE)
    assert answer.headers["location"] == "/staff/door"
    assert int(cookie_of(answer)["max-age"]) <= 15 * 60
    begin(client)
    assert client.get("/staff").status_code == 200
    again = TestClient(client.app, follow_redirects=False)
    assert again.post(page, data={"code": mail.code}, headers=HERE).status_code == 422


def test_stranger_gets_the_same_page_and_no_mail(client: TestClient, board: Board) -> None:
    person(board, SUE, "staff")
    person(board, "bob@example.org")
    person(board, "gone@example.org", "staff")
    with board.database.transaction() as conn:
        gone = board.keys.person_key("gone@example.org")
        conn.execute(update(people).where(people.c.key == gone).values(blocked_at=clock.now()))
    shown = set()
    for email in (SUE, "eve@example.org", "bob@example.org", "gone@example.org"):
        page = knock(client, email)
        asked = client.get(page)
        tried = client.post(page, data={"code": "12345"}, headers=HERE)
        texts = (answer.text.replace(page, "PAGE") for answer in (asked, tried))
        shown.add((asked.status_code, tried.status_code, len(page), *texts))
    assert len(shown) == 1
    assert [mail.to for mail in deliver(board)] == [SUE]


def test_derived_code_of_a_stranger_opens_nothing(client: TestClient, board: Board) -> None:
    page = knock(client, "eve@example.org")
    for row in range(1, 4):
        code = board.keys.code("confirm", row, 1)
        assert client.post(page, data={"code": code}, headers=HERE).status_code == 422
    assert client.get("/staff").status_code == 303


def test_code_that_no_mail_carries_opens_nothing(client: TestClient, board: Board) -> None:
    """Knocking again and again must not bring more guesses than mails."""
    person(board, SUE, "staff")
    pages = [knock(client, SUE) for _ in range(board.settings.mail_per_hour + 2)]
    assert len(deliver(board)) == board.settings.mail_per_hour
    opened = [
        client.post(page, data={"code": board.keys.code("confirm", row, 1)}, headers=HERE)
        for row, page in enumerate(pages, 1)
    ]
    assert [answer.status_code for answer in opened] == [303] * 3 + [422] * 2


def test_send_again_without_a_mail_brings_no_new_tries(client: TestClient, board: Board) -> None:
    page = client.post(VOTE, data={"email": "bob@example.org"}, headers=HERE).headers["location"]
    for _ in range(board.settings.mail_per_hour + 3):
        client.post(f"{page}/again", headers=HERE)
    assert len(deliver(board)) == board.settings.mail_per_hour
    for number in range(board.settings.code_tries):
        client.post(page, data={"code": f"{number:06d}"}, headers=HERE)
    client.post(f"{page}/again", headers=HERE)
    for issue in (1, 2):
        code = {"code": board.keys.code("confirm", 1, issue)}
        assert client.post(page, data=code, headers=HERE).status_code == 422


def test_wrong_codes_run_out_at_the_desk_too(client: TestClient, board: Board) -> None:
    person(board, SUE, "admin")
    page = knock(client, SUE)
    code = deliver(board)[-1].code
    wrong = {"code": "000000" if code != "000000" else "111111"}
    for _ in range(board.settings.code_tries):
        assert client.post(page, data=wrong, headers=HERE).status_code == 422
    assert client.post(page, data={"code": code}, headers=HERE).status_code == 422


def test_codes_of_the_desk_and_of_residents_are_not_mixed_up(
    client: TestClient, board: Board
) -> None:
    person(board, SUE, "staff")
    vote = client.post(VOTE, data={"email": SUE}, headers=HERE).headers["location"]
    vote_code = deliver(board)[-1].code
    desk = knock(client, SUE)
    desk_code = deliver(board)[-1].code
    secrets = {page: page.rpartition("/")[2] for page in (vote, desk)}
    for page, code in (
        (f"/staff/sign-in/{secrets[vote]}", vote_code),
        (f"/confirm/wait/{secrets[desk]}", desk_code),
    ):
        answer = client.post(page, data={"code": code}, headers=HERE)
        assert answer.status_code in (410, 422)
    assert "set-cookie" not in answer.headers
    client.post(vote, data={"code": vote_code}, headers=HERE)
    assert client.get("/staff").headers["location"] == "/staff/sign-in"


def test_sign_in_code_lapses(client: TestClient, board: Board) -> None:
    person(board, SUE, "staff")
    page = knock(client, SUE)
    code = deliver(board)[-1].code
    with time_machine.travel(later(minutes=31), tick=True):
        assert client.post(page, data={"code": code}, headers=HERE).status_code == 422


# --- invitations ----------------------------------------------------------------------------


def test_invitation_lets_in_once(client: TestClient, board: Board) -> None:
    link = invited(board, "moderator")
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert client.post(link, data={"name": " "}, headers=HERE).status_code == 422
    assert client.post(link, data={"name": "Mo"}, headers=HERE).status_code == 303
    begin(client)
    assert client.get("/staff/queue").status_code == 200
    other = TestClient(client.app, follow_redirects=False)
    assert other.get(link).status_code == 410
    assert other.post(link, data={"name": "Eve"}, headers=HERE).status_code == 410
    assert count(board, people) == 1
    knock(client, SUE)
    assert deliver(board)[-1].to == SUE


def test_invitation_lapses(client: TestClient, board: Board) -> None:
    link = invited(board)
    with time_machine.travel(later(days=8), tick=True):
        assert client.get(link).status_code == 410
        assert client.post(link, data={"name": "Eve"}, headers=HERE).status_code == 410


def test_invitation_of_nobody_is_gone(client: TestClient) -> None:
    for token in ("x", "x" * 43, "%00"):
        assert client.get(f"/staff/invitation/{token}").status_code == 410
        path = f"/staff/invitation/{token}"
        assert client.post(path, data={"name": "Eve"}, headers=HERE).status_code == 410


@pytest.mark.anyio
async def test_invitation_taken_up_twice_at_once_has_one_taker(board: Board) -> None:
    token = invited(board).rpartition("/")[2]
    now = clock.now()
    acts = (
        board.database.write(
            take_up, board.keys, token, new_secret(), name=f"Sue {number}", language="en", now=now,
        )
        for number in range(8)
    )  # fmt: skip
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert sum(answer == "admin" for answer in answers) == 1
    assert (count(board, sessions), count(board, people)) == (1, 1)


def test_invitation_is_kept_as_a_hash_and_its_address_sealed(board: Board) -> None:
    token = invited(board).rpartition("/")[2]
    with board.database.snapshot() as conn:
        row = conn.execute(select(invitations)).one()
    assert token.encode() not in row.token
    assert b"sue" not in row.email


# --- who may use what -----------------------------------------------------------------------

GUARDED = [
    (re.sub(r"{\w+:id}", "1", route.path), method)
    for route in DESK
    if isinstance(route, Route)
    for method in sorted((route.methods or set()) - {"HEAD"})
    if hasattr(getattr(route.endpoint, method.lower(), route.endpoint), "roles")
]


def test_desk_shows_a_stranger_nothing_of_itself(client: TestClient, board: Board) -> None:
    for path, method in GUARDED:
        assert client.request(method, path, headers=HERE).text == ""
    assert not re.search(r'href="/staff(?!/sign-in)', client.get("/").text)


def test_remembered_colleague_still_signs_in(client: TestClient, board: Board) -> None:
    """Confirming a vote is no way around the desk's own code."""
    person(board, SUE, "admin")
    confirm(client, board, SUE)
    assert client.get("/staff").headers["location"] == "/staff/sign-in"
    assert count(board, outgoing_mails) == 1
