"""What stands where: towns that ask and circles, several in one spot as one marker.

The database sums towns and circles by squares of a grid (`cell_shift`); what would lie over
something else is then put together, until every marker has 44 px for itself. Nothing is lost on
the way: the sums of all markers are the sums of all cells.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import floor, hypot, log2
from typing import Final

from board.core.geo import MERCATOR_SIZE
from board.drawing.markers import Kind, Marker, in_percent
from board.drawing.view import Box, View, Window, place

_CELL_PX: Final = 45
# Two markers this near each other, in px, are one region.
_NEAR: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Towns, circles or libraries of one square of the grid; all numbers but ids are sums.

    Of a single one its id is known, its votes or state, and its `name`. `extent` surrounds them:
    a single point, their smallest and largest coordinates, or the whole square.
    """

    sum_mx: int
    sum_my: int
    towns: int = 0
    votes: int = 0
    circles_now: int = 0
    circles_soon: int = 0
    circles_finished: int = 0
    libraries: int = 0
    town_id: int | None = None
    circle_id: int | None = None
    library_id: int | None = None
    status: str = ""
    name: str = ""
    extent: Window | None = None

    @property
    def things(self) -> int:
        """How many towns, circles and libraries it holds."""
        return self.towns + self.circles + self.libraries

    @property
    def circles(self) -> int:
        """How many circles it holds, in any state."""
        return self.circles_now + self.circles_soon + self.circles_finished


def cell_shift(view: View) -> int:
    """Group by `mx >> shift, my >> shift`: squares of 23 to 45 px, 32 on a whole zoom level."""
    return max(0, floor(log2(_CELL_PX / view.scale)))


def cell_level(view: View) -> int:
    """The level of these squares: how often the world was halved (towns.cells)."""
    return MERCATOR_SIZE.bit_length() - 1 - cell_shift(view)


def place_markers(
    cells: Iterable[Cell],
    view: View,
    *,
    listed: Sequence[int] = (),
    selected: int | None = None,
) -> list[Marker]:
    """The markers of a view, none over another, in the order of the list beside the map.

    First the towns of the list, in its order (`listed`, their ids), as far as they have a marker
    of their own; then all else by votes.
    """
    first = {town: n for n, town in enumerate(listed)}

    def by_list(marker: Marker) -> tuple[int, int, int, int, int, float, float]:
        rank = first.get(marker.town_id or 0, len(first))
        held = -marker.votes, -marker.towns, -marker.circles, -marker.libraries
        return (rank, *held, marker.y, marker.x)

    merged = _apart([_marker(cell, view, selected) for cell in cells])
    return [in_percent(marker, view) for marker in sorted(merged, key=by_list)]


def inside(cells: Iterable[Cell], view: View) -> list[Cell]:
    """The cells whose middle a view shows, for a layer that shows less than was asked for."""

    def shows(cell: Cell) -> bool:
        x, y = place(view, int(cell.sum_mx) / cell.things, int(cell.sum_my) / cell.things)
        return 0 <= x < view.width and 0 <= y < view.height

    return [cell for cell in cells if shows(cell)]


def overlap(a: Box, b: Box) -> bool:
    """Whether two grounds meet."""
    return a.west < b.east and b.west < a.east and a.north < b.south and b.north < a.south


def _marker(cell: Cell, view: View, selected: int | None) -> Marker:
    """A cell as a marker at the middle of what it holds. (PostgreSQL's sums are decimals.)"""
    mx, my = int(cell.sum_mx) / cell.things, int(cell.sum_my) / cell.things
    x, y = place(view, mx, my)
    reach = Box(x, y, x, y) if cell.things == 1 else None
    if cell.extent and cell.things > 1:
        # From the middle: placed by themselves, the sides of a square that the view's own edge
        # cuts would fall on the two ends of the world.
        reach = Box(
            x + (cell.extent.west - mx) * view.scale,
            y + (cell.extent.north - my) * view.scale,
            x + (cell.extent.east - mx) * view.scale,
            y + (cell.extent.south - my) * view.scale,
        )
    return _shaped(
        Marker(
            kind="several",
            x=x,
            y=y,
            towns=cell.towns,
            votes=int(cell.votes),
            circles_now=cell.circles_now,
            circles_soon=cell.circles_soon,
            circles_finished=cell.circles_finished,
            libraries=cell.libraries,
            town_id=cell.town_id,
            circle_id=cell.circle_id,
            library_id=cell.library_id,
            selected=selected is not None and cell.towns > 0 and cell.town_id == selected,
            reach=reach,
        )
    )


def _shaped(marker: Marker) -> Marker:
    """The marker with the shape that its contents ask for."""
    if marker.things > 1:
        return replace(
            marker, kind="several", town_id=None, circle_id=None, library_id=None, selected=False
        )
    kinds: tuple[tuple[int, Kind], ...] = (
        (marker.circles_now, "now"),
        (marker.circles_soon, "soon"),
        (marker.circles_finished, "finished"),
        (marker.libraries, "library"),
    )
    return replace(marker, kind=next((kind for count, kind in kinds if count), "asking"))


def _apart(markers: Iterable[Marker]) -> list[Marker]:
    """Put together what overlaps until nothing does; the largest first, always the same way."""
    waiting = deque(sorted(markers, key=_weight))
    placed: list[tuple[Box, Marker]] = []
    while waiting:
        marker = waiting.popleft()
        ground = marker.ground
        met = next((n for n, (other, _m) in enumerate(placed) if overlap(ground, other)), None)
        if met is None:
            placed.append((ground, marker))
        else:
            waiting.appendleft(_together(placed.pop(met)[1], marker))
    return [marker for _ground, marker in placed]


def _weight(marker: Marker) -> tuple[int, int, float, float, int, int, int]:
    ids = marker.town_id or 0, marker.circle_id or 0, marker.library_id or 0
    return (-marker.things, -marker.votes, marker.y, marker.x, *ids)


def _together(a: Marker, b: Marker) -> Marker:
    """Both as one, in their middle, or where the larger one stands if they are far apart.

    Halfway between two towns is a region; halfway between two continents there is only water.
    """
    larger, smaller = sorted((a, b), key=_weight)
    to_x, to_y = smaller.x - larger.x, smaller.y - larger.y
    share = smaller.things / (a.things + b.things)
    if hypot(to_x, to_y) > _NEAR:
        share = 0.0
    return _shaped(
        replace(
            larger,
            x=larger.x + to_x * share,
            y=larger.y + to_y * share,
            towns=a.towns + b.towns,
            votes=a.votes + b.votes,
            circles_now=a.circles_now + b.circles_now,
            circles_soon=a.circles_soon + b.circles_soon,
            circles_finished=a.circles_finished + b.circles_finished,
            libraries=a.libraries + b.libraries,
            reach=_around(a.reach, b.reach),
        )
    )


def _around(a: Box | None, b: Box | None) -> Box | None:
    if a is None or b is None:
        return None
    return Box(
        min(a.west, b.west), min(a.north, b.north), max(a.east, b.east), max(a.south, b.south)
    )
