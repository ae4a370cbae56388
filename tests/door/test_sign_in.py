"""Coming in at the desk: an invitation once, a mailed code each time, and out again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.people.actions import invite
from board.people.models import people, sessions
from tests.door.coming_in import DOOR, SUE, SetUp, begin, digits, knock
from tests.invented import HERE, remembered
from tests.post import deliver

TOKEN = "an-invitation-s-token"


def invited(board: Board, role: str = "admin", email: str = SUE) -> str:
    """The path of an invitation whose token is known."""
    with board.database.transaction() as conn:
        sealed = board.keys.seal("invitation.email", email)
        invite(conn, TOKEN, sealed, role, now=clock.now())
    return f"/staff/invitation/{TOKEN}"


def seated(client: TestClient, board: Board, role: str = "admin") -> SetUp:
    """Somebody took up an invitation and set up an app."""
    answer = client.post(invited(board, role), data={"name": "Sue"}, headers=HERE)
    assert answer.status_code == 303
    return begin(client)


@pytest.mark.parametrize(
    ("role", "first"),
    [
        ("admin", "/staff"),
        ("staff", "/staff"),
        ("moderator", "/staff/queue"),
        ("organiser", "/staff/queue"),
    ],
)
def test_invitation_gives_a_seat_by_role(
    client: TestClient, board: Board, role: str, first: str
) -> None:
    path = invited(board, role)
    assert role in client.get(path).text
    answer = client.post(path, data={"name": "Sue"}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, DOOR)
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert client.get(first).headers["location"] == DOOR
    begin(client)
    assert client.get(first).status_code == 200
    with board.database.snapshot() as conn:
        person = conn.execute(people.select()).one()
    assert (person.name, person.role) == ("Sue", role)


def test_invitation_works_once(client: TestClient, board: Board) -> None:
    seated(client, board)
    client.cookies.clear()
    path = f"/staff/invitation/{TOKEN}"
    assert client.get(path).status_code == 410
    assert client.post(path, data={"name": "Eve"}, headers=HERE).status_code == 410
    assert client.get("/staff").status_code == 303
    with board.database.snapshot() as conn:
        assert conn.execute(select(people.c.name)).scalars().all() == ["Sue"]


def test_invitation_shown_often_is_not_taken_up(client: TestClient, board: Board) -> None:
    path = invited(board)
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    with board.database.snapshot() as conn:
        assert conn.execute(people.select()).first() is None


def test_invitation_lapses(client: TestClient, board: Board) -> None:
    path = invited(board)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=True):
        assert client.get(path).status_code == 410
        assert client.post(path, data={"name": "Sue"}, headers=HERE).status_code == 410


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_invitation_asks_for_a_name_beside_the_field(
    client: TestClient, board: Board, name: str
) -> None:
    path = invited(board)
    answer = client.post(path, data={"name": name}, headers=HERE)
    assert answer.status_code == 422
    assert 'id="error-name"' in answer.text
    assert name in answer.text
    assert client.post(path, data={"name": "Sue"}, headers=HERE).status_code == 303


def test_mailed_code_and_app_open_the_desk(client: TestClient, board: Board) -> None:
    app = seated(client, board)
    client.cookies.clear()
    page = knock(client, "Sue+desk@Example.org")
    (mail,) = deliver(board)
    assert mail.to == "Sue+desk@example.org"
    assert client.get(page).status_code == 200
    answer = client.post(page, data={"code": f" {mail.code} "}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, DOOR)
    assert client.get("/staff").headers["location"] == DOOR
    soon = datetime.now(UTC) + timedelta(seconds=30)
    with time_machine.travel(soon, tick=True):
        answer = client.post(DOOR, data={"code": digits(app.seed)}, headers=HERE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
        assert client.get("/staff").status_code == 200
    # A code opens once.
    client.cookies.clear()
    assert client.post(page, data={"code": mail.code}, headers=HERE).status_code == 422


def test_stranger_at_the_door_sees_the_same_page_and_gets_no_mail(
    client: TestClient, board: Board
) -> None:
    seated(client, board)
    client.cookies.clear()
    pages = [knock(client, address) for address in ("sue@example.org", "eve@example.org")]
    shown = [client.get(page).text.replace(page, "") for page in pages]
    assert shown[0] == shown[1]
    assert [mail.to for mail in deliver(board)] == ["sue@example.org"]
    for code in ("000000", "", "x" * 5_000):
        answer = client.post(pages[1], data={"code": code}, headers=HERE)
        assert answer.status_code == 422
        assert 'id="error-code"' in answer.text
    assert client.get("/staff").status_code == 303


def test_wrong_codes_at_the_door_run_out(client: TestClient, board: Board) -> None:
    seated(client, board)
    client.cookies.clear()
    page = knock(client)
    code = deliver(board)[-1].code
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(board.settings.code_tries):
        assert client.post(page, data={"code": wrong}, headers=HERE).status_code == 422
    assert client.post(page, data={"code": code}, headers=HERE).status_code == 422
    assert client.get("/staff").status_code == 303


def test_code_is_too_late_after_its_minutes(client: TestClient, board: Board) -> None:
    seated(client, board)
    client.cookies.clear()
    page = knock(client)
    code = deliver(board)[-1].code
    later = datetime.now(UTC) + timedelta(minutes=board.settings.code_minutes + 1)
    with time_machine.travel(later, tick=True):
        assert client.post(page, data={"code": code}, headers=HERE).status_code == 422


def test_code_of_a_resident_s_form_opens_no_desk(client: TestClient, board: Board) -> None:
    seated(client, board)
    client.cookies.clear()
    form = {"email": "sue@example.org"}
    answer = client.post("/towns/si/velenje/vote", data=form, headers=HERE)
    secret = answer.headers["location"].rpartition("/")[2]
    code = deliver(board)[-1].code
    answer = client.post(f"/staff/sign-in/{secret}", data={"code": code}, headers=HERE)
    assert answer.status_code == 422
    page = knock(client)
    code, secret = deliver(board)[-1].code, page.rpartition("/")[2]
    answer = client.post(f"/confirm/wait/{secret}", data={"code": code}, headers=HERE)
    assert answer.status_code == 410


@pytest.mark.parametrize("email", ["", "sue@", "x" * 300 + "@example.org"])
def test_odd_address_at_the_door_is_said_beside_the_field(client: TestClient, email: str) -> None:
    answer = client.post("/staff/sign-in", data={"email": email}, headers=HERE)
    assert answer.status_code == 422
    assert 'id="error-email"' in answer.text
    assert f'value="{email}"' in answer.text


def test_sign_out_ends_the_session_for_good(client: TestClient, board: Board) -> None:
    seated(client, board)
    cookie = client.cookies.get("board")
    assert client.post("/staff/sign-out", headers=HERE).status_code == 303
    assert client.get("/staff").status_code == 303
    client.cookies.set("board", str(cookie))
    assert client.get("/staff").status_code == 303
    with board.database.snapshot() as conn:
        assert conn.execute(sessions.select()).first() is None


def test_desk_session_ends_after_its_hours(client: TestClient, board: Board) -> None:
    seated(client, board)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=11), tick=True):
        assert client.get("/staff").headers["location"] == "/staff/sign-in"


def test_staff_on_a_browser_that_only_confirmed_a_vote_stay_outside(
    client: TestClient, board: Board
) -> None:
    remembered(board, client, "Sue")
    with board.database.transaction() as conn:
        conn.execute(people.update().values(role="admin"))
    assert client.get("/staff").headers["location"] == "/staff/sign-in"


def test_blocked_staff_are_shut_out(client: TestClient, board: Board) -> None:
    remembered(board, client, "Sue", role="staff")
    with board.database.transaction() as conn:
        conn.execute(people.update().values(blocked_at=clock.now()))
    assert client.get("/staff").status_code == 403


def test_code_for_the_desk_comes_however_many_other_mails_went(
    client: TestClient, board: Board
) -> None:
    """Whoever floods a colleague's mailbox through the board doesn't lock them out."""
    seated(client, board)
    client.cookies.clear()
    for _ in range(board.settings.mail_per_day + 2):
        client.post("/towns/si/velenje/vote", data={"email": SUE}, headers=HERE)
    page = knock(client)
    mail = deliver(board)[-1]
    answer = client.post(page, data={"code": mail.code}, headers=HERE)
    assert answer.headers["location"] == DOOR
