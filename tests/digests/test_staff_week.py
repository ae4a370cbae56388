"""Monday's letter to the desk: what is new, ready, overdue; once a week and person."""

from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import Connection, insert
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.core.keys import Keys
from board.digests.queries import staff_ids
from board.digests.rules import terms_of
from board.digests.staff_actions import tell_staff_week
from board.digests.staff_queries import MOST_NAMED, staff_week
from board.digests.writing import Desk
from board.mail.actions import stop_stream
from board.towns.models import towns
from board.votes.models import votes
from tests.digests.telling import queued, reached, tell
from tests.invented import add_towns, person, row_of_town, vote
from tests.invented import tell as tell_story
from tests.post import deliver

SUNDAY = datetime(2026, 11, 22, 20, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 6, 0, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


def at_desk(conn: Connection, keys: Keys) -> None:
    """Two of the staff with a mailbox, one without, and somebody who moderates."""
    for name, role in (("Sue", "staff"), ("Ada", "admin"), ("Mo", "moderator")):
        reached(conn, keys, name, role=role, days=9_999)
    person(conn, "Ines", role="staff")


def a_week(conn: Connection) -> None:
    """Two new towns, one of them ready, and three that wait too long."""
    monday = MONDAY.replace(second=0)
    add_towns(
        conn,
        [
            row_of_town(1, name="Ptuj", vote_count=3, asked_at=monday - timedelta(days=2)),
            row_of_town(
                2,
                name="Ełk",
                country="PL",
                vote_count=9,
                asked_at=monday - timedelta(days=3),
                ready_at=monday - timedelta(days=1),
            ),
            *(
                row_of_town(
                    n,
                    name=f"Late {n}",
                    vote_count=20,
                    asked_at=monday - timedelta(days=30 + n, hours=1),
                )
                for n in (3, 4, 5)
            ),
            row_of_town(6, name="Hamlet", standing="by_hand", vote_count=99),
            row_of_town(7, name="Long ago", asked_at=monday - timedelta(days=8)),
        ],
    )


def test_letter_goes_once_a_week_to_each_of_the_staff(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            at_desk(conn, board.keys)
            a_week(conn)
        # A board that begins has no week to tell of.
        assert tell(board).staff == 0
    with time_machine.travel(MONDAY - timedelta(seconds=2), tick=False):
        assert tell(board).staff == 0
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).staff == 2
        assert tell(board).staff == 0
    with time_machine.travel(MONDAY + timedelta(days=3), tick=False):
        assert tell(board).staff == 0
    assert queued(board)["staff_week", "desk", "staff_week:2026-W48"] == 2
    with time_machine.travel(MONDAY + WEEK, tick=False):
        assert tell(board).staff == 2
    assert queued(board)["staff_week", "desk", "staff_week:2026-W49"] == 2


def test_second_process_writes_no_second_letter(board: Board) -> None:
    """The fact may be read before another process has written it; the event still is one."""
    with time_machine.travel(SUNDAY, tick=False), board.database.transaction() as conn:
        at_desk(conn, board.keys)
        desk = Desk(board.keys, terms_of(board.settings), clock.now())
        tell_staff_week(conn, desk)
    with time_machine.travel(MONDAY, tick=False):
        desk = Desk(board.keys, terms_of(board.settings), clock.now())
        with board.database.transaction() as conn:
            assert tell_staff_week(conn, desk) == 2
        with board.database.transaction() as conn:
            conn.exec_driver_sql("DELETE FROM fact WHERE name = 'staff_week.told_until'")
            conn.exec_driver_sql(
                "INSERT INTO fact (name, value) VALUES "
                "('staff_week.told_until', '2026-11-16T06:00:00+00:00')"
            )
            assert tell_staff_week(conn, desk) == 0
    assert queued(board)["staff_week", "desk", "staff_week:2026-W48"] == 2


def test_who_stopped_the_desk_s_mails_gets_none(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            at_desk(conn, board.keys)
            assert len(staff_ids(conn)) == 3
            key = board.keys.person_key("sue@example.org")
            stop_stream(conn, key, "desk", clock.now())
        tell(board)
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).staff == 1


def test_letter_says_what_is_new_ready_and_overdue(client: TestClient, board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            at_desk(conn, board.keys)
            a_week(conn)
            alice = person(conn, "Alice")
            town_id = vote(conn, alice)
            tell_story(conn, alice, town_id)
            tell_story(conn, person(conn, "Bob"), town_id, visibility="held")
        tell(board)
    with time_machine.travel(MONDAY, tick=False):
        tell(board)
        mails = {mail.to: mail for mail in deliver(board)}
    mail = mails["sue@example.org"]
    assert mail.subject == "The desk's week 48: 3 answers overdue"
    assert "Hello Sue," in mail.text
    for line in (
        "1 vote\n1 story\n3 new towns\n0 towns launched\n1 story or comment waits for a look\n",
        "more than 30 days without a word.\nLate 5, Slovenia: 20 votes, 35 days without a word",
        "Became ready:\nEłk, Poland: 9 votes\nhttp://testserver/staff/towns/2\n",
        "New:\nEłk, Poland: 9 votes",
        "Ptuj, Slovenia: 3 votes",
        "You get this mail on Mondays because you sit at the desk.",
    ):
        assert line in mail.text, line
    assert "Hamlet" not in mail.text
    assert "Long ago" not in mail.text
    assert mail.text.count("\n\n\n") == 0


def test_letter_of_a_quiet_week_says_so(client: TestClient, board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            at_desk(conn, board.keys)
        tell(board)
    with time_machine.travel(MONDAY, tick=False):
        tell(board)
        mails = deliver(board)
    assert {mail.subject for mail in mails} == {"The desk's week 48"}
    assert "Nobody waits too long for a word from us." in mails[0].text


def test_long_week_is_named_in_part(board: Board) -> None:
    with board.database.transaction() as conn:
        add_towns(
            conn,
            [
                row_of_town(n, asked_at=MONDAY - timedelta(days=1), vote_count=n)
                for n in range(1, 31)
            ],
        )
        week = staff_week(conn, MONDAY - WEEK, MONDAY, answer_votes=20, answer_days=30)
    assert (week.new.total, len(week.new.first)) == (30, MOST_NAMED)
    assert week.new.first[0].votes == 30


def test_week_counts_what_counts(board: Board) -> None:
    with board.database.transaction() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        assert conn.execute(towns.select()).first() is not None
        for n, (days, state) in enumerate(
            ((1, "counted"), (6, "counted"), (8, "counted"), (1, "voided"), (1, "taken_back"))
        ):
            moment = MONDAY - timedelta(days=days)
            conn.execute(
                insert(votes).values(
                    town_id=town_id,
                    voter_key=f"v{n}".encode(),
                    state=state,
                    cast_at=moment,
                    changed_at=moment,
                )
            )
        week = staff_week(conn, MONDAY - WEEK, MONDAY, answer_votes=20, answer_days=30)
    assert (week.votes, week.held, week.launched) == (2, 0, 0)
