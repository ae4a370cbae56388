"""The letters that went to people who offered something in a town."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from board.desk.models import outreaches
from board.people.models import people

_o = outreaches.c


class SentLetter(NamedTuple):
    """A letter that was sent: by whom, for which offers, to how many."""

    id: int
    name: str
    kinds: tuple[str, ...]
    people: int
    sent_at: datetime


def letters_to(conn: Connection, town_id: int) -> list[SentLetter]:
    """A town's letters, the newest first; their words are in the mails alone."""
    rows = conn.execute(
        select(_o.id, people.c.name, _o.asked_for, _o.people, _o.sent_at)
        .join(people, people.c.id == _o.person_id, isouter=True)
        .where(_o.town_id == town_id)
        .order_by(_o.sent_at.desc(), _o.id.desc())
        .limit(20)
    )
    return [
        SentLetter(row.id, row.name or "", tuple(row.asked_for.split()), row.people, row.sent_at)
        for row in rows
    ]
