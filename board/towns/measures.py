"""The numbers that table, export and digest sort and filter towns by, as conditions in SQL.

Each says the same as its rule in Python; together they are the one definition of a number.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_

from board.towns.models import towns
from board.towns.queries import TownRow
from board.towns.rules import OPEN_STATUSES, PER_PEOPLE, STATUSES, Need, owes_answer

_t = towns.c

LISTED: Final = and_(_t.standing == "listed", _t.vote_count > 0)
IS_OPEN: Final = _t.status.in_(OPEN_STATUSES)
PER_10K: Final = case(
    (_t.population > 0, _t.vote_count * float(PER_PEOPLE) / _t.population), else_=0.0
)
STATUS_STEP: Final = case({status: n for n, status in enumerate(STATUSES)}, value=_t.status)


def no_circle_near(km: float | ColumnElement[float]) -> ColumnElement[bool]:
    """No circle meets now or soon within so many kilometres."""
    return or_(_t.nearest_km.is_(None), _t.nearest_km > km)


def lacks_learners(need: Need) -> ColumnElement[bool]:
    return _t.come_count < need.learners


def lacks_facilitator(need: Need) -> ColumnElement[bool]:
    return _t.facilitate_count < need.facilitators


def lacks_space(need: Need) -> ColumnElement[bool]:
    return _t.host_count < need.spaces


def lacks(need: Need) -> ColumnElement[int]:
    """How many of the three checks are not met."""
    return (
        case((lacks_learners(need), 1), else_=0)
        + case((lacks_facilitator(need), 1), else_=0)
        + case((lacks_space(need), 1), else_=0)
    )


def overdue(*, answer_votes: int, answer_days: int, now: datetime) -> ColumnElement[bool]:
    """`is_overdue` as a condition."""
    owed = or_(_t.ready_at.is_not(None), _t.vote_count >= answer_votes)
    silent = func.coalesce(_t.answered_at, _t.asked_at) < now - timedelta(days=answer_days)
    return and_(owed, silent, IS_OPEN)


def is_overdue(town: TownRow, *, answer_votes: int, answer_days: int, now: datetime) -> bool:
    """Whether P2PU owes this town a word and has been silent for too long (DECISIONS 29)."""
    owed = owes_answer(town.vote_count, town.ready_at is not None, answer_votes=answer_votes)
    silent_since = town.answered_at or town.asked_at
    return (
        owed and town.status in OPEN_STATUSES and silent_since < now - timedelta(days=answer_days)
    )
