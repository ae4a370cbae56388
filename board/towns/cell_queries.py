"""Reading the map's cells: what is counted in a window, and the places of single towns.

Map, legend and list ask here alike. A window that is made of whole cells (`cells.snapped`) is
answered from cells; of any other the towns themselves are counted.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    union_all,
)

from board.core.facts import facts
from board.drawing.view import Window
from board.towns.cells import (
    ALL_COUNTRIES,
    COARSEST,
    EVERYWHERE,
    FINEST,
    PLACE_LEVEL,
    Facets,
    key_ranges,
    level_of,
    touches,
)
from board.towns.measures import LISTED, no_circle_near
from board.towns.models import town_cells, towns
from board.towns.rules import STATUSES

# Within how many km a circle is near, as the cells know it. The setting comes here at the start.
JOIN_KM_FACT: Final = "cells.join_km"
_t = towns.c
_c = town_cells.c
JOIN_KM: Final = cast(
    select(facts.c.value).where(facts.c.name == JOIN_KM_FACT).scalar_subquery(), Float
)
LONELY: Final = no_circle_near(JOIN_KM)
_STATUS_NAMES: Final = tuple(f"status{n}" for n in range(len(STATUSES)))
# What `town.celled_as` must say: the one definition of what a town is counted as.
CELLED_AS: Final = case(
    (LISTED, _t.country + " " + _t.status + " " + case((LONELY, "1"), else_="0")), else_=""
)


class CountedCell(NamedTuple):
    """The towns of a cell that fit: how many, and the sums of where they lie and of their ids.

    Of a single town the rest is known, too.
    """

    key: int
    towns: int
    sum_mx: int
    sum_my: int
    sum_id: int
    votes: int = 0
    status: str = ""
    name: str = ""


def count_towns(conn: Connection, facets: Facets, windows: Sequence[Window] = ()) -> int:
    """How many towns of list and map fit; exact, in any windows. Without windows: everywhere."""
    level = max(COARSEST, level_of(windows)) if windows else EVERYWHERE
    if level > FINEST:
        return _count_rows(conn, facets, windows)
    ranges = key_ranges(windows, level) if windows else [(0, 0)]
    statement = _counting(room(len(ranges)), facets.lonely)
    rows = conn.execute(statement, _asked(facets, level, ranges))
    return sum(int(n) for key, n in rows if not windows or touches(key, windows, level))


def town_cells_in(
    conn: Connection, facets: Facets, windows: Sequence[Window], level: int
) -> list[CountedCell]:
    """The cells of a level that hold such towns, in windows of whole cells, or everywhere."""
    ranges = key_ranges(windows, level) if windows else [(0, (1 << 2 * level) - 1)]
    statement = _gathering(room(len(ranges)), facets.lonely)
    rows = conn.execute(statement, _asked(facets, level, ranges))
    found = [
        CountedCell(key, int(n), int(mx), int(my), int(ids), votes or 0, status or "", name or "")
        for key, n, mx, my, ids, votes, status, name in rows
    ]
    return [cell for cell in found if not windows or touches(cell.key, windows, level)]


# --- the same few statements for every question -----------------------------------------------


def room(ranges: int) -> int:
    """How many ranges a statement has room for that takes so many: a power of four."""
    found = 1
    while found < ranges:
        found *= 4
    return found


def _asked(facets: Facets, level: int, ranges: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The values of a statement."""
    asked = {"level": level, "country": facets.country}
    spare = len(STATUSES) - len(facets.statuses)
    statuses = [*facets.statuses, *[facets.statuses[0]] * spare]
    named = dict(zip(_STATUS_NAMES, statuses, strict=True))
    return {**asked, **named, **ends_of(ranges)}


def ends_of(ranges: Sequence[tuple[int, int]]) -> dict[str, int]:
    """Ranges as values of a statement with room for them; those that are spare hold nothing."""
    spare = [(1, 0)] * (room(len(ranges)) - len(ranges))
    return {
        name: end
        for n, (first, last) in enumerate([*ranges, *spare])
        for name, end in ((f"first{n}", first), (f"last{n}", last))
    }


def _matching(ranges: int, lonely: bool, *sums: ColumnElement[Any]) -> Select[Any]:
    """Cells by key, in ranges of keys. Joined with these and not compared with each: SQLite would
    walk the whole level otherwise."""
    among = union_all(
        *(
            select(
                cast(bindparam(f"first{n}"), BigInteger).label("first"),
                cast(bindparam(f"last{n}"), BigInteger).label("last"),
            )
            for n in range(ranges)
        )
    ).subquery("among")
    return (
        select(_c.key, func.sum(_c.towns).label("towns"), *sums)
        .select_from(among)
        .join(town_cells, _c.key.between(among.c.first, among.c.last))
        .where(
            _c.level == bindparam("level"),
            _c.country == bindparam("country"),
            # As many as there are: SQLAlchemy writes a longer or shorter list out anew each time.
            _c.status.in_([bindparam(name) for name in _STATUS_NAMES]),
            *([_c.lonely == 1] if lonely else []),
        )
        .group_by(_c.key)
        .having(func.sum(_c.towns) > 0)
    )


@cache
def _counting(ranges: int, lonely: bool) -> Select[Any]:
    return _matching(ranges, lonely)


@cache
def _gathering(ranges: int, lonely: bool) -> Select[Any]:
    """Cells with their sums, and the town of each that holds a single one."""
    names = ("sum_mx", "sum_my", "sum_id")
    sums = (func.sum(_c[name]).label(name) for name in names)
    grouped = _matching(ranges, lonely, *sums).subquery()
    # PostgreSQL's sum of large numbers is a numeric, which would pass by the towns' own index.
    single = and_(grouped.c.towns == 1, _t.id == cast(grouped.c.sum_id, BigInteger))
    return select(*grouped.c, _t.vote_count, _t.status, _t.name).outerjoin_from(
        grouped, towns, single
    )


def lies_in(windows: Sequence[Window]) -> ColumnElement[bool]:
    """A town of list and map in one of these windows; by ranges of its key, then exactly."""
    near = or_(*(_t.zkey.between(*ends) for ends in key_ranges(windows, PLACE_LEVEL)))
    exact = or_(
        *(and_(_t.mx.between(w.west, w.east), _t.my.between(w.north, w.south)) for w in windows)
    )
    return and_(near, exact)


def _count_rows(conn: Connection, facets: Facets, windows: Sequence[Window]) -> int:
    asked = [LISTED, _t.status.in_(facets.statuses), lies_in(windows)]
    if facets.country:
        asked.append(_t.country == facets.country)
    if facets.lonely:
        asked.append(LONELY)
    counted = select(func.count()).where(*asked)
    by_place = counted.with_hint(towns, "INDEXED BY town_by_zkey", "sqlite")
    return int(conn.execute(by_place).scalar_one())


def miscelled_towns(conn: Connection) -> list[int]:
    """The towns that cells count as something else than they are; all rows are looked at."""
    rows = conn.execute(select(_t.id).where(_t.celled_as != CELLED_AS).order_by(_t.id))
    return list(rows.scalars())


def countries_counted(conn: Connection) -> list[str]:
    """The countries in which a town is on list and map."""
    rows = conn.execute(
        select(_c.country)
        .where(_c.level == EVERYWHERE, _c.country != ALL_COUNTRIES, _c.towns > 0)
        .distinct()
        .order_by(_c.country)
    )
    return list(rows.scalars())
