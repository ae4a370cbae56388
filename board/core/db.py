"""The database: engines, pragmas, how to read and how to insert on SQLite and PostgreSQL alike.

Reads run inline on SQLite (a page's queries take a fraction of a millisecond) and in a small
pool of threads on PostgreSQL; every write goes through the one writer (`core.writer`).
"""

import asyncio
import contextvars
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Column, Connection, Engine, Row, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert

from board.core.answers import OPTION as ANSWERS
from board.core.answers import Answers
from board.core.errors import Unreachable
from board.core.language import gettext as _
from board.core.writer import Writer, is_cut_off, only_writer

P = ParamSpec("P")
T = TypeVar("T")

# FULL, not NORMAL: after a power cut NORMAL had lost up to 286 acknowledged stories.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA mmap_size=268435456",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA foreign_keys=ON",
    # What was erased is overwritten in the file, not only forgotten in its index.
    "PRAGMA secure_delete=ON",
    # 32 MB of log before it is written back, not 4: of many votes most pages are the same ones.
    "PRAGMA wal_autocheckpoint=8000",
)


# How long a replica that didn't answer is left alone, in seconds.
REPLICA_RESTS = 5.0


@contextmanager
def told_when_cut_off() -> Iterator[None]:
    """Turn a lost connection into a sentence; whatever else goes wrong stays what it is."""
    try:
        yield
    except DBAPIError as error:
        if not is_cut_off(error):
            raise
        raise Unreachable(
            _("The board can't reach its database at this moment. Try again in a minute.")
        ) from error


class SqliteWithIndexes(SQLiteCompiler):
    """Says `INDEXED BY` where a statement has such a hint: SQLAlchemy has them for others only.

    SQLite's planner keeps no statistics here: where two indexes fit, it would guess.
    """

    def get_from_hint_text(self, _table: Any, text: str | None) -> str | None:
        return text


def open_engine(url: str, *, begin: str = "BEGIN") -> Engine:
    """An engine for `url`; on SQLite each transaction opens with `begin`.

    The driver's own transaction handling is switched off on SQLite: it would commit before
    DDL, which made interrupted migrations unrepairable.
    """
    place = make_url(url)
    if place.get_backend_name() == "postgresql":
        place = place.set(drivername="postgresql+psycopg")
        return create_engine(place, pool_pre_ping=True, pool_size=8, hide_parameters=True)
    if place.database and place.database != ":memory:":
        Path(place.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        place,
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )

    engine.dialect.statement_compiler = SqliteWithIndexes

    @event.listens_for(engine, "connect")
    def set_pragmas(raw: Any, _record: Any) -> None:
        cursor = raw.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    def begin_transaction(raw: Any) -> None:
        raw.execute(begin)

    engine.dialect.do_begin = begin_transaction  # type: ignore[method-assign, assignment]
    return engine


def _rest_references(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA foreign_keys=OFF")


def _with_answers(engine: Engine) -> Engine:
    """The same engine, whose connections keep answers for each other (`core.answers`)."""
    return engine.execution_options(**{ANSWERS: Answers()})


def driver_options(url: str) -> dict[str, Any]:
    """What psycopg is told to connect to `url`, also where it names several hosts."""
    place = make_url(url).set(drivername="postgresql+psycopg")
    _positional, options = place.get_dialect()().create_connect_args(place)
    return dict(options)


def lock_path(url: str) -> Path | None:
    """The file on which the writers of several processes take turns; None where rows are locked."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        return None
    return Path(place.database + ".writer")


class Database:
    """One board's database, as the application and the commands see it."""

    def __init__(self, url: str, replica_url: str = "", *, keeps_answers: bool = True) -> None:
        """Without kept answers (`core.answers`) every reader asks anew."""
        self.url = url
        self.replica_url = replica_url
        self.lock = lock_path(url)
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        engine = open_engine(url)
        # Only readers keep answers: what the writer sees may yet be taken back.
        self.reader = _with_answers(engine) if keeps_answers else engine
        self.writer_engine = open_engine(url, begin="BEGIN IMMEDIATE") if self.is_sqlite else engine
        # A copy that follows: it may show what everybody may see, and only that (`read_shown`).
        replica = open_engine(replica_url) if replica_url else None
        self.replica = _with_answers(replica) if replica and keeps_answers else replica
        self._replica_rests_until = 0.0
        self.writer = Writer(self.writer_engine, self.lock)
        self._inline: Connection | None = None
        self._inline_turn = Lock()
        self.threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="reader")

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection for reading; whatever it opened is rolled back."""
        with self.reader.connect() as conn:
            yield conn

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection for writing outside a request (commands, jobs): commits, or rolls back."""
        with only_writer(self.lock), self.writer_engine.begin() as conn:
            yield conn

    @contextmanager
    def schema_change(self) -> Iterator[Connection]:
        """A connection for migrations: commits whole or not at all.

        SQLite changes a column by copying its table; the references that point to it rest
        meanwhile, and all are checked before the commit.
        """
        if not self.is_sqlite:
            with self.transaction() as conn:
                yield conn
            return
        engine = open_engine(self.url, begin="BEGIN IMMEDIATE")
        event.listen(engine, "connect", _rest_references)
        try:
            with only_writer(self.lock), engine.begin() as conn:
                yield conn
                broken = conn.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"the change would leave loose references in {broken[0]}")
        finally:
            engine.dispose()

    def wipe(self) -> None:
        """Write the log back into the file and empty it, so that what was erased is nowhere.

        While somebody reads an older snapshot it does what it can; the next call does the rest.
        """
        if self.is_sqlite:
            with only_writer(self.lock), self.writer_engine.connect() as conn:
                raw = conn.connection.dbapi_connection
                if raw is not None:
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    async def read(
        self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query in one snapshot."""
        if self.is_sqlite:
            return self._read_inline(query, *args, **kwargs)
        return await self.read_long(query, *args, **kwargs)

    def _read_inline(
        self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """On the event loop, which reads one thing at a time: over a connection of its own.

        To take one from the pool and give it back costs as much as a short query.
        """
        if not self._inline_turn.acquire(blocking=False):
            return self._read_now(query, *args, **kwargs)
        try:
            self._inline = self._inline or self.reader.connect()
            try:
                return query(self._inline, *args, **kwargs)
            finally:
                self._inline.rollback()
        finally:
            self._inline_turn.release()

    async def read_shown(
        self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query of a page that is the same for everybody: from the replica if there is one.

        A replica that can't be reached rests for a while; the primary knows everything it knows.
        """
        if self.replica is None or time.monotonic() < self._replica_rests_until:
            return await self.read(query, *args, **kwargs)
        call = partial(self._read_replica, query, *args, **kwargs)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self.threads, contextvars.copy_context().run, call)
        except Unreachable:
            self._replica_rests_until = time.monotonic() + REPLICA_RESTS
            return await self.read(query, *args, **kwargs)

    def _read_replica(
        self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        engine = self.replica or self.reader
        with told_when_cut_off(), engine.connect() as conn:
            return query(conn, *args, **kwargs)

    async def read_long(
        self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query in a thread: for what may take longer than a few milliseconds."""
        call = partial(self._read_now, query, *args, **kwargs)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, contextvars.copy_context().run, call)

    def _read_now(
        self, query: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with told_when_cut_off(), self.snapshot() as conn:
            return query(conn, *args, **kwargs)

    async def write(
        self, action: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an action in the writer's next batch; returns after the commit."""
        return await self.writer.write(partial(action, **kwargs), *args)

    def close(self) -> None:
        """Finish what waits to be written and let every connection go."""
        self.writer.stop()
        self.threads.shutdown()
        if self._inline is not None:
            self._inline.close()
        self.reader.dispose()
        self.writer_engine.dispose()
        if self.replica is not None:
            self.replica.dispose()


def insert_ignoring(
    conn: Connection, table: Table, values: Mapping[str, Any], returning: Column[Any]
) -> Any | None:
    """Insert a row unless one of its unique keys is taken; the new row's `returning`, else None.

    Never ask `rowcount` instead: psycopg answers -1, which would count every duplicate.
    """
    return conn.execute(
        _insert_ignoring(conn.dialect.name, table, returning.name), dict(values)
    ).scalar()


@cache
def _insert_ignoring(dialect: str, table: Table, returning: str) -> ReturningInsert[Any]:
    """Such a statement, made once: making it takes as long as running it."""
    made = insert_into(dialect, table)
    kept: ReturningInsert[Any] = made.on_conflict_do_nothing().returning(table.c[returning])
    return kept


def insert_into(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of a database."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


def upsert(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> None:
    """Insert rows of one shape, or overwrite the columns of those whose `key` is there already."""
    if not rows:
        return
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in key}
    conn.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changes), list(rows)
    )


def one_row(rows: Sequence[Row[Any]]) -> Row[Any] | None:
    """The only row of an answer, or None."""
    return rows[0] if rows else None
