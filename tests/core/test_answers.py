"""Kept answers: as fresh as the snapshot they are asked in, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, delete, insert, select

from board.core.answers import answers_of, kept_answer
from board.core.changes import changes, horizon, prune
from board.core.db import Database
from board.core.facts import facts
from board.core.kept_pages import Depends

FACTS = Depends(frozenset({"facts"}))


class Notes:
    """How many notes there are, and how often that was really asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, conn: Connection, *, key: str = "notes", weight: int = 1) -> int:
        def ask() -> int:
            self.asked += 1
            return len(
                conn.execute(select(facts.c.name).where(facts.c.name.startswith("note"))).all()
            )

        return kept_answer(conn, key, ask, lambda _count: FACTS, weight=weight)


@pytest.fixture
def count() -> Notes:
    return Notes()


def write(conn: Connection, number: int) -> None:
    """Another note, with its line in the log."""
    conn.execute(insert(facts).values(name=f"note {number}", value=""))
    conn.execute(insert(changes).values(kind="facts", subject=number))


def noted(database: Database, number: int) -> None:
    with database.transaction() as conn:
        write(conn, number)


@contextmanager
def halfway(database: Database, number: int) -> Iterator[Callable[[], None]]:
    """Somebody else has written a note; the call commits."""
    with database.writer_engine.connect() as conn:
        write(conn, number)
        yield conn.commit


def test_answer_is_kept_until_what_it_depends_on_changes(database: Database, count: Notes) -> None:
    for number in (1, 2, 3):
        noted(database, number)
        for _time in range(3):
            with database.snapshot() as conn:
                assert count(conn) == number
    # On PostgreSQL what stood in the log already may be read once more.
    assert count.asked in (range(3, 4) if database.is_sqlite else range(3, 7))


def test_answer_is_kept_when_something_else_changes(database: Database, count: Notes) -> None:
    noted(database, 1)
    for _time in range(3):
        with database.snapshot() as conn:
            assert count(conn) == 1
    before = count.asked
    for number in range(5):
        with database.transaction() as conn:
            conn.execute(insert(changes).values(kind="talk", subject=number))
        with database.snapshot() as conn:
            assert count(conn) == 1
    assert count.asked == before


def test_answer_of_each_key_is_its_own(database: Database, count: Notes) -> None:
    with database.snapshot() as conn:
        count(conn, key="one")
        count(conn, key="other")
    assert count.asked == 2


def test_commit_during_a_snapshot_is_news_to_the_next(database: Database, count: Notes) -> None:
    with database.snapshot() as conn:
        assert count(conn) == 0
        noted(database, 1)
        count(conn)
    with database.snapshot() as conn:
        assert count(conn) == 1


def test_commits_in_another_order_than_they_began(database: Database, count: Notes) -> None:
    """On PostgreSQL somebody who began first may commit last: no number of a row tells."""
    if database.is_sqlite:
        with halfway(database, 1) as commit:
            with database.snapshot() as conn:
                assert count(conn) == 0
            commit()
    else:
        with halfway(database, 1) as commit:
            for number in (2, 3):
                noted(database, number)
                with database.snapshot() as conn:
                    assert count(conn) == number - 1
            commit()
    with database.snapshot() as conn:
        assert count(conn) == (1 if database.is_sqlite else 3)


def test_rolled_back_rows_leave_nothing_behind(database: Database, count: Notes) -> None:
    with database.writer_engine.connect() as conn:
        write(conn, 1)
        assert count(conn) == 1
        conn.rollback()
    assert not len(answers_of(database.reader))
    with database.snapshot() as conn:
        assert count(conn) == 0


def test_whoever_cannot_know_asks_again(database: Database, count: Notes) -> None:
    noted(database, 1)
    with database.snapshot() as conn:
        assert count(conn) == 1
    with database.transaction() as conn:
        write(conn, 2)
        if database.is_sqlite:
            conn.execute(delete(changes))
    if not database.is_sqlite:
        with database.transaction() as conn:
            prune(conn, horizon(conn))
    with database.snapshot() as conn:
        assert count(conn) == 2


def test_readers_that_keep_nothing_ask_each_time(database: Database, count: Notes) -> None:
    with keeping_nothing(database) as other, other.snapshot() as conn:
        for _time in range(3):
            count(conn)
    assert count.asked == 3


@contextmanager
def keeping_nothing(database: Database) -> Iterator[Database]:
    """The same database for somebody who keeps no answers."""
    other = Database(database.url, keeps_answers=False)
    try:
        yield other
    finally:
        other.close()


def test_the_longest_unasked_goes_first(database: Database, count: Notes) -> None:
    room = answers_of(database.reader).room
    with database.snapshot() as conn:
        count(conn, key="a", weight=room // 2)
        count(conn, key="b", weight=room // 2)
        count(conn, key="a")
        count(conn, key="c", weight=room // 2)
        assert count.asked == 3
        count(conn, key="a")
        assert count.asked == 3
        count(conn, key="b")
        assert count.asked == 4
