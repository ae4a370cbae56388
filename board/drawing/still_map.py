"""The still map: everything a page needs to draw one view with its markers, without a script.

The land is drawn once and scales with the page. Markers and names keep their size, so they are
placed once for a wide screen and once for a narrow one; the style sheet shows one of the two. A
layer may show less than the whole land: the middle of the world is enough for a phone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Literal

from board.drawing.clusters import in_list_order
from board.drawing.labels import Label, country_labels
from board.drawing.land import UNITS, Land, land
from board.drawing.markers import Marker
from board.drawing.view import Box, View, format_view, panned, project, world, zoomed

_STEP = 0.5


Screen = Literal["wide", "narrow", "any"]


@dataclass(frozen=True, slots=True)
class Layer:
    """Markers and names for one kind of screen, and which part of the land lies under them."""

    screen: Screen
    window: Box
    markers: tuple[Marker, ...]
    labels: tuple[Label, ...]

    @property
    def box(self) -> str:
        """The window as the viewBox of the land."""
        west, north, east, south = (round(side * UNITS) for side in self.window)
        return f"{west} {north} {east - west} {south - north}"


@dataclass(frozen=True, slots=True)
class Moves:
    """Addresses of the views around this one; an empty one is no link."""

    closer: str = ""
    wider: str = ""
    west: str = ""
    north: str = ""
    south: str = ""
    east: str = ""
    world: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StillMap:
    """What templates/_ui/map.html draws. A map is only the same as itself: comparing hundreds of
    markers would take as long as drawing them."""

    view: View
    land: Land
    layers: tuple[Layer, ...]
    moves: Moves | None = None

    @property
    def single_towns(self) -> frozenset[int]:
        """The ids of the towns that have a marker of their own, which says their votes."""
        markers = (marker for layer in self.layers for marker in layer.markers)
        return frozenset(marker.town_id for marker in markers if marker.town_id is not None)

    def read_with(self, listed: Sequence[int]) -> "StillMap":
        """The same map, its markers in the order of a list (of towns' ids) beside it."""
        if not listed:
            return self
        in_order = (tuple(in_list_order(layer.markers, listed)) for layer in self.layers)
        layers = zip(self.layers, in_order, strict=True)
        return replace(self, layers=tuple(replace(one, markers=two) for one, two in layers))


@dataclass(frozen=True, slots=True)
class LegendItem:
    """A line of the legend; with an `href` it shows or hides its layer."""

    kind: str
    words: str
    count: int | None = None
    href: str = ""
    shown: bool = True


def layer(screen: Screen, view: View, drawn: View, markers: Sequence[Marker]) -> Layer:
    """A layer of the map of `view`: `drawn` is what this screen shows, placed at its own size.

    So that no marker comes to lie over another, that is the smallest size that the layout gives it.
    """
    ratio = view.scale / drawn.scale
    right, down = drawn.width * ratio / 2, drawn.height * ratio / 2
    x, y = project(view, drawn.lat, drawn.lng)
    window = Box(x - right, y - down, x + right, y + down)
    return Layer(screen, window, tuple(markers), tuple(country_labels(drawn, markers)))


def still_map(view: View, layers: Sequence[Layer], moves: Moves | None = None) -> StillMap:
    """The map of a view, with land wherever one of its layers looks."""
    windows = [Box(0, 0, view.width, view.height), *(one.window for one in layers)]
    west, north, east, south = zip(*windows, strict=True)
    seen = Box(floor(min(west)), floor(min(north)), ceil(max(east)), ceil(max(south)))
    return StillMap(view, land(view, seen), tuple(layers), moves)


def moves(view: View, address: Callable[[View], str]) -> Moves:
    """The links around a view; `address` makes the address of another view."""

    def unless_here(other: View) -> str:
        return "" if format_view(other) == format_view(view) else address(other)

    return Moves(
        closer=unless_here(zoomed(view, 1)),
        wider=unless_here(zoomed(view, -1)),
        west=address(panned(view, -_STEP, 0)),
        north=address(panned(view, 0, -_STEP)),
        south=address(panned(view, 0, _STEP)),
        east=address(panned(view, _STEP, 0)),
        world=unless_here(world(view.width, view.height)),
    )
