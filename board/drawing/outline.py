"""The world for the live map: the atlas as flat lists of whole numbers, made once at set-up.

A browser needs no countries, only lines: coasts to fill, borders to draw, and where a country's
name finds room. Rings stay unrolled, so x may leave the world; the browser draws copies.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from board.drawing.atlas import Atlas, Ring, box_of, read_atlas, thinned

_LINES: Final = 9


def outline_of(file: Path, *, bits: int) -> str:
    """A `countries-*.json` as JSON for static/js/world.js; the world is 2^bits units wide.

    `coasts`, `borders`: lists of x, y, then steps dx, dy … · `names`: ISO code → the middle of the
    best place for a name, and how wide it is.
    """
    atlas, size = read_atlas(file), 1 << bits
    coasts = [_flat(_points(atlas, ring, size), size) for ring in atlas.coasts]
    borders = [_flat(thinned(atlas.arcs[n], 0.5 / size), size) for n in atlas.borders]
    shapes: dict[str, Any] = {
        "size": size,
        "coasts": [coast for coast in coasts if len(coast) > 6],
        "borders": [border for border in borders if len(border) > 2],
        "names": {
            code: [round(part * size) for part in room]
            for code, ring in sorted(atlas.countries.items())
            if (room := _room(_points(atlas, ring, size)))
        },
    }
    return json.dumps(shapes, separators=(",", ":")) + "\n"


def _points(atlas: Atlas, ring: Ring, size: int) -> list[complex]:
    """A ring's points, without those that nobody could tell from the line without them."""
    points: list[complex] = []
    for part in ring:
        arc = thinned(atlas.arcs[part.arc], 0.5 / size)
        points += [p + part.shift for p in (reversed(arc) if part.backwards else arc)]
    return points


def _flat(points: Iterable[complex], size: int) -> list[int]:
    """Whole units: where the line begins, then every step that leads somewhere."""
    whole = [(round(point.real * size), round(point.imag * size)) for point in points]
    flat = list(whole[0])
    for (x, y), (to_x, to_y) in pairwise(whole):
        if (to_x, to_y) != (x, y):
            flat += [to_x - x, to_y - y]
    return flat


def _room(points: Sequence[complex]) -> tuple[float, float, float] | None:
    """The longest level stretch inside a ring, rather in its middle: x, y and width."""
    box = box_of(points)
    tall, middle = box.south - box.north, (box.north + box.south) / 2
    found = [
        (width - abs(y - middle), x, y, width)
        for y in (box.north + tall * line / (_LINES + 1) for line in range(1, _LINES + 1))
        for x, width in _stretches(points, y)
    ]
    return max(found)[1:] if found else None


def _stretches(points: Sequence[complex], y: float) -> Iterator[tuple[float, float]]:
    """The middle and the width of every part of a level line that lies inside a ring."""
    xs = sorted(
        a.real + (b.real - a.real) * (y - a.imag) / (b.imag - a.imag)
        for a, b in pairwise([*points, points[0]])
        if (a.imag > y) != (b.imag > y)
    )
    for west, east in zip(xs[::2], xs[1::2], strict=True):
        yield (west + east) / 2, east - west
