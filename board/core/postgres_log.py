"""Following the log of changes on PostgreSQL, where commits come in another order than they began.

A module of its own, because only a board on PostgreSQL has the driver.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import psycopg
from sqlalchemy import Connection

from board.core.changes import EVERYTHING, MOST, PRUNED, Change, Unreadable
from board.core.db import driver_options

_SNAPSHOT: Final = "SELECT CAST(pg_current_snapshot() AS text)"
# Rows of transactions that the last snapshot may not have seen, but for those that were read. The
# snapshot is the statement's own, so that nothing falls between the two. (A replica's doesn't say
# which transactions still run, hence the list of rows.)
_UNREAD: Final = """
    SELECT CAST(pg_current_snapshot() AS text), seq, kind, subject, xid
    FROM (SELECT 1) AS always LEFT JOIN (
        SELECT seq, kind, subject, xid FROM change
        WHERE xid >= %(xmin)s AND seq <> ALL (%(read)s) LIMIT %(most)s
    ) AS unread ON true
"""


class PostgresLog:
    """Follows the log of a server; each time in one statement on a connection that stays open."""

    at_once = False

    def __init__(self, url: str) -> None:
        # A server that went away without a word must not hold up every answer.
        self._options = {"connect_timeout": 3, "tcp_user_timeout": 3_000, **driver_options(url)}
        self._conn: psycopg.Connection[Any] | None = None
        self._place = Place(Snapshot(0, 0), {})

    def news(self) -> Sequence[Change]:
        try:
            return self._unread(self._conn) if self._conn else self._begin()
        except psycopg.Error as error:
            self.close()
            raise Unreadable from error

    def _begin(self) -> Sequence[Change]:
        """Whatever was kept before this connection is of an unknown age."""
        self._conn = psycopg.connect(**self._options, autocommit=True)
        row = self._conn.execute(_SNAPSHOT).fetchone()
        self._place = Place(Snapshot.read(row[0] if row else ""), {})
        # Rows that are visible already may be read once more: that only drops a page too many.
        return (EVERYTHING,)

    def _unread(self, conn: psycopg.Connection[Any]) -> Sequence[Change]:
        asked = _asked_since(self._place)
        rows = conn.execute(_UNREAD, asked, prepare=True).fetchall()
        changes, self._place = _followed(self._place, rows)
        return changes

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None


class Snapshot(NamedTuple):
    """Which transactions can be seen: all before `xmin`, none from `xmax` on."""

    xmin: int
    xmax: int

    @classmethod
    def read(cls, said: str) -> "Snapshot":
        """PostgreSQL's own text: "xmin:xmax:running"."""
        xmin, xmax, _running = said.split(":")
        return cls(int(xmin), int(xmax))


class Place(NamedTuple):
    """A place in the log: a snapshot, and the rows that were read of transactions that aren't older
    than it, by their numbers."""

    snapshot: Snapshot
    read: Mapping[int, int]


def since(conn: Connection, place: Place | None) -> tuple[Sequence[Change], Place]:
    """What changed since a place, and where this connection stands (`core.answers`)."""
    if place is None:
        place = Place(Snapshot.read(conn.exec_driver_sql(_SNAPSHOT).scalar_one()), {})
        return (EVERYTHING,), place
    rows = conn.exec_driver_sql(_UNREAD, _asked_since(place)).all()
    return _followed(place, rows)


def _asked_since(place: Place) -> dict[str, Any]:
    return {"xmin": place.snapshot.xmin, "read": [*place.read], "most": MOST + 1}


def _followed(before: Place, rows: Sequence[Sequence[Any]]) -> tuple[Sequence[Change], Place]:
    """What the rows of `_UNREAD` say, and the place behind them."""
    now = Snapshot.read(rows[0][0])
    found = [row[1:] for row in rows if row[1] is not None]
    read = {**before.read, **{seq: xid for seq, _kind, _subject, xid in found}}
    place = Place(now, {seq: xid for seq, xid in read.items() if xid >= now.xmin})
    changes = {Change(kind, subject) for _seq, kind, subject, _xid in found}
    pruned = [one for one in changes if one.kind == PRUNED]
    missed = (
        len(found) > MOST
        or any(one.subject > before.snapshot.xmin for one in pruned)
        # A server that took over may count on from before what this one has seen.
        or now.xmax < before.snapshot.xmax
    )
    return (EVERYTHING,) if missed else [*changes.difference(pruned)], place
