"""Quotas that outlive a restart and hold for all processes: counters in the database.

Networks are known by a keyed hash under a salt of the day; after 14 days the salt is destroyed,
and with it every way back from the hash to the network (TRUST.md, privacy by design).
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Field, SQLModel

from board.core.db import insert_ignoring, insert_into
from board.core.prepared import Prepared
from board.core.tables import UtcDateTime, table_of

NETWORK_DAYS: Final = 14


class Quota(SQLModel, table=True):
    """How often something happened in a bucket within a window of time."""

    bucket: bytes = Field(primary_key=True)
    window_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    used: int = 0


class NetworkSalt(SQLModel, table=True):
    """The salt of one day (UTC)."""

    __tablename__ = "network_salt"

    day: str = Field(primary_key=True, max_length=10)
    salt: bytes


quotas = table_of(Quota)
network_salts = table_of(NetworkSalt)


def network_key(conn: Connection, network: str, now: datetime) -> bytes:
    """A network's key for this day; nobody can tell the network from it once the salt is gone."""
    day = now.date().isoformat()
    insert_ignoring(
        conn, network_salts, {"day": day, "salt": secrets.token_bytes(32)}, network_salts.c.day
    )
    salt: bytes = conn.execute(
        select(network_salts.c.salt).where(network_salts.c.day == day)
    ).scalar_one()
    return hmac.digest(salt, network.encode(), "sha256")


def spend(
    conn: Connection, bucket: str, key: bytes, *, window: timedelta, now: datetime, by: int = 1
) -> int:
    """Count a use of a bucket within the running window; how many there are by now."""
    began = datetime.fromtimestamp(
        now.timestamp() // window.total_seconds() * window.total_seconds(), tz=now.tzinfo
    )
    name = hashlib.blake2b(key, digest_size=20, person=bucket.encode()[:16]).digest()
    row = {"bucket": name, "window_at": began, "used": by}
    (used,) = _SPENDING.all(conn, row)
    return used


def _spending(dialect: str) -> ReturningInsert[Any]:
    """The first use of a window makes its row, any other adds to it."""
    made = insert_into(dialect, quotas)
    more = {"used": quotas.c.used + made.excluded.used}
    once = made.on_conflict_do_update(index_elements=["bucket", "window_at"], set_=more)
    spent: ReturningInsert[Any] = once.returning(quotas.c.used)
    return spent


_SPENDING: Final = Prepared(_spending, int, columns=("bucket", "window_at", "used"))


def drop_old(conn: Connection, now: datetime) -> int:
    """Forget counters of past days and the salts of networks after their fortnight."""
    before = now - timedelta(days=NETWORK_DAYS)
    conn.execute(delete(network_salts).where(network_salts.c.day < before.date().isoformat()))
    gone = conn.execute(
        delete(quotas).where(quotas.c.window_at < now - timedelta(days=2)).returning(quotas.c.used)
    )
    return len(gone.all())
