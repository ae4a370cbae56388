"""Reading the table of towns: a page or all of it, and what stands beside each town."""

from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from board.desk.table_conditions import Look, late_for, order_of, wanted_by
from board.desk.table_rules import (
    BUILT_IN,
    PER_PAGE,
    TableQuestion,
)
from board.people.models import people
from board.towns.measures import (
    IS_OPEN,
    LISTED,
    is_overdue,
)
from board.towns.models import town_languages, towns
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.towns.rules import (
    STATUSES,
    TREND_DAYS,
    WEEK_DAYS,
    Readiness,
    risen_now,
)
from board.votes.momentum_queries import Momentum, votes_by_day

_t = towns.c


class TableRow(NamedTuple):
    """A town in the table. `owner` is a name, empty for nobody."""

    town: TownRow
    momentum: Momentum
    languages: list[str]
    owner_id: int | None
    owner: str
    readiness: Readiness
    overdue: bool
    risen: float
    now: datetime

    @property
    def month(self) -> int:
        """Counted votes of the last 30 days."""
        return self.momentum.total

    @property
    def silent_days(self) -> int | None:
        """Days since our last word; None where there was none."""
        answered = self.town.answered_at
        return None if answered is None else (self.now - answered).days

    @property
    def week(self) -> int:
        """Counted votes of the last 7 days."""
        return self.momentum.of_last(WEEK_DAYS)


class TablePage(NamedTuple):
    """A page of the table, and the numbers above it: those of all towns, and of each tab."""

    rows: list[TableRow]
    total: int
    asking: int
    new: int
    overdue: int
    tabs: list[int]
    page: int
    pages: int

    @property
    def first(self) -> int:
        """The place of its first row."""
        return (self.page - 1) * PER_PAGE + 1


def table_page(
    conn: Connection, asked: TableQuestion, saved: Sequence[TableQuestion], look: Look
) -> TablePage:
    """The page that was asked for; `saved` are the questions whose answers are counted too."""
    above = (
        _counted(IS_OPEN),
        _counted(_t.status.in_(STATUSES), _t.asked_at > look.now - timedelta(days=TREND_DAYS)),
        _counted(late_for(look)),
        *(_counted(*wanted_by(question, look)) for _name, question in BUILT_IN),
        _counted(*wanted_by(asked, look)),
    )
    counts = conn.execute(select(*(one.scalar_subquery() for one in above))).one()
    asking, new, late, *tabs, total = (int(n) for n in counts)
    pages = max(1, -(-total // PER_PAGE))
    page = min(asked.page, pages)
    ids = _ids(conn, asked, look, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    rows, of_saved = rows_of(conn, ids, look), _each_of(conn, saved, look)
    return TablePage(rows, total, asking, new, late, tabs + of_saved, page, pages)


def _counted(*conditions: ColumnElement[bool]) -> Select[int]:
    """How many listed towns are so. With statuses among the conditions, an index that begins with
    them has all it takes (town_for_desk): at a hundred thousand towns some milliseconds."""
    return select(func.count()).select_from(towns).where(LISTED, *conditions)


def _each_of(conn: Connection, questions: Sequence[TableQuestion], look: Look) -> list[int]:
    """How many towns each question means: all of them in one look through the towns."""
    if not questions:
        return []
    counts = (_how_many(and_(*wanted_by(question, look))) for question in questions)
    return [int(n) for n in conn.execute(select(*counts).where(LISTED)).one()]


def all_ids(conn: Connection, asked: TableQuestion, look: Look) -> "array[int]":
    """The ids of all towns that were asked for, in order: eight bytes each."""
    return _ids(conn, asked, look)


def _ids(
    conn: Connection,
    asked: TableQuestion,
    look: Look,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> "array[int]":
    statement = select(_t.id).where(LISTED, *wanted_by(asked, look))
    if asked.sort == "owner":
        statement = statement.outerjoin(people, people.c.id == _t.owner_id)
    ordered = statement.order_by(*order_of(asked, look)).limit(limit).offset(offset)
    return array("q", conn.execute(ordered).scalars())


def rows_of(conn: Connection, ids: Sequence[int], look: Look) -> list[TableRow]:
    """The rows of these towns, in this order; three statements. Who has gone meanwhile is left
    out."""
    if not ids:
        return []
    found = {
        row[0]: row
        for row in conn.execute(
            select(*TOWN_COLUMNS, _t.owner_id, func.coalesce(people.c.name, "").label("owner"))
            .outerjoin(people, people.c.id == _t.owner_id)
            .where(_t.id.in_(ids))
        )
    }
    momentum = votes_by_day(conn, ids, days=TREND_DAYS, now=look.now)
    spoken = _languages(conn, ids)
    return [
        _row(found[town_id], momentum[town_id], spoken.get(town_id, []), look)
        for town_id in ids
        if town_id in found
    ]


def _row(row: Any, momentum: Momentum, languages: list[str], look: Look) -> TableRow:
    town = TownRow._make(row[: len(TOWN_COLUMNS)])
    late = is_overdue(
        town, answer_votes=look.answer_votes, answer_days=look.answer_days, now=look.now
    )
    return TableRow(
        town=town,
        momentum=momentum,
        languages=languages,
        owner_id=row.owner_id,
        owner=row.owner,
        readiness=town.readiness(look.need),
        overdue=late,
        risen=round(risen_now(town.rising, look.now), 1),
        now=look.now,
    )


def _languages(conn: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """The languages that people write in, by town, the most used first."""
    spoken = town_languages.c
    found: dict[int, list[str]] = {}
    for row in conn.execute(
        select(spoken.town_id, spoken.language)
        .where(spoken.town_id.in_(ids), spoken.stories > 0)
        .order_by(spoken.town_id, spoken.stories.desc(), spoken.language)
    ):
        found.setdefault(row.town_id, []).append(row.language)
    return found


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
