"""Circles and libraries by the squares of the map, counted from their rows, of which are thousands.

`map_queries.things_in` asks; the windows are whole squares of the level, or none: the world.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Integer, Select, bindparam, case, func, literal, select

from board.circles.models import circles, libraries
from board.circles.queries import conditions
from board.circles.rows import CircleFilter
from board.core.answers import kept_answer
from board.core.kept_pages import Depends
from board.core.text import fold
from board.drawing.clusters import Cell
from board.drawing.view import Window
from board.explore.rules import Question
from board.explore.squares import extent, if_single, in_sides, sides
from board.towns.cells import PLACE_LEVEL, interleaved

_c = circles.c
_l = libraries.c
_NOW: Final = bindparam("now", type_=_c.over_at.type)
# A circle's state as conditions on its dates (circles.rules.state_between in SQL).
_STATES: Final = {
    "now": (_c.begins_at <= _NOW) & (_c.over_at > _NOW),
    "soon": _c.begins_at > _NOW,
    "finished": _c.over_at <= _NOW,
}
CHANGED_CIRCLES: Final = Depends(frozenset({"circles"}))
# Some hundred cells, beside other kept answers.
_WEIGHT: Final = 20
# Putting a statement together takes longer than asking it.
_STATEMENTS: Final = 128


# --- circles ----------------------------------------------------------------------------------


def circles_in(
    conn: Connection, question: Question, windows: Sequence[Window], level: int, now: datetime
) -> list[Cell]:
    """Circles by squares, counted by state, which moves with the days; online ones have no place.
    `now` is the beginning of a minute."""
    wanted = CircleFilter(question.q, question.country, question.language, "all")

    def find() -> list[Cell]:
        return _find_circles(conn, wanted, windows, level, now)

    if question.q:
        return find()
    # Whatever towns are asked about, the circles are the same.
    key = ("circles", wanted, tuple(windows), level, now)
    return kept_answer(conn, key, find, lambda _found: CHANGED_CIRCLES, weight=_WEIGHT)


def _find_circles(
    conn: Connection, wanted: CircleFilter, windows: Sequence[Window], level: int, now: datetime
) -> list[Cell]:
    statement = _circles_by_square(wanted, PLACE_LEVEL - level, len(windows))
    rows = conn.execute(statement, {"now": now, **sides(windows)})
    return [
        Cell(
            sum_mx=int(row.sum_mx),
            sum_my=int(row.sum_my),
            circles_now=int(row.now),
            circles_soon=int(row.soon),
            circles_finished=int(row.finished),
            extent=Window(row.west, row.east, row.north, row.south),
            **if_single(
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
            *extent(_c.mx, _c.my),
        )
        .where(*conditions(wanted), *in_sides(windows, _c.mx, _c.my))
        .where(_c.mx.is_not(None), ~_c.online)
        .group_by(_c.mx.bitwise_rshift(bits), _c.my.bitwise_rshift(bits))
    )


# --- libraries --------------------------------------------------------------------------------


def libraries_in(
    conn: Connection, question: Question, windows: Sequence[Window], level: int
) -> list[Cell]:
    """Libraries and teams by squares; of no one language, and found by name or place."""
    if question.language:
        return []
    statement = _libraries_inside(bool(question.country), len(windows))
    rows = conn.execute(statement, {"country": question.country, **sides(windows)})
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
    asked = [_l.gone_at.is_(None), _l.mx.is_not(None), *in_sides(windows, _l.mx, _l.my)]
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
