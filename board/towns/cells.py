"""The map's cells: squares of a grid in which towns are counted beforehand. Pure.

A cell of level n is one of 2^n by 2^n squares of the stored Mercator world. Its key interleaves
the bits of its column and row (Z-order), so that a map tile, or a coarser cell, is one range of
keys. A town's own key is that of level 30, where every place is a square of its own.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

from board.core.geo import MERCATOR_SIZE
from board.drawing.view import Window
from board.towns.rules import OPEN_STATUSES

# Level 0 is one cell that holds every town of list and map, also one without a place on the map.
EVERYWHERE: Final = 0
COARSEST, FINEST = 3, 11
LEVELS: Final = (EVERYWHERE, *range(COARSEST, FINEST + 1))
PLACE_LEVEL: Final = 30
# A tile holds 8 by 8 cells: those of zoom z are of level z + 3.
TILE_LEVELS: Final = 3
# What a question without a country asks: towns of all countries are counted under this one, too.
ALL_COUNTRIES: Final = ""
_RANGES: Final = 16
SPREAD: Final = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


class Facets(NamedTuple):
    """What of a question cells can answer; `lonely`: only where no circle meets near enough."""

    statuses: Sequence[str] = OPEN_STATUSES
    country: str = ALL_COUNTRIES
    lonely: bool = False


class Standing(NamedTuple):
    """As what a town is counted: its facets, and its key on the map if it has a place there."""

    country: str
    status: str
    lonely: int
    key: int | None

    @classmethod
    def read(cls, celled_as: str, key: int | None) -> "Standing | None":
        """What a town's row says of it; None for a town that is in no cell."""
        if not celled_as:
            return None
        country, status, lonely = celled_as.split(" ")
        return cls(country, status, int(lonely), key)

    def cells(self) -> list["CellKey"]:
        """Every cell this town is counted in."""
        countries = sorted({ALL_COUNTRIES, self.country})
        levels = LEVELS if self.key is not None else (EVERYWHERE,)
        return [
            CellKey(level, country, key_at(self.key or 0, level), self.status, self.lonely)
            for level in levels
            for country in countries
        ]


class CellKey(NamedTuple):
    """The primary key of a row of `town_cell`, in its order."""

    level: int
    country: str
    key: int
    status: str
    lonely: int


def interleaved(x: int, y: int) -> int:
    """The Z-order key of a column and a row of up to 31 bits: y's bits left of x's."""
    for shift, mask in SPREAD:
        x = (x | x << shift) & mask
        y = (y | y << shift) & mask
    return y << 1 | x


def taken_apart(key: int) -> tuple[int, int]:
    """The column and row of a key."""
    return _gathered(key), _gathered(key >> 1)


def _gathered(bits: int) -> int:
    bits &= SPREAD[-1][1]
    for (shift, _mask), (_shift, mask) in zip(
        reversed(SPREAD), (*reversed(SPREAD[:-1]), (0, 0x00000000FFFFFFFF)), strict=True
    ):
        bits = (bits | bits >> shift) & mask
    return bits


def key_at(place_key: int, level: int) -> int:
    """The key of the cell of a level in which a place lies."""
    return place_key >> 2 * (PLACE_LEVEL - level)


def square(key: int, level: int) -> Window:
    """The ground of a cell."""
    x, y = taken_apart(key)
    size = MERCATOR_SIZE >> level
    return Window(x * size, (x + 1) * size - 1, y * size, (y + 1) * size - 1)


def tile_window(z: int, x: int, y: int) -> Window:
    """The ground of a map tile."""
    return square(interleaved(x, y), z)


# --- windows ----------------------------------------------------------------------------------


def snapped(windows: Sequence[Window], level: int) -> list[Window]:
    """The windows widened outwards to whole cells of a level.

    What is counted in them is then the same for map, legend and list. Where two windows (a view
    over the antimeridian) come to meet on their other side, too, they are one all around.
    """
    size = MERCATOR_SIZE >> level
    wide = [
        Window(
            w.west // size * size,
            (w.east // size + 1) * size - 1,
            w.north // size * size,
            (w.south // size + 1) * size - 1,
        )
        for w in windows
    ]
    if len(wide) == 2 and wide[1].east >= wide[0].west - 1:
        return [Window(0, MERCATOR_SIZE - 1, wide[0].north, wide[0].south)]
    return wide


def level_of(windows: Iterable[Window]) -> int:
    """The coarsest level whose cells fill these windows wholly; 30 where none of ours does."""
    edges = chain.from_iterable((w.west, w.east + 1, w.north, w.south + 1) for w in windows)
    return PLACE_LEVEL - min(_trailing_zeros(edge) for edge in edges)


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1 if number else PLACE_LEVEL


def key_ranges(windows: Sequence[Window], level: int, most: int = _RANGES) -> list[tuple[int, int]]:
    """Ranges of keys of a level, both ends included, that together hold all the windows' cells.

    At most about `most` of them for each window, which may hold some more than the window does.
    """
    found = sorted(chain.from_iterable(_blocks(window, level, most) for window in windows))
    merged: list[tuple[int, int]] = []
    for first, last in found:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _blocks(window: Window, level: int, most: int) -> list[tuple[int, int]]:
    """The squares, from the world downwards, of which a window consists, as ranges of keys."""
    whole: list[tuple[int, int]] = []
    parts = [0]
    for depth in range(level + 1):
        cut: list[int] = []
        for key in parts:
            if _covers(window, square(key, depth)):
                whole.append(_beneath(key, level - depth))
            else:
                cut.append(key)
        if depth == level or len(whole) + len(cut) >= most:
            return whole + [_beneath(key, level - depth) for key in cut]
        children = (key << 2 | n for key in cut for n in range(4))
        parts = [key for key in children if meet(window, square(key, depth + 1))]
    return whole


def touches(key: int, windows: Sequence[Window], level: int) -> bool:
    """Whether a cell lies in one of the windows: a range of keys may hold some more."""
    x, y = taken_apart(key)
    shift = PLACE_LEVEL - level
    return any(
        w.west >> shift <= x <= w.east >> shift and w.north >> shift <= y <= w.south >> shift
        for w in windows
    )


def _beneath(key: int, levels: int) -> tuple[int, int]:
    """The keys, so many levels further down, of what lies in a cell."""
    return key << 2 * levels, (key + 1 << 2 * levels) - 1


def _covers(window: Window, inner: Window) -> bool:
    return (
        window.west <= inner.west
        and inner.east <= window.east
        and window.north <= inner.north
        and inner.south <= window.south
    )


def meet(a: Window, b: Window) -> bool:
    """Whether two windows share any ground."""
    return a.west <= b.east and b.west <= a.east and a.north <= b.south and b.north <= a.south
