"""Putting mail into the outbox, in the transaction of its cause; and wanting no more of it.

What happens to a mail afterwards is in `mail.delivery_actions`.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Connection, delete, func, select, text, update

from board.core.db import insert_ignoring
from board.core.keys import Keys
from board.mail.models import announcements, outgoing_mails, stopped_streams, suppressions
from board.mail.queries import is_wanted
from board.mail.rules import NEVER_WENT, STREAMS, Limits, Reason, turn_of

SIGN_IN: Final = "sign_in"
Queued = Literal["queued", "known", "limited", "suppressed"]


class Letter(NamedTuple):
    """A mail to be: why, to whom, and the values its template shows.

    `stream` names what stopping it stops (mail.rules.STREAMS); a mail somebody asked for just now
    (a code) belongs to none. A mail with a stream goes to a person: `recipient_key` is the
    person's key, and the values hold `person_id`, from which its links derive (mail.values).
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


def withdraw_mail(conn: Connection, event: str) -> bool:
    """What this event was mailed for doesn't hold any more: it isn't sent. False if it was."""
    m = outgoing_mails.c
    withdrawn = conn.execute(
        update(outgoing_mails)
        .where(m.event == event, m.state == "waiting")
        .values(state="lapsed", recipient=b"", payload=b"", lease_until=None)
        .returning(m.id)
    )
    return bool(withdrawn.all())


def call_off(conn: Connection, kind: str, subject_id: int) -> bool:
    """Nobody is told of it after all; False when people were told already."""
    a = announcements.c
    gone = conn.execute(
        delete(announcements)
        .where(a.kind == kind, a.subject_id == subject_id, a.done_at.is_(None))
        .returning(a.id)
    ).first()
    return gone is not None


def enqueue(
    conn: Connection,
    keys: Keys,
    letter: Letter,
    *,
    domain: str,
    limits: Limits,
    now: datetime,
    not_before: datetime | None = None,
) -> Queued:
    """Put one mail into the outbox: once per event and recipient, within the limits.

    Until `not_before` it can be withdrawn (`withdraw_mail`).

    The limits are asked before anything leaves, so that nobody can be flooded through the board.
    A code above them is refused ("limited"), counted per kind: whatever else somebody is sent, a
    code to sign in comes. A mail with a stream is never refused: it waits for its turn.
    """
    if letter.stream and (letter.stream not in STREAMS or "person_id" not in letter.values):
        raise ValueError(f"a {letter.kind} mail needs a known stream and the person it goes to")
    if not is_wanted(conn, letter.recipient_key, letter.stream):
        return "suppressed"
    if letter.stream:
        due = turn_of(_times_of_mails(conn, letter.recipient_key, limits), limits, now)
    elif _is_over(conn, letter, limits, now):
        return "limited"
    else:
        due = now
    due = max(due, not_before or due)
    values = outbox_row(keys, letter, domain=domain, due=due, now=now)
    made = insert_ignoring(conn, outgoing_mails, values, outgoing_mails.c.id)
    return "known" if made is None else "queued"


def outbox_row(
    keys: Keys, letter: Letter, *, domain: str, due: datetime, now: datetime
) -> dict[str, Any]:
    """A letter as the row of the outbox that waits until it is due."""
    return {
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
        "due_at": due,
        "created_at": now,
    }


def _message_id(keys: Keys, letter: Letter, domain: str) -> str:
    """Derived from event and recipient: a mail sent twice after a crash carries one id."""
    digest = keys.code_hash("message", 0, letter.event + letter.recipient_key.hex())
    return f"<{digest.hex()[:32]}@{domain}>"


def _times_of_mails(conn: Connection, key: bytes, limits: Limits) -> list[datetime]:
    """When the newest mails to a mailbox went or will go, the latest first."""
    m = outgoing_mails.c
    newest = (
        select(m.due_at)
        .where(m.recipient_key == key, m.state.not_in(NEVER_WENT))
        .order_by(m.due_at.desc())
        .limit(max(limits))
    )
    return list(conn.execute(newest).scalars())


def _is_over(conn: Connection, letter: Letter, limits: Limits, now: datetime) -> bool:
    _take_turns(conn, letter.recipient_key)
    m = outgoing_mails.c
    # Codes of every kind count together, whoever asked for them; only those for the desk's door
    # count apart, so that nobody can keep a colleague out by typing their address elsewhere.
    alike = m.kind == SIGN_IN if letter.kind == SIGN_IN else m.kind != SIGN_IN
    sent = select(func.count()).where(
        m.recipient_key == letter.recipient_key, alike, m.stream == ""
    )
    hour, day = (limits.per_hour, timedelta(hours=1)), (limits.per_day, timedelta(days=1))
    for most, window in (hour, day):
        if int(conn.execute(sent.where(m.created_at > now - window)).scalar_one()) >= most:
            return True
    return False


def _take_turns(conn: Connection, key: bytes) -> None:
    """Let one transaction at a time count a mailbox's mails. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        number = int.from_bytes(key[:8], "big", signed=True)
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


# --- wanting no more ------------------------------------------------------------------------


def stop_stream(conn: Connection, key: bytes, stream: str, now: datetime) -> None:
    """This mailbox wants no more of one stream: nor what waits to be sent already."""
    values = {"key": key, "stream": stream, "created_at": now}
    insert_ignoring(conn, stopped_streams, values, stopped_streams.c.key)
    drop_waiting_mails(conn, key, stream)


def resume_stream(conn: Connection, key: bytes, stream: str) -> None:
    """This mailbox wants the stream again."""
    s = stopped_streams.c
    conn.execute(delete(stopped_streams).where(s.key == key, s.stream == stream))


def suppress(conn: Connection, key: bytes, reason: Reason, now: datetime) -> None:
    """Send nothing more to this mailbox, nor what waits; a complaint outlasts other reasons."""
    values = {"key": key, "reason": reason, "created_at": now}
    made = insert_ignoring(conn, suppressions, values, suppressions.c.key)
    if made is None and reason == "complained":
        known = update(suppressions).where(suppressions.c.key == key)
        conn.execute(known.values(reason=reason, created_at=now))
    drop_waiting_mails(conn, key)


def forget_suppression(conn: Connection, key: bytes) -> bool:
    """Let mail come again, as the mailbox's owner asks; False after a complaint.

    Who called our mail spam told their provider, too, and the provider remembers it against all
    other readers of ours.
    """
    s = suppressions.c
    conn.execute(delete(suppressions).where(s.key == key, s.reason != "complained"))
    return conn.execute(select(s.key).where(s.key == key)).first() is None


def drop_waiting_mails(conn: Connection, key: bytes, stream: str | None = None) -> None:
    """Empty what waits for a mailbox, of one stream or all; the events stay known."""
    m = outgoing_mails.c
    waiting = update(outgoing_mails).where(m.recipient_key == key, m.state == "waiting")
    if stream is not None:
        waiting = waiting.where(m.stream == stream)
    conn.execute(waiting.values(state="stopped", recipient=b"", payload=b"", lease_until=None))
