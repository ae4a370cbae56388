"""A tile of the live map, as small as it can be: what lies in it, by squares of 32 px. Pure.

A tile has four tables, sent column by column, since numbers of a kind compress best together:

    c   squares that hold several: x, y, towns, now, soon, finished, libraries
    t   single towns: x, y, id, votes, status, name
    k   single circles: x, y, id, state, name
    l   single libraries: x, y, id, name

x and y are px from the tile's upper left corner. Rows go from west to east, and an x is said as
its distance from the one before. A square of several says one place for all of them, so each of
its kinds may be shown alone. Where a tile holds more than a few single things the column of their
names is empty (a popup says them).
"""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from board.core.geo import MERCATOR_SIZE
from board.drawing.clusters import Cell
from board.drawing.view import Window
from board.towns.cells import PLACE_LEVEL, TILE_LEVELS

# Nobody looks nearer; and squares of a tile would be smaller than what is stored.
MOST_ZOOM: Final = 18
# Names of so many things, and a tile stays under 1 KB on its way.
_NAMED: Final = 24
_TILE_BITS: Final = 8
_SQUARE_BITS: Final = _TILE_BITS - TILE_LEVELS

Column = list[Any]
Tile = dict[str, list[Column]]


class _Several(NamedTuple):
    """What one square holds; where it lies is the middle of it all, times `things`."""

    things: int
    sum_mx: int
    sum_my: int
    towns: int
    now: int
    soon: int
    finished: int
    libraries: int


def is_tile(z: int, x: int, y: int) -> bool:
    """Whether there is such a tile."""
    return z <= MOST_ZOOM and x < 1 << z and y < 1 << z


def tile_of(cells: Sequence[Cell], ground: Window, z: int) -> Tile:
    """The tile that shows these cells, which all lie on its ground."""
    shift = PLACE_LEVEL - z - _TILE_BITS

    def px(sum_mx: int, sum_my: int, things: int) -> tuple[int, int]:
        return (sum_mx // things - ground.west) >> shift, (sum_my // things - ground.north) >> shift

    squares: dict[tuple[int, int], _Several] = {}
    rows: dict[str, list[tuple[Any, ...]]] = {"t": [], "k": [], "l": []}
    named = sum(cell.things == 1 for cell in cells) <= _NAMED
    for cell in cells:
        x, y = px(cell.sum_mx, cell.sum_my, cell.things)
        if cell.things > 1:
            square = x >> _SQUARE_BITS, y >> _SQUARE_BITS
            squares[square] = _together(squares.get(square), cell)
        else:
            kind, *said = _single(cell)
            rows[kind].append((x, y, *said, *([cell.name] if named else [])))
    several = [(*px(one.sum_mx, one.sum_my, one.things), *one[3:]) for one in squares.values()]
    return {
        "c": _columns(several, 7),
        "t": _columns(rows["t"], 6),
        "k": _columns(rows["k"], 5),
        "l": _columns(rows["l"], 4),
    }


def _together(square: _Several | None, cell: Cell) -> _Several:
    """A square with one more cell of several in it."""
    states = cell.circles_now, cell.circles_soon, cell.circles_finished
    more = _Several(cell.things, cell.sum_mx, cell.sum_my, cell.towns, *states, cell.libraries)
    return more if square is None else _Several(*map(sum, zip(square, more, strict=True)))


def _single(cell: Cell) -> tuple[Any, ...]:
    """The table a single thing belongs to, and what stands there between its place and its name."""
    if cell.towns:
        return "t", cell.town_id, cell.votes, cell.status
    if cell.libraries:
        return "l", cell.library_id
    return "k", cell.circle_id, cell.status


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[Column]:
    """Rows from west to east, as columns; the first one says steps."""
    columns: list[Column] = [list(column) for column in zip(*sorted(rows), strict=True)]
    columns += [[] for _ in range(width - len(columns))]
    columns[0] = [east - west for west, east in pairwise([0, *columns[0]])]
    return columns


def written(tile: Tile) -> bytes:
    """A tile as it is sent."""
    return json.dumps(tile, ensure_ascii=False, separators=(",", ":")).encode()


def windows_of(ground: Window) -> list[Window]:
    """For a query: none where the tile is the whole world."""
    whole = ground.west == 0 and ground.east == MERCATOR_SIZE - 1
    return [] if whole else [ground]
