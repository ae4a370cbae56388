"""Which of many points on the globe is nearest: a tree of points, so that most are never looked at.

Points stand as unit vectors in space: nearest there is nearest on the ground, and neither the
poles nor the antimeridian are special.
"""

from collections.abc import Iterable
from math import cos, inf, radians, sin
from typing import Final, NamedTuple

from board.core.geo import MERCATOR_SIZE, around, distance_km, to_mercator

_LEAF: Final = 8
_Vector = tuple[float, float, float]


class Pin(NamedTuple):
    """Something at a place: its id, and latitude and longitude in degrees."""

    id: int
    lat: float
    lng: float


class Nearest(NamedTuple):
    """What is nearest, and how many km away."""

    id: int
    km: float


class _Spot(NamedTuple):
    """A pin as a point in space."""

    x: float
    y: float
    z: float
    pin: Pin


class _Fork(NamedTuple):
    """Space cut in two across an axis (0, 1, 2)."""

    axis: int
    at: float
    below: "_Fork | list[_Spot]"
    above: "_Fork | list[_Spot]"


class Globe:
    """Pins, ready to be asked which is nearest to a point; of equally near ones the smallest id."""

    def __init__(self, pins: Iterable[Pin]) -> None:
        # Of several in one spot only the first is ever the answer.
        first: dict[tuple[float, float], Pin] = {}
        for pin in pins:
            known = first.get((pin.lat, pin.lng))
            if known is None or pin.id < known.id:
                first[(pin.lat, pin.lng)] = pin
        self._root = _grown([_Spot(*_vector(pin.lat, pin.lng), pin) for pin in first.values()])

    def nearest(self, lat: float, lng: float) -> Nearest | None:
        """The nearest pin, or None when there is none."""
        here = x, y, z = _vector(lat, lng)
        best, found = inf, None
        # What is still to be looked at, with the square of how far away it is at least.
        waiting: list[tuple[float, _Fork | list[_Spot]]] = [(0.0, self._root)]
        while waiting:
            gap, node = waiting.pop()
            if gap > best:
                continue
            while isinstance(node, _Fork):
                axis, at, below, above = node
                gap = here[axis] - at
                node, other = (below, above) if gap < 0 else (above, below)
                waiting.append((gap * gap, other))
            for px, py, pz, pin in node:
                apart = (px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2
                if apart < best or (apart == best and (found is None or pin.id < found.id)):
                    best, found = apart, pin
        if found is None:
            return None
        return Nearest(found.id, distance_km(lat, lng, found.lat, found.lng))


def nearest_of(pins: Iterable[Pin], lat: float, lng: float) -> Nearest | None:
    """What a Globe of these pins would answer; for one question it is not worth making one."""
    x, y, z = _vector(lat, lng)
    best: tuple[float, int] | None = None
    found = None
    for pin in pins:
        px, py, pz = _vector(pin.lat, pin.lng)
        key = ((px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2, pin.id)
        if best is None or key < best:
            best, found = key, pin
    if found is None:
        return None
    return Nearest(found.id, distance_km(lat, lng, found.lat, found.lng))


def _vector(lat: float, lng: float) -> _Vector:
    phi, theta = radians(lat), radians(lng)
    return cos(phi) * cos(theta), cos(phi) * sin(theta), sin(phi)


def _grown(spots: list[_Spot]) -> _Fork | list[_Spot]:
    """The tree of these points, cut each time across where they reach farthest."""
    if len(spots) <= _LEAF:
        return spots
    columns = [[spot[:3][axis] for spot in spots] for axis in range(3)]
    reaches = [max(column) - min(column) for column in columns]
    axis = reaches.index(max(reaches))
    spots.sort(key=lambda spot: spot[:3][axis])
    middle = len(spots) // 2
    at = spots[middle][:3][axis]
    return _Fork(axis, at, _grown(spots[:middle]), _grown(spots[middle:]))


def boxes_around(lat: float, lng: float, km: float) -> dict[str, int]:
    """The Mercator boxes around a point, always two: the same twice where one would do."""
    found = around(lat, lng, km)
    sides: dict[str, int] = {}
    for number, (south, north, west, east) in enumerate((found[0], found[-1])):
        left, foot = to_mercator(south, west)
        right, top = to_mercator(north, east)
        # 180 degrees east is 180 degrees west; here it is meant as the edge of the map.
        edge = MERCATOR_SIZE - 1 if east >= 180.0 else right
        sides |= {
            f"w{number}": left - 1,
            f"e{number}": edge + 1,
            f"t{number}": top - 1,
            f"f{number}": foot + 1,
        }
    return sides
