"""Remembering people and browsers, and letting staff in."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from board.core.db import insert_ignoring
from board.core.errors import Gone
from board.core.keys import Keys, Sealed, token_hash
from board.core.language import gettext as _
from board.people.models import contacts, invitations, people, sessions, waitings
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
    if name:
        conn.execute(update(people).where(people.c.key == key).values(name=name))
    return int(conn.execute(select(people.c.id).where(people.c.key == key)).scalar_one())


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
    conn.execute(update(people).where(people.c.id == person_id).values(role=invitation.role))
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
