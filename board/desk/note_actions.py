"""Notes between colleagues about a town: written, and taken away by who wrote them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from board.core.errors import Mistake
from board.core.language import gettext as _
from board.desk.models import town_notes
from board.people.models import people

_n = town_notes.c


def write_note(conn: Connection, town_id: int, text: str, *, person_id: int, now: datetime) -> None:
    """Keep a note about a town; only the desk sees it."""
    if not text:
        raise Mistake({"note": _("Write a word or two first.")})
    conn.execute(
        insert(town_notes).values(town_id=town_id, person_id=person_id, text=text, written_at=now)
    )


def drop_note(conn: Connection, note_id: int, *, person_id: int) -> None:
    """Take one's own note away; anybody else's stays."""
    conn.execute(delete(town_notes).where(_n.id == note_id, _n.person_id == person_id))


class Note(NamedTuple):
    """A note as the dossier shows it."""

    id: int
    person_id: int | None
    name: str
    text: str
    written_at: datetime


def notes_of(conn: Connection, town_id: int) -> list[Note]:
    """What colleagues noted about a town, the newest first."""
    rows = conn.execute(
        select(_n.id, _n.person_id, people.c.name, _n.text, _n.written_at)
        .join(people, people.c.id == _n.person_id, isouter=True)
        .where(_n.town_id == town_id)
        .order_by(_n.written_at.desc(), _n.id.desc())
        .limit(100)
    )
    return [Note(row.id, row.person_id, row.name or "", row.text, row.written_at) for row in rows]
