"""Everything the board holds about one person, as plain values: the content of their export.

Which tables and columns those are stands in `personal` alone; nothing here names one.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, select

from board.core.keys import Keys
from board.stories.models import photos, stories
from board.taking_part.mailbox import opened, partner_messages_of, table
from board.taking_part.personal import PERSONAL, Held
from board.towns.queries import names_of_towns
from board.votes.models import votes

Row = dict[str, Any]


class Export(NamedTuple):
    """A person's data: rows by table, in `personal`'s order, and their pictures to be fetched."""

    made_at: datetime
    tables: Mapping[str, list[Row]]
    photos: tuple[int, ...]


def export_person(
    conn: Connection, keys: Keys, person_id: int, key: bytes, now: datetime
) -> Export:
    """Read what is held about a person; sealed things are opened, for they are their own."""
    found = {
        name: list(_rows(conn, keys, name, held, person_id, key))
        for name, held in PERSONAL.items()
        if held.shown or held.opened
    }
    _name_towns(conn, found)
    return Export(now, found, _photos_of(conn, person_id))


def _rows(
    conn: Connection, keys: Keys, name: str, held: Held, person_id: int, key: bytes
) -> Iterator[Row]:
    if held.owner == "mailbox":
        yield from _partner_rows(conn, keys, held, key)
        return
    of = table(name)
    columns = [of.c[column] for column in (*held.shown, *held.opened)]
    asked = select(*columns).where(_belongs(of, held, person_id, key)).order_by(*of.primary_key)
    for row in conn.execute(asked).mappings():
        yield {
            column: opened(keys, held.opened[column], value) if column in held.opened else value
            for column, value in row.items()
        }


def _belongs(of: Table, held: Held, person_id: int, key: bytes) -> ColumnElement[bool]:
    """How a row of this table belongs to somebody."""
    if held.owner == "vote":
        return of.c.vote_id.in_(select(votes.c.id).where(votes.c.voter_key == key))
    if held.owner == "moved":
        raise LookupError("what a merge remembers stands with the votes themselves")
    if held.owner == "story":
        return of.c.story_id.in_(select(stories.c.id).where(stories.c.person_id == person_id))
    known: ColumnElement[bool] = of.c[held.owner] == (
        person_id if held.owner in ("id", "person_id") else key
    )
    return known


def _partner_rows(conn: Connection, keys: Keys, held: Held, key: bytes) -> Iterator[Row]:
    for message in partner_messages_of(conn, keys, key):
        row = message._asdict()
        yield {column: row[column] for column in (*held.shown, *held.opened)}


def _name_towns(conn: Connection, found: Mapping[str, list[Row]]) -> None:
    """Beside a town's number, its name; one statement for all of them."""
    rows = [row for rows in found.values() for row in rows if row.get("town_id") is not None]
    names = names_of_towns(conn, {row["town_id"] for row in rows})
    for row in rows:
        row["town"] = names.get(row["town_id"], "")


def _photos_of(conn: Connection, person_id: int) -> tuple[int, ...]:
    own = (
        select(photos.c.id)
        .join(stories, stories.c.id == photos.c.story_id)
        .where(stories.c.person_id == person_id)
        .order_by(photos.c.id)
    )
    return tuple(conn.execute(own).scalars())


def own_photo(conn: Connection, photo_id: int, person_id: int) -> bytes:
    """The file of a picture, if it is still its author's."""
    asked = (
        select(photos.c.jpeg)
        .join(stories, stories.c.id == photos.c.story_id)
        .where(photos.c.id == photo_id, stories.c.person_id == person_id)
    )
    return bytes(conn.execute(asked).scalar() or b"")
