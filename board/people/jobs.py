"""What happens to waiting forms, browsers and invitations when their time is over."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Table, delete

from board.core import clock
from board.core.db import Database
from board.people.models import contacts, invitations, sessions, waitings


class Tidied(NamedTuple):
    """How many rows went."""

    forms: int
    browsers: int
    invitations: int
    contacts: int


def drop_lapsed(conn: Connection, now: datetime) -> Tidied:
    """Throw away forms nobody confirmed, browsers, invitations and contacts whose time is over."""
    return Tidied(*(_drop(conn, t, now) for t in (waitings, sessions, invitations, contacts)))


def _drop(conn: Connection, table: Table, now: datetime) -> int:
    gone = conn.execute(
        delete(table).where(table.c.expires_at <= now).returning(table.c.expires_at)
    )
    return len(gone.all())


def tidy(database: Database) -> Tidied:
    """Throw away what has lapsed, now."""
    with database.transaction() as conn:
        return drop_lapsed(conn, clock.now())
