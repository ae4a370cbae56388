"""Putting many mails into the outbox at once: as many statements for a thousand as for three."""

from bisect import insort
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from board.core.keys import Keys
from board.mail.actions import Letter, outbox_row
from board.mail.models import outgoing_mails, stopped_streams, suppressions
from board.mail.rules import NEVER_WENT, STREAMS, Limits, turn_of

_CHUNK: Final = 500


def enqueue_many(
    conn: Connection,
    keys: Keys,
    letters: Iterable[Letter],
    *,
    domain: str,
    limits: Limits,
    now: datetime,
) -> set[bytes]:
    """Put mails of one stream each into the outbox; the keys of those who are sent one.

    The same rules as for a single one: once per event and recipient, none to who wants none, and
    above the limits each waits for its turn.
    """
    sent: set[bytes] = set()
    waiting = iter(letters)
    while some := list(islice(waiting, _CHUNK)):
        sent |= _enqueue_some(conn, keys, some, domain=domain, limits=limits, now=now)
    return sent


def _enqueue_some(
    conn: Connection,
    keys: Keys,
    letters: Sequence[Letter],
    *,
    domain: str,
    limits: Limits,
    now: datetime,
) -> set[bytes]:
    for letter in letters:
        if letter.stream not in STREAMS or "person_id" not in letter.values:
            raise ValueError(f"a {letter.kind} mail needs a known stream and the person it goes to")
    to = {letter.recipient_key for letter in letters}
    wanted = _wanted(conn, to)
    times = _times_of_mails(conn, to, now)
    rows = []
    for letter in letters:
        if letter.recipient_key in wanted[letter.stream]:
            before = times.setdefault(letter.recipient_key, [])
            due = turn_of(before, limits, now)
            rows.append(outbox_row(keys, letter, domain=domain, due=due, now=now))
            insort(before, due, key=lambda at: -at.timestamp())
    if not rows:
        return set()
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    m = outgoing_mails.c
    statement = dialect.insert(outgoing_mails).values(rows).on_conflict_do_nothing()
    return set(conn.execute(statement.returning(m.recipient_key)).scalars())


def _wanted(conn: Connection, to: Collection[bytes]) -> dict[str, set[bytes]]:
    """Which of these mailboxes may be sent which stream."""
    s, t = suppressions.c, stopped_streams.c
    none = set(conn.execute(select(s.key).where(s.key.in_(to))).scalars())
    wanted = {stream: set(to) - none for stream in STREAMS}
    for key, stream in conn.execute(select(t.key, t.stream).where(t.key.in_(to))):
        wanted.get(stream, set()).discard(key)
    return wanted


def _times_of_mails(
    conn: Connection, to: Collection[bytes], now: datetime
) -> dict[bytes, list[datetime]]:
    """When the mails of the last day and those to come go to each mailbox, the latest first."""
    m = outgoing_mails.c
    rows = conn.execute(
        select(m.recipient_key, m.due_at)
        .where(
            m.recipient_key.in_(to),
            m.state.not_in(NEVER_WENT),
            m.due_at > now - timedelta(days=1),
        )
        .order_by(m.due_at.desc())
    )
    times: dict[bytes, list[datetime]] = {}
    for key, due in rows:
        times.setdefault(key, []).append(due)
    return times
