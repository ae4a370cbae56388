"""From a visit to a circle: five numbers by month and country, in three statements.

Visits and forms are counters without people (core.tallies); votes, offers and launches are counted
from their own rows, as everywhere else: what was taken back meanwhile doesn't count any more.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, distinct, func, or_, select

from board.core.calendar import month_of
from board.core.tallies import day_tallies
from board.desk.trends_rules import Funnel, Month
from board.towns.models import towns
from board.updates.models import updates
from board.votes.models import votes

_d, _t, _v, _u = day_tallies.c, towns.c, votes.c, updates.c


class Cell(NamedTuple):
    """One month of one country."""

    month: int
    country: str


def funnels(conn: Connection, months: Sequence[Month]) -> dict[Cell, Funnel]:
    """What happened in each of these months (two or more), by country; a cell's `month` is the
    place in the list."""
    found: dict[Cell, Funnel] = defaultdict(Funnel)
    for part in (_counted(conn, months), _voted(conn, months), _launched(conn, months)):
        for cell, funnel in part:
            found[cell] = found[cell].plus(funnel)
    return dict(found)


def _counted(conn: Connection, months: Sequence[Month]) -> Iterator[tuple[Cell, Funnel]]:
    place = {month.code: n for n, month in enumerate(months)}
    code = func.substr(_d.day, 1, 7).label("code")
    visits, told = _of_kind("visit_%"), _of_kind("told_%")
    rows = conn.execute(
        select(code, _d.country, visits.label("visits"), told.label("told"))
        .where(_d.day >= f"{months[0].code}-01", _d.day < f"{months[-1].next.code}-01")
        .group_by(code, _d.country)
    )
    for row in rows:
        yield (
            Cell(place[row.code], row.country),
            Funnel(visits=int(row.visits), told=int(row.told)),
        )


def _of_kind(pattern: str) -> ColumnElement[Any]:
    return func.sum(case((_d.kind.like(pattern), _d.n), else_=0))


def _voted(conn: Connection, months: Sequence[Month]) -> Iterator[tuple[Cell, Funnel]]:
    """Counted town by town from the index alone, then added up: the rows of votes and, for each of
    them, of its town are never touched, which at a million votes is a second instead of eleven."""
    place = {month.code: n for n, month in enumerate(months)}
    offered = or_(_v.come, _v.facilitate, _v.host, _v.help)
    code = month_of(conn, _v.cast_at).label("code")
    by_town = (
        select(
            _v.town_id,
            code,
            func.count().label("n"),
            func.count(case((offered, 1))).label("offers"),
        )
        .where(_v.state == "counted", *_within(_v.cast_at, months))
        .group_by(_v.town_id, code)
        .subquery()
    )
    b = by_town.c
    rows = conn.execute(
        select(b.code, _t.country, func.sum(b.n).label("n"), func.sum(b.offers).label("offers"))
        .join(towns, _t.id == b.town_id)
        .where(_t.standing != "dropped")
        .group_by(b.code, _t.country)
    )
    for row in rows:
        yield (
            Cell(place[row.code], row.country),
            Funnel(confirmed=int(row.n), offers=int(row.offers)),
        )


def _launched(conn: Connection, months: Sequence[Month]) -> Iterator[tuple[Cell, Funnel]]:
    place = {month.code: n for n, month in enumerate(months)}
    month = month_of(conn, _u.published_at).label("code")
    rows = conn.execute(
        select(month, _t.country, func.count(distinct(_u.town_id)).label("n"))
        .join(towns, _t.id == _u.town_id)
        .where(
            _u.after == "launched",
            _u.before != "launched",
            *_within(_u.published_at, months),
            _t.standing != "dropped",
        )
        .group_by(month, _t.country)
    )
    for row in rows:
        yield Cell(place[row.code], row.country), Funnel(launched=row.n)


def _within(
    moment: ColumnElement[datetime], months: Sequence[Month]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return moment >= months[0].begin, moment < months[-1].next.begin
