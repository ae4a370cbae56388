"""Land, borders and a net of degrees for one view, as SVG path data of few bytes.

Drawn in half pixels (the drawing's box is twice the view) as whole numbers, relative to the point
before, cut to the view. A map of the world is some 20 KB, 8 KB compressed; it stands inside the
page, because a second request would bring the same bytes again for every other view.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from math import ceil, floor
from typing import Final

from board.core.geo import MERCATOR_SIZE, to_mercator
from board.drawing.atlas import Atlas, Ring, atlas_for, box_of
from board.drawing.view import TILE, Box, View

UNITS: Final = 2
# The cut runs outside the picture, further than the widest line drawn along the coast.
_MARGIN: Final = 10.0
# What is smaller than this many px across is no island, only a speck.
_SPECK: Final = 1.6
_NET_STEPS: Final = ((5.5, 5), (3.0, 10), (0.0, 30))


@dataclass(frozen=True, slots=True)
class Land:
    """Path data for a drawing that is twice the view wide and high."""

    coast: str
    borders: str
    net: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """How points of the atlas become px of a view: times `size`, minus `corner`."""

    size: float
    corner: complex
    window: Box

    def px(self, point: complex, shift: int) -> complex:
        return (point + shift) * self.size - self.corner

    def shown(self, box: Box, shift: int) -> Box:
        """A box of the atlas in px."""
        upper, lower = (
            self.px(complex(box.west, box.north), shift),
            self.px(complex(box.east, box.south), shift),
        )
        return Box(upper.real, upper.imag, lower.real, lower.imag)


@lru_cache(maxsize=64)
def land(view: View, window: Box | None = None) -> Land:
    """What the still map draws under its markers; `window`, in px, where more is to be seen."""
    atlas, frame, level = atlas_for(view.zoom), _frame(view, window), level_of(view)
    return Land(
        coast="".join(_coasts(atlas, frame, level)),
        borders="".join(_borders(atlas, frame, level)),
        net="".join(_net(view.zoom, frame)),
    )


def level_of(view: View) -> int:
    """The whole zoom level whose points are fine enough for a view."""
    return max(0, ceil(view.zoom))


def shape_in_view(atlas: Atlas, ring: Ring, view: View) -> list[Sequence[complex]]:
    """The parts of a ring that a view shows, in px, each a closed polygon."""
    return list(_cut_ring(atlas, ring, _frame(view), level_of(view)))


def cut(polygon: Sequence[complex], window: Box) -> Sequence[complex]:
    """The polygon inside the window (Sutherland and Hodgman); empty if it lies outside."""
    sides: tuple[Callable[[complex], float], ...] = (
        lambda p: p.real - window.west,
        lambda p: window.east - p.real,
        lambda p: p.imag - window.north,
        lambda p: window.south - p.imag,
    )
    for inside in sides:
        if any(inside(point) < 0 for point in polygon):
            polygon = list(_cut_side(polygon, inside))
    return polygon


def _cut_side(polygon: Sequence[complex], inside: Callable[[complex], float]) -> Iterator[complex]:
    before, was = polygon[-1], inside(polygon[-1])
    for point in polygon:
        now = inside(point)
        if (was < 0) != (now < 0):
            yield before + (point - before) * (was / (was - now))
        if now >= 0:
            yield point
        before, was = point, now


def _frame(view: View, window: Box | None = None) -> _Frame:
    left, top = view.corner
    west, north, east, south = window or Box(0, 0, view.width, view.height)
    return _Frame(
        size=TILE * 2**view.zoom,
        corner=complex(left, top) * view.scale,
        window=Box(west - _MARGIN, north - _MARGIN, east + _MARGIN, south + _MARGIN),
    )


def _coasts(atlas: Atlas, frame: _Frame, level: int) -> Iterator[str]:
    for ring in atlas.coasts:
        for polygon in _cut_ring(atlas, ring, frame, level):
            box = box_of(polygon)
            if max(box.east - box.west, box.south - box.north) >= _SPECK:
                yield _path(polygon, closed=True)


def _borders(atlas: Atlas, frame: _Frame, level: int) -> Iterator[str]:
    for index in atlas.borders:
        for shift in _copies(frame, atlas.boxes[index]):
            points = [frame.px(point, shift) for point in atlas.arc(index, level)]
            for run in _runs(points, frame.window):
                yield _path(run, closed=False)


def _cut_ring(atlas: Atlas, ring: Ring, frame: _Frame, level: int) -> Iterator[Sequence[complex]]:
    for shift in _copies(frame, _ring_box(atlas, ring)):
        polygon: list[complex] = []
        for part in ring:
            moved = part.shift + shift
            if _apart(frame.shown(atlas.boxes[part.arc], moved), frame.window):
                # All of it lies beyond one side: its ends are enough to go round the picture.
                points: Sequence[complex] = (atlas.arcs[part.arc][0], atlas.arcs[part.arc][-1])
            else:
                points = atlas.arc(part.arc, level)
            to_px = partial(frame.px, shift=moved)
            polygon += map(to_px, reversed(points) if part.backwards else points)
        if inside := cut(polygon, frame.window):
            yield inside


def _ring_box(atlas: Atlas, ring: Ring) -> Box:
    boxes = [(atlas.boxes[part.arc], part.shift) for part in ring]
    return Box(
        min(box.west + shift for box, shift in boxes),
        min(box.north for box, _shift in boxes),
        max(box.east + shift for box, shift in boxes),
        max(box.south for box, _shift in boxes),
    )


def _copies(frame: _Frame, box: Box) -> Iterator[int]:
    """By how many worlds to move something so that the view shows it: none, one or several."""
    shown = frame.shown(box, 0)
    if shown.south < frame.window.north or shown.north > frame.window.south:
        return iter(())
    first = ceil((frame.window.west - shown.east) / frame.size)
    last = floor((frame.window.east - shown.west) / frame.size)
    return iter(range(first, last + 1))


def _apart(box: Box, window: Box) -> bool:
    return (
        box.east < window.west
        or box.west > window.east
        or box.south < window.north
        or box.north > window.south
    )


def _runs(points: Sequence[complex], window: Box) -> Iterator[list[complex]]:
    """The stretches of a line that come into the window; they may end a little outside."""
    run: list[complex] = []
    for before, point in pairwise(points):
        if _apart(box_of((before, point)), window):
            if run:
                yield run
            run = []
        else:
            run = [*run, point] if run else [before, point]
    if run:
        yield run


def _path(points: Iterable[complex], *, closed: bool) -> str:
    """Whole half pixels, each relative to the last, the sign doing the work of a space."""
    steps: list[str] = []
    x = y = 0
    for point in points:
        to_x, to_y = round(point.real * UNITS), round(point.imag * UNITS)
        if not steps:
            steps.append(f"M{to_x} {to_y}l")
        elif (to_x, to_y) != (x, y):
            dx, dy = str(to_x - x), str(to_y - y)
            between = "" if dx.startswith("-") or len(steps) == 1 else " "
            steps.append(f"{between}{dx}{'' if dy.startswith('-') else ' '}{dy}")
        x, y = to_x, to_y
    return "".join(steps) + ("z" if closed else "") if len(steps) > 1 + closed else ""


def _net(zoom: float, frame: _Frame) -> Iterator[str]:
    """Meridians and parallels."""
    step = next(step for least, step in _NET_STEPS if zoom >= least)
    west, north, east, south = (round(side * UNITS) for side in frame.window)
    for lng in range(-180, 180, step):
        x = complex((lng + 180) / 360, 0)
        for shift in _copies(frame, Box(x.real, 0, x.real, 1)):
            yield f"M{round(frame.px(x, shift).real * UNITS)} {north}V{south}"
    for lat in range(-80, 85, step):
        y = complex(0, to_mercator(lat, 0)[1] / MERCATOR_SIZE)
        down = round(frame.px(y, 0).imag * UNITS)
        if north <= down <= south:
            yield f"M{west} {down}H{east}"
