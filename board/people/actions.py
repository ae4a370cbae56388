"""Remembering people and browsers, and letting staff in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from board.core.db import insert_ignoring
from board.core.errors import Conflict, Gone
from board.core.keys import Keys, Sealed, token_hash
from board.core.language import gettext as _
from board.people.models import contact_uses, contacts, invitations, people, sessions, waitings
from board.people.queries import open_invitation


def remember(conn: Connection, key: bytes, *, name: str, language: str, now: datetime) -> int:
    """The person known by this key, made at the first confirmation; a new name replaces the old."""
    made = insert_ignoring(
        conn,
        people,
        {
            "key": key,
            "name": name,
            "language": language,
            "role": "",
            "trusted": False,
            "created_at": now,
        },
        people.c.id,
    )
    if made is not None:
        return int(made)
    known = conn.execute(
        update(people)
        .where(people.c.key == key)
        .values(name=name or people.c.name)
        .returning(people.c.id)
    ).scalar()
    if known is None:
        # Erased by another process between our insert and our update: begin anew.
        return remember(conn, key, name=name, language=language, now=now)
    return int(known)


def keep_contact(
    conn: Connection,
    person_id: int,
    channel: str,
    value: Sealed,
    *,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep a sealed contact while a purpose needs it; a newer one of its kind replaces it."""
    conn.execute(
        delete(contacts).where(contacts.c.person_id == person_id, contacts.c.kind == channel)
    )
    conn.execute(
        insert(contacts).values(
            person_id=person_id, kind=channel, value=value, kept_at=now, expires_at=expires_at
        )
    )


def forget_first_contact(conn: Connection, person_id: int, at: datetime) -> None:
    """The contact of somebody who became known at that moment, by what was a slip at the desk."""
    known = select(people.c.id).where(people.c.id == person_id, people.c.created_at == at)
    conn.execute(delete(contacts).where(contacts.c.person_id.in_(known), contacts.c.kept_at == at))


def extend_contact(
    conn: Connection, person_id: int, *, now: datetime, expires_at: datetime
) -> bool:
    """Somebody is still in: their contacts are kept on. False when none is left to keep."""
    c = contacts.c
    kept = conn.execute(
        update(contacts)
        .where(c.person_id == person_id, c.expires_at > now)
        .values(expires_at=expires_at, asked_at=None)
        .returning(c.id)
    ).all()
    return bool(kept)


def note_use(
    conn: Connection,
    person_id: int,
    purpose: str,
    town_id: int | None,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Write down that a contact was used, and what for, where its owner can read it."""
    note_uses(conn, [person_id], purpose, town_id, actor_id, now)


def forget_use(conn: Connection, person_id: int, purpose: str, at: datetime) -> None:
    """A contact that was about to be used at that moment wasn't, after all."""
    u = contact_uses.c
    conn.execute(
        delete(contact_uses).where(u.person_id == person_id, u.purpose == purpose, u.at == at)
    )


def note_uses(
    conn: Connection,
    person_ids: Sequence[int],
    purpose: str,
    town_id: int | None,
    actor_id: int | None,
    now: datetime,
) -> None:
    """`note_use` for several people at once; `actor_id` null is the board itself."""
    use = {"purpose": purpose, "town_id": town_id, "actor_id": actor_id, "at": now}
    if person_ids:
        rows = [{**use, "person_id": person_id} for person_id in person_ids]
        conn.execute(insert(contact_uses), rows)


# --- sessions -------------------------------------------------------------------------------


def open_session(
    conn: Connection,
    person_id: int,
    cookie: str,
    *,
    desk: bool,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Remember a browser: only the hash of its cookie is kept."""
    conn.execute(
        insert(sessions).values(
            id=token_hash(cookie),
            person_id=person_id,
            desk=desk,
            created_at=now,
            seen_at=now,
            expires_at=expires_at,
        )
    )


def close_session(conn: Connection, session: bytes) -> None:
    """Forget a browser."""
    conn.execute(delete(sessions).where(sessions.c.id == session))


# --- staff ----------------------------------------------------------------------------------


def invite(
    conn: Connection, token: str, email: Sealed, role: str, *, now: datetime, days: int = 7
) -> None:
    """Invite a mailbox to the desk by a one-time link."""
    conn.execute(
        insert(invitations).values(
            token=token_hash(token),
            email=email,
            role=role,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )


def accept_invitation(
    conn: Connection, keys: Keys, token: str, key: bytes, *, name: str, language: str, now: datetime
) -> int:
    """Turn an invitation into a person with a role; the person's id."""
    invitation = open_invitation(conn, token, now)
    if invitation is None:
        raise Gone(_("This invitation was used or has lapsed. Ask for a new one."))
    taken = conn.execute(
        update(invitations)
        .where(invitations.c.id == invitation.id, invitations.c.used_at.is_(None))
        .values(used_at=now)
        .returning(invitations.c.id)
    ).first()
    if taken is None:
        raise Gone(_("This invitation was used a moment ago."))
    person_id = remember(conn, key, name=name, language=language, now=now)
    seated = conn.execute(
        update(people)
        .where(people.c.id == person_id, people.c.role == "", people.c.blocked_at.is_(None))
        .values(role=invitation.role)
        .returning(people.c.id)
    ).first()
    if seated is None:
        # An invitation is no way around the last admin, nor around a block.
        raise Conflict(_("You have a seat already, or can't have one. Ask an admin of the board."))
    address = keys.open("invitation.email", invitation.email)
    keep_contact(
        conn,
        person_id,
        "email",
        keys.seal("contact.value", address),
        now=now,
        expires_at=now + timedelta(days=36_500),
    )
    return person_id


def trust(conn: Connection, person_id: int) -> None:
    """From now on this person's stories appear at once."""
    conn.execute(update(people).where(people.c.id == person_id).values(trusted=True))


def distrust(conn: Connection, person_id: int) -> None:
    """Trusting was a slip: this person's stories are looked at again."""
    conn.execute(update(people).where(people.c.id == person_id).values(trusted=False))


def unblock(conn: Connection, person_id: int) -> None:
    """Blocking was a slip: this person may take part again; what was dropped stays so."""
    conn.execute(update(people).where(people.c.id == person_id).values(blocked_at=None))


def block(conn: Connection, person_id: int, now: datetime) -> None:
    """This person takes no more part; what waits under their key is dropped."""
    key: bytes = conn.execute(
        update(people)
        .where(people.c.id == person_id)
        .values(blocked_at=now)
        .returning(people.c.key)
    ).scalar_one()
    conn.execute(delete(waitings).where(waitings.c.key == key, waitings.c.outcome == ""))
    conn.execute(delete(sessions).where(sessions.c.person_id == person_id))
