"""What is due: answers, words that didn't go out, launches, hand-overs, partners, and what is
broken about P2PU's lists.

The number on the tab and the page count the same rows by the same conditions.
"""

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select

from board.circles.import_queries import failing_imports, import_troubles
from board.circles.models import circles
from board.circles.queries import latest_imports
from board.circles.rows import ImportTrouble, LatestImport
from board.core.keys import Keys
from board.desk.launch_queries import OPEN, Suggestion, open_launches
from board.desk.models import (
    hand_over_yeses,
    hand_overs,
    launch_suggestions,
    partner_messages,
)
from board.people.models import people
from board.towns.measures import LISTED, overdue
from board.towns.models import towns
from board.updates.models import planned_words

_t, _w, _h, _y, _p = (
    towns.c,
    planned_words.c,
    hand_overs.c,
    hand_over_yeses.c,
    partner_messages.c,
)
MOST = 100


class Owing(NamedTuple):
    """A town that was owed a word: since when, and who looks after it."""

    id: int
    name: str
    country: str
    votes: int
    days: int
    ready: bool
    owner_id: int | None
    owner: str


class Stuck(NamedTuple):
    """A planned word that didn't go out when it was due."""

    id: int
    town_id: int
    town: str
    name: str
    problem: str
    changed_at: datetime


class ToPassOn(NamedTuple):
    """A hand-over with people who said yes and weren't passed on yet."""

    id: int
    town_id: int
    town: str
    name: str
    waiting: int
    asked_at: datetime


class Unanswered(NamedTuple):
    """A partner's letter that nobody answered."""

    id: int
    organisation: str
    town_id: int | None
    created_at: datetime


class Failing(NamedTuple):
    """A list of P2PU that can't be brought in, and the last one that could, if any."""

    trouble: ImportTrouble
    shown: LatestImport | None


class Tasks(NamedTuple):
    """Everything that is due."""

    failing: list[Failing]
    owing: list[Owing]
    stuck: list[Stuck]
    launches: list[Suggestion]
    to_pass_on: list[ToPassOn]
    letters: list[Unanswered]

    @property
    def any(self) -> bool:
        return any(self)


class Terms(NamedTuple):
    """When an answer is overdue (DECISIONS 29)."""

    answer_votes: int
    answer_days: int


def tasks_of(conn: Connection, keys: Keys, viewer_id: int, terms: Terms, now: datetime) -> Tasks:
    """All that is due, what this person looks after first; a fixed number of statements."""
    return Tasks(
        failing=_failing(conn),
        owing=_owing(conn, viewer_id, terms, now),
        stuck=_stuck(conn),
        launches=open_launches(conn, now),
        to_pass_on=_to_pass_on(conn),
        letters=_letters(conn, keys, now),
    )


def tasks_size(conn: Connection, terms: Terms, now: datetime) -> int:
    """How much is due; the counter on the tab, in one statement."""
    counts = tasks_counts(terms, now)
    return sum(conn.execute(select(*(one.scalar_subquery() for one in counts))).one())


def tasks_counts(terms: Terms, now: datetime) -> list[Select[int]]:
    """The numbers that make `tasks_size`, each to be asked beside others."""
    launches = (
        select(func.count())
        .select_from(launch_suggestions)
        .join(towns, _t.id == launch_suggestions.c.town_id)
        .join(circles, circles.c.id == launch_suggestions.c.circle_id)
        .where(OPEN, circles.c.over_at > now)
    )
    return [
        select(func.count()).select_from(towns).where(LISTED, _late(terms, now)),
        select(func.count()).select_from(planned_words).where(_w.problem != ""),
        launches,
        select(func.count()).select_from(hand_overs).where(_h.closed_at.is_(None), _SAID_YES),
        select(func.count()).select_from(partner_messages).where(_unanswered(now)),
        failing_imports(),
    ]


def _failing(conn: Connection) -> list[Failing]:
    good = latest_imports(conn, "circles", "libraries")
    return [Failing(trouble, good.get(trouble.kind)) for trouble in import_troubles(conn)]


_SAID_YES = exists().where(_y.hand_over_id == _h.id, _y.passed_at.is_(None))


def _late(terms: Terms, now: datetime) -> ColumnElement[bool]:
    return overdue(answer_votes=terms.answer_votes, answer_days=terms.answer_days, now=now)


def _unanswered(now: datetime) -> ColumnElement[bool]:
    return and_(_p.answered_at.is_(None), _p.expires_at > now)


def _owing(conn: Connection, viewer_id: int, terms: Terms, now: datetime) -> list[Owing]:
    silent = func.coalesce(_t.answered_at, _t.asked_at)
    rows = conn.execute(
        select(
            _t.id,
            _t.name,
            _t.country,
            _t.vote_count,
            silent.label("silent"),
            _t.ready_at,
            _t.owner_id,
            people.c.name.label("owner"),
        )
        .join(people, people.c.id == _t.owner_id, isouter=True)
        .where(LISTED, _late(terms, now))
        .order_by(_mine(viewer_id), people.c.name.is_(None), people.c.name, silent, _t.id)
        .limit(MOST)
    )
    until = timedelta(days=terms.answer_days)
    return [
        Owing(
            row.id,
            row.name,
            row.country,
            row.vote_count,
            (now - row.silent - until).days,
            row.ready_at is not None,
            row.owner_id,
            row.owner or "",
        )
        for row in rows
    ]


def _mine(viewer_id: int) -> ColumnElement[bool]:
    """Sorts one's own towns first."""
    return func.coalesce(_t.owner_id, 0) != viewer_id


def _stuck(conn: Connection) -> list[Stuck]:
    rows = conn.execute(
        select(_w.id, _w.town_id, _t.name, people.c.name, _w.problem, _w.changed_at)
        .join(towns, _t.id == _w.town_id)
        .join(people, people.c.id == _w.person_id, isouter=True)
        .where(_w.problem != "")
        .order_by(_w.changed_at, _w.id)
        .limit(MOST)
    )
    return [Stuck(*row[:3], row[3] or "", *row[4:]) for row in rows]


def _to_pass_on(conn: Connection) -> list[ToPassOn]:
    rows = conn.execute(
        select(_h.id, _h.town_id, _t.name, _h.name, func.count(_y.person_id), _h.asked_at)
        .join(towns, _t.id == _h.town_id)
        .join(hand_over_yeses, and_(_y.hand_over_id == _h.id, _y.passed_at.is_(None)))
        .where(_h.closed_at.is_(None))
        .group_by(_h.id, _h.town_id, _t.name, _h.name, _h.asked_at)
        .order_by(_h.asked_at, _h.id)
        .limit(MOST)
    )
    return [ToPassOn._make(row) for row in rows]


def _letters(conn: Connection, keys: Keys, now: datetime) -> list[Unanswered]:
    rows = conn.execute(
        select(_p.id, _p.content, _p.town_id, _p.created_at)
        .where(_unanswered(now))
        .order_by(_p.created_at, _p.id)
        .limit(MOST)
    )
    return [
        Unanswered(
            row.id,
            json.loads(keys.open("partner.content", row.content))["organisation"],
            row.town_id,
            row.created_at,
        )
        for row in rows
    ]
