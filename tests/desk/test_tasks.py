"""What is due: each kind on one page, counted on the tab, one's own first, by few statements."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, update
from starlette.testclient import TestClient

from board.circles.import_actions import Taking, record_failure
from board.circles.models import circle_imports
from board.core import clock
from board.core.http import Board
from board.desk.launch_actions import suggest
from board.desk.launch_matches import unsuggested
from board.desk.models import hand_over_yeses, hand_overs, launch_suggestions, partner_messages
from board.desk.tasks_queries import Terms, tasks_of, tasks_size
from board.towns.measures import is_overdue
from board.towns.models import towns
from board.towns.queries import get_town
from board.updates.models import planned_words
from tests.desk.offering import offers
from tests.invented import (
    add_circles,
    add_towns,
    person,
    remembered,
    row_of_circle,
    row_of_town,
    statements,
)

TERMS = Terms(answer_votes=20, answer_days=30)


def late(conn: Connection, number: int, days: int, **changes: object) -> int:
    asked = clock.now() - timedelta(days=days)
    row = row_of_town(number, asked_at=asked, vote_count=20, **changes)
    return add_towns(conn, [row])[0]


def everything(board: Board, conn: Connection, number: int = 1) -> int:
    """One of each kind of thing that is due; the town that is owed a word."""
    now = clock.now()
    owed = late(conn, number, 40, name=f"Owed {number}")
    sue = person(conn, "Sue", role="staff")
    ana, town = offers(board, conn, "Ana", now=now - timedelta(days=3))
    conn.execute(
        insert(planned_words).values(
            town_id=town, person_id=sue.id, seen="asking", status="planned", reason="",
            language="en", text="Soon", due_at=None, problem="moved", changed_at=now,
        )
    )  # fmt: skip
    add_circles(conn, [row_of_circle(number, 46.3592, 15.1103, state="soon")])
    suggest(conn, unsuggested(conn, now), now)
    hand_over = conn.execute(
        insert(hand_overs).values(
            town_id=town, person_id=sue.id, name="Zala", email=b"", asked=1, asked_at=now, issue=0
        ).returning(hand_overs.c.id)
    ).scalar_one()  # fmt: skip
    conn.execute(
        insert(hand_over_yeses).values(hand_over_id=hand_over, person_id=ana.id, said_at=now)
    )
    letter = {"organisation": "Library", "email": "lib@example.org"}
    conn.execute(
        insert(partner_messages).values(
            language="en", content=board.keys.seal("partner.content", json.dumps(letter)),
            created_at=now, expires_at=now + timedelta(days=9),
        )
    )  # fmt: skip
    return owed


def test_each_kind_stands_there_and_is_counted(board: Board, client: TestClient) -> None:
    sue = remembered(board, client, "Sue", role="staff")
    assert "Nothing is due" in client.get("/staff/tasks").text
    with board.database.transaction() as conn:
        everything(board, conn)
    page = client.get("/staff/tasks").text
    for words in ("Owed 1", "the town was moved since", "is it the one?", "Zala waits", "Library"):
        assert words in page
    assert "lib@example.org" not in page
    assert "ana@example.org" not in page
    tab = re.search(r'href="/staff/tasks"[^>]*>Due <span class="desk-count">(\d+)', page)
    assert tab
    assert tab.group(1) == "5"
    with board.database.snapshot() as conn:
        due = tasks_of(conn, board.keys, sue.id, TERMS, clock.now())
        parts = (due.owing, due.stuck, due.launches, due.to_pass_on, due.letters)
        assert [len(part) for part in parts] == [1] * 5
        assert tasks_size(conn, TERMS, clock.now()) == 5


def an_import_failed(conn: Connection, kind: str, said: str, hours: int) -> None:
    at = clock.now() - timedelta(hours=hours)
    record_failure(conn, Taking(kind, "https://p2pu.example.org/api", False, at), said, at)


def an_import_went_well(conn: Connection, kind: str, hours: int) -> None:
    at = clock.now() - timedelta(hours=hours)
    conn.execute(
        insert(circle_imports).values(
            kind=kind, source="a list", sample=False, started_at=at, finished_at=at, outcome="done"
        )
    )


def test_list_that_can_t_be_brought_in_is_said_where_staff_look_first(
    board: Board, client: TestClient
) -> None:
    remembered(board, client, "Sue", role="staff")
    with board.database.transaction() as conn:
        an_import_failed(conn, "libraries", "Long ago.", 40)
        an_import_went_well(conn, "libraries", 39)
        an_import_went_well(conn, "circles", 30)
    assert "grow old" not in client.get("/staff").text
    with board.database.transaction() as conn:
        an_import_failed(conn, "circles", "The other side was asleep.", 3)
        an_import_failed(conn, "circles", "The other side answers with 500.", 2)

    assert "/staff/tasks#imports" in client.get("/staff").text
    page = client.get("/staff/tasks").text
    assert "The other side answers with 500." in page
    assert "failed 2 times since" in page
    assert "go on showing the list of" in page
    assert not [words for words in ("Long ago.", "was asleep", "p2pu.example") if words in page]
    with board.database.transaction() as conn:
        an_import_went_well(conn, "circles", 1)
    assert "Nothing is due" in client.get("/staff/tasks").text
    assert "grow old" not in client.get("/staff").text


def test_list_that_never_came_is_said_so(board: Board, client: TestClient) -> None:
    remembered(board, client, "Sue", role="staff")
    with board.database.transaction() as conn:
        an_import_failed(conn, "libraries", "The list is <empty>.", 2)
    page = client.get("/staff/tasks").text
    assert "The list is &lt;empty&gt;." in page
    assert "No list was ever brought in" in page
    assert "failed once" in page
    # Who sees only their own towns can do nothing about it.
    remembered(board, client, "Olga", role="organiser")
    assert "grow old" not in client.get("/staff/codes").text


def test_what_is_done_is_gone(board: Board) -> None:
    with board.database.transaction() as conn:
        owed = everything(board, conn)
        now = clock.now()
        conn.execute(update(towns).where(towns.c.id == owed).values(answered_at=now))
        conn.execute(update(planned_words).values(problem=""))
        conn.execute(update(launch_suggestions).values(settled_at=now))
        conn.execute(update(hand_over_yeses).values(passed_at=now))
        conn.execute(update(partner_messages).values(answered_at=now))
        assert tasks_size(conn, TERMS, now) == 0
        assert not tasks_of(conn, board.keys, 1, TERMS, now).any


def test_one_s_own_towns_come_first(board: Board) -> None:
    with board.database.transaction() as conn:
        sue, tom = person(conn, "Sue", role="staff"), person(conn, "Tom", role="staff")
        nobody = late(conn, 1, 90)
        tom_s, sue_s = late(conn, 2, 40, owner_id=tom.id), late(conn, 3, 35, owner_id=sue.id)
        of_sue = tasks_of(conn, board.keys, sue.id, TERMS, clock.now()).owing
        of_tom = tasks_of(conn, board.keys, tom.id, TERMS, clock.now()).owing
    assert [one.id for one in of_sue] == [sue_s, tom_s, nobody]
    assert [one.id for one in of_tom] == [tom_s, sue_s, nobody]
    assert [one.days for one in of_sue] == [5, 10, 60]


@pytest.mark.parametrize("days", [29, 31])
@pytest.mark.parametrize("status", ["asking", "planned", "launched", "not_now"])
@pytest.mark.parametrize("votes", [19, 20])
def test_overdue_is_what_the_rule_says(board: Board, days: int, status: str, votes: int) -> None:
    with board.database.transaction() as conn:
        town_id = late(conn, 1, days, status=status)
        conn.execute(update(towns).where(towns.c.id == town_id).values(vote_count=votes))
        rule = is_overdue(get_town(conn, town_id), **TERMS._asdict(), now=clock.now())
        found = tasks_of(conn, board.keys, 1, TERMS, clock.now()).owing
    assert bool(found) == rule


def test_more_of_it_takes_no_more_statements(board: Board, client: TestClient) -> None:
    remembered(board, client, "Sue", role="staff")
    counted = []
    for numbers in (range(1, 2), range(2, 9)):
        with board.database.transaction() as conn:
            for number in numbers:
                everything(board, conn, number)
        with statements(board.database.reader) as seen:
            assert client.get("/staff/tasks").status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("role", ["moderator", "organiser", ""])
def test_nobody_else_sees_it(board: Board, client: TestClient, role: str) -> None:
    remembered(board, client, "Mo", role=role)
    assert client.get("/staff/tasks").status_code in (303, 403)
    if role:
        assert "/staff/tasks" not in client.get("/staff/queue").text
