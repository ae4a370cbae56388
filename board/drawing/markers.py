"""The markers of the map: one shape per kind, one outline around what several share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor, log2
from typing import Final, Literal, NamedTuple

from board.core.language import gettext as _
from board.drawing.bubbles import (
    Several,
    asking_half,
    asking_outline,
    several,
    several_half,
    several_name,
    short,
)
from board.drawing.view import MAX_ZOOM, Box, View, project, unproject, zoomed

Kind = Literal["asking", "nobody", "now", "soon", "finished", "library", "several"]

SELECTED: Final = 1.3
# WCAG asks for 24 px; a thumb asks for this.
TARGET: Final = 44
_MOST_LEVELS: Final = 5


class Link(NamedTuple):
    """What a marker of one thing is called, and where it leads."""

    name: str
    href: str


# The ground that belongs to a marker, around the place where it stands, in px.
SMALL_TARGET: Final = Box(-TARGET / 2, -TARGET / 2, TARGET / 2, TARGET / 2)


def asking_target(votes: int, size: float = 1.0) -> Box:
    """The ground of a town's bubble."""
    half = max(TARGET / 2, (asking_half(short(votes)) + 1) * size)
    return Box(-half, -max(41.0, 37 * size), half, 3)


def several_target(towns: int, circles: int, libraries: int) -> Box:
    """The ground of a bubble for several things, and of the sheet behind it."""
    half = max(TARGET / 2, several_half(towns, circles, libraries) + 1)
    return Box(-half, -56, half + 5, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A marker at x, y px of its view, which is `left`, `top` per cent of it.

    `reach` surrounds the places it stands for, in px; None where that isn't known. `tag` is
    written beside a dotted bubble.
    """

    kind: Kind
    x: float
    y: float
    left: float = 0.0
    top: float = 0.0
    towns: int = 0
    votes: int = 0
    circles_now: int = 0
    circles_soon: int = 0
    circles_finished: int = 0
    libraries: int = 0
    town_id: int | None = None
    circle_id: int | None = None
    library_id: int | None = None
    selected: bool = False
    reach: Box | None = None
    tag: str = ""
    name: str = ""
    href: str = ""

    @property
    def circles(self) -> int:
        """How many circles, in any state."""
        return self.circles_now + self.circles_soon + self.circles_finished

    @property
    def things(self) -> int:
        """How many towns, circles and libraries."""
        return self.towns + self.circles + self.libraries

    @property
    def live(self) -> bool:
        """Some of the circles meet now or soon."""
        return self.circles_now + self.circles_soon > 0

    @property
    def label(self) -> str:
        """What stands in a town's bubble."""
        return short(self.votes)

    @property
    def outline(self) -> str:
        """The path of a town's bubble."""
        return asking_outline(self.label)

    @property
    def bubble(self) -> Several:
        """How several things in one spot are drawn."""
        return several(self.towns, self.circles, self.libraries, live=self.live)

    @property
    def target(self) -> Box:
        """The ground that is this marker's own, around 0, 0."""
        if self.kind == "asking":
            return asking_target(self.votes, SELECTED if self.selected else 1.0)
        if self.kind == "several":
            return several_target(self.towns, self.circles, self.libraries)
        return Box(-27, -41, 27, 3) if self.kind == "nobody" else SMALL_TARGET

    @property
    def ground(self) -> Box:
        """The same where it lies, in px of the view."""
        west, north, east, south = self.target
        return Box(self.x + west, self.y + north, self.x + east, self.y + south)


def nobody_yet(view: View, lat: float, lng: float, tag: str, link: Link) -> Marker:
    """The dotted bubble of a place that nobody has asked for."""
    x, y = project(view, lat, lng)
    left, top = in_percent(x, y, view)
    return Marker(
        kind="nobody", x=x, y=y, left=left, top=top, tag=tag, name=link.name, href=link.href
    )


def in_percent(x: float, y: float, view: View) -> tuple[float, float]:
    """A place as parts of the picture, which keep when the picture is scaled."""
    return round(100 * x / view.width, 2), round(100 * y / view.height, 2)


def linked(
    markers: Iterable[Marker],
    view: View,
    *,
    towns: Mapping[int, Link],
    circles: Mapping[int, Link],
    libraries: Mapping[int, Link],
    closer: Callable[[View], str],
    here: Callable[[Marker], str],
) -> list[Marker]:
    """The markers with their names and where they lead.

    One town, circle or library leads to its own page. Several lead closer (`closer` makes the
    address of a view); where nothing would part them, to the list (`here` makes its address).
    """

    def link_of(marker: Marker) -> Link:
        if marker.kind == "several":
            nearer = closer_view(marker, view)
            name = several_name(
                marker.towns,
                marker.circles,
                marker.libraries,
                live=marker.live,
                closer=nearer is not None,
            )
            return Link(name, closer(nearer) if nearer else here(marker))
        if marker.town_id is not None:
            name, href = towns.get(marker.town_id, Link("", ""))
            return Link(_("%(name)s, selected") % {"name": name} if marker.selected else name, href)
        if marker.library_id is not None:
            return libraries.get(marker.library_id, Link("", ""))
        return circles.get(marker.circle_id or 0, Link("", ""))

    named = ((marker, link_of(marker)) for marker in markers)
    return [replace(marker, name=link.name, href=link.href) for marker, link in named]


def closer_view(marker: Marker, view: View) -> View | None:
    """The view that parts what a marker stands for, always a nearer one; None where none does."""
    if view.zoom >= MAX_ZOOM:
        return None
    if marker.reach is None:
        lat, lng = unproject(view, marker.x, marker.y)
        return zoomed(replace(view, lat=lat, lng=lng), 2)
    west, north, east, south = marker.reach
    span = max(east - west, south - north)
    if span * 2 ** (MAX_ZOOM - view.zoom) < TARGET:
        return None
    lat, lng = unproject(view, (west + east) / 2, (north + south) / 2)
    # All of it shall be in the picture then, with some air, and one step shall not be a leap.
    room = 0.7 * min(view.width / max(east - west, 1), view.height / max(south - north, 1))
    levels = max(1, min(_MOST_LEVELS, floor(log2(room))))
    return zoomed(replace(view, lat=lat, lng=lng), levels)
