"""The few names of countries that find room on a map, in the language of the page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from board.core.language import current
from board.core.rendering import locale_of
from board.drawing.atlas import atlas_for, box_of
from board.drawing.land import shape_in_view
from board.drawing.markers import Marker
from board.drawing.view import Box, View

FROM_ZOOM: Final = 3.5
MOST: Final = 14
# 13 px letters, spaced capitals.
_LETTER: Final = 10.6
_TALL: Final = 16.0
_LINES: Final = 9
_EDGE: Final = 12.0


@dataclass(frozen=True, slots=True)
class Label:
    """A country's name, its middle at `left`, `top` per cent of the view."""

    text: str
    left: float
    top: float


class _Room(NamedTuple):
    """A level stretch inside a country that holds nothing yet."""

    west: float
    east: float
    y: float


def country_labels(view: View, markers: Iterable[Marker] = ()) -> list[Label]:
    """Names that fit inside their country, beside its markers; none on a map of the world."""
    if view.zoom < FROM_ZOOM:
        return []
    atlas = atlas_for(view.zoom)
    names = locale_of(current()).territories
    taken = [marker.ground for marker in markers]
    found: list[tuple[float, Label]] = []
    for code, ring in atlas.countries.items():
        text = names.get(code, "")
        wide = len(text) * _LETTER
        for polygon in shape_in_view(atlas, ring, view) if text else ():
            spot = _spot(polygon, wide, taken, view)
            if spot:
                left, top = 100 * spot[0] / view.width, 100 * spot[1] / view.height
                box = box_of(polygon)
                size = (box.east - box.west) * (box.south - box.north)
                found.append((-size, Label(text, round(left, 2), round(top, 2))))
    found.sort(key=lambda label: (label[0], label[1].text))
    return [label for _size, label in found[:MOST]]


def _spot(
    polygon: Sequence[complex], wide: float, taken: Sequence[Box], view: View
) -> tuple[float, float] | None:
    """The middle of the best place for words that are so wide, None if there is none."""
    box = box_of(polygon)
    if box.east - box.west < wide or box.south - box.north < _TALL:
        return None
    north, south = max(box.north, _EDGE), min(box.south, view.height - _EDGE)
    middle = (north + south) / 2
    best: tuple[float, float, float] | None = None
    for line in range(1, _LINES + 1):
        y = north + (south - north) * line / (_LINES + 1)
        for room in _rooms(polygon, y, taken, view):
            length = room.east - room.west
            worth = min(length, 2 * wide) - abs(y - middle)
            if length >= wide and (best is None or worth > best[0]):
                best = (worth, (room.west + room.east) / 2, y)
    return best[1:] if best else None


def _rooms(
    polygon: Sequence[complex], y: float, taken: Sequence[Box], view: View
) -> Iterator[_Room]:
    """Where a line of words at y would lie inside the polygon and over no marker."""
    inside = [(_EDGE, view.width - _EDGE)]
    for edge in (y - _TALL / 2, y, y + _TALL / 2):
        inside = _both(inside, _crossings(polygon, edge))
    for box in taken:
        if box.north < y + _TALL / 2 and box.south > y - _TALL / 2:
            inside = _both(inside, [(float("-inf"), box.west), (box.east, float("inf"))])
    return (_Room(west, east, y) for west, east in inside)


def _crossings(polygon: Sequence[complex], y: float) -> list[tuple[float, float]]:
    xs = sorted(
        a.real + (b.real - a.real) * (y - a.imag) / (b.imag - a.imag)
        for a, b in pairwise([*polygon, polygon[0]])
        if (a.imag > y) != (b.imag > y)
    )
    return list(zip(xs[::2], xs[1::2], strict=True))


def _both(
    some: Iterable[tuple[float, float]], others: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    pairs = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return [(west, east) for west, east in pairs if west < east]
