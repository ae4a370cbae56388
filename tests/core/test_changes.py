"""The log of changes: triggers write what became another, and readers miss nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from board.circles.models import circles
from board.core import clock
from board.core.changes import (
    EVERYTHING,
    KEPT,
    MOST,
    Change,
    Log,
    Unreadable,
    changes,
    horizon,
    log_of,
    prune,
    say_everything_changed,
)  # fmt: skip
from board.core.db import Database, upsert
from board.core.migrations import migrate, step_back
from board.core.pruning import KEPT_FOR, Horizons
from board.towns.actions import found_town
from board.towns.models import town_languages, towns
from board.votes.models import vote_topics, votes
from tests.invented import (
    JOENSUU,
    VELENJE,
    add_circles,
    add_towns,
    person,
    row_of_circle,
    row_of_town,
    say,
    tell,
    vote,
)  # fmt: skip


@pytest.fixture
def log(database: Database) -> Iterator[Log]:
    """Somebody who follows the log from now on."""
    with closing(log_of(database)) as following:
        assert following.news() == (EVERYTHING,)
        following.news()
        yield following


Write = Callable[[Connection], object]


def told(database: Database, log: Log, write: Write) -> set[tuple[str, int]]:
    """What the log says after a write."""
    with database.transaction() as conn:
        write(conn)
    return {(one.kind, one.subject) for one in log.news()}


def found(conn: Connection) -> None:
    """A town is asked for."""
    found_town(conn, VELENJE, clock.now())


def values(**changed: object) -> Write:
    """An update of the first town."""
    return lambda conn: conn.execute(update(towns).where(towns.c.id == 1).values(**changed))


def rows(database: Database) -> int:
    """How long the log is."""
    with database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(changes)).scalar_one())


def test_log_tells_what_changed_once(database: Database, log: Log) -> None:
    assert not log.news()
    assert told(database, log, found) == {("facts", 1)}
    assert not log.news()


def test_log_tells_counters_from_facts(database: Database, log: Log) -> None:
    with database.transaction() as conn:
        vote(conn, person(conn, "Ana"))
    log.news()
    assert told(database, log, values(vote_count=5)) == {("town", 1)}
    assert told(database, log, values(vote_count=0)) == {("town", 1), ("facts", 1)}
    assert told(database, log, values(status="talking")) == {("facts", 1)}
    assert told(database, log, values(owner_id=1)) == set()
    # What is written again as it was is no change; an empty cell is one.
    assert told(database, log, values(status="talking", vote_count=0)) == set()
    assert told(database, log, values(nearest_km=None)) == set()
    assert told(database, log, values(nearest_km=3.5)) == {("facts", 1)}
    assert told(database, log, values(nearest_km=None)) == {("facts", 1)}


def test_log_names_the_town_of_everything_in_it(database: Database, log: Log) -> None:
    with database.transaction() as conn:
        ana = person(conn, "Ana")
        vote(conn, ana, JOENSUU)
        town_id = vote(conn, ana, VELENJE)
        vote_id = conn.execute(select(votes.c.id).where(votes.c.town_id == town_id)).scalar_one()
    log.news()
    words = {"vote_id": vote_id, "folded": "bread", "word": "Bread"}
    assert told(database, log, lambda conn: conn.execute(insert(vote_topics).values(words))) == {
        ("words", town_id)
    }
    assert told(database, log, lambda conn: tell(conn, ana, town_id, visibility="held")) == {
        ("stories", town_id)
    }
    assert {("stories", town_id), ("facts", town_id)} <= told(
        database, log, lambda conn: tell(conn, ana, town_id)
    )
    assert ("talk", town_id) in told(database, log, lambda conn: say(conn, ana, town_id))
    assert told(database, log, lambda conn: say(conn, ana, None)) == {("talk", 0)}


def test_log_names_both_towns_of_what_moves(database: Database, log: Log) -> None:
    with database.transaction() as conn:
        ana = person(conn, "Ana")
        one, other = vote(conn, ana, JOENSUU), vote(conn, ana, VELENJE)
    log.news()
    moved = update(votes).where(votes.c.town_id == one).values(town_id=other, voter_key=b"x")
    assert told(database, log, lambda conn: conn.execute(moved)) == {("town", one), ("town", other)}


def test_log_says_nothing_of_what_was_rolled_back(database: Database, log: Log) -> None:
    with database.reader.connect() as conn, conn.begin() as nothing:
        found_town(conn, VELENJE, clock.now())
        nothing.rollback()
    assert not log.news()
    # Nor does a number that was used for it look like something missed.
    assert {kind for kind, _town in told(database, log, found)} == {"facts"}


def test_import_that_brings_nothing_new_says_nothing(database: Database, log: Log) -> None:
    feed = [row_of_circle(n) for n in range(1, 30)]

    def take_over(conn: Connection) -> None:
        upsert(conn, circles, feed, ["id"])

    assert told(database, log, lambda conn: add_circles(conn, feed)) == {("circles", 0)}
    assert told(database, log, take_over) == set()
    feed[3]["title"] = "Another"
    assert told(database, log, take_over) == {("circles", 0)}
    assert told(database, log, lambda conn: conn.execute(delete(circles))) == {("circles", 0)}


def test_log_of_an_upsert_tells_new_and_changed(database: Database, log: Log) -> None:
    with database.transaction() as conn:
        for place in (VELENJE, JOENSUU):
            found_town(conn, place, clock.now())
    log.news()

    def count(stories: int) -> Write:
        counted = [{"town_id": 1, "language": "en", "stories": stories}]
        return lambda conn: upsert(conn, town_languages, counted, ["town_id", "language"])

    assert told(database, log, count(1)) == {("facts", 1)}
    assert told(database, log, count(2)) == {("stories", 1)}
    assert told(database, log, count(2)) == set()
    assert told(database, log, count(0)) == {("facts", 1), ("stories", 1)}


def test_log_of_very_much_is_everything(database: Database, log: Log) -> None:
    def found_many(conn: Connection) -> None:
        add = [row_of_town(n) for n in range(MOST + 5)]
        conn.execute(insert(towns), add)

    assert told(database, log, found_many) == {("all", 0)}
    assert not log.news()
    before = rows(database)
    everyone = update(towns).values(nearest_km=towns.c.id * 1.0)
    assert told(database, log, lambda conn: conn.execute(everyone)) == {("all", 0)}
    # PostgreSQL looks at a statement as a whole and writes down one row.
    assert rows(database) - before == (MOST + 5 if database.is_sqlite else 1)
    some = everyone.where(towns.c.id < 50).values(nearest_km=5)
    assert len(told(database, log, lambda conn: conn.execute(some))) > 40


def test_log_of_sqlite_stays_short_and_says_so(database: Database) -> None:
    if not database.is_sqlite:
        return
    with closing(log_of(database)) as sleeper, closing(log_of(database)) as awake:
        sleeper.news(), awake.news()
        with database.transaction() as conn:
            add_towns(conn, [row_of_town(1)])
        for _time in range(2):
            with database.transaction() as conn:
                conn.exec_driver_sql(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                    f" WHERE i < {KEPT}) INSERT INTO change (kind, subject) SELECT 'town', 7 FROM n"
                )
            assert set(awake.news()) >= {Change("town", 7)}
        with database.transaction() as conn:
            conn.execute(update(towns).values(vote_count=9))
        assert rows(database) == KEPT
        assert set(awake.news()) == {Change("town", 1)}
        assert sleeper.news() == (EVERYTHING,)
        assert not sleeper.news()


def test_log_of_postgres_misses_no_late_commit(database: Database, log: Log) -> None:
    """A transaction that began first may be seen last; its rows have smaller numbers."""
    if database.is_sqlite:
        return
    with database.transaction() as conn:
        add_towns(conn, [row_of_town(1), row_of_town(2), row_of_town(3)])
    log.news()
    bump = update(towns).values(vote_count=towns.c.vote_count + 1)
    with database.reader.connect() as early, early.begin():
        early.execute(bump.where(towns.c.id == 1))
        assert not log.news()
        for town_id in (2, 3):
            with database.transaction() as conn:
                conn.execute(bump.where(towns.c.id == town_id))
            assert [*log.news()] == [Change("town", town_id)]
        assert not log.news()
    assert [*log.news()] == [Change("town", 1)]
    assert not log.news()


def test_log_of_postgres_that_was_pruned_tells_a_sleeper(database: Database) -> None:
    if database.is_sqlite:
        return
    with closing(log_of(database)) as sleeper, closing(log_of(database)) as awake:
        sleeper.news(), awake.news()
        with database.transaction() as conn:
            add_towns(conn, [row_of_town(1)])
        assert [*awake.news()] == [Change("facts", 1)]
        with database.transaction() as conn:
            below = horizon(conn)
        with database.transaction() as conn:
            prune(conn, below)
        assert not awake.news()
        assert sleeper.news() == (EVERYTHING,)
        with database.transaction() as conn:
            prune(conn, horizon(conn))
        assert rows(database) == 1
        assert (awake.news(), sleeper.news()) == ([], [])


def test_horizons_give_what_is_long_over() -> None:
    horizons = Horizons()
    assert [horizons.long_over(at, 10 + at // 600) for at in range(0, 3_600, 600)] == [None] * 6
    assert horizons.long_over(KEPT_FOR, 99) == 10
    assert horizons.long_over(KEPT_FOR + 1_300, 99) == 12
    assert horizons.long_over(KEPT_FOR + 1_301, 99) is None


def test_log_that_breaks_says_so_and_begins_again(database: Database, log: Log) -> None:
    if database.is_sqlite:
        with sqlite3.connect(str(database.reader.url.database)) as raw:
            raw.execute("ALTER TABLE change RENAME TO gone")
            raw.execute("ALTER TABLE gone RENAME TO change")
            raw.execute("ALTER TABLE change RENAME TO gone")
    else:
        with database.transaction() as conn:
            conn.exec_driver_sql("ALTER TABLE change RENAME TO gone")
    with pytest.raises(Unreadable):
        log.news()
    with database.schema_change() as conn:
        conn.exec_driver_sql("ALTER TABLE gone RENAME TO change")
    assert log.news() == (EVERYTHING,)
    assert not log.news()


def test_everything_can_be_said_to_have_changed(database: Database, log: Log) -> None:
    assert told(database, log, say_everything_changed) == {("all", 0)}


def test_triggers_are_there_after_any_way_of_migrating(database: Database) -> None:
    """SQLite drops a table's triggers when a migration copies it."""
    before = triggers(database)
    assert len(before) > 40
    step_back(database, "0009")
    migrate(database)
    assert triggers(database) == before
    step_back(database, "0008")
    assert triggers(database) == set()
    migrate(database)
    assert triggers(database) == before


def triggers(database: Database) -> set[str]:
    """The names of our triggers."""
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with database.snapshot() as conn:
        return set(conn.exec_driver_sql(names).scalars())
