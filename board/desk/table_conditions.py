"""The table's question in SQL: which towns it means, and in which order they stand."""

from datetime import UTC, datetime, timedelta
from math import log2
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func

from board.core.text import fold
from board.desk.table_rules import CLOSED, TableQuestion
from board.people.models import people
from board.towns.measures import (
    IS_OPEN,
    LISTED,
    PER_10K,
    STATUS_STEP,
    lacks,
    lacks_facilitator,
    lacks_learners,
    lacks_space,
    no_circle_near,
    overdue,
)
from board.towns.models import towns
from board.towns.rules import TREND_DAYS, WEEK_DAYS, Need, half_lives
from board.votes.momentum_queries import first_day, votes_since

_t = towns.c
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Look(NamedTuple):
    """Who looks at the table, when, and the settings that its numbers depend on."""

    viewer_id: int
    need: Need
    answer_votes: int
    answer_days: int
    join_km: float
    now: datetime


# --- which towns ----------------------------------------------------------------------------


def late_for(look: Look) -> ColumnElement[bool]:
    """Towns whose answer is overdue."""
    return overdue(answer_votes=look.answer_votes, answer_days=look.answer_days, now=look.now)


def wanted_by(asked: TableQuestion, look: Look) -> list[ColumnElement[bool]]:
    """What a town must be to stand in the answer."""
    wanted = [*_standing(asked), *_lacking(asked, look), *_owned(asked, look)]
    if asked.q:
        wanted.append(_t.folded.contains(fold(asked.q), autoescape=True))
    if asked.countries:
        wanted.append(_t.country.in_(asked.countries))
    if asked.least:
        wanted.append(_measures(look)[asked.measure] >= _least(asked, look))
    if asked.far:
        wanted.append(no_circle_near(look.join_km))
    if asked.late:
        wanted.append(late_for(look))
    if asked.new:
        wanted.append(_t.asked_at > look.now - timedelta(days=WEEK_DAYS))
    return wanted or [LISTED]


def _least(asked: TableQuestion, look: Look) -> float:
    """What is asked for, on the scale that is stored: `rising` is kept as a logarithm."""
    if asked.measure == "rising":
        return log2(asked.least) + half_lives(look.now)
    return asked.least


def _standing(asked: TableQuestion) -> list[ColumnElement[bool]]:
    """Open towns unless something else is said; whoever looks for a name finds it anyway."""
    if asked.status == "any" or (asked.q and not asked.status):
        return []
    if asked.status == "closed":
        return [_t.status.in_(CLOSED)]
    return [_t.status == asked.status if asked.status else IS_OPEN]


def _lacking(asked: TableQuestion, look: Look) -> list[ColumnElement[bool]]:
    missing = lacks(look.need)
    found: dict[str, ColumnElement[bool]] = {
        "any": missing > 0,
        "nothing": missing == 0,
        "one": missing <= 1,
        "learners": lacks_learners(look.need),
        "facilitator": lacks_facilitator(look.need),
        "space": lacks_space(look.need),
    }
    return [found[asked.missing]] if asked.missing else []


def _owned(asked: TableQuestion, look: Look) -> list[ColumnElement[bool]]:
    if not asked.owner:
        return []
    if asked.owner == "none":
        return [_t.owner_id.is_(None)]
    return [_t.owner_id == (look.viewer_id if asked.owner == "me" else int(asked.owner))]


# --- in which order -------------------------------------------------------------------------


def _measures(look: Look) -> dict[str, ColumnElement[Any]]:
    """The numbers that the table sorts by and asks for at least so many of."""
    return {
        "votes": _t.vote_count,
        "nearby": _t.nearby_count,
        "trend": votes_since(first_day(look.now, TREND_DAYS)),
        "come": _t.come_count,
        "facilitate": _t.facilitate_count,
        "host": _t.host_count,
        "help": _t.help_count,
        "near": func.coalesce(_t.nearest_km, 99_999),
        "per10k": PER_10K,
        "need": _t.need,
        "rising": _t.rising,
        "stories": _t.story_count,
        "population": _t.population,
    }


def order_of(asked: TableQuestion, look: Look) -> list[ColumnElement[Any]]:
    """By what was asked for, then by votes. Where an index of the public lists has the order
    ready (DATAPATH 10), the rest of the key follows the index."""
    more: dict[str, ColumnElement[Any]] = {
        "name": _t.folded,
        "ready": _t.closeness,
        "status": STATUS_STEP,
        "owner": people.c.name,
        "answered": func.coalesce(_t.answered_at, _LONG_AGO),
        "asked": _t.asked_at,
    }
    by = {**_measures(look), **more}[asked.sort]
    if asked.sort in ("votes", "rising", "need", "asked"):
        return [by.desc(), _t.id.desc()] if asked.down else [by.asc(), _t.id.asc()]
    nobody_last = [_t.owner_id.is_(None)] if asked.sort == "owner" else []
    direction = by.desc() if asked.down else by.asc()
    return [*nobody_last, direction, _t.vote_count.desc(), _t.id.desc()]
