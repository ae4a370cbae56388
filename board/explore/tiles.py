"""A tile of the live map, as small as it can be: what lies in it, by squares of 32 px. Pure.

`c` are squares that hold several of a kind: [x, y, towns, now, soon, finished, libraries], without
the zeros at its end.
`t` are single towns [x, y, id, votes, status, name], `k` single circles [x, y, id, state, name],
`l` single libraries [x, y, id, name]; x and y in px of the tile, from its upper left corner. Towns,
circles and libraries never share a `c`, so that a map may show some of them only. Where a tile
holds more than a few single things their names are left out (a popup says them).
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from board.core.geo import MERCATOR_SIZE
from board.drawing.clusters import Cell
from board.drawing.view import Window
from board.towns.cells import PLACE_LEVEL

# Nobody looks nearer; and squares of a tile would be smaller than what is stored.
MOST_ZOOM: Final = 18
# Names of so many things, and a tile stays under 1 KB on its way.
_NAMED: Final = 24
_TILE_BITS: Final = 8


def is_tile(z: int, x: int, y: int) -> bool:
    """Whether there is such a tile."""
    return z <= MOST_ZOOM and x < 1 << z and y < 1 << z


def tile_of(cells: Sequence[Cell], ground: Window, z: int) -> dict[str, list[list[Any]]]:
    """The tile that shows these cells, which all lie on its ground."""
    named = sum(cell.things == 1 for cell in cells) <= _NAMED
    tile: dict[str, list[list[Any]]] = {"c": [], "t": [], "k": [], "l": []}
    shift = PLACE_LEVEL - z - _TILE_BITS
    for cell in cells:
        x = (cell.sum_mx // cell.things - ground.west) >> shift
        y = (cell.sum_my // cell.things - ground.north) >> shift
        name = [cell.name] if named else []
        if cell.things > 1:
            states = (cell.circles_now, cell.circles_soon, cell.circles_finished)
            tile["c"].append([x, y, *_without_last_zeros(cell.towns, *states, cell.libraries)])
        elif cell.towns:
            tile["t"].append([x, y, cell.town_id, cell.votes, cell.status, *name])
        elif cell.libraries:
            tile["l"].append([x, y, cell.library_id, *name])
        else:
            tile["k"].append([x, y, cell.circle_id, cell.status, *name])
    return {kind: sorted(things) for kind, things in tile.items()}


def _without_last_zeros(*counts: int) -> list[int]:
    """Counts up to the last one that isn't nothing."""
    last = max(n for n, count in enumerate(counts) if count)
    return list(counts[: last + 1])


def written(tile: dict[str, list[list[Any]]]) -> bytes:
    """A tile as it is sent."""
    return json.dumps(tile, ensure_ascii=False, separators=(",", ":")).encode()


def windows_of(ground: Window) -> list[Window]:
    """For a query: none where the tile is the whole world."""
    whole = ground.west == 0 and ground.east == MERCATOR_SIZE - 1
    return [] if whole else [ground]
