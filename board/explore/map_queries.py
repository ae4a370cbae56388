"""What the map counts: towns, circles and libraries by squares of a grid.

One function (`things_in`) serves tiles, still map and legend; the list asks with the same
conditions and windows, so that no two of them can disagree.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)

from board.circles.models import circles, libraries
from board.circles.queries import conditions
from board.circles.rows import CircleFilter
from board.core.text import fold
from board.drawing.clusters import Cell
from board.drawing.view import Window
from board.explore.facets import facets_of
from board.explore.queries import told_in, town_conditions
from board.explore.rules import Question
from board.towns.cell_queries import CountedCell, town_cells_in
from board.towns.cells import (
    COARSEST,
    FINEST,
    PLACE_LEVEL,
    Facets,
    interleaved,
    square,
)
from board.towns.models import towns

_t = towns.c
_c = circles.c
_l = libraries.c
_NOW: Final = bindparam("now", type_=_c.over_at.type)
# A circle's state as conditions on its dates (circles.rules.state_between in SQL).
_STATES: Final = {
    "now": (_c.begins_at <= _NOW) & (_c.over_at > _NOW),
    "soon": _c.begins_at > _NOW,
    "finished": _c.over_at <= _NOW,
}
# Putting a statement together takes longer than asking it.
_STATEMENTS: Final = 128


def things_in(
    conn: Connection,
    question: Question,
    windows: Sequence[Window],
    level: int,
    *,
    join_km: int,
    now: datetime,
) -> list[Cell]:
    """All that fits, by the squares of a level; towns, circles and libraries each by themselves.

    `windows` are whole squares of that level, or none: the world.
    """
    cells: list[Cell] = []
    if question.shows_towns:
        cells += towns_in(conn, question, windows, level, join_km=join_km)
    if question.shows_circles:
        cells += circles_in(conn, question, windows, level, now)
    if question.shows_libraries:
        cells += libraries_in(conn, question, windows, level)
    return cells


# --- towns ------------------------------------------------------------------------------------


def towns_in(
    conn: Connection, question: Question, windows: Sequence[Window], level: int, *, join_km: int
) -> list[Cell]:
    """Towns by squares: counted beforehand where cells can answer, else from their rows."""
    facets = facets_of(question)
    if facets is not None and COARSEST <= level <= FINEST:
        return from_cells(conn, facets, windows, level)
    asked = town_conditions(question, windows, join_km=join_km)
    if question.language:  # Looked up once; the list, which walks, asks each town it meets.
        asked.append(_t.id.in_(told_in(question.language)))
    key = _t.zkey.bitwise_rshift(literal(2 * (PLACE_LEVEL - level), Integer))
    statement = (
        select(
            func.sum(_t.mx).label("sum_mx"),
            func.sum(_t.my).label("sum_my"),
            func.count().label("towns"),
            func.max(_t.id).label("town_id"),
            func.max(_t.vote_count).label("votes"),
            func.max(_t.status).label("status"),
            func.max(_t.name).label("name"),
            *_extent(_t.mx, _t.my),
        )
        .where(*asked, _t.zkey.is_not(None))
        .group_by(key)
    )
    if facets is not None and windows:
        # So near, nothing narrows more than the place; SQLite would take a country's towns.
        statement = statement.with_hint(towns, "INDEXED BY town_by_zkey", "sqlite")
    rows = conn.execute(statement)
    return [
        Cell(
            sum_mx=int(row.sum_mx),
            sum_my=int(row.sum_my),
            towns=row.towns,
            extent=Window(row.west, row.east, row.north, row.south),
            **_if_single(
                row.towns,
                town_id=row.town_id,
                votes=row.votes,
                status=row.status,
                name=row.name,
            ),
        )
        for row in rows
    ]


def from_cells(
    conn: Connection, facets: Facets, windows: Sequence[Window], level: int
) -> list[Cell]:
    """Towns by squares as they were counted beforehand."""
    return [_town_cell(cell, level) for cell in town_cells_in(conn, facets, windows, level)]


def _town_cell(cell: CountedCell, level: int) -> Cell:
    single = cell.towns == 1
    point = Window(cell.sum_mx, cell.sum_mx, cell.sum_my, cell.sum_my)
    return Cell(
        sum_mx=cell.sum_mx,
        sum_my=cell.sum_my,
        towns=cell.towns,
        extent=point if single else square(cell.key, level),
        **_if_single(
            cell.towns,
            town_id=cell.sum_id,
            votes=cell.votes,
            status=cell.status,
            name=cell.name,
        ),
    )


def _if_single(count: int, **known: Any) -> dict[str, Any]:
    """What is known of the only one; of several nothing."""
    return known if count == 1 else {}


def _extent(mx: Any, my: Any) -> tuple[Any, ...]:
    return (
        func.min(mx).label("west"),
        func.max(mx).label("east"),
        func.min(my).label("north"),
        func.max(my).label("south"),
    )


# --- circles ----------------------------------------------------------------------------------


def circles_in(
    conn: Connection, question: Question, windows: Sequence[Window], level: int, now: datetime
) -> list[Cell]:
    """Circles by squares, counted by state; online ones have no place. From their rows: there are
    some thousands, and their state moves with the days."""
    wanted = CircleFilter(question.q, question.country, question.language, "all")
    statement = _circles_by_square(wanted, PLACE_LEVEL - level, len(windows))
    rows = conn.execute(statement, {"now": now, **_sides(windows)})
    return [
        Cell(
            sum_mx=int(row.sum_mx),
            sum_my=int(row.sum_my),
            circles_now=int(row.now),
            circles_soon=int(row.soon),
            circles_finished=int(row.finished),
            extent=Window(row.west, row.east, row.north, row.south),
            **_if_single(
                int(row.now + row.soon + row.finished),
                circle_id=row.circle_id,
                name=row.title,
                status=next((name for name in _STATES if getattr(row, name)), ""),
            ),
        )
        for row in rows
    ]


@lru_cache(_STATEMENTS)
def _circles_by_square(wanted: CircleFilter, shift: int, windows: int) -> Select[Any]:
    bits = literal(shift, Integer)
    return (
        select(
            func.sum(_c.mx).label("sum_mx"),
            func.sum(_c.my).label("sum_my"),
            *(func.sum(case((_STATES[name], 1), else_=0)).label(name) for name in _STATES),
            func.max(_c.id).label("circle_id"),
            func.max(_c.title).label("title"),
            *_extent(_c.mx, _c.my),
        )
        .where(*conditions(wanted), *_in_sides(windows, _c.mx, _c.my))
        .where(_c.mx.is_not(None), ~_c.online)
        .group_by(_c.mx.bitwise_rshift(bits), _c.my.bitwise_rshift(bits))
    )


def _in_sides(windows: int, mx: Column[Any], my: Column[Any]) -> list[ColumnElement[bool]]:
    """Inside so many windows, whose sides are given when it is asked; without any, anywhere."""
    inside = [
        and_(
            mx.between(bindparam(f"west{n}"), bindparam(f"east{n}")),
            my.between(bindparam(f"north{n}"), bindparam(f"south{n}")),
        )
        for n in range(windows)
    ]
    return [or_(*inside)] if inside else []


def _sides(windows: Sequence[Window]) -> dict[str, int]:
    return {
        f"{side}{n}": value
        for n, window in enumerate(windows)
        for side, value in window._asdict().items()
    }


# --- libraries --------------------------------------------------------------------------------


def libraries_in(
    conn: Connection, question: Question, windows: Sequence[Window], level: int
) -> list[Cell]:
    """Libraries and teams by squares; of no one language, and found by name or place."""
    if question.language:
        return []
    statement = _libraries_inside(bool(question.country), len(windows))
    rows = conn.execute(statement, {"country": question.country, **_sides(windows)})
    words = fold(question.q).split()
    found: dict[int, Cell] = {}
    for row in rows:
        if words and not _holds(f"{row.name} {row.location}", words):
            continue
        key = interleaved(row.mx, row.my) >> 2 * (PLACE_LEVEL - level)
        found[key] = _one_more_library(found.get(key), row)
    return list(found.values())


@lru_cache(_STATEMENTS)
def _libraries_inside(of_country: bool, windows: int) -> Select[Any]:
    asked = [_l.gone_at.is_(None), _l.mx.is_not(None), *_in_sides(windows, _l.mx, _l.my)]
    if of_country:
        asked.append(_l.country == bindparam("country"))
    return select(_l.id, _l.name, _l.location, _l.mx, _l.my).where(*asked).order_by(_l.id)


def _holds(text: str, words: Sequence[str]) -> bool:
    folded = fold(text)
    return all(word in folded for word in words)


def _one_more_library(cell: Cell | None, row: Any) -> Cell:
    """A square with one library more in it."""
    if cell is None or cell.extent is None:
        point = Window(row.mx, row.mx, row.my, row.my)
        return Cell(
            sum_mx=row.mx,
            sum_my=row.my,
            libraries=1,
            library_id=row.id,
            name=row.name,
            extent=point,
        )
    around = cell.extent
    return Cell(
        sum_mx=cell.sum_mx + row.mx,
        sum_my=cell.sum_my + row.my,
        libraries=cell.libraries + 1,
        extent=Window(
            min(around.west, row.mx),
            max(around.east, row.mx),
            min(around.north, row.my),
            max(around.south, row.my),
        ),
    )
