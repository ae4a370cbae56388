"""Putting mail into the outbox, in the transaction of its cause."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, update

from board.core.db import insert_ignoring
from board.core.keys import Keys
from board.mail.models import announcements, outgoing_mails, stopped_streams, suppressions

Queued = Literal["queued", "known", "limited", "suppressed"]


class Limits(NamedTuple):
    """How many mails one mailbox may get."""

    per_hour: int
    per_day: int


class Letter(NamedTuple):
    """A mail to be: why, to whom, and the values its template shows.

    `stream` names what stopping it stops (mail.rules.STREAMS); a mail somebody asked for just now
    (a code) belongs to none.
    """

    event: str
    kind: str
    language: str
    address: str
    recipient_key: bytes
    values: Mapping[str, Any]
    stream: str = ""


def announce(conn: Connection, kind: str, subject_id: int, now: datetime) -> bool:
    """Note, in its cause's transaction, that several people are to be told of something, once.

    False when it was announced before. `digests.jobs` turns announcements into mails.
    """
    values = {"kind": kind, "subject_id": subject_id, "created_at": now}
    return insert_ignoring(conn, announcements, values, announcements.c.id) is not None


def enqueue(
    conn: Connection, keys: Keys, letter: Letter, *, domain: str, limits: Limits, now: datetime
) -> Queued:
    """Put one mail into the outbox: once per event and recipient, within the limits.

    The limits are asked before anything leaves, so that nobody can be flooded through the board.
    """
    if is_suppressed(conn, letter.recipient_key):
        return "suppressed"
    if letter.stream and has_stopped(conn, letter.recipient_key, letter.stream):
        return "suppressed"
    if _is_over(conn, letter.recipient_key, limits, now):
        return "limited"
    made = insert_ignoring(
        conn,
        outgoing_mails,
        {
            "event": letter.event,
            "kind": letter.kind,
            "language": letter.language,
            "recipient_key": letter.recipient_key,
            "recipient": keys.seal("mail.recipient", letter.address),
            "payload": keys.seal("mail.payload", json.dumps(dict(letter.values))),
            "message_id": _message_id(keys, letter, domain),
            "stream": letter.stream,
            "state": "waiting",
            "attempts": 0,
            "answer": "",
            "due_at": now,
            "created_at": now,
        },
        outgoing_mails.c.id,
    )
    return "known" if made is None else "queued"


def _message_id(keys: Keys, letter: Letter, domain: str) -> str:
    """Derived from event and recipient: a mail sent twice after a crash carries one id."""
    digest = keys.code_hash("message", 0, letter.event + letter.recipient_key.hex())
    return f"<{digest.hex()[:32]}@{domain}>"


def is_suppressed(conn: Connection, key: bytes) -> bool:
    """Whether this mailbox gets no more mail."""
    return (
        conn.execute(select(suppressions.c.key).where(suppressions.c.key == key)).first()
        is not None
    )


def has_stopped(conn: Connection, key: bytes, stream: str) -> bool:
    """Whether this mailbox wants no more of this stream."""
    s = stopped_streams.c
    asked = select(s.key).where(s.key == key, s.stream == stream)
    return conn.execute(asked).first() is not None


def suppress(conn: Connection, key: bytes, reason: str, now: datetime) -> None:
    """Send nothing more to this mailbox."""
    insert_ignoring(
        conn, suppressions, {"key": key, "reason": reason, "created_at": now}, suppressions.c.key
    )


def _is_over(conn: Connection, key: bytes, limits: Limits, now: datetime) -> bool:
    sent = select(func.count()).where(outgoing_mails.c.recipient_key == key)
    hour: int = conn.execute(
        sent.where(outgoing_mails.c.created_at > now - timedelta(hours=1))
    ).scalar_one()
    if hour >= limits.per_hour:
        return True
    day: int = conn.execute(
        sent.where(outgoing_mails.c.created_at > now - timedelta(days=1))
    ).scalar_one()
    return day >= limits.per_day


# --- delivery -------------------------------------------------------------------------------

# Longer than any carrier takes with one mail, or two workers would carry the same one.
LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = 8


class Claimed(NamedTuple):
    """A mail that this worker has in hand until its lease lapses."""

    id: int
    kind: str
    language: str
    recipient: bytes
    payload: bytes
    message_id: str
    attempts: int


def claim(conn: Connection, *, now: datetime) -> Claimed | None:
    """Take the next mail that is due, or whose worker died; committed before it is sent.

    One at a time: whoever is killed leaves one mail in doubt, and no others waiting.
    """
    m = outgoing_mails.c
    due = (
        select(m.id)
        .where(
            ((m.state == "waiting") & (m.due_at <= now))
            | ((m.state == "sending") & (m.lease_until <= now))
        )
        .order_by(m.due_at, m.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = conn.execute(
        update(outgoing_mails)
        .where(m.id == due.scalar_subquery())
        .values(state="sending", lease_until=now + LEASE, attempts=m.attempts + 1)
        .returning(m.id, m.kind, m.language, m.recipient, m.payload, m.message_id, m.attempts)
    ).first()
    return None if row is None else Claimed(*row)


def _in_hand(mail: Claimed) -> ColumnElement[bool]:
    """The mail's row while this worker has it: after a lapsed lease it may be another's."""
    m = outgoing_mails.c
    return (m.id == mail.id) & (m.state == "sending") & (m.attempts == mail.attempts)


def accepted(conn: Connection, mail: Claimed, *, answer: str, now: datetime) -> None:
    """The mail server took it: recipient and content are emptied."""
    conn.execute(
        update(outgoing_mails)
        .where(_in_hand(mail))
        .values(
            state="sent",
            answer=answer[:300],
            sent_at=now,
            lease_until=None,
            recipient=b"",
            payload=b"",
        )
    )


def refused(conn: Connection, mail: Claimed, *, answer: str, for_good: bool, now: datetime) -> None:
    """The mail server refused it, or was not there: try later, or give up."""
    over = for_good or mail.attempts >= GIVE_UP_AFTER
    values: dict[str, Any] = {"answer": answer[:300], "lease_until": None}
    if over:
        values |= {"state": "failed", "recipient": b"", "payload": b""}
    else:
        wait = timedelta(seconds=min(3600, 15 * 4 ** min(mail.attempts - 1, 5)))
        values |= {"state": "waiting", "due_at": now + wait}
    conn.execute(update(outgoing_mails).where(_in_hand(mail)).values(**values))


def forget_suppression(conn: Connection, key: bytes) -> None:
    """The mailbox may get mail again."""
    conn.execute(suppressions.delete().where(suppressions.c.key == key))
