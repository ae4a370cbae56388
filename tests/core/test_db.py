"""Inserting, reading and writing on SQLite and PostgreSQL alike."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, create_engine, func, insert, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError

from board.core import facts
from board.core.db import Database, insert_ignoring, lock_path, one_row, upsert
from board.mail.models import suppressions
from board.votes.models import votes

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def fact(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


def kept(conn: Connection) -> dict[str, str]:
    statement = select(facts.facts.c.name, facts.facts.c.value).where(
        facts.facts.c.name.startswith("t-")
    )
    return {row.name: row.value for row in conn.execute(statement)}


def test_insert_ignoring_keeps_the_first(database: Database) -> None:
    with database.transaction() as conn:
        answers = [
            insert_ignoring(conn, facts.facts, fact(name, value), facts.facts.c.name)
            for name, value in (("t-1", "first"), ("t-1", "second"), ("t-2", "third"))
        ]
        assert answers == ["t-1", None, "t-2"]
        assert kept(conn) == {"t-1": "first", "t-2": "third"}


def test_insert_ignoring_goes_on_in_the_same_transaction(database: Database) -> None:
    """On PostgreSQL an error would have ended the transaction."""
    with database.transaction() as conn:
        for _ in range(3):
            insert_ignoring(conn, facts.facts, fact("t-1", "x"), facts.facts.c.name)
        conn.execute(insert(facts.facts).values(fact("t-2", "y")))
    with database.snapshot() as conn:
        assert kept(conn) == {"t-1": "x", "t-2": "y"}


def test_insert_ignoring_of_connections_at_once_has_one_winner(database: Database) -> None:
    answers: list[str | None] = []
    gate = threading.Barrier(8)

    def race(number: int) -> None:
        gate.wait()
        with database.transaction() as conn:
            values = fact("t-1", str(number))
            answers.append(insert_ignoring(conn, facts.facts, values, facts.facts.c.name))

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=str) == [None] * 7 + ["t-1"]


def test_insert_ignoring_still_refuses_what_is_no_duplicate(database: Database) -> None:
    values = {
        "town_id": 4711, "voter_key": b"x", "state": "counted", "name": "", "nearby": False,
        "come": False, "facilitate": False, "host": False, "help": False, "cast_at": NOON,
        "changed_at": NOON,
    }  # fmt: skip
    with pytest.raises(IntegrityError), database.transaction() as conn:
        insert_ignoring(conn, votes, values, votes.c.id)


def test_upsert_adds_and_overwrites(database: Database) -> None:
    with database.transaction() as conn:
        upsert(conn, facts.facts, [fact("t-1", "a"), fact("t-2", "b")], ["name"])
        upsert(conn, facts.facts, [fact("t-2", "c"), fact("t-3", "d")], ["name"])
        upsert(conn, facts.facts, [], ["name"])
        assert kept(conn) == {"t-1": "a", "t-2": "c", "t-3": "d"}


def test_keep_fact_replaces_what_stood_there(database: Database) -> None:
    with database.transaction() as conn:
        facts.keep_fact(conn, "t-1", "a")
        facts.keep_fact(conn, "t-1", "b")
        assert facts.get_fact(conn, "t-1") == "b"
        assert facts.get_fact(conn, "t-2") is None


def test_keep_fact_of_processes_at_once_fails_for_none(database: Database) -> None:
    """Two workers that start at once both write down whose keys they have."""
    other = Database(database.url)
    gate = threading.Barrier(2)
    errors: list[Exception] = []

    def start(own: Database) -> None:
        for number in range(10):
            gate.wait()
            try:
                with own.transaction() as conn:
                    facts.keep_fact(conn, f"t-{number}", "same")
            except SQLAlchemyError as error:
                errors.append(error)

    threads = [threading.Thread(target=start, args=(own,)) for own in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert errors == []


def test_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as conn:
        conn.execute(insert(facts.facts), [fact("t-1", "x"), fact("t-2", "y"), fact("t-1", "z")])
    with database.snapshot() as conn:
        assert kept(conn) == {}


def test_snapshot_keeps_nothing(database: Database) -> None:
    with database.snapshot() as conn:
        conn.execute(insert(facts.facts).values(fact("t-1", "x")))
    with database.snapshot() as conn:
        assert kept(conn) == {}


def test_snapshot_shows_one_state_while_others_write(database: Database) -> None:
    """SQLite's reader holds a snapshot; PostgreSQL's sees what was committed between statements."""
    with database.snapshot() as conn:
        before = conn.execute(select(func.count()).select_from(facts.facts)).scalar_one()
        with database.transaction() as writing:
            writing.execute(insert(facts.facts).values(fact("t-1", "x")))
        after = conn.execute(select(func.count()).select_from(facts.facts)).scalar_one()
    assert after - before == (0 if database.is_sqlite else 1)


def test_reads_beside_a_writer_do_not_wait(database: Database) -> None:
    def answer(conn: Connection) -> int:
        return int(conn.execute(text("SELECT 41 + 1")).scalar_one())

    async def read() -> int:
        return await database.read(answer)

    with database.transaction() as conn:
        conn.execute(insert(facts.facts).values(fact("t-1", "x")))
        assert asyncio.run(asyncio.wait_for(read(), 5)) == 42


def test_errors_name_no_values(database: Database) -> None:
    row = {"key": b"k", "reason": "secret reason", "created_at": NOON}
    with pytest.raises(IntegrityError) as caught, database.transaction() as conn:
        conn.execute(insert(suppressions), [row, row])
    assert "secret" not in str(caught.value)


# --- moments --------------------------------------------------------------------------------


def test_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    local = NOON.astimezone(timezone(timedelta(hours=-7)))
    with database.transaction() as conn:
        conn.execute(insert(suppressions).values(key=b"k", reason="", created_at=local))
        moment = conn.execute(select(suppressions.c.created_at)).scalar_one()
    assert moment == NOON
    assert moment.tzinfo is UTC


def test_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError), database.transaction() as conn:
        conn.execute(insert(suppressions).values(key=b"k", reason="", created_at=naive))


def test_moments_sort_and_compare_as_time(database: Database) -> None:
    east = timezone(timedelta(hours=13))
    minute, blink = timedelta(minutes=1), timedelta(microseconds=1)
    moments = [NOON, (NOON + minute).astimezone(east), NOON + blink]
    with database.transaction() as conn:
        for number, moment in enumerate(moments):
            key = f"{number}".encode()
            conn.execute(insert(suppressions).values(key=key, reason="", created_at=moment))
        at = suppressions.c.created_at
        assert list(conn.execute(select(at).order_by(at)).scalars()) == sorted(moments)
        later = select(func.count()).where(at > NOON.astimezone(east))
        assert conn.execute(later).scalar_one() == 2


# --- engines --------------------------------------------------------------------------------


def test_sqlite_loses_nothing_in_a_power_cut_and_holds_its_keys(database: Database) -> None:
    if not database.is_sqlite:
        return
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    for engine in (database.reader, database.writer_engine):
        with engine.connect() as conn:
            for name, value in wanted.items():
                assert conn.exec_driver_sql(f"PRAGMA {name}").scalar() == value


def test_postgres_connection_that_died_is_replaced(database: Database) -> None:
    if database.is_sqlite:
        return
    with database.snapshot() as conn:
        pid = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
    killer = create_engine(database.reader.url, isolation_level="AUTOCOMMIT")
    with killer.connect() as conn:
        conn.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    killer.dispose()
    with database.snapshot() as conn:
        assert conn.execute(text("SELECT 1")).scalar_one() == 1


def test_lock_stands_beside_a_file_and_nowhere_else() -> None:
    assert str(lock_path("sqlite:///var/board.sqlite3")) == "var/board.sqlite3.writer"
    assert lock_path("sqlite://") is None
    assert lock_path("postgresql://board@localhost/board") is None


def test_one_row_of_none_is_none(database: Database) -> None:
    with database.snapshot() as conn:
        assert one_row(conn.execute(select(facts.facts).where(text("1 = 0"))).all()) is None
        rows = conn.execute(text("SELECT 1 AS number")).all()
    found = one_row(rows)
    assert found is not None
    assert found.number == 1
