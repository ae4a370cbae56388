"""What is sealed and only known by the mailbox inside: forms that wait, partners' messages.

Tables are found by name: the desk's stand above this floor (`personal`).
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select
from sqlmodel import SQLModel

from board.core.keys import Keys, SealBroken
from board.people.models import waitings
from board.people.rules import email_reach


def table(name: str) -> Table:
    """A table by its name."""
    return SQLModel.metadata.tables[name]


def opened(keys: Keys, label: str, sealed: bytes | None) -> Any:
    """What was sealed, as it was before: an object, a text; nothing where it was emptied."""
    if not sealed:
        return ""
    try:
        text = keys.open(label, sealed)
    except SealBroken:
        # Sealed with a key that was since withdrawn: nobody can read it, we neither.
        return ""
    try:
        return json.loads(text) if text.startswith("{") else text
    except ValueError:
        return text


def pictures_waiting(conn: Connection, keys: Keys, key: bytes) -> list[str]:
    """The tokens of pictures that came with forms of this mailbox and belong to nothing yet."""
    w = waitings.c
    sealed = conn.execute(select(w.payload).where(w.key == key, w.payload != b"")).scalars()
    forms = [opened(keys, "waiting.payload", payload) for payload in sealed]
    return [str(form["photo"]) for form in forms if isinstance(form, dict) and form.get("photo")]


class PartnerMessage(NamedTuple):
    """A message to the desk, whose sender's mailbox stands inside."""

    id: int
    content: dict[str, str]
    town_id: int | None
    language: str
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None


def partner_messages_of(conn: Connection, keys: Keys, key: bytes) -> list[PartnerMessage]:
    """The messages whose sender gave this mailbox; all are opened, there are few at any time."""
    m = table("partner_message").c
    rows = conn.execute(
        select(m.id, m.content, m.town_id, m.language, m.created_at, m.expires_at, m.answered_at)
    )
    found = []
    for row in rows:
        content = opened(keys, "partner.content", row.content)
        reach = email_reach(str(content.get("email", ""))) if isinstance(content, dict) else None
        if reach is not None and keys.person_key(reach.canonical) == key:
            found.append(PartnerMessage(row.id, content, *row[2:]))
    return found


def hand_overs_to(conn: Connection, keys: Keys, key: bytes) -> list[int]:
    """Where this mailbox is the one that facilitates, and contacts were to go to."""
    h = table("hand_over").c
    rows = conn.execute(select(h.id, h.email).where(h.email != b"")).all()
    reaches = [
        (row.id, email_reach(str(opened(keys, "hand_over.email", row.email)))) for row in rows
    ]
    return [
        hand_over_id
        for hand_over_id, reach in reaches
        if reach is not None and keys.person_key(reach.canonical) == key
    ]
