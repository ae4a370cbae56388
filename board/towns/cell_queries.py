"""Reading the map's cells: what is counted in a window, and the places of single towns.

Map, legend and list ask here alike. A window that is made of whole cells (`cells.snapped`) is
answered from cells; of any other the towns themselves are counted.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Float, Select, and_, case, cast, func, or_, select

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
    meet,
    square,
)
from board.towns.measures import LISTED, no_circle_near
from board.towns.models import town_cells, towns

# Within how many km a circle is near, as the cells know it. The setting comes here at the start.
JOIN_KM_FACT: Final = "cells.join_km"
_t = towns.c
_c = town_cells.c
JOIN_KM: Final = cast(
    select(facts.c.value).where(facts.c.name == JOIN_KM_FACT).scalar_subquery(), Float
)
LONELY: Final = no_circle_near(JOIN_KM)
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
    if not windows:
        return int(conn.execute(_everywhere(facets)).scalar_one())
    level = max(COARSEST, level_of(windows))
    if level > FINEST:
        return _count_rows(conn, facets, windows)
    counted = select(_c.key, func.sum(_c.towns)).where(*_cells(facets, level))
    rows = conn.execute(counted.where(*_in_ranges(windows, level)).group_by(_c.key))
    return sum(int(n) for key, n in rows if any(meet(square(key, level), w) for w in windows))


def _everywhere(facets: Facets) -> Select[int]:
    """How many towns the cells of the world hold."""
    return select(func.coalesce(func.sum(_c.towns), 0)).where(*_cells(facets, EVERYWHERE))


def _cells(facets: Facets, level: int) -> list[ColumnElement[bool]]:
    """The cells of a level that count such towns."""
    return [
        _c.level == level,
        _c.country == facets.country,
        _c.status.in_(facets.statuses),
        *([_c.lonely == 1] if facets.lonely else []),
    ]


def town_cells_in(
    conn: Connection, facets: Facets, windows: Sequence[Window], level: int
) -> list[CountedCell]:
    """The cells of a level that hold such towns, in windows of whole cells, or everywhere."""
    grouped = (
        select(
            _c.key,
            func.sum(_c.towns).label("towns"),
            func.sum(_c.sum_mx).label("sum_mx"),
            func.sum(_c.sum_my).label("sum_my"),
            func.sum(_c.sum_id).label("sum_id"),
        )
        .where(*_cells(facets, level), *_in_ranges(windows, level))
        .group_by(_c.key)
        .having(func.sum(_c.towns) > 0)
        .subquery()
    )
    g = grouped.c
    rows = conn.execute(
        select(*g, _t.vote_count, _t.status, _t.name).outerjoin_from(
            grouped, towns, and_(g.towns == 1, _t.id == g.sum_id)
        )
    )
    found = [
        CountedCell(key, *map(int, counts), votes or 0, status or "", name or "")
        for key, *counts, votes, status, name in rows
    ]
    return found if not windows else inside(found, windows, level)


def inside(
    cells: Sequence[CountedCell], windows: Sequence[Window], level: int
) -> list[CountedCell]:
    """Those cells of a level that lie in the windows: a range of keys may hold some more."""
    return [
        cell for cell in cells if any(meet(window, square(cell.key, level)) for window in windows)
    ]


def lies_in(windows: Sequence[Window]) -> ColumnElement[bool]:
    """A town of list and map in one of these windows; by ranges of its key, then exactly."""
    near = or_(*(_t.zkey.between(*ends) for ends in key_ranges(windows, PLACE_LEVEL)))
    exact = or_(
        *(and_(_t.mx.between(w.west, w.east), _t.my.between(w.north, w.south)) for w in windows)
    )
    return and_(near, exact)


def _in_ranges(windows: Sequence[Window], level: int) -> list[ColumnElement[bool]]:
    if not windows:
        return []
    return [or_(*(_c.key.between(*ends) for ends in key_ranges(windows, level)))]


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
