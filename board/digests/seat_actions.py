"""Telling somebody at the desk that their own ways in changed: if it wasn't them, they act now."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from board.digests.writing import Desk, Matter, write_to
from board.mail.actions import announce
from board.mail.rules import Limits
from board.people.actions import note_uses
from board.record.models import decisions

SEAT: Final = "seat"
# Such a mail doesn't wait for its turn behind codes: each has a cause behind both factors.
AT_ONCE: Final = Limits(30, 100)


def announce_seat(conn: Connection, entry_id: int, now: datetime) -> None:
    """Note that the owner of a seat is to hear of this entry of the record."""
    announce(conn, SEAT, entry_id, now)


def tell_seat(conn: Connection, desk: Desk, entry_id: int, _at: datetime) -> int:
    """Write to whose ways in changed, what it was and when."""
    d = decisions.c
    entry = conn.execute(select(d.subject_id, d.act, d.at).where(d.id == entry_id)).first()
    if entry is None:
        return 0
    values = {"act": entry.act, "at": entry.at.isoformat()}
    at_once = desk._replace(terms=desk.terms._replace(limits=AT_ONCE))
    matter = Matter(f"{SEAT}:{entry_id}", SEAT, SEAT)
    told = write_to(conn, at_once, matter, [entry.subject_id], values)
    note_uses(conn, told, SEAT, None, None, desk.now)
    return len(told)
