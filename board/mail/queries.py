"""What is known of the outbox: which mails somebody wants; for the desk, what went how."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, Connection, func, select

from board.mail.models import outgoing_mails, stopped_streams, suppressions
from board.mail.rules import STATES


def suppression_of(conn: Connection, key: bytes) -> str:
    """Why this mailbox gets no more mail (mail.rules.REASONS), or nothing."""
    s = suppressions.c
    reason: str | None = conn.execute(select(s.reason).where(s.key == key)).scalar()
    return reason or ""


def is_suppressed(conn: Connection, key: bytes) -> bool:
    """Whether this mailbox gets no more mail."""
    return bool(suppression_of(conn, key))


def stopped_streams_of(conn: Connection, key: bytes) -> frozenset[str]:
    """The streams that this mailbox wants no more of."""
    s = stopped_streams.c
    return frozenset(conn.execute(select(s.stream).where(s.key == key)).scalars())


def is_wanted(conn: Connection, key: bytes, stream: str) -> bool:
    """Whether a mail of this stream ("" for a code) may go to this mailbox."""
    if is_suppressed(conn, key):
        return False
    return not stream or stream not in stopped_streams_of(conn, key)


class MailRow(NamedTuple):
    """A mail as the desk sees it: never to whom, never what it says."""

    id: int
    kind: str
    language: str
    stream: str
    state: str
    attempts: int
    answer: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None


_ROW = tuple(outgoing_mails.c[name] for name in MailRow._fields)


def mails(
    conn: Connection, *, state: str = "", before: int | None = None, limit: int = 50
) -> Sequence[MailRow]:
    """The outbox, the newest first, from below the mail `before`."""
    m = outgoing_mails.c
    asked = select(*_ROW).order_by(m.id.desc()).limit(limit)
    if state:
        asked = asked.where(m.state == state)
    if before is not None:
        asked = asked.where(m.id < before)
    return [MailRow._make(row) for row in conn.execute(asked)]


class MailCounts(NamedTuple):
    """The outbox and the lists beside it in numbers, each by its word; only what there is."""

    states: dict[str, int]
    suppressed: dict[str, int]
    stopped: dict[str, int]


def mail_counts(conn: Connection) -> MailCounts:
    """How many mails are in each state, and how many mailboxes want none, or less."""
    states = _count_by(conn, outgoing_mails.c.state)
    return MailCounts(
        states={state: states[state] for state in STATES if state in states},
        suppressed=_count_by(conn, suppressions.c.reason),
        stopped=_count_by(conn, stopped_streams.c.stream),
    )


def _count_by(conn: Connection, column: Column[str]) -> dict[str, int]:
    rows = conn.execute(select(column, func.count()).group_by(column).order_by(column))
    return {row[0]: row[1] for row in rows}
