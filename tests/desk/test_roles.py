"""Every address of the desk, tried as everybody: strangers, residents, each role, the blocked.

The table says who may use what; it is written by hand, not read from the guards, and a route
without a line in it fails.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select, update
from starlette.routing import Route
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.desk_routes import DESK
from board.people.actions import open_session
from board.people.browser import new_secret
from board.people.models import desk_languages, organiser_towns, people, waitings
from board.people.remit_queries import check_town, remit_of
from board.people.session_actions import open_door
from board.people.slip_queries import newest_batch_by
from board.taking_part.rules import terms_of
from tests.invented import (
    HERE,
    JOENSUU,
    VELENJE,
    person,
    remembered,
    say,
    tell,
    vote,
)

OPEN = "open"
DOOR = "door"
ALL = ("moderator", "organiser", "staff", "admin")
STAFF = ("staff", "admin")
QUEUE = ("moderator", "staff", "admin")
CODES = ("organiser", "staff", "admin")
WHO: dict[str, str | tuple[str, ...]] = {
    "/staff/sign-in": OPEN,
    "/staff/sign-in/{page:str}": OPEN,
    "/staff/invitation/{token:str}": OPEN,
    "/staff/sign-out": OPEN,
    "/staff/door": DOOR,
    "/staff/door/set-up": DOOR,
    "/staff/door/question": DOOR,
    "/staff/door/passkey": DOOR,
    "/staff/people": ("admin",),
    "/staff/people/{id:id}": ("admin",),
    "/staff/seat": ALL,
    "/staff/seat/app": ALL,
    "/staff/seat/question": ALL,
    "/staff/seat/passkey": ALL,
    "/staff/queue": ALL,
    "/staff/queue/many": ALL,
    "/staff/queue/undo": ALL,
    "/staff/held": QUEUE,
    "/staff/talk": QUEUE,
    "/staff": STAFF,
    "/staff/views": STAFF,
    "/staff/views/{id:id}": STAFF,
    "/staff/owners": STAFF,
    "/staff/export.csv": STAFF,
    "/staff/export.xlsx": STAFF,
    "/staff/trends": STAFF,
    "/staff/towns/{id:id}": STAFF,
    # An organiser's own towns alone (people.remit_queries.check_town).
    "/staff/own": CODES,
    "/staff/own/{id:id}": CODES,
    "/staff/towns/{id:id}/merge": STAFF,
    "/staff/towns/{id:id}/notes": STAFF,
    "/staff/plans/{id:id}/drop": STAFF,
    "/staff/updates/{id:id}": STAFF,
    "/staff/replies": STAFF,
    "/staff/tasks": STAFF,
    "/staff/launches/{id:id}": STAFF,
    "/staff/towns/{id:id}/write": STAFF,
    # Contacts, purpose by purpose: nobody outside P2PU's staff (DECISIONS 27).
    "/staff/towns/{id:id}/people": STAFF,
    "/staff/towns/{id:id}/people/{person:id}": STAFF,
    "/staff/towns/{id:id}/hand-over": STAFF,
    "/staff/hand-overs/{id:id}": STAFF,
    "/staff/towns/{id:id}/votes": STAFF,
    "/staff/merges/{id:id}/undo": STAFF,
    "/staff/record": STAFF,
    "/staff/hints": STAFF,
    "/staff/mail": STAFF,
    "/staff/codes": CODES,
    "/staff/codes/sheet": CODES,
    "/staff/codes/{id:id}": CODES,
    # Calling a batch back takes votes out of the count.
    "POST /staff/codes/{id:id}": STAFF,
    "/staff/sheets": CODES,
}
# Everybody who may knock: a name, a role, and how far this browser came.
STRANGERS = ("nobody", "resident", "half", "at the door", "blocked")


def addresses() -> Iterator[tuple[str, str, str]]:
    """Route, method and a filled address of all of the desk."""
    for route in DESK:
        assert isinstance(route, Route)
        filled = re.sub(r"{\w+:id}", "1", route.path)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield route.path, method, re.sub(r"{\w+:str}", "x", filled)


def come_as(board: Board, client: TestClient, who: str) -> None:
    """Let the browser stand for one of them."""
    client.cookies.clear()
    if who == "nobody":
        return
    cookie, now = new_secret(), clock.now()
    role = who if who in ALL else {"resident": ""}.get(who, "admin")
    with board.database.transaction() as conn:
        one = person(conn, who.title(), role=role)
        if who == "at the door":
            open_door(conn, one.id, cookie, now)
        else:
            desk = who in ALL or who == "blocked"
            until = now + terms_of(board.settings).link_for
            open_session(conn, one.id, cookie, desk=desk, now=now, expires_at=until)
        if who == "blocked":
            conn.execute(update(people).where(people.c.id == one.id).values(blocked_at=now))
    client.cookies.set("board", cookie)


def test_every_route_of_the_desk_has_its_line() -> None:
    assert {path for path, _method, _address in addresses()} == {
        line.removeprefix("POST ") for line in WHO
    }


@pytest.mark.parametrize("who", [*STRANGERS, *ALL])
def test_every_address_is_tried_as(client: TestClient, board: Board, who: str) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Maja"), VELENJE)
    odd = []
    for path, method, address in addresses():
        if path not in WHO:
            continue  # said once, by the test above
        come_as(board, client, who)
        answer = client.request(
            method, address, headers=HERE, data={} if method == "POST" else None
        )
        led = answer.headers.get("location", "")
        if (
            wrong := wrongly(WHO[path], who, answer.status_code, led)
        ) and path != "/staff/sign-out":
            odd.append((method, address, answer.status_code, led, wrong))
    assert odd == []


def wrongly(allowed: str | tuple[str, ...], who: str, status: int, led: str) -> str:
    """What is wrong with an answer, or nothing."""
    if status >= 500:
        return "it broke"
    if allowed == OPEN:
        return "" if status in (200, 303, 410, 422) else "it is open to all"
    if allowed == DOOR:
        if who == "at the door":
            return "" if led != "/staff/sign-in" and status != 403 else "they belong here"
        inside = who in ALL or who == "blocked"
        return "" if led == ("/staff/seat" if inside else "/staff/sign-in") else "not their door"
    if who in ("nobody", "resident", "half"):
        return "" if (status, led) == (303, "/staff/sign-in") else "strangers sign in first"
    if who == "at the door":
        return "" if (status, led) == (303, "/staff/door") else "the second factor first"
    if who == "blocked" or who not in allowed:
        return "" if status == 403 else "not theirs"
    shut = led.startswith(("/staff/sign-in", "/staff/door"))
    # Behind the guard an organiser meets the question whose town it is.
    shut = shut or (status == 403 and who != "organiser")
    return "it is theirs" if shut else ""


# --- own towns, own languages ---------------------------------------------------------------


def an_organiser_of(board: Board, client: TestClient, *town_ids: int) -> int:
    """Lea looks after these towns, and sits at the desk in this browser."""
    lea = remembered(board, client, "Lea", role="organiser")
    with board.database.transaction() as conn:
        for town_id in town_ids:
            conn.execute(insert(organiser_towns).values(person_id=lea.id, town_id=town_id))
    return lea.id


def decide(client: TestClient, subject: str, subject_id: int, act: str, **more: str) -> int:
    form = {"subject": subject, "subject_id": str(subject_id), "act": act, **more}
    return client.post("/staff/queue", data=form, headers=HERE).status_code


class Waiting:
    """What waits in two towns: a story, a comment, somebody to call."""

    def __init__(self, board: Board, client: TestClient) -> None:
        with board.database.transaction() as conn:
            maja, aino = person(conn, "Maja"), person(conn, "Aino")
            self.own, self.other = vote(conn, maja, VELENJE), vote(conn, aino, JOENSUU)
            self.story = tell(conn, maja, self.own, "Mine!", visibility="held", language="sl")
            self.foreign = tell(conn, aino, self.other, "Yours!", visibility="held", language="fi")
            self.comment = say(conn, maja, self.own, "Ours to read.", visibility="held")
            self.far = say(conn, aino, self.other, "Far away.", visibility="held")
        for town, phone in (("si/velenje", "041 765 431"), ("fi/joensuu", "+358 41 2345678")):
            form = {"phone": phone, "name": "Cilka", "come": "1"}
            client.post(f"/towns/{town}/vote", data=form, headers=HERE)
        with board.database.snapshot() as conn:
            w = waitings.c
            rows = conn.execute(w.id.table.select().order_by(w.id)).all()
            self.call, self.far_call = (row.id for row in rows)


def test_organiser_sees_and_judges_own_towns_alone(client: TestClient, board: Board) -> None:
    things = Waiting(board, client)
    an_organiser_of(board, client, things.own)
    text = client.get("/staff/queue").text
    assert "Mine!" in text
    assert "Ours to read." in text
    assert "+38641765431" in text.replace(" ", "")
    assert "Yours!" not in text
    assert "Far away." not in text
    assert "2345678" not in text.replace(" ", "")
    # The tab counts what is theirs, on every page.
    for path in ("/staff/queue", "/staff/seat", "/staff/codes"):
        assert 'desk-count">3<' in client.get(path).text
    for subject, number in (("story", things.foreign), ("comment", things.far)):
        assert decide(client, subject, number, "keep") == 403
    assert decide(client, "call", things.far_call, "reached") == 403
    for act in ("trust", "archive", "delete", "block"):
        assert decide(client, "story", things.story, act, reason="spam") == 403
        assert f'value="{act}"' not in text
    assert decide(client, "town", things.own, "list") == 403
    assert decide(client, "partner", 1, "answered") == 403
    assert decide(client, "story", 999, "keep") == 404
    assert decide(client, "story", things.story, "keep") == 303
    assert decide(client, "comment", things.comment, "unlist", reason="spam") == 303
    assert decide(client, "call", things.call, "reached") == 303
    # Nothing of theirs waits any more; the others' things stand where they were.
    assert "Yours!" not in client.get("/staff/queue").text
    remembered(board, client, "Sue", role="staff")
    assert "Yours!" in client.get("/staff/queue").text


def test_organiser_without_towns_sees_an_empty_desk(client: TestClient, board: Board) -> None:
    things = Waiting(board, client)
    an_organiser_of(board, client)
    text = client.get("/staff/queue").text
    assert "Mine!" not in text
    assert "Nothing waits." in text
    assert decide(client, "story", things.story, "keep") == 403


def test_moderator_reads_own_languages_first(client: TestClient, board: Board) -> None:
    things = Waiting(board, client)
    mo = remembered(board, client, "Mo", role="moderator")
    assert "Yours!" in client.get("/staff/queue").text
    with board.database.transaction() as conn:
        conn.execute(insert(desk_languages).values(person_id=mo.id, language="sl"))
    text = client.get("/staff/queue").text
    assert "Mine!" in text
    assert "Yours!" not in text
    text = client.get("/staff/queue?language=any").text
    assert "Yours!" in text
    assert "765431" not in text.replace(" ", "")
    assert decide(client, "story", things.foreign, "keep") == 303
    assert decide(client, "call", things.call, "reached") == 403
    assert decide(client, "story", things.story, "trust") == 303


def test_remit_says_whose_town_it_is(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        own, other = (vote(conn, person(conn, "Maja"), at) for at in (VELENJE, JOENSUU))
    lea = an_organiser_of(board, client, own)
    with board.database.snapshot() as conn:
        check_town(conn, lea, "organiser", own)
        check_town(conn, lea, "staff", other)
        for town_id in (other, None):
            with pytest.raises(Exception, match="somebody else"):
                check_town(conn, lea, "organiser", town_id)
        assert remit_of(conn, lea, "staff").holds(None)
        assert not remit_of(conn, lea, "organiser").holds(None)


def test_organiser_prints_and_keys_in_for_own_towns_alone(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        maja = person(conn, "Maja")
        own, other = vote(conn, maja, VELENJE), vote(conn, person(conn, "Aino"), JOENSUU)
    staff = remembered(board, client, "Sue", role="staff")
    assert staff.id
    order = {"count": "3", "language": "en", "seen": "0", "label": "Evening"}
    for town in ("Velenje", "Joensuu"):
        with board.database.snapshot() as conn:
            seen = str(newest_batch_by(conn, staff.id))
        form = {**order, "town": town, "seen": seen}
        assert client.post("/staff/codes", data=form, headers=HERE).status_code == 200
    an_organiser_of(board, client, own)
    shown = client.get("/staff/codes").text
    assert "/staff/codes/1" in shown
    assert "/staff/codes/2" not in shown
    assert client.get("/staff/codes/1").status_code == 200
    assert client.get("/staff/codes/2").status_code == 403
    assert "Call the batch back" not in client.get("/staff/codes/1").text
    recall = {"act": "recall", "reason": "lost"}
    assert client.post("/staff/codes/1", data=recall, headers=HERE).status_code == 403
    refused = client.post("/staff/codes", data={**order, "town": "Joensuu"}, headers=HERE)
    assert refused.status_code == 422
    assert 'id="error-town"' in refused.text
    made = client.post("/staff/codes", data={**order, "town": "Velenje"}, headers=HERE)
    assert made.status_code == 200
    row = {"reach-1": "nina@example.org", "name-1": "Nina", "language": "en"}
    far = client.post("/staff/sheets", data={**row, "town": "Joensuu"}, headers=HERE)
    assert far.status_code == 422
    assert 'id="error-town"' in far.text
    near = client.post("/staff/sheets", data={**row, "town": "Velenje"}, headers=HERE)
    assert near.status_code == 303
    assert other


def test_who_sits_at_the_desk_is_not_blocked_from_the_queue(
    client: TestClient, board: Board
) -> None:
    """A moderator who is angry, or mistaken, must not send the admin away."""
    with board.database.transaction() as conn:
        ada = person(conn, "Ada", role="admin")
        story = tell(conn, ada, vote(conn, ada, VELENJE), visibility="held")
    for role in ("moderator", "admin"):
        remembered(board, client, role.title(), role=role)
        assert decide(client, "story", story, "block", reason="spam") == 403
    assert decide(client, "story", story, "unlist", reason="spam") == 303
    with board.database.snapshot() as conn:
        assert conn.execute(select(people.c.blocked_at).where(people.c.id == ada.id)).one() == (
            None,
        )


@pytest.mark.parametrize("role", ["moderator", "organiser", "staff", "admin"])
def test_counters_agree_on_every_page(client: TestClient, board: Board, role: str) -> None:
    things = Waiting(board, client)
    one = remembered(board, client, "One", role=role)
    with board.database.transaction() as conn:
        if role == "organiser":
            conn.execute(insert(organiser_towns).values(person_id=one.id, town_id=things.own))
        else:
            conn.execute(insert(desk_languages).values(person_id=one.id, language="sl"))
    paths = ["/staff/seat", "/staff/queue", "/staff/held", "/staff/talk", "/staff/codes"]
    paths += ["/staff", "/staff/tasks", "/staff/mail", "/staff/record", "/staff/hints"]
    shown = {}
    for path in (*paths, "/staff/people", "/staff/trends", "/staff/replies"):
        answer = client.get(path)
        if answer.status_code == 200:
            shown[path] = re.findall(r'desk-count">(\d+)<', answer.text)
    assert len(shown) >= 3
    assert len(set(map(tuple, shown.values()))) == 1, shown
