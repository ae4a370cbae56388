"""A browser's way to the desk and out of it: at the door, in, silent for too long, sent away."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, update

from board.core.keys import token_hash
from board.people.models import sessions
from board.people.queries import note_after
from board.people.session_queries import browsers_of

# How long somebody may stand at the door between the mailed code and the second factor.
DOOR_FOR: Final = timedelta(minutes=15)
DOOR_TRIES: Final = 5
CHALLENGE_FOR: Final = timedelta(minutes=5)


def open_door(conn: Connection, person_id: int, cookie: str, now: datetime) -> None:
    """The mailed code was right: this browser may go on to the second factor, and nowhere else."""
    conn.execute(
        insert(sessions).values(
            id=token_hash(cookie),
            person_id=person_id,
            desk=False,
            at_door=True,
            created_at=now,
            seen_at=now,
            expires_at=now + DOOR_FOR,
        )
    )


def count_try(conn: Connection, session: bytes) -> bool:
    """Count a try at the door before anything is compared; False when there were too many."""
    s = sessions.c
    counted = conn.execute(
        update(sessions)
        .where(s.id == session, s.at_door, s.tries < DOOR_TRIES)
        .values(tries=s.tries + 1)
        .returning(s.id)
    ).first()
    return counted is not None


def leave_door(conn: Connection, session: bytes) -> bool:
    """The second factor was passed: nobody stands at the door any more. False if nobody did."""
    s = sessions.c
    gone = conn.execute(delete(sessions).where(s.id == session, s.at_door).returning(s.id)).first()
    return gone is not None


def new_challenge(conn: Connection, session: bytes, now: datetime) -> bytes | None:
    """Something only the next answer of a passkey may hold; None when the browser was sent away."""
    challenge = secrets.token_bytes(32)
    s = sessions.c
    kept = conn.execute(
        update(sessions)
        .where(s.id == session)
        .values(challenge=challenge, challenge_until=now + CHALLENGE_FOR)
        .returning(s.id)
    ).first()
    return challenge if kept is not None else None


def take_challenge(conn: Connection, session: bytes, challenge: bytes | None) -> bool:
    """Use up a challenge that was read before; False when somebody was faster."""
    s = sessions.c
    taken = conn.execute(
        update(sessions)
        .where(s.id == session, s.challenge == challenge)
        .values(challenge=None, challenge_until=None)
        .returning(s.id)
    ).first()
    return taken is not None


def note_seen(conn: Connection, session: bytes, now: datetime) -> None:
    """Somebody at the desk is still there; written once a minute at most."""
    s = sessions.c
    conn.execute(
        update(sessions).where(s.id == session, s.seen_at < note_after(now)).values(seen_at=now)
    )


def close_named(conn: Connection, person_id: int, name: str, now: datetime) -> bool:
    """Sign one browser of theirs out, named as on their list; False when it is gone already."""
    found = [one for one in browsers_of(conn, person_id, now) if one.name == name]
    for one in found:
        conn.execute(delete(sessions).where(sessions.c.id == one.id))
    return bool(found)


def close_all(conn: Connection, person_id: int) -> None:
    """No browser stands for them any more, at the desk or outside."""
    conn.execute(delete(sessions).where(sessions.c.person_id == person_id))
