"""The record: append-only, complete for staff, and honest in public without telling who."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from board.core import clock
from board.core.db import Database
from board.core.facts import keep_fact
from board.core.http import Board
from board.people.models import people
from board.record.actions import Act, write_down
from board.record.models import decisions
from board.record.queries import PAGE, entries
from board.record.rules import PUBLIC
from board.stories.rules import REASONS
from board.taking_part.retention_jobs import RECORD_UNTIL
from board.towns.actions import found_by_hand
from tests.invented import HERE, person, remembered, statements, tell, vote

WORDS = "The mine is winding down"


def write(board: Board, *acts: Act) -> None:
    with board.database.transaction() as conn:
        for act in acts:
            write_down(conn, act, clock.now())


def test_taking_away_is_public_and_says_why_but_not_who(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id, visibility="held")
    remembered(board, client, "Moderata", role="staff")
    form = {
        "subject": "story", "subject_id": str(story_id), "act": "unlist", "reason": "charges",
        "seen": "held",
    }  # fmt: skip
    assert client.post("/staff/queue", data=form, headers=HERE).status_code == 303
    inside = client.get("/staff/record").text
    assert "Moderata" in inside
    assert "A story in Velenje was hidden." in inside
    client.cookies.clear()
    outside = client.get("/record").text
    assert "A story in Velenje was hidden." in outside
    assert "Charges learners" in outside
    for secret in ("Moderata", "Alice", WORDS, f"/stories/{story_id}"):
        assert secret not in outside


def test_what_is_about_people_stays_inside(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        mo = person(conn, "Mo", role="staff")
    acts = [
        Act(mo.id, act, subject, 1)
        for subject, act in (
            ("call", "reached"), ("person", "role"), ("invitation", "invited"), ("held", "drop"),
            ("partner", "answered"), ("story", "keep"), ("story", "trust"), ("sheet", "keyed"),
        )
    ]  # fmt: skip
    write(board, *acts)
    assert "Nothing was decided yet." in client.get("/record").text
    with board.database.snapshot() as conn:
        assert entries(conn, public=True) == []
        assert len(entries(conn)) == len(acts)


def test_every_public_act_has_words(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        mo = person(conn, "Mo", role="staff")
        town_id = vote(conn, mo)
    acts = [
        Act(mo.id, act, subject, town_id, town_id, reason, "asking", "talking")
        for subject, some in PUBLIC.items()
        for act in some
        for reason in ("", *(REASONS if subject in ("story", "comment") else ()))
    ]
    write(board, *acts)
    text, before = "", ""
    while True:
        page = client.get(f"/record{before}").text
        text += page
        if "Older decisions" not in page:
            break
        before = "?before=" + page.split("?before=")[1].split('"')[0]
    for subject, some in PUBLIC.items():
        for act in some:
            assert f"{subject} {act}" not in text
            assert f"Velenje {act.replace('_', ' ')}." not in text


def test_pages_go_on_without_a_gap(client: TestClient, board: Board) -> None:
    remembered(board, client, "Mo", role="staff")
    write(board, *(Act(None, "drop", "call", number) for number in range(PAGE + 7)))
    first = client.get("/staff/record").text
    assert first.count("<tr>") == PAGE + 1
    link = first.split("?before=")[1].split('"')[0]
    assert client.get(f"/staff/record?before={link}").text.count("<tr>") == 8
    assert client.get("/staff/record?before=abc&town=xyz").status_code == 200


@pytest.mark.parametrize("count", [1, 3, 30])
def test_reading_costs_the_same_for_any_length(
    client: TestClient, board: Board, count: int
) -> None:
    with board.database.transaction() as conn:
        mo = person(conn, "Mo", role="staff")
    write(board, *(Act(mo.id, "unlist", "story", number) for number in range(count)))
    with statements(board.database.reader) as seen:
        assert client.get("/record").status_code == 200
    assert len(seen) == 2


def test_a_name_that_left_leaves_the_entry(client: TestClient, board: Board) -> None:
    """The record holds ids: when a colleague's name goes, what was done stays readable."""
    with board.database.transaction() as conn:
        gone = person(conn, "Formerly", role="staff")
    write(board, Act(gone.id, "unlist", "story", 3, reason="spam"))
    with board.database.transaction() as conn:
        conn.execute(update(people).where(people.c.id == gone.id).values(name="", role=""))
    remembered(board, client, "Mo", role="staff")
    page = client.get("/staff/record").text
    assert "somebody who left" in page
    assert "Formerly" not in page


def test_nothing_in_the_record_can_hold_a_text() -> None:
    lengths = [column.type.length for column in decisions.c if hasattr(column.type, "length")]
    assert all(length is not None and length <= 40 for length in lengths)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_entry_is_neither_changed_nor_taken_away(database: Database, change: str) -> None:
    """Not by anybody's statement either: the database itself refuses."""
    with database.transaction() as conn:
        write_down(conn, Act(None, "drop", "call", 1), clock.now())
    statement = decisions.delete() if change == "delete" else update(decisions).values(act="keep")
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as conn:
        conn.execute(statement)
    with database.transaction() as conn:
        # What is older than its three years goes with the dated run.
        old = clock.now() - timedelta(days=3 * 366)
        write_down(conn, Act(None, "drop", "call", 2), old)
        keep_fact(conn, RECORD_UNTIL, (old + timedelta(days=1)).isoformat())
        gone = conn.execute(
            decisions.delete().where(decisions.c.subject_id == 2).returning(decisions.c.id)
        )
        assert len(gone.all()) == 1
        acts = conn.execute(select(decisions.c.act, decisions.c.subject_id)).all()
    assert acts == [("drop", 1)]


def test_name_that_somebody_typed_is_not_public(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = found_by_hand(
            conn, name="Jan Is A Fool", country="SI", lat=None, lng=None, now=clock.now()
        )
    remembered(board, client, "Mo", role="staff")
    form = {"subject": "town", "subject_id": str(town_id), "act": "drop"}
    assert client.post("/staff/queue", data=form, headers=HERE).status_code == 303
    assert "Jan Is A Fool was dropped." in client.get("/staff/record").text
    client.cookies.clear()
    text = client.get("/record").text
    assert "A town was dropped." in text
    assert "Jan Is A Fool" not in text
