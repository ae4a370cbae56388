"""The log of what changed, kept by triggers, so that no write from anywhere can be forgotten.

A trigger writes a row for each thing that a page shows and that became another: its kind and which
one (`core.watching`). A reader follows the log from where it was. On SQLite the rows are numbered
in the order of their commits; on PostgreSQL transactions become visible in another order than they
began, so a reader asks for what its last snapshot may not have seen. Whoever can't know what
happened (rows are gone, the connection broke, too much at once) is told that everything changed.
"""

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from sqlalchemy import BigInteger, Connection, Integer, delete, insert, text
from sqlalchemy.engine import make_url
from sqlmodel import Field, Index, SQLModel

from board.core.tables import table_of

if TYPE_CHECKING:  # The database keeps answers, which follow this log.
    from board.core.db import Database

# More than this at once is "everything": asking each kept page about each would take longer.
MOST: Final = 1_000
# SQLite's log drops its own oldest rows. It is as long as the largest import that should not
# make a process that looks away for a moment drop everything.
KEPT: Final = 20_000


class ChangeRow(SQLModel, table=True):
    """Something became another. `subject` is 0 where the kind says it all."""

    __tablename__ = "change"
    __table_args__ = (Index("change_by_xid", "xid", "seq", sqlite_where=text("xid IS NOT NULL")),)

    seq: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite")
    )
    kind: str = Field(max_length=12)
    subject: int = Field(sa_type=BigInteger)
    xid: int | None = Field(default=None, sa_type=BigInteger)


changes = table_of(ChangeRow)


class Change(NamedTuple):
    """What kind of thing became another, which one (0: this kind has no single ones), and how it
    is now, where somebody looked."""

    kind: str
    subject: int = 0
    now: Any = None


EVERYTHING: Final = Change("all")
# Says up to which transaction rows were dropped.
PRUNED: Final = "pruned"


class Unreadable(Exception):
    """The log can't be followed now; whoever asks later is told that everything changed."""


class Log(Protocol):
    """Somebody who follows the log."""

    # Whether asking takes so little that it may be done between two requests.
    at_once: bool

    def news(self) -> Sequence[Change]:
        """What changed since it was asked last; everything, where it can't know.

        Raises Unreadable.
        """

    def close(self) -> None:
        """Let its connection go."""


def log_of(database: "Database") -> Log:
    """A new reader of the log, on a connection of its own.

    Where pages are read from a replica it is the replica's: what it doesn't know yet, pages that
    are made now don't show either.
    """
    if database.is_sqlite:
        return SqliteLog(database.url)
    from board.core.postgres_log import PostgresLog  # noqa: PLC0415 - its driver is an extra

    return PostgresLog(database.replica_url or database.url)


_NEWEST: Final = "SELECT coalesce(max(seq), 0) FROM change"
_OLDEST: Final = "SELECT coalesce(min(seq), 0) FROM change"
_SINCE: Final = "SELECT kind, subject, max(seq) FROM change WHERE seq > ? GROUP BY 1, 2 LIMIT ?"


class SqliteLog:
    """Follows the log of a file; `PRAGMA data_version` says whether anybody committed at all."""

    at_once = True

    def __init__(self, url: str) -> None:
        self._file = make_url(url).database or ""
        self._cursor: sqlite3.Cursor | None = None
        self._version, self._last = (0,), 0

    def news(self) -> Sequence[Change]:
        try:
            if self._cursor is None:
                return self._begin()
            # Asked before each answer, so nothing stands around it.
            version = self._cursor.execute("PRAGMA data_version").fetchone()
            return () if version == self._version else self._read(self._cursor, version)
        except sqlite3.Error as error:
            self.close()
            raise Unreadable from error

    def _begin(self) -> Sequence[Change]:
        """Whatever was kept before this connection is of an unknown age."""
        conn = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        ask = self._cursor = conn.cursor()
        ask.execute("PRAGMA busy_timeout=1000")
        self._version = ask.execute("PRAGMA data_version").fetchone()
        self._last = ask.execute(_NEWEST).fetchone()[0]
        return (EVERYTHING,)

    def _read(self, ask: sqlite3.Cursor, version: tuple[int]) -> Sequence[Change]:
        """In this order, so that what is committed in between is news now or the next time."""
        newest = ask.execute(_NEWEST).fetchone()[0]
        rows = ask.execute(_SINCE, (self._last, MOST + 1)).fetchall()
        oldest = ask.execute(_OLDEST).fetchone()[0]
        missed = oldest > self._last + 1 or newest < self._last or len(rows) > MOST
        self._version, self._last = version, max([newest, *(row[2] for row in rows)])
        return (EVERYTHING,) if missed else [Change(kind, subject) for kind, subject, _seq in rows]

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.connection.close()
            self._cursor = None


def horizon(conn: Connection) -> int:
    """The oldest transaction that still runs on a PostgreSQL server."""
    found = conn.exec_driver_sql(
        "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
    )
    return int(found.scalar_one())


def prune(conn: Connection, below: int) -> None:
    """Drop what transactions before `below` wrote, and leave word of it for who was behind."""
    conn.execute(delete(changes).where(changes.c.xid < below))
    conn.execute(insert(changes).values(kind=PRUNED, subject=below))


def say_everything_changed(conn: Connection) -> None:
    """For a repair of what no trigger watches because it is derived."""
    conn.execute(insert(changes).values(kind=EVERYTHING.kind, subject=EVERYTHING.subject))
