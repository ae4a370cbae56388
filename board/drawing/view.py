"""A window on the Web-Mercator world: where a place falls in the picture, and the other way round.

Longitudes wrap: a view over the antimeridian is a view like any other. The world is a square of
2^30 (core.geo), so that everything that is stored is an integer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import floor, log2
from typing import Final, NamedTuple

from board.core.geo import MERCATOR_LATITUDE, MERCATOR_SIZE, from_mercator, to_mercator

TILE: Final = 256
# So near, places two decimals of a degree apart lie well apart.
MAX_ZOOM: Final = 14.0
# From the north of Norway to Cape Horn: what a map of the world shows of it.
_WORLD_NORTH, _WORLD_SOUTH, _WORLD_LNG = 75.0, -56.0, 11.0
_ADDRESS: Final = re.compile(
    r"(-?\d{1,2}(?:\.\d{1,6})?),(-?\d{1,3}(?:\.\d{1,6})?),(\d{1,2}(?:\.\d{1,3})?)"
    r"(?:,(\d{3,4})x(\d{3,4}))?",
    re.ASCII,
)
# The live map says how large it is, so that the list holds exactly what it shows.
_SIZES = range(200, 3001)


class Window(NamedTuple):
    """A range of stored Mercator coordinates, both ends included; west is never past east."""

    west: int
    east: int
    north: int
    south: int


class Box(NamedTuple):
    """The corners of what surrounds something."""

    west: float
    north: float
    east: float
    south: float


@dataclass(frozen=True, slots=True)
class View:
    """A picture of `width` by `height` px around a point; each zoom level doubles the world."""

    lat: float
    lng: float
    zoom: float
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Pixels for one unit of the stored coordinates."""
        return TILE * 2**self.zoom / MERCATOR_SIZE

    @property
    def corner(self) -> tuple[float, float]:
        """The stored coordinates of the upper left corner; x may lie outside the world."""
        x, y = to_mercator(self.lat, self.lng)
        return x - self.width / 2 / self.scale, y - self.height / 2 / self.scale


def place(view: View, mx: float, my: float) -> tuple[float, float]:
    """Where a stored point falls, in px; of its copies around the world the nearest one."""
    cx, cy = to_mercator(view.lat, view.lng)
    half = MERCATOR_SIZE / 2
    dx = (mx - cx + half) % MERCATOR_SIZE - half
    return view.width / 2 + dx * view.scale, view.height / 2 + (my - cy) * view.scale


def project(view: View, lat: float, lng: float) -> tuple[float, float]:
    """Where a place given in degrees falls, in px."""
    return place(view, *to_mercator(lat, lng))


def unproject(view: View, x: float, y: float) -> tuple[float, float]:
    """The latitude and longitude under a pixel."""
    left, top = view.corner
    mx, my = (left + x / view.scale) % MERCATOR_SIZE, top + y / view.scale
    return from_mercator(mx, max(0.0, min(float(MERCATOR_SIZE), my)))


def bounds(view: View) -> tuple[float, float, float, float]:
    """South, west, north, east in degrees; west is greater than east over the antimeridian."""
    north, west = unproject(view, 0, 0)
    south, east = unproject(view, view.width, view.height)
    if view.width / view.scale >= MERCATOR_SIZE:
        west, east = -180.0, 180.0
    return south, west, north, east


def windows(view: View) -> list[Window]:
    """What the view shows, as one or two ranges of stored coordinates for a query."""
    left, top = view.corner
    north = max(0, int(top))
    south = min(MERCATOR_SIZE - 1, int(top + view.height / view.scale))
    if view.width / view.scale >= MERCATOR_SIZE:
        return [Window(0, MERCATOR_SIZE - 1, north, south)]
    west = floor(left) % MERCATOR_SIZE
    east = floor(left + view.width / view.scale) % MERCATOR_SIZE
    if west <= east:
        return [Window(west, east, north, south)]
    return [Window(west, MERCATOR_SIZE - 1, north, south), Window(0, east, north, south)]


def world(width: int, height: int) -> View:
    """The whole inhabited world, as large as fits."""
    top, bottom = to_mercator(_WORLD_NORTH, 0)[1], to_mercator(_WORLD_SOUTH, 0)[1]
    lat, _lng = from_mercator(0, (top + bottom) / 2)
    band = (bottom - top) / MERCATOR_SIZE
    zoom = min(log2(width / TILE), log2(height / TILE / band))
    return View(lat, _WORLD_LNG, max(0.0, zoom), width, height)


def fit(
    points: Iterable[tuple[float, float]],
    width: int,
    height: int,
    *,
    padding: int = 48,
    max_zoom: float = 8.0,
) -> View:
    """The closest view that holds all points (latitude, longitude); the world if there are none.

    Of the two ways round the globe the shorter one is taken.
    """
    stored = [to_mercator(lat, lng) for lat, lng in points]
    if not stored:
        return world(width, height)
    west, wide = _shortest_span([x for x, _y in stored])
    top, bottom = min(y for _x, y in stored), max(y for _x, y in stored)
    lat, lng = from_mercator((west + wide / 2) % MERCATOR_SIZE, (top + bottom) / 2)
    zoom = min(
        max_zoom,
        _zoom_for(wide, max(1, width - 2 * padding)),
        _zoom_for(bottom - top, max(1, height - 2 * padding)),
    )
    return View(lat, lng, max(smallest_zoom(width, height), zoom), width, height)


def smallest_zoom(width: int, height: int) -> float:
    """Zooming out ends where the whole world is in the picture."""
    return world(width, height).zoom


def zoomed(view: View, levels: int) -> View:
    """The view from nearer or further away, on a whole level; itself where there is no further."""
    lowest = smallest_zoom(view.width, view.height)
    return replace(view, zoom=max(lowest, min(MAX_ZOOM, round(view.zoom) + levels)))


def panned(view: View, right: float, down: float) -> View:
    """The view moved by parts of its own width and height, never past the poles."""
    x, y = view.width * (0.5 + right), view.height * (0.5 + down)
    lat, lng = unproject(view, x, y)
    return replace(view, lat=lat, lng=lng)


def resized(view: View, width: int) -> View:
    """The same part of the world in a picture of another width."""
    ratio = width / view.width
    return replace(
        view, zoom=view.zoom + log2(ratio), width=width, height=round(view.height * ratio)
    )


def cropped(view: View, width: int, height: int) -> View:
    """The middle of the view, so many of its px wide and high."""
    return replace(view, width=min(width, view.width), height=min(height, view.height))


def parse_view(text: str, width: int, height: int) -> View | None:
    """The view of an address ("46.36,15.11,6": latitude, longitude, zoom), None if it isn't one.

    An address of the live map says its own size in px, too ("46.36,15.11,6,640x560").
    """
    found = _ADDRESS.fullmatch(text)
    if not found:
        return None
    lat, lng, zoom = map(float, found.groups()[:3])
    smallest = smallest_zoom(width, height)
    if found[4]:
        width, height = int(found[4]), int(found[5])
        smallest = 1.0
        if width not in _SIZES or height not in _SIZES:
            return None
    if abs(lat) > MERCATOR_LATITUDE or abs(lng) > 180 or zoom > MAX_ZOOM:
        return None
    return View(lat, lng, max(zoom, smallest), width, height)


def format_view(view: View) -> str:
    """The view for an address, as exact as a pixel needs."""
    digits = 2 if view.zoom < 6 else 4 if view.zoom < 12 else 5
    return f"{_short(view.lat, digits)},{_short(view.lng, digits)},{_short(view.zoom, 2)}"


def _short(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _zoom_for(span: float, pixels: int) -> float:
    return log2(pixels / TILE * MERCATOR_SIZE / span) if span else MAX_ZOOM


def _shortest_span(xs: list[int]) -> tuple[int, int]:
    """Where the shortest range around the globe that holds all xs begins, and how wide it is."""
    xs = sorted(set(xs))
    gaps = [(after - x, after) for x, after in pairwise(xs)]
    gaps.append((xs[0] + MERCATOR_SIZE - xs[-1], xs[0]))
    gap, west = max(gaps)
    return west, MERCATOR_SIZE - gap
