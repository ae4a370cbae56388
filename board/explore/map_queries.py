"""What the map counts: towns, circles and libraries by squares of a grid.

One function (`things_in`) serves tiles, still map and legend; the list asks with the same
conditions and windows, so that no two of them can disagree.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Integer, func, literal, select

from board.drawing.clusters import Cell
from board.drawing.view import Window
from board.explore.circle_cells import circles_in, libraries_in
from board.explore.facets import facets_of
from board.explore.queries import told_in, town_conditions
from board.explore.rules import Question
from board.explore.squares import extent, if_single
from board.towns.cell_queries import CountedCell, town_cells_in
from board.towns.cells import COARSEST, FINEST, PLACE_LEVEL, Facets, square
from board.towns.models import towns

_t = towns.c


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
            *extent(_t.mx, _t.my),
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
            **if_single(
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
        **if_single(
            cell.towns,
            town_id=cell.sum_id,
            votes=cell.votes,
            status=cell.status,
            name=cell.name,
        ),
    )
