"""Land and borders, read from the world-atlas package (TopoJSON of Natural Earth shapes).

Points are complex numbers, x + yj, in worlds: 0 to 1 from west to east and from north to south on
Web-Mercator. Every arc is stored once, so a coast and the border that meets it always fit.
Two traps of the data: rings run across the antimeridian without being cut there (they are
unrolled here, so x may leave 0 to 1), and Antarctica, which holds the pole, can't be drawn at all.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from babel.core import get_global

from board.core.geo import MERCATOR_SIZE, to_mercator
from board.drawing.view import Box

DATA: Final = Path(__file__).parents[2] / "static" / "built" / "data"
# The finer shapes are read only when somebody looks closer than this, and only if they are there.
FINE_ZOOM: Final = 3.0
_ANTARCTICA: Final = "010"
# Natural Earth gives no number to some. Kosovo has a code of its own; the others belong, for
# those who make our place names, to a neighbour, so no border is drawn there.
_WITHOUT_NUMBER: Final = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO"}

Points = tuple[complex, ...]


class Part(NamedTuple):
    """An arc as a piece of a ring: which way round, and how many worlds it is moved."""

    arc: int
    backwards: bool
    shift: int


Ring = tuple[Part, ...]


@dataclass(frozen=True)
class Atlas:
    """The world as arcs: coasts are rings of them, borders are arcs that two countries share."""

    arcs: tuple[Points, ...] = ()
    coasts: tuple[Ring, ...] = ()
    borders: tuple[int, ...] = ()
    countries: Mapping[str, Ring] = field(default_factory=dict)
    boxes: tuple[Box, ...] = ()
    _thinned: dict[tuple[int, int], Points] = field(default_factory=dict)

    def arc(self, index: int, level: int) -> Points:
        """The arc with no more points than a zoom level can show."""
        key = (index, level)
        if key not in self._thinned:
            self._thinned[key] = thinned(self.arcs[index], 0.7 / (256 * 2**level))
        return self._thinned[key]


def atlas_for(zoom: float, folder: Path = DATA) -> Atlas:
    """The shapes for a zoom; empty where set-up could not fetch them: then the map is all sea."""
    names = ("countries-50m.json", "countries-110m.json")
    for name in names if zoom >= FINE_ZOOM else reversed(names):
        if (folder / name).is_file():
            return read_atlas(folder / name)
    return Atlas()


@lru_cache(maxsize=4)
def read_atlas(file: Path) -> Atlas:
    """Decode a `countries-*.json`; read once, when the first map is drawn."""
    topology: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    arcs = tuple(_unrolled(_decoded(arc, topology["transform"])) for arc in topology["arcs"])
    owners: dict[int, set[str]] = defaultdict(set)
    largest: dict[str, tuple[float, Ring]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        code = _code(country)
        for polygon in _polygons(country):
            for ring in polygon:
                for arc in ring:
                    owners[_index(arc)].add(code)
            outer = _ring(polygon[0], arcs)
            size = abs(_area([point for part in outer for point in _walk(arcs, part)]))
            if code and size > largest.get(code, (0.0, ()))[0]:
                largest[code] = (size, outer)
    frozen = {index for index, codes in owners.items() if codes == {"AQ"}}
    return Atlas(
        arcs=arcs,
        coasts=tuple(
            _ring(ring, arcs)
            for land in topology["objects"]["land"]["geometries"]
            for polygon in _polygons(land)
            for ring in polygon
            if not frozen.intersection(map(_index, ring))
        ),
        borders=tuple(sorted(index for index, codes in owners.items() if len(codes) > 1)),
        countries={code: ring for code, (_size, ring) in largest.items() if code != "AQ"},
        boxes=tuple(box_of(arc) for arc in arcs),
    )


def box_of(points: Sequence[complex]) -> Box:
    """What surrounds the points."""
    xs, ys = [p.real for p in points], [p.imag for p in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def thinned(points: Points, tolerance: float) -> Points:
    """The points without those that lie within `tolerance` of the line without them.

    The ends always stay, so that what met before still meets (Douglas and Peucker).
    """
    keep = {0, len(points) - 1}
    open_spans = [(0, len(points) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        far, index = _furthest(points, first, last)
        if far > tolerance:
            keep.add(index)
            open_spans += [(first, index), (index, last)]
    return tuple(points[index] for index in sorted(keep))


def _furthest(points: Points, first: int, last: int) -> tuple[float, int]:
    """The distance and index of the point furthest from the line between two others."""
    start, along = points[first], points[last] - points[first]
    if length := abs(along):
        turn = along.conjugate() / length
        far = [abs(((p - start) * turn).imag) for p in points[first + 1 : last]]
    else:
        far = [abs(p - start) for p in points[first + 1 : last]]
    best = max(far, default=0.0)
    return best, first + 1 + far.index(best) if far else first


def _code(country: Mapping[str, Any]) -> str:
    """The ISO letters of a country of the file, which has ISO numbers."""
    number = country.get("id", "")
    letters = get_global("territory_aliases").get(number)
    return letters[0] if letters else _WITHOUT_NUMBER.get(country["properties"]["name"], "")


def _polygons(geometry: Mapping[str, Any]) -> list[list[list[int]]]:
    found: list[list[list[int]]] = (
        [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    )
    return found


def _decoded(arc: Iterable[Sequence[int]], transform: Mapping[str, Any]) -> list[complex]:
    """Running sums of whole steps, to degrees, to worlds."""
    (wide, tall), (west, south) = transform["scale"], transform["translate"]
    x = y = 0
    points: list[complex] = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        lng, lat = x * wide + west, y * tall + south
        points.append(complex((lng + 180) / 360, to_mercator(lat, 0)[1] / MERCATOR_SIZE))
    return points


def _unrolled(points: Sequence[complex]) -> Points:
    """No step is longer than half a world: a longer one went round the back of the globe."""
    shift, out = 0, [points[0]]
    for before, point in pairwise(points):
        shift += round(before.real - point.real)
        out.append(point + shift)
    return tuple(out)


def _ring(arcs_of_ring: Iterable[int], arcs: Sequence[Points]) -> Ring:
    """The ring's arcs, each moved by whole worlds to where the one before it ended."""
    parts: list[Part] = []
    end: complex | None = None
    for signed in arcs_of_ring:
        index, backwards = _index(signed), signed < 0
        start, stop = arcs[index][0], arcs[index][-1]
        if backwards:
            start, stop = stop, start
        shift = 0 if end is None else round(end.real - start.real)
        parts.append(Part(index, backwards, shift))
        end = stop + shift
    return tuple(parts)


def _walk(arcs: Sequence[Points], part: Part) -> list[complex]:
    points = arcs[part.arc]
    return [p + part.shift for p in (reversed(points) if part.backwards else points)]


def _area(points: Sequence[complex]) -> float:
    return sum((a.conjugate() * b).imag for a, b in pairwise([*points, points[0]])) / 2


def _index(signed: int) -> int:
    """TopoJSON writes an arc that is walked backwards as the complement of its index."""
    return ~signed if signed < 0 else signed
