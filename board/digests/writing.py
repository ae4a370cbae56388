"""Writing one thing to several people: whose address is kept, what was stopped, once each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from board.core.keys import Keys
from board.digests.queries import Reader, readers
from board.digests.rules import PAGE, Terms
from board.mail.actions import Letter
from board.mail.many_actions import enqueue_many
from board.towns.queries import TownRow

Values = Mapping[str, Any]
ValuesFor = Callable[[Reader], Values]


class Desk(NamedTuple):
    """What it takes to write: the keys, the board's terms, and the moment."""

    keys: Keys
    terms: Terms
    now: datetime


class Matter(NamedTuple):
    """What is written about: the event that makes it one mail each, its kind, its stream."""

    event: str
    kind: str
    stream: str


def write_to(
    conn: Connection,
    desk: Desk,
    matter: Matter,
    person_ids: Collection[int],
    values: Values | ValuesFor,
) -> list[int]:
    """Mail these people, unless they were told or want none of it; who is sent a mail now."""
    told: list[int] = []
    ordered = sorted(set(person_ids))
    for start in range(0, len(ordered), PAGE):
        told += _write_to_some(conn, desk, matter, ordered[start : start + PAGE], values)
    return told


def _write_to_some(
    conn: Connection,
    desk: Desk,
    matter: Matter,
    person_ids: Sequence[int],
    values: Values | ValuesFor,
) -> list[int]:
    found = readers(conn, person_ids, desk.now)
    letters = [
        Letter(
            event=matter.event,
            kind=matter.kind,
            language=reader.language,
            address=desk.keys.open("contact.value", reader.address),
            recipient_key=reader.key,
            values={
                "person_id": reader.id,
                "name": reader.name,
                **(values(reader) if callable(values) else values),
            },
            stream=matter.stream,
        )
        for reader in found
    ]
    sent = enqueue_many(
        conn,
        desk.keys,
        letters,
        domain=desk.terms.mail_domain,
        limits=desk.terms.limits,
        now=desk.now,
    )
    return [reader.id for reader in found if reader.key in sent]


# Towns typed by hand have a name that somebody typed: it stands in no subject.
_UNNAMED: Final = ""


def words_of(town: TownRow) -> dict[str, Any]:
    """What every mail about a town says of it; `named` is fit for a subject, or empty, and
    `about_town` is whose offers a mail to those who offered hangs on (digests.standing)."""
    return {
        "about_town": town.id,
        "town": town.name,
        "named": _UNNAMED if town.geonames_id is None else town.name,
        "town_path": town.path,
    }
