"""What becomes of a mail in the outbox: leased, accepted, refused; and what came back of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select, update

from board.mail.actions import suppress
from board.mail.models import outgoing_mails
from board.mail.queries import is_wanted
from board.mail.reports import Report
from board.mail.rules import Reason, pause_after, tries_for

# Longer than any carrier takes with one mail, or two workers would carry the same one.
LEASE = timedelta(minutes=2)
# What is kept of a server's words.
_MOST_WORDS = 300
_EMPTIED: dict[str, Any] = {"lease_until": None, "recipient": b"", "payload": b""}


class Claimed(NamedTuple):
    """A mail that this worker has in hand until its lease lapses."""

    id: int
    kind: str
    stream: str
    language: str
    recipient_key: bytes
    recipient: bytes
    payload: bytes
    message_id: str
    attempts: int


_CLAIMED = tuple(outgoing_mails.c[name] for name in Claimed._fields)

# Whether what a mail is sent for still holds: an offer may end while its letter waits.
Stands = Callable[[Connection, Claimed, datetime], bool]


def always(_conn: Connection, _mail: Claimed, _now: datetime) -> bool:
    """For who knows of no reasons: whatever was put into the outbox goes."""
    return True


def claim(conn: Connection, *, now: datetime, stands: Stands = always) -> Claimed | None:
    """Take the next mail that is due, or whose worker died; committed before it is sent.

    One at a time: whoever is killed leaves one mail in doubt, and no others waiting. What nobody
    wants any more, and what nothing speaks for any more, is settled on the way: it may have been
    queued while its reader said stop.
    """
    while (mail := _next(conn, now)) is not None:
        wanted = is_wanted(conn, mail.recipient_key, mail.stream)
        if wanted and stands(conn, mail, now):
            return mail
        state = "lapsed" if wanted else "stopped"
        conn.execute(update(outgoing_mails).where(_in_hand(mail)).values(state=state, **_EMPTIED))
    return None


def _next(conn: Connection, now: datetime) -> Claimed | None:
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
        .returning(*_CLAIMED)
    ).first()
    return None if row is None else Claimed._make(row)


def _in_hand(mail: Claimed) -> ColumnElement[bool]:
    """The mail's row while this worker has it: after a lapsed lease it may be another's."""
    m = outgoing_mails.c
    return (m.id == mail.id) & (m.state == "sending") & (m.attempts == mail.attempts)


def accepted(conn: Connection, mail: Claimed, *, answer: str, now: datetime) -> None:
    """The mail server took it: recipient and content are emptied."""
    values = {"state": "sent", "answer": answer[:_MOST_WORDS], "sent_at": now, **_EMPTIED}
    conn.execute(update(outgoing_mails).where(_in_hand(mail)).values(**values))


def refused(
    conn: Connection,
    mail: Claimed,
    *,
    answer: str,
    for_good: bool,
    gone: bool = False,
    now: datetime,
) -> None:
    """The mail server refused it, or was not there: try later, or give up.

    `gone` says that there is no such mailbox: it gets no more mail.
    """
    values: dict[str, Any] = {"answer": answer[:_MOST_WORDS], "lease_until": None}
    if gone or for_good or mail.attempts >= tries_for(mail.stream):
        values |= {"state": "bounced" if gone else "failed", **_EMPTIED}
    else:
        values |= {"state": "waiting", "due_at": now + pause_after(mail.attempts)}
    conn.execute(update(outgoing_mails).where(_in_hand(mail)).values(**values))
    if gone:
        suppress(conn, mail.recipient_key, "bounced", now)


Heard = Literal["done", "noted", "unknown"]


def hear_back(conn: Connection, report: Report, now: datetime) -> Heard:
    """A report came in. "done": its mailbox gets no more mail; "noted": that mail alone failed;
    "unknown": it changes nothing, because it says nothing final or means no mail of ours."""
    m = outgoing_mails.c
    state = _STATES.get(report.verdict)
    ours = or_(
        m.message_id.in_(report.ids),
        *(m.message_id.startswith(f"<{name}@") for name in report.names),
    )
    if state is None or not (report.ids or report.names):
        return "unknown"
    rows = conn.execute(
        update(outgoing_mails)
        .where(ours, m.state.in_(("sent", "sending", "failed", state)))
        .values(state=state, answer=report.words[:_MOST_WORDS], **_EMPTIED)
        .returning(m.recipient_key)
    ).all()
    if not rows:
        return "unknown"
    reason = _REASONS.get(report.verdict)
    if reason is None:
        return "noted"
    for row in rows:
        suppress(conn, row.recipient_key, reason, now)
    return "done"


# What a report makes of a mail, and why its mailbox then gets no more.
_STATES: Mapping[str, str] = {
    "gone": "bounced", "refused": "failed", "complained": "complained"
}  # fmt: skip
_REASONS: Mapping[str, Reason] = {"gone": "bounced", "complained": "complained"}


def try_again_now(conn: Connection, now: datetime) -> int:
    """Let every mail that failed before be due at once, as after mending the mail server.

    Those that merely wait for their turn (attempts 0) go on waiting; how many are due now.
    """
    m = outgoing_mails.c
    due = conn.execute(
        update(outgoing_mails)
        .where(m.state == "waiting", m.attempts > 0, m.due_at > now)
        .values(due_at=now)
        .returning(m.id)
    )
    return len(due.all())
