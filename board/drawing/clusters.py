"""What stands where: towns that ask and circles, several in one spot as one marker.

The database sums towns and circles by squares of a grid (`cell_shift`); what would lie over
something else is then put together, until every marker has 44 px for itself. Nothing is lost on
the way: the sums of all markers are the sums of all cells.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import floor, hypot, log2
from typing import Final, NamedTuple

from board.core.geo import MERCATOR_SIZE
from board.drawing.markers import (
    SMALL_TARGET,
    Kind,
    Marker,
    asking_target,
    in_percent,
    several_target,
)
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
    of their own; then all else, what holds most first, and single towns by their votes.
    """
    spots = _apart([_spot(cell, view) for cell in cells])
    markers = [_marker(spot, view, selected) for spot in spots]
    return in_list_order(markers, listed)


def in_list_order(markers: Iterable[Marker], listed: Sequence[int]) -> list[Marker]:
    """Markers in the order in which they are read (`place_markers`); first a place that was looked
    for."""
    ranks = {town: n for n, town in enumerate(listed)}

    def by_list(marker: Marker) -> tuple[float, ...]:
        rank = -1 if marker.kind == "nobody" else ranks.get(marker.town_id or 0, len(ranks))
        held = -marker.votes, -marker.towns, -marker.circles, -marker.libraries
        return (rank, -marker.things, *held, marker.y, marker.x)

    return sorted(markers, key=by_list)


def inside(cells: Iterable[Cell], view: View) -> list[Cell]:
    """The cells whose middle a view shows, for a layer that shows less than was asked for."""

    def shows(cell: Cell) -> bool:
        x, y = place(view, int(cell.sum_mx) / cell.things, int(cell.sum_my) / cell.things)
        return 0 <= x < view.width and 0 <= y < view.height

    return [cell for cell in cells if shows(cell)]


def overlap(a: Box, b: Box) -> bool:
    """Whether two grounds meet."""
    return a.west < b.east and b.west < a.east and a.north < b.south and b.north < a.south


class _Spot(NamedTuple):
    """What will be one marker: where it stands, what it holds, and of a single thing its cell.

    Of all sums nothing depends on votes, so that a vote moves no marker but its own town's.
    """

    x: float
    y: float
    things: int
    towns: int
    circles_now: int
    circles_soon: int
    circles_finished: int
    libraries: int
    reach: Box | None
    only: Cell | None

    @property
    def ground(self) -> Box:
        """What no other marker may cover, in px of the view."""
        if self.only is None:
            circles = self.circles_now + self.circles_soon + self.circles_finished
            target = several_target(self.towns, circles, self.libraries)
        elif self.towns:
            target = asking_target(self.only.votes)
        else:
            target = SMALL_TARGET
        west, north, east, south = target
        return Box(self.x + west, self.y + north, self.x + east, self.y + south)


def _spot(cell: Cell, view: View) -> _Spot:
    """A cell at the middle of what it holds. (PostgreSQL's sums are decimals.)"""
    things = cell.things
    mx, my = int(cell.sum_mx) / things, int(cell.sum_my) / things
    x, y = place(view, mx, my)
    reach = Box(x, y, x, y) if things == 1 else None
    if cell.extent and things > 1:
        # From the middle: placed by themselves, the sides of a square that the view's own edge
        # cuts would fall on the two ends of the world.
        reach = Box(
            x + (cell.extent.west - mx) * view.scale,
            y + (cell.extent.north - my) * view.scale,
            x + (cell.extent.east - mx) * view.scale,
            y + (cell.extent.south - my) * view.scale,
        )
    return _Spot(
        x,
        y,
        things,
        cell.towns,
        cell.circles_now,
        cell.circles_soon,
        cell.circles_finished,
        cell.libraries,
        reach,
        cell if things == 1 else None,
    )


def _apart(spots: Iterable[_Spot]) -> list[_Spot]:
    """Put together what overlaps until nothing does; the largest first, always the same way.

    No more fit beside each other than a screen has room for, so each is compared with all.
    """
    waiting = deque(sorted(spots, key=_weight))
    placed: list[_Spot] = []
    grounds: list[Box] = []
    while waiting:
        spot = waiting.popleft()
        ground = spot.ground
        met = _first_overlap(ground, grounds)
        if met is None:
            placed.append(spot)
            grounds.append(ground)
        else:
            grounds.pop(met)
            waiting.appendleft(_together(placed.pop(met), spot))
    return placed


def _first_overlap(ground: Box, grounds: Sequence[Box]) -> int | None:
    """`overlap` with each in turn, written out: it is asked a hundred thousand times a map."""
    west, north, east, south = ground
    for n, (its_west, its_north, its_east, its_south) in enumerate(grounds):
        if its_west < east and west < its_east and its_north < south and north < its_south:
            return n
    return None


def _weight(spot: _Spot) -> tuple[int, float, float, int, int, int]:
    only = spot.only
    ids = (only.town_id, only.circle_id, only.library_id) if only else ()
    return (-spot.things, spot.y, spot.x, *(number or 0 for number in ids))  # type: ignore[return-value]


def _together(a: _Spot, b: _Spot) -> _Spot:
    """Both as one, in their middle, or where the larger one stands if they are far apart.

    Halfway between two towns is a region; halfway between two continents there is only water.
    """
    larger, smaller = (a, b) if _weight(a) <= _weight(b) else (b, a)
    to_x, to_y = smaller.x - larger.x, smaller.y - larger.y
    things = a.things + b.things
    share = smaller.things / things
    if hypot(to_x, to_y) > _NEAR:
        share = 0.0
    return _Spot(
        larger.x + to_x * share,
        larger.y + to_y * share,
        things,
        a.towns + b.towns,
        a.circles_now + b.circles_now,
        a.circles_soon + b.circles_soon,
        a.circles_finished + b.circles_finished,
        a.libraries + b.libraries,
        _around(a.reach, b.reach),
        None,
    )


def _marker(spot: _Spot, view: View, selected: int | None) -> Marker:
    """A spot as a marker; of a single thing it says which one it is."""
    only = spot.only
    left, top = in_percent(spot.x, spot.y, view)
    marker = Marker(
        kind=_kind(spot),
        x=spot.x,
        y=spot.y,
        left=left,
        top=top,
        towns=spot.towns,
        circles_now=spot.circles_now,
        circles_soon=spot.circles_soon,
        circles_finished=spot.circles_finished,
        libraries=spot.libraries,
        reach=spot.reach,
    )
    if only is None:
        return marker
    return replace(
        marker,
        votes=int(only.votes),
        town_id=only.town_id,
        circle_id=only.circle_id,
        library_id=only.library_id,
        selected=selected is not None and only.towns > 0 and only.town_id == selected,
    )


def _kind(spot: _Spot) -> Kind:
    """The shape that its contents ask for."""
    if spot.things > 1:
        return "several"
    kinds: tuple[tuple[int, Kind], ...] = (
        (spot.circles_now, "now"),
        (spot.circles_soon, "soon"),
        (spot.circles_finished, "finished"),
        (spot.libraries, "library"),
    )
    return next((kind for count, kind in kinds if count), "asking")


def _around(a: Box | None, b: Box | None) -> Box | None:
    if a is None or b is None:
        return None
    return Box(
        min(a.west, b.west), min(a.north, b.north), max(a.east, b.east), max(a.south, b.south)
    )
