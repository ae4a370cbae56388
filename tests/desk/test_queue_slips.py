"""Slips of the hand with calls, places and partners: for a day each can be taken back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.desk.models import partner_messages
from board.people.models import contacts, people, waitings
from board.people.queries import person_by_key
from board.stories.models import stories
from board.taking_part.retention_jobs import tidy
from board.towns.actions import found_by_hand
from board.towns.models import towns
from board.votes.models import votes
from tests.desk.queueing import counts_are_true, judge, last_step, row_of, undo
from tests.invented import HERE, VELENJE, person, remembered, say, tell, vote

TOWN = "/towns/si/velenje"
PHONE = "+38641234567"
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "vote": (f"{TOWN}/vote", {"come": "1", "name": "Cilka"}),
    "story": ("/tell", {"geonames_id": str(VELENJE), "name": "Cilka", "may_show": "1",
                        "why": "The mine is winding down. We could learn together."}),
    "comment": (f"{TOWN}/comments", {"name": "Cilka", "text": "Thursdays suit me well."}),
}  # fmt: skip


def called(board: Board, client: TestClient, kind: str = "vote") -> int:
    """Somebody left a number, and Sue sits at the desk; the waiting form."""
    client.cookies.clear()
    path, form = FORMS[kind]
    answer = client.post(path, data={"phone": "041 234 567", **form}, headers=HERE)
    assert answer.status_code == 303, answer.text
    remembered(board, client, "Sue", role="staff")
    with board.database.snapshot() as conn:
        return int(conn.execute(select(waitings.c.id)).scalar_one())


def town_of(board: Board) -> dict[str, Any]:
    with board.database.snapshot() as conn:
        return dict(conn.execute(towns.select()).one()._mapping)


# --- calls ----------------------------------------------------------------------------------


def test_dropped_call_waits_again(client: TestClient, board: Board) -> None:
    number = called(board, client)
    before = row_of(board, waitings, number)
    place = judge(client, "call", number, "drop", seen="")
    page = client.get(place).text
    assert PHONE not in page
    assert "Dropped:" in page
    assert undo(client, last_step(board)) == 303
    assert PHONE in client.get("/staff/queue").text
    after = row_of(board, waitings, number)
    assert after == {**before, "expires_at": after["expires_at"]}
    assert after["expires_at"] >= before["expires_at"]
    judge(client, "call", number, "reached", seen="")
    assert town_of(board)["vote_count"] == 1
    assert counts_are_true(board)


@pytest.mark.parametrize("kind", list(FORMS))
def test_call_confirmed_by_mistake_is_taken_back(
    client: TestClient, board: Board, kind: str
) -> None:
    number = called(board, client, kind)
    judge(client, "call", number, "reached", seen="")
    town = town_of(board)
    assert town["vote_count"] == (0 if kind == "comment" else 1)
    assert undo(client, last_step(board)) == 303
    town = town_of(board)
    assert (town["vote_count"], town["come_count"], town["story_count"]) == (0, 0, 0)
    assert town["comment_count"] == 0
    with board.database.snapshot() as conn:
        assert conn.execute(select(contacts)).first() is None
        public = (select(t.c.id).where(t.c.visibility != "withdrawn") for t in (stories, comments))
        assert [conn.execute(one).first() for one in public] == [None, None]
    assert PHONE in client.get("/staff/queue").text
    # Reached for real the next time: all of it is there again, once.
    judge(client, "call", number, "reached", seen="")
    assert town_of(board)["vote_count"] == (0 if kind == "comment" else 1)
    assert counts_are_true(board)


def test_vote_from_before_outlasts_the_undone_call(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Cilka", key=board.keys.person_key(f"tel:{PHONE}")))
    number = called(board, client)
    judge(client, "call", number, "reached", seen="")
    assert undo(client, last_step(board)) == 303
    assert town_of(board)["vote_count"] == 1
    assert counts_are_true(board)


def test_story_somebody_judged_since_keeps_the_call(client: TestClient, board: Board) -> None:
    number = called(board, client, "story")
    judge(client, "call", number, "reached", seen="")
    step = last_step(board)
    with board.database.snapshot() as conn:
        story_id = int(conn.execute(select(stories.c.id)).scalar_one())
    judge(client, "story", story_id, "keep")
    assert undo(client, step) == 409
    assert row_of(board, stories, story_id)["visibility"] == "public"


def test_undone_call_cannot_be_undone_twice(client: TestClient, board: Board) -> None:
    number = called(board, client)
    judge(client, "call", number, "reached", seen="")
    step = last_step(board)
    assert [undo(client, step), undo(client, step)] == [303, 409]
    assert counts_are_true(board)


@pytest.mark.parametrize("act", ["drop", "reached"])
def test_after_a_day_nothing_is_left_to_undo(client: TestClient, board: Board, act: str) -> None:
    number = called(board, client)
    judge(client, "call", number, act, seen="")
    step = last_step(board)
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=5)):
        tidy(board.database, board.settings)
        with board.database.snapshot() as conn:
            kept = conn.execute(select(waitings.c.contact, waitings.c.payload)).all()
        assert all(row == (b"", b"") for row in kept)
        remembered(board, client, "Sue", role="staff")
        assert undo(client, step) in (404, 409)


def test_moderators_hear_nothing_of_calls_and_partners(client: TestClient, board: Board) -> None:
    number = called(board, client)
    judge(client, "call", number, "drop", seen="")
    step = last_step(board)
    assert "somebody to call" in client.get("/staff/queue").text
    remembered(board, client, "Mo", role="moderator")
    assert "somebody to call" not in client.get(f"/staff/queue?did={step}").text
    assert undo(client, step) == 403


# --- places ---------------------------------------------------------------------------------


def test_place_listed_or_dropped_by_mistake_waits_again(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = found_by_hand(
            conn, name="Old Mill", country="SI", lat=None, lng=None, now=clock.now()
        )
    remembered(board, client, "Mo", role="moderator")
    for act in ("list", "drop"):
        judge(client, "town", town_id, act, seen="")
        assert "“Old Mill”" in client.get("/staff/queue").text
        assert undo(client, last_step(board)) == 303
        assert row_of(board, towns, town_id)["standing"] == "by_hand"


def test_what_went_with_a_place_is_back_where_it_stood(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ana = person(conn, "Ana")
        town_id = found_by_hand(
            conn, name="Old Mill", country="SI", lat=None, lng=None, now=clock.now()
        )
        told = [tell(conn, ana, town_id, visibility=seen) for seen in ("public", "held", "public")]
        said = [
            say(conn, ana, town_id),
            say(conn, ana, town_id, visibility="held"),
            say(conn, ana, town_id, story_id=told[0]),
        ]
    remembered(board, client, "Mo", role="moderator")
    judge(client, "story", told[2], "unlist", seen="public", reason="spam")
    before = states(board)
    judge(client, "town", town_id, "drop", seen="")
    step = last_step(board)
    assert {row[1] for row in states(board)} == {"archived"}
    assert undo(client, step) == 303
    assert states(board) == before
    assert row_of(board, stories, told[2])["reason"] == "spam"
    town = row_of(board, towns, town_id)
    assert (town["story_count"], town["comment_count"]) == (1, 2)
    assert counts_are_true(board)
    assert said


def states(board: Board) -> list[tuple[int, str, str]]:
    with board.database.snapshot() as conn:
        return [
            (row.id, row.visibility, row.reason)
            for table in (stories, comments)
            for row in conn.execute(
                select(table.c.id, table.c.visibility, table.c.reason).order_by(table.c.id)
            )
        ]


# --- partners -------------------------------------------------------------------------------


def test_partner_answered_by_mistake_waits_again(client: TestClient, board: Board) -> None:
    letter = {
        "organisation": "Library of Velenje", "name": "Ana", "email": "ana@example.org",
        "message": "We have a room.", "at": "si/velenje",
    }  # fmt: skip
    assert client.post("/partner", data=letter, headers=HERE).status_code == 303
    remembered(board, client, "Sue", role="staff")
    with board.database.snapshot() as conn:
        number = int(conn.execute(select(partner_messages.c.id)).scalar_one())
    judge(client, "partner", number, "answered", seen="")
    assert "Library of Velenje" not in client.get("/staff/queue").text
    step = last_step(board)
    with board.database.transaction() as conn:
        # A colleague, in between: it was answered at another moment.
        answered = update(partner_messages).where(partner_messages.c.id == number)
        conn.execute(answered.values(answered_at=clock.now()))
    assert undo(client, step) == 409
    with board.database.transaction() as conn:
        conn.execute(answered.values(answered_at=None))
    judge(client, "partner", number, "answered", seen="")
    assert undo(client, last_step(board)) == 303
    assert "Library of Velenje" in client.get("/staff/queue").text


def test_nobody_known_stays_behind(client: TestClient, board: Board) -> None:
    """A person whom nobody reached leaves no contact, and a vote that doesn't count."""
    number = called(board, client)
    judge(client, "call", number, "reached", seen="")
    assert undo(client, last_step(board)) == 303
    with board.database.snapshot() as conn:
        who = person_by_key(conn, board.keys.person_key(f"tel:{PHONE}"))
        assert who is not None
        assert conn.execute(select(votes.c.state)).scalars().all() == ["taken_back"]
        assert conn.execute(select(people.c.id).where(people.c.id == who)).one()
