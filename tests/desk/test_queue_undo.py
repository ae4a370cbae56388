"""Taking a step at the queue back: all of it, once, within a day, and never over a colleague."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Table, select
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.desk.rules import NEED_REASON
from board.moderation.models import flags
from board.people.models import organiser_towns, people
from board.record.models import decisions
from board.stories.actions import destroy_due
from board.stories.models import stories
from board.towns.models import towns
from tests.desk.queueing import counts_are_true, judge, last_step, row_of, undo
from tests.invented import HERE, person, remembered, say, tell, vote

TABLES: dict[str, Table] = {"story": stories, "comment": comments}
WORDS = "The mine is winding down"


@pytest.fixture
def held(board: Board, client: TestClient) -> dict[str, int]:
    """A story and a comment by Alice that wait; Mo, a moderator, looks at them."""
    with board.database.transaction() as conn:
        alice = person(conn, "Alice", key=board.keys.person_key("alice@example.org"))
        town_id = vote(conn, alice)
        waiting = {
            "story": tell(conn, alice, town_id, visibility="held"),
            "comment": say(conn, alice, town_id, "Look at example.org", visibility="held"),
        }
    remembered(board, client, "Mo", role="moderator")
    return waiting


def alice(board: Board) -> tuple[bool, bool]:
    """Whether she is trusted, and whether she is blocked."""
    with board.database.snapshot() as conn:
        row = conn.execute(select(people).where(people.c.name == "Alice")).one()
    return row.trusted, row.blocked_at is not None


@pytest.mark.parametrize("subject", ["story", "comment"])
@pytest.mark.parametrize("act", ["keep", "trust", "unlist", "archive", "delete", "block"])
def test_step_taken_back_leaves_everything_as_it_was(
    client: TestClient, board: Board, held: dict[str, int], subject: str, act: str
) -> None:
    number = held[subject]
    before = row_of(board, TABLES[subject], number)
    reason = "spam" if act in NEED_REASON else ""
    place = judge(client, subject, number, act, reason=reason)
    page = client.get(place).text
    assert 'class="queue-done" role="status"' in page
    assert f'name="step" value="{last_step(board)}"' in page
    step = last_step(board)
    assert undo(client, step) == 303
    assert row_of(board, TABLES[subject], number) == before
    assert alice(board) == (False, False)
    assert counts_are_true(board)
    with board.database.snapshot() as conn:
        entry = conn.execute(select(decisions).order_by(decisions.c.id.desc())).first()
    assert entry is not None
    assert (entry.act, entry.subject, entry.subject_id) == ("undo", subject, number)
    assert entry.after == "held"
    # Once is enough, and the way forward is open again.
    assert undo(client, step) == 409
    judge(client, subject, number, "keep")


@pytest.mark.parametrize("act", ["keep", "unlist", "delete"])
def test_step_with_a_public_comment_opens_its_reports_again(
    client: TestClient, board: Board, held: dict[str, int], act: str
) -> None:
    judge(client, "comment", held["comment"], "keep")
    with board.database.transaction() as conn:
        conn.execute(
            flags.insert().values(
                subject="comment", subject_id=held["comment"], flagger=b"n", reason="spam",
                created_at=clock.now(),
            )
        )  # fmt: skip
    before = row_of(board, comments, held["comment"])
    reason = "spam" if act in NEED_REASON else ""
    judge(client, "comment", held["comment"], act, seen="public", reason=reason)
    assert "Reported comment" not in client.get("/staff/queue").text
    assert undo(client, last_step(board)) == 303
    assert "Reported comment" in client.get("/staff/queue").text
    after = row_of(board, comments, held["comment"])
    assert after | {"kept_at": None} == before | {"kept_at": None}
    assert counts_are_true(board)


def test_older_step_is_not_taken_back_over_a_newer_one(
    client: TestClient, board: Board, held: dict[str, int]
) -> None:
    judge(client, "story", held["story"], "keep")
    first = last_step(board)
    judge(client, "story", held["story"], "unlist", seen="public", reason="spam")
    answer = client.post("/staff/queue/undo", data={"step": str(first)}, headers=HERE)
    assert answer.status_code == 409
    assert "Changed meanwhile." in answer.text
    assert row_of(board, stories, held["story"])["visibility"] == "unlisted"
    assert undo(client, last_step(board)) == 303
    assert row_of(board, stories, held["story"])["visibility"] == "public"
    assert counts_are_true(board)


def test_what_its_author_took_away_meanwhile_stays_away(
    client: TestClient, board: Board, held: dict[str, int]
) -> None:
    judge(client, "comment", held["comment"], "keep")
    remembered(board, client, "Alice")
    answer = client.post(f"/comments/{held['comment']}/withdraw", headers=HERE)
    assert answer.status_code == 303
    remembered(board, client, "Mo", role="moderator")
    assert undo(client, last_step(board)) == 409
    assert row_of(board, comments, held["comment"])["visibility"] == "withdrawn"


def test_step_stands_after_a_day_when_the_words_are_gone(
    client: TestClient, board: Board, held: dict[str, int]
) -> None:
    judge(client, "story", held["story"], "delete", reason="spam")
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
        remembered(board, client, "Mo", role="moderator")
        assert "can be taken back" not in client.get("/staff/queue").text
        assert undo(client, last_step(board)) == 409
    remembered(board, client, "Mo", role="moderator")
    with board.database.transaction() as conn:
        destroy_due(conn, clock.now() + timedelta(hours=24, seconds=1))
    assert undo(client, last_step(board)) == 409
    assert row_of(board, stories, held["story"])["title"] == ""


@pytest.mark.parametrize(("act", "now"), [("trust", (True, False)), ("block", (False, True))])
def test_author_stays_trusted_or_blocked_for_another_thing(
    client: TestClient, board: Board, held: dict[str, int], act: str, now: tuple[bool, bool]
) -> None:
    reason = "spam" if act == "block" else ""
    judge(client, "story", held["story"], act, reason=reason)
    first = last_step(board)
    judge(client, "comment", held["comment"], act, reason=reason)
    second = last_step(board)
    assert undo(client, first) == 303
    assert alice(board) == now
    assert undo(client, second) == 303
    assert alice(board) == (False, False)


def test_colleague_takes_a_step_back_but_nobody_else_s_town_is_an_organiser_s(
    client: TestClient, board: Board, held: dict[str, int]
) -> None:
    judge(client, "story", held["story"], "unlist", reason="spam")
    step = last_step(board)
    remembered(board, client, "Olga", role="organiser")
    assert undo(client, step) == 403
    assert WORDS not in client.get(f"/staff/queue?did={step}").text
    with board.database.transaction() as conn:
        olga = person(conn, "Olga")
        town_id = conn.execute(select(towns.c.id)).scalar_one()
        conn.execute(organiser_towns.insert().values(person_id=olga.id, town_id=town_id))
    assert undo(client, step) == 303
    # What an organiser may not do, she may not take back either.
    remembered(board, client, "Sue", role="staff")
    judge(client, "story", held["story"], "delete", reason="spam")
    remembered(board, client, "Olga", role="organiser")
    assert undo(client, last_step(board)) == 403


def test_step_that_is_none_is_not_taken_back(
    client: TestClient, board: Board, held: dict[str, int]
) -> None:
    assert undo(client, 12_345) == 404
    judge(client, "story", held["story"], "keep")
    assert undo(client, last_step(board)) == 303
    assert undo(client, last_step(board)) == 404
    odd = client.post("/staff/queue/undo", data={"step": "x,,-9"}, headers=HERE)
    assert odd.status_code == 303
