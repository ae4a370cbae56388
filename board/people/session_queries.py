"""The browsers that stand for somebody, and what waits at the door."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from board.people.models import sessions
from board.people.queries import ALIVE, alive_at


class Browser(NamedTuple):
    """A browser of somebody's: since when, when last seen, and whether the desk is open in it."""

    id: bytes
    desk: bool
    created_at: datetime
    seen_at: datetime

    @property
    def name(self) -> str:
        """How its owner's list calls it; nobody comes in with it."""
        return self.id.hex()[:16]


def browsers_of(conn: Connection, person_id: int, now: datetime) -> list[Browser]:
    """Somebody's browsers, the one that was seen last first."""
    s = sessions.c
    rows = conn.execute(
        select(s.id, s.desk, s.created_at, s.seen_at)
        .where(s.person_id == person_id, ~s.at_door, ALIVE)
        .order_by(s.seen_at.desc(), s.id)
        .limit(100),
        alive_at(now),
    )
    return [Browser._make(row) for row in rows]


def challenge_of(conn: Connection, session: bytes, now: datetime) -> bytes | None:
    """The challenge that waits for a passkey's answer in this browser."""
    s = sessions.c
    found: bytes | None = conn.execute(
        select(s.challenge).where(s.id == session, s.challenge_until > now)
    ).scalar()
    return found
