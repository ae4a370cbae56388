"""Which of many points on the globe is nearest: a tree of points, so that most are never looked at.

Points stand as unit vectors in space: nearest there is nearest on the ground, and neither the
poles nor the antimeridian are special.
"""

from collections.abc import Iterable, Sequence
from math import cos, radians, sin
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


class _Node(NamedTuple):
    axis: int
    at: float
    below: "_Node | list[tuple[_Vector, Pin]]"
    above: "_Node | list[tuple[_Vector, Pin]]"


class Globe:
    """Pins, ready to be asked which is nearest to a point; of equally near ones the smallest id."""

    def __init__(self, pins: Iterable[Pin]) -> None:
        # Of several in one spot only the first is ever the answer.
        first: dict[tuple[float, float], Pin] = {}
        for pin in pins:
            known = first.get((pin.lat, pin.lng))
            if known is None or pin.id < known.id:
                first[(pin.lat, pin.lng)] = pin
        self._root = _grown([(_vector(pin.lat, pin.lng), pin) for pin in first.values()], 0)

    def nearest(self, lat: float, lng: float) -> Nearest | None:
        """The nearest pin, or None when there is none."""
        here = _vector(lat, lng)
        best: tuple[float, Pin | None] = (float("inf"), None)
        waiting: list[tuple[float, _Node | list[tuple[_Vector, Pin]]]] = [(0.0, self._root)]
        while waiting:
            gap, node = waiting.pop()
            if gap > best[0]:
                continue
            if isinstance(node, _Node):
                beyond = here[node.axis] - node.at
                near, far = (node.below, node.above) if beyond < 0 else (node.above, node.below)
                waiting.append((beyond * beyond, far))
                waiting.append((0.0, near))
            else:
                best = _better(best, here, node)
        if best[1] is None:
            return None
        return Nearest(best[1].id, distance_km(lat, lng, best[1].lat, best[1].lng))


def _better(
    best: tuple[float, Pin | None], here: _Vector, leaf: Sequence[tuple[_Vector, Pin]]
) -> tuple[float, Pin | None]:
    x, y, z = here
    for (px, py, pz), pin in leaf:
        apart = (px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2
        if apart < best[0] or (apart == best[0] and best[1] is not None and pin.id < best[1].id):
            best = (apart, pin)
    return best


def _vector(lat: float, lng: float) -> _Vector:
    phi, theta = radians(lat), radians(lng)
    return cos(phi) * cos(theta), cos(phi) * sin(theta), sin(phi)


def _grown(pins: list[tuple[_Vector, Pin]], depth: int) -> "_Node | list[tuple[_Vector, Pin]]":
    if len(pins) <= _LEAF:
        return pins
    axis = depth % 3
    ordered = sorted(pins, key=lambda pin: pin[0][axis])
    middle = len(ordered) // 2
    return _Node(
        axis,
        ordered[middle][0][axis],
        _grown(ordered[:middle], depth + 1),
        _grown(ordered[middle:], depth + 1),
    )


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
