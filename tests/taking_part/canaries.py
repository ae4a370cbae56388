"""A person of whom every personal column of every table holds a canary: rows as the board could
have written them, as far as the schema can tell."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Boolean, Column, Connection, DateTime, Float, Integer, LargeBinary, insert
from sqlalchemy.types import TypeDecorator

from board.core import clock
from board.core.keys import Keys, token_hash
from board.stories.photo_queries import UPLOAD
from board.tables import metadata
from board.taking_part.personal import PERSONAL
from tests.invented import VELENJE, Person, person, vote

EMAIL: Final = "canary.bird@marsupial.example"
PHONE: Final = "+38641765431"
NAME: Final = "Kanarček"
# Words that would be found in the file if anything was left, each from its own table.
WORDS: Final = (EMAIL, "canary", PHONE, NAME)
# What must be one of a few words, or a number that leads somewhere.
MEANT: Final[dict[str, Any]] = {
    "visibility": "public", "state": "counted", "language": "sl", "country": "SI", "role": "",
    "kind": "email", "channel": "email", "pace": "weekly", "before": "asking", "after": "asking",
    "slot": "thu_evening", "subject": "story", "purpose": "contact", "held_for": "",
    "reason": "spam", "stream": "digest", "answer": "joined", "event": "digest:47",
}  # fmt: skip
BY_TABLE: Final[dict[str, dict[str, Any]]] = {
    "story_revision": {"state": "past"},
    "outgoing_mail": {"state": "sent", "kind": "digest"},
    "waiting": {"kind": "vote", "outcome": ""},
    "follow": {"kind": "town"},
    "town_merge_item": {"kind": "topic", "item_id": 1},
    "code_batch": {"label": "Library", "reason": ""},
    "town_merge": {"standing": "listed"},
}


# Others lead to these.
NEEDED: Final = ("code_batch", "town_merge")


def keyed(keys: Keys) -> bytes:
    """By which the canary's person is known."""
    return keys.person_key(EMAIL)


def fill(conn: Connection, keys: Keys) -> Person:
    """Somebody with a row in every table that holds something about people."""
    who = person(conn, NAME, key=keyed(keys))
    town_id = vote(conn, who, VELENJE)
    ids = {"person": who.id, "town": town_id, "vote": 1}
    for table in metadata.sorted_tables:
        if table.name not in {*PERSONAL, *NEEDED} or table.name in ("person", "vote"):
            continue
        row = {column.name: value_of(column, table.name, who, ids, keys) for column in table.c}
        made = conn.execute(insert(table).values(**row).returning(*table.primary_key)).first()
        ids[table.name] = made[0] if made is not None else 0
    return who


def value_of(column: Column[Any], table: str, who: Person, ids: dict[str, int], keys: Keys) -> Any:
    """A value that fits: a canary where it is text, the person's where it names them."""
    name = column.name
    if column.foreign_keys:
        return ids.get(next(iter(column.foreign_keys)).column.table.name)
    if column.primary_key and name == "id" and not isinstance(column.type, LargeBinary):
        return 41
    if name in ("key", "recipient_key", "voter_key"):
        return who.key
    sealed = sealed_of(table, name, keys)
    if sealed is not None:
        return sealed
    word = {**MEANT, **BY_TABLE.get(table, {})}.get(name)
    if word is not None:
        return word
    return plain_of(column, table)


def sealed_of(table: str, name: str, keys: Keys) -> bytes | None:
    """What stands sealed in this column."""
    form = '{"kind":"vote","where":{"town_id":1},"name":"canary-form","photo":"canary-token"}'
    texts = {
        ("contact", "value"): ("contact.value", EMAIL),
        ("waiting", "contact"): ("waiting.contact", EMAIL),
        ("waiting", "payload"): ("waiting.payload", form),
        ("invitation", "email"): ("invitation.email", EMAIL),
        ("hand_over", "email"): ("hand_over.email", EMAIL),
        ("partner_message", "content"): (
            "partner.content",
            f'{{"email":"{EMAIL}","phone":"{PHONE}","message":"canary-partner"}}',
        ),
    }
    found = texts.get((table, name))
    if found is not None:
        return keys.seal(*found)
    if (table, name) == ("story_upload", "jpeg"):
        return keys.seal_bytes(UPLOAD, b"canary-upload")
    if (table, name) == ("story_upload", "token"):
        return token_hash("canary-token")
    return None


def plain_of(column: Column[Any], table: str) -> Any:
    """Any value of the column's kind."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    now = clock.now()
    if isinstance(kind, DateTime):
        return (
            now + timedelta(days=20) if "expires" in column.name or "until" in column.name else now
        )
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Float):
        return 1.5
    if isinstance(kind, Integer):
        return 7
    text = f"canary-{table}-{column.name}"
    if isinstance(kind, LargeBinary):
        return text.encode()
    return text[: getattr(kind, "length", None) or 200]


def traces(conn: Connection) -> Iterator[str]:
    """Where a canary still stands, in any column of any table."""
    for table in metadata.sorted_tables:
        for row in conn.execute(table.select()).mappings():
            for name, value in row.items():
                if isinstance(value, memoryview):
                    value = bytes(value)
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                if any(word in text for word in WORDS):
                    yield f"{table.name}.{name}"
