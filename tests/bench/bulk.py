"""Filling tables by the million: straight through the drivers, indexes and triggers at rest.

Meant for worlds of the bench, which nobody else writes to; a board's own actions never do this.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Table, event

from board.core.db import open_engine

T = TypeVar("T")

AT_ONCE: Final = 10_000
# A load that dies is begun again: nothing of it needs to survive a power cut.
_LOADING: Final = (
    "PRAGMA journal_mode=MEMORY",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-1000000",
    "PRAGMA secure_delete=OFF",
)
_SETTLING: Final = {
    "sqlite": ("PRAGMA journal_mode=WAL", "PRAGMA wal_checkpoint(TRUNCATE)"),
    "postgresql": ("VACUUM ANALYZE",),
}


def in_chunks(rows: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The same rows, some thousand at a time."""
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some


def moment_for(conn: Connection, moment: datetime) -> Any:
    """A moment as the driver itself takes it: text on SQLite (core.tables), as it is elsewhere."""
    if conn.dialect.name == "postgresql":
        return moment
    return moment.isoformat(" ", "microseconds")[:26]


def fill(
    conn: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert rows given in the order of `columns`; moments are as `moment_for` gives them."""
    names = ", ".join(columns)
    done = 0
    for some in in_chunks(rows):
        if conn.dialect.name == "postgresql":
            cursor = conn.connection.cursor()
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in some:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            into = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
            conn.exec_driver_sql(into, [tuple(row) for row in some])
        done += len(some)
    return done


@contextmanager
def at_rest(conn: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Without the tables' triggers and own indexes, which are made again afterwards."""
    if conn.dialect.name == "postgresql":
        with _at_rest_on_postgresql(conn, tables):
            yield
        return
    here = ", ".join(f"'{name}'" for name in tables)
    found = conn.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"
        f" AND sql IS NOT NULL AND tbl_name IN ({here}) ORDER BY type, name"
    ).all()
    for kind, name, _sql in found:
        conn.exec_driver_sql(f'DROP {kind} "{name}"')
    yield
    for _kind, _name, sql in found:
        conn.exec_driver_sql(sql)


@contextmanager
def _at_rest_on_postgresql(conn: Connection, tables: Sequence[str]) -> Iterator[None]:
    here = ", ".join(f"'{name}'" for name in tables)
    found = conn.exec_driver_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        f" AND tablename IN ({here}) AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint WHERE conname = indexname)"
    ).all()
    # References are checked by triggers too; this needs a superuser, as the bench's own server has.
    conn.exec_driver_sql("SET session_replication_role = replica")
    for name, _definition in found:
        conn.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    for _name, definition in found:
        conn.exec_driver_sql(definition)
    conn.exec_driver_sql("SET session_replication_role = origin")


def go_on_counting(conn: Connection, tables: Sequence[str]) -> None:
    """Let the next row get the next number: PostgreSQL doesn't look at those that were given."""
    if conn.dialect.name != "postgresql":
        return
    for name in tables:
        sequence = conn.exec_driver_sql(f"SELECT pg_get_serial_sequence('{name}', 'id')").scalar()
        if sequence:
            conn.exec_driver_sql(f"SELECT setval('{sequence}', max(id)) FROM {name}")


def loading_engine(url: str) -> Engine:
    """An engine that loads fast and survives nothing."""
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def set_loading(raw: Any, _record: Any) -> None:
            for pragma in _LOADING:
                raw.execute(pragma).fetchall()

    return engine


def settle(url: str) -> None:
    """After loading: everything in the one file, as a serving board expects to find it."""
    engine = open_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for statement in _SETTLING[conn.dialect.name]:
            conn.exec_driver_sql(statement)
    engine.dispose()
