"""The dated run: what has lapsed goes, kind by kind (`retention` says after how long).

Each step goes in small transactions of its own and the rest at the next run: it may be killed at
any moment and repeated at any time. Looking only (`what_is_due`) does the same and undoes it, so
that it can't tell anything else than what the run will do.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, update

from board.comments.erase_actions import destroy_due_comments
from board.core import clock, facts, quotas
from board.core.config import Settings
from board.core.db import Database
from board.digests.models import launch_answers
from board.follows.actions import drop_follows
from board.mail.models import outgoing_mails
from board.mail.rules import OPEN_STATES
from board.moderation.models import flags
from board.people.models import contact_uses, contacts, invitations, sessions, waitings
from board.people.queries import DRAFT
from board.people.waiting_actions import empty_undone
from board.record.models import decisions
from board.stories.actions import destroy_due
from board.taking_part.mailbox import table
from board.taking_part.retention import keep_for
from board.taking_part.rules import terms_of
from board.towns.rules import Need
from board.votes.models import votes
from board.votes.offer_actions import end_offers

AT_ONCE = 500
TIDIED = "retention.day"
RECORD_UNTIL = "record.until"


class Gone(NamedTuple):
    """What a step took away: of which kind, how much, how old the oldest was, of whom."""

    kind: str
    number: int
    oldest: datetime | None = None
    people: tuple[int, ...] = ()

    def and_then(self, more: "Gone") -> "Gone":
        """Both together."""
        moments = [one.oldest for one in (self, more) if one.oldest is not None]
        return Gone(
            self.kind,
            self.number + more.number,
            min(moments, default=None),
            self.people + more.people,
        )


class Step(NamedTuple):
    """One kind's end. What is looked for without an index is looked for once a day."""

    act: Callable[[Connection], Gone]
    daily: bool = True


def steps(settings: Settings, now: datetime) -> tuple[Step, ...]:
    """Everything that lapses, in the order in which it goes."""
    w, v, o, answers = waitings.c, votes.c, outgoing_mails.c, launch_answers.c
    partners = table("partner_message")
    draft, called = w.kind == DRAFT, or_(w.channel == "phone", w.held)

    def past(moment: ColumnElement[datetime], kind: str) -> ColumnElement[bool]:
        return moment <= now - keep_for(settings, kind)

    def drop(kind: str, of: Table, *, when: ColumnElement[bool] | None = None) -> Step:
        lapsed = of.c.expires_at <= now
        due = lapsed if when is None else and_(lapsed, when)
        return Step(partial(_drop, kind, of, of.c.expires_at, due), daily=False)

    return (
        drop("forms", waitings, when=and_(~draft, ~called)),
        drop("calls", waitings, when=and_(~draft, called)),
        Step(partial(_empty_undone, now=now), daily=False),
        drop("drafts", waitings, when=draft),
        drop("browsers", sessions),
        drop("invitations", invitations),
        drop("partners", partners),
        Step(partial(_end_contacts, need=terms_of(settings).need, now=now), daily=False),
        Step(partial(_destroy_texts, now=now)),
        Step(
            partial(
                _empty,
                "networks",
                votes,
                "network",
                v.cast_at,
                past(v.cast_at, "networks"),
            )
        ),
        Step(
            partial(
                _empty,
                "networks",
                waitings,
                "network",
                w.created_at,
                past(w.created_at, "networks"),
            )
        ),
        Step(
            partial(
                _empty,
                "answers",
                launch_answers,
                "person_id",
                answers.answered_at,
                past(answers.answered_at, "answers"),
            )
        ),
        Step(
            partial(
                _drop,
                "mails",
                outgoing_mails,
                o.created_at,
                and_(o.state.not_in(OPEN_STATES), past(o.created_at, "mails")),
            )
        ),
        Step(partial(_drop, "flags", flags, flags.c.settled_at, past(flags.c.settled_at, "flags"))),
        Step(
            partial(_drop, "uses", contact_uses, contact_uses.c.at, past(contact_uses.c.at, "uses"))
        ),
        Step(partial(_drop_record, until=now - keep_for(settings, "record"))),
        Step(partial(_empty_hand_overs, past=past)),
        Step(partial(_drop_counters, now=now)),
    )


def _drop(
    kind: str,
    of: Table,
    moment: ColumnElement[datetime],
    due: ColumnElement[bool],
    conn: Connection,
) -> Gone:
    """Delete so many rows whose time is over."""
    lapsed = select(of.c.id).where(due).limit(AT_ONCE)
    rows = conn.execute(delete(of).where(of.c.id.in_(lapsed)).returning(moment)).scalars().all()
    return Gone(kind, len(rows), min(rows, default=None))


def _drop_record(conn: Connection, *, until: datetime) -> Gone:
    """Old entries of the record: the database lets go only what is older than this fact says."""
    facts.keep_fact(conn, RECORD_UNTIL, until.isoformat())
    return _drop("record", decisions, decisions.c.at, decisions.c.at <= until, conn)


def _empty(
    kind: str,
    of: Table,
    column: str,
    moment: ColumnElement[datetime],
    due: ColumnElement[bool],
    conn: Connection,
) -> Gone:
    """Empty one column of so many rows whose time for it is over."""
    lapsed = select(of.c.id).where(of.c[column].is_not(None), due).limit(AT_ONCE)
    emptied = update(of).where(of.c.id.in_(lapsed)).values({column: None}).returning(moment)
    rows = conn.execute(emptied).scalars().all()
    return Gone(kind, len(rows), min(rows, default=None))


def _end_contacts(conn: Connection, *, need: Need, now: datetime) -> Gone:
    """Contacts end; who can't be reached any more offers and follows nothing (DECISIONS 10)."""
    c = contacts.c
    lapsed = select(c.id).where(c.expires_at <= now).order_by(c.id).limit(AT_ONCE)
    rows = conn.execute(
        delete(contacts).where(c.id.in_(lapsed)).returning(c.person_id, c.expires_at)
    ).all()
    people = {row.person_id for row in rows}
    reachable = set(conn.execute(select(c.person_id).where(c.person_id.in_(people))).scalars())
    # In one order everywhere, so that nobody waits for each other.
    for person_id in sorted(people - reachable):
        end_offers(conn, person_id, need=need, now=now)
        drop_follows(conn, person_id)
    oldest = min((row.expires_at for row in rows), default=None)
    return Gone("contacts", len(rows), oldest, tuple(sorted(people)))


def _empty_undone(conn: Connection, *, now: datetime) -> Gone:
    """What people said who were called, once the call can't be undone any more."""
    rows = empty_undone(conn, now, AT_ONCE)
    return Gone("calls", len(rows), min(rows, default=None))


def _destroy_texts(conn: Connection, *, now: datetime) -> Gone:
    """Stories and comments that were deleted, put away or never approved, and lost pictures."""
    return Gone("texts", sum(destroy_due(conn, now)) + destroy_due_comments(conn, now))


def _empty_hand_overs(
    conn: Connection, *, past: Callable[[ColumnElement[datetime], str], ColumnElement[bool]]
) -> Gone:
    """Who was to facilitate: after it was closed, or when nobody closed it for as long as a contact
    lives."""
    h = table("hand_over").c
    over = or_(past(h.closed_at, "hand_overs"), past(h.asked_at, "contacts"))
    lapsed = select(h.id).where(h.email != b"", over).limit(AT_ONCE)
    rows = conn.execute(
        update(table("hand_over"))
        .where(h.id.in_(lapsed))
        .values(name="", email=b"")
        .returning(h.asked_at)
    ).scalars()
    found = rows.all()
    return Gone("hand_overs", len(found), min(found, default=None))


def _drop_counters(conn: Connection, *, now: datetime) -> Gone:
    """Counters of past days, and the salts that would tell whose networks they were."""
    return Gone("counters", quotas.drop_old(conn, now))


# --- running it -----------------------------------------------------------------------------


def tidy(database: Database, settings: Settings, *, everything: bool = False) -> list[Gone]:
    """Let go what has lapsed, now: what went, by kind.

    What needs a look at whole tables is done once a day, or when `everything` is asked for.
    """
    now = clock.now()
    whole = everything or not _was_today(database, now)
    gone = [
        _go_on(step, database.transaction)
        for step in steps(settings, now)
        if whole or not step.daily
    ]
    if whole:
        with database.transaction() as conn:
            facts.keep_fact(conn, TIDIED, now.date().isoformat())
    if any(one.number for one in gone):
        database.wipe()
    return _by_kind(gone)


def what_is_due(database: Database, settings: Settings) -> list[Gone]:
    """What a run would let go at this moment; nothing is changed."""
    with _undone(database) as conn:

        @contextmanager
        def same() -> Iterator[Connection]:
            yield conn

        return _by_kind([_go_on(step, same) for step in steps(settings, clock.now())])


def _go_on(step: Step, transaction: Callable[[], AbstractContextManager[Connection]]) -> Gone:
    """Repeat a step until nothing of its kind is left."""
    total: Gone | None = None
    while True:
        with transaction() as conn:
            gone = step.act(conn)
        total = gone if total is None else total.and_then(gone)
        if gone.number < AT_ONCE:
            return total


def _was_today(database: Database, now: datetime) -> bool:
    with database.snapshot() as conn:
        return facts.get_fact(conn, TIDIED) == now.date().isoformat()


def _by_kind(found: list[Gone]) -> list[Gone]:
    kinds: dict[str, Gone] = {}
    for gone in found:
        kinds[gone.kind] = kinds[gone.kind].and_then(gone) if gone.kind in kinds else gone
    return list(kinds.values())


class _Undo(Exception):
    """Ends a transaction that was only tried."""


@contextmanager
def _undone(database: Database) -> Iterator[Connection]:
    """A transaction that is rolled back, whatever happens in it."""
    try:
        with database.transaction() as conn:
            yield conn
            raise _Undo
    except _Undo:
        pass
