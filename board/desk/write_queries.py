"""The letters that went to people who offered something in a town."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, String, cast, func, literal, select

from board.desk.models import outreaches
from board.mail.models import outgoing_mails
from board.people.models import people

_o = outreaches.c


class SentLetter(NamedTuple):
    """A letter that was sent: by whom, for which offers, to how many.

    `lapsed` of them offered it no longer when their mail was about to go.
    """

    id: int
    name: str
    kinds: tuple[str, ...]
    people: int
    sent_at: datetime
    lapsed: int


def letters_to(conn: Connection, town_id: int) -> list[SentLetter]:
    """A town's letters, the newest first; their words are in the mails alone."""
    m = outgoing_mails.c
    event = literal("letter:") + cast(_o.id, String)
    lapsed = select(func.count()).where(m.event == event, m.state == "lapsed").scalar_subquery()
    rows = conn.execute(
        select(_o.id, people.c.name, _o.asked_for, _o.people, _o.sent_at, lapsed.label("lapsed"))
        .join(people, people.c.id == _o.person_id, isouter=True)
        .where(_o.town_id == town_id)
        .order_by(_o.sent_at.desc(), _o.id.desc())
        .limit(20)
    )
    return [
        SentLetter(
            row.id,
            row.name or "",
            tuple(row.asked_for.split()),
            row.people,
            row.sent_at,
            row.lapsed,
        )
        for row in rows
    ]
