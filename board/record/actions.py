"""Writing to the record. Nothing here changes or removes an entry."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert

from board.record.models import decisions


class Act(NamedTuple):
    """A staff or moderator act in codes; never a name, an address or a text."""

    actor_id: int | None
    act: str
    subject: str
    subject_id: int
    town_id: int | None = None
    reason: str = ""
    before: str = ""
    after: str = ""


def write_down(conn: Connection, act: Act, now: datetime) -> int:
    """Append an act to the record; the number of the entry."""
    entry = insert(decisions).values(at=now, **act._asdict()).returning(decisions.c.id)
    return int(conn.execute(entry).scalar_one())
