"""What happened in a week, for the people at the desk: the same numbers as in their table."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from board.comments.models import comments
from board.stories.models import stories
from board.towns.measures import IS_OPEN, LISTED, overdue
from board.towns.models import towns
from board.updates.models import updates
from board.votes.models import votes

_t, _v, _s, _c, _u = towns.c, votes.c, stories.c, comments.c, updates.c
# What one letter names of each; the rest is a number and a link.
MOST_NAMED: Final = 10


class NamedTown(NamedTuple):
    """A town as the letter names it; `days` since our last word, or since it was asked for."""

    id: int
    name: str
    country: str
    votes: int
    days: int


class Towns(NamedTuple):
    """How many, and the first of them."""

    total: int
    first: list[NamedTown]


class StaffWeek(NamedTuple):
    """A week at the desk: what is new, what is ready, what is overdue, what waits for a look."""

    new: Towns
    ready: Towns
    overdue: Towns
    votes: int
    stories: int
    launched: int
    held: int


def staff_week(
    conn: Connection, since: datetime, until: datetime, *, answer_votes: int, answer_days: int
) -> StaffWeek:
    """The week from `since` to `until`; overdue and waiting are as of its end."""
    asked = (_t.asked_at >= since) & (_t.asked_at < until)
    became_ready = (_t.ready_at >= since) & (_t.ready_at < until) & IS_OPEN
    late = overdue(answer_votes=answer_votes, answer_days=answer_days, now=until)
    silent = func.coalesce(_t.answered_at, _t.asked_at)
    cast = select(func.count()).where(
        _v.state == "counted", _v.cast_at >= since, _v.cast_at < until
    )
    told = select(func.count()).where(
        _s.visibility == "public", _s.created_at >= since, _s.created_at < until
    )
    launched = select(func.count(func.distinct(_u.town_id))).where(
        _u.after == "launched",
        _u.before != "launched",
        _u.published_at >= since,
        _u.published_at < until,
    )
    held = [
        select(func.count()).select_from(table).where(table.c.visibility == "held")
        for table in (stories, comments)
    ]
    counts = conn.execute(
        select(*(one.scalar_subquery() for one in (cast, told, launched, *held)))
    ).one()
    return StaffWeek(
        new=_towns(conn, asked, _t.vote_count.desc(), until),
        ready=_towns(conn, became_ready, _t.vote_count.desc(), until),
        overdue=_towns(conn, late, silent.asc(), until),
        votes=int(counts[0]),
        stories=int(counts[1]),
        launched=int(counts[2]),
        held=int(counts[3]) + int(counts[4]),
    )


def _towns(
    conn: Connection, which: ColumnElement[bool], order: ColumnElement[Any], now: datetime
) -> Towns:
    total = int(conn.execute(select(func.count()).where(LISTED, which)).scalar_one())
    rows = conn.execute(
        select(_t.id, _t.name, _t.country, _t.vote_count, _t.answered_at, _t.asked_at)
        .where(LISTED, which)
        .order_by(order, _t.id)
        .limit(MOST_NAMED)
    )
    first = [
        NamedTown(
            row.id,
            row.name,
            row.country,
            row.vote_count,
            (now - (row.answered_at or row.asked_at)).days,
        )
        for row in rows
    ]
    return Towns(total, first)
