"""Forgetting a person: what identity keeps of them goes, an empty row stays.

The row's number is in lasting links and in the record. SQLite gives the number of a deleted last
row to the next person, who would then open somebody else's links: so the row stays, and its key is
one that no mailbox has.
"""

import secrets
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from board.core.errors import Gone, Refused
from board.core.keys import Keys, SealBroken
from board.core.language import gettext as _
from board.core.prepared import Prepared
from board.people.models import (
    contact_uses,
    contacts,
    desk_codes,
    desk_languages,
    invitations,
    organiser_towns,
    passkeys,
    people,
    recovery_codes,
    second_factors,
    sessions,
    waitings,
)
from board.people.rules import canonical_mailbox


class Forgotten(NamedTuple):
    """The key by which an erased person was known until now."""

    key: bytes
    blocked: bool


def lock_out(conn: Connection, person_id: int, key: bytes, now: datetime) -> Forgotten:
    """Take a person's name and key; the first step of erasing, so that nothing new joins in.

    Whoever would write in their name waits for us and then finds nobody of this key (`hold_still`).
    Raises Gone when somebody erased them a moment ago, Refused while they have a role.
    """
    p = people.c
    row = conn.execute(
        select(p.id, p.key, p.role, p.blocked_at)
        .where(p.id == person_id, p.key == key)
        .with_for_update()
    ).first()
    if row is None:
        raise Gone(erased_already())
    if row.role:
        raise Refused(
            _("You have a role at the desk. Ask another admin to end it first, then come back.")
        )
    blocked = row.blocked_at is not None
    values = {"name": "", "language": "en", "trusted": False, "created_at": now}
    if not blocked:
        # A blocked person stays blocked, and that needs the key.
        values["key"] = secrets.token_bytes(32)
    conn.execute(update(people).where(p.id == person_id).values(**values))
    return Forgotten(row.key, blocked)


class HeldPerson(NamedTuple):
    """Somebody who isn't erased now: whether they take no more part, and are known by a slip."""

    blocked: bool
    by_slip: bool


_STILL_THERE: Final = (
    select(people.c.blocked_at.is_not(None), exists().where(desk_codes.c.person_id == people.c.id))
    .where(people.c.id == bindparam("person"), people.c.key == bindparam("known_by"))
    .with_for_update(read=True, key_share=True, of=people)
)
_HOLD_STILL: Final = Prepared(lambda _dialect: _STILL_THERE, HeldPerson)


def hold_still(conn: Connection, person_id: int, key: bytes) -> HeldPerson:
    """Make sure that a person isn't erased before our transaction ends; raises Gone if they were.

    Someone else may hold them still at the same time: only erasing has to wait.
    """
    held = _HOLD_STILL.first(conn, {"person": person_id, "known_by": key})
    if held is None:
        raise Gone(erased_already())
    return held


def erased_already() -> str:
    """Said to a browser that still thinks it knows somebody."""
    return _("What we knew of you here was erased a moment ago. Nothing was kept of this.")


def forget_browsers(conn: Connection, person_id: int) -> None:
    """No browser stands for this person any more."""
    conn.execute(delete(sessions).where(sessions.c.person_id == person_id))


def forget_contacts(conn: Connection, person_id: int) -> None:
    """Their contacts go, and who used them."""
    for table in (contact_uses, contacts):
        conn.execute(delete(table).where(table.c.person_id == person_id))


def forget_slips(conn: Connection, person_id: int) -> None:
    """Their slip leads to nobody; it stays used, so that it never confirms again."""
    conn.execute(
        update(desk_codes).where(desk_codes.c.person_id == person_id).values(person_id=None)
    )


def forget_desk(conn: Connection, person_id: int) -> None:
    """What they had at the desk while they had a role: keys to it, towns, languages."""
    for desk_table in (second_factors, passkeys, recovery_codes, organiser_towns, desk_languages):
        conn.execute(delete(desk_table).where(desk_table.c.person_id == person_id))


def forget_forms(conn: Connection, key: bytes) -> None:
    """Everything that waits under their key, and what is left of forms that were confirmed."""
    conn.execute(delete(waitings).where(waitings.c.key == key))


def forget_invitations(conn: Connection, keys: Keys, key: bytes) -> None:
    """Invitations to the desk that were sent to their mailbox; a handful are open at any time."""
    i = invitations.c
    for row in conn.execute(select(i.id, i.email)).all():
        try:
            address = keys.open("invitation.email", row.email)
        except SealBroken:
            continue
        if keys.person_key(canonical_mailbox(address)) == key:
            conn.execute(delete(invitations).where(i.id == row.id))
