"""Coming in at the desk as people do: the invitation, the mailed code, the app's six digits."""

import re
from datetime import datetime
from typing import Any, NamedTuple

import pyotp
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.people.actions import invite
from board.people.browser import new_secret
from tests.invented import HERE
from tests.post import deliver

SUE = "sue@example.org"
DOOR = "/staff/door"
SET_UP = "/staff/door/set-up"


class Offer(NamedTuple):
    """What the set-up page offers: the seed in letters, and sealed in the form."""

    seed: str
    token: str


class SetUp(NamedTuple):
    """Somebody's app and paper."""

    seed: str
    codes: tuple[str, ...]


def invited(board: Board, role: str = "admin", email: str = SUE) -> str:
    """The path of a fresh invitation."""
    token = new_secret()
    with board.database.transaction() as conn:
        sealed = board.keys.seal("invitation.email", email)
        invite(conn, token, sealed, role, now=clock.now())
    return f"/staff/invitation/{token}"


def taken_up(client: TestClient, board: Board, role: str = "admin", email: str = SUE) -> None:
    """Somebody took up an invitation and stands at the door."""
    answer = client.post(invited(board, role, email), data={"name": "Sue"}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, DOOR)


def offered(client: TestClient, path: str = SET_UP) -> Offer:
    """The seed that the set-up page shows."""
    text = client.get(path).text
    letters = re.search(r'class="door-seed">([^<]+)<', text)
    token = re.search(r'name="offer" value="([^"]+)"', text)
    assert letters, text
    assert token, text
    return Offer(letters.group(1).replace(" ", ""), token.group(1))


def digits(seed: str, at: datetime | None = None) -> str:
    """What the app shows."""
    return pyotp.TOTP(seed).at(at or clock.now())


def wrong(seed: str) -> str:
    """Six digits that the app doesn't show about now."""
    near = {pyotp.TOTP(seed).at(clock.now(), counter_offset=step) for step in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555")
                if code not in near)  # fmt: skip


def begin(client: TestClient) -> SetUp:
    """Set up an app at the door and come in."""
    offer = offered(client)
    form = {"offer": offer.token, "code": digits(offer.seed)}
    answer = client.post(SET_UP, data=form, headers=HERE)
    assert answer.status_code == 200, answer.text
    return SetUp(offer.seed, paper_in(answer))


def paper_in(answer: Any) -> tuple[str, ...]:
    """The codes for the paper on a page."""
    return tuple(re.findall(r"<li><code>([^<]+)</code>", answer.text))


def seated(client: TestClient, board: Board, role: str = "admin", email: str = SUE) -> SetUp:
    """Somebody took up an invitation, set up an app and sits at the desk."""
    taken_up(client, board, role, email)
    return begin(client)


def knock(client: TestClient, email: str = SUE) -> str:
    """Ask for a code; the address of the page it is typed on."""
    answer = client.post("/staff/sign-in", data={"email": email}, headers=HERE)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def at_the_door(client: TestClient, board: Board, email: str = SUE) -> None:
    """Type the mailed code in a browser that stood for nobody."""
    client.cookies.clear()
    page = knock(client, email)
    answer = client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, DOOR)


def type_in(client: TestClient, **form: str) -> tuple[int, str]:
    """Type a code at the door; the status, and where it leads."""
    answer = client.post(DOOR, data=form, headers=HERE)
    return answer.status_code, answer.headers.get("location", "")
