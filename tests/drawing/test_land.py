import gzip
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.drawing.atlas import atlas_for
from board.drawing.land import UNITS, cut, land, level_of, shape_in_view
from board.drawing.view import Box, View, world

corners = st.floats(-50, 150)
polygons = st.lists(st.builds(complex, corners, corners), min_size=3, max_size=20)
WINDOW = Box(0, 0, 100, 80)


def _points(d: str) -> list[tuple[int, int]]:
    """The absolute points of path data of our own kind, all stretches in one list."""
    out: list[tuple[int, int]] = []
    for stretch in re.findall(r"M([^M]*)", d):
        numbers = [int(n) for n in re.findall(r"-?\d+", stretch)]
        x = y = 0
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            out.append((x, y))
    return out


def _area(polygon: list[complex]) -> float:
    return sum((a.conjugate() * b).imag for a, b in pairwise([*polygon, polygon[0]])) / 2


@given(polygons)
def test_cut_stays_in_the_window(polygon: list[complex]) -> None:
    for point in cut(polygon, WINDOW):
        assert -1e-6 <= point.real <= 100 + 1e-6
        assert -1e-6 <= point.imag <= 80 + 1e-6


@given(st.builds(Box, corners, corners, corners, corners))
def test_cut_of_a_rectangle_is_what_both_cover(box: Box) -> None:
    west, east = sorted((box.west, box.east))
    north, south = sorted((box.north, box.south))
    rectangle = [complex(west, north), complex(east, north), complex(east, south)]
    rectangle.append(complex(west, south))
    wide = max(0.0, min(east, 100) - max(west, 0))
    tall = max(0.0, min(south, 80) - max(north, 0))
    inside = list(cut(rectangle, WINDOW))
    assert (_area(inside) if inside else 0) == pytest.approx(wide * tall, abs=1e-6)


def test_land_of_the_world_is_small() -> None:
    shapes = land(world(850, 438))
    data = (shapes.coast + shapes.borders + shapes.net).encode()
    assert 5_000 < len(data) <= 25_000
    assert len(gzip.compress(data, 6)) <= 12_000


@pytest.mark.parametrize(
    "view",
    [
        world(350, 260),
        View(52, 15, 3.95, 640, 760),
        View(46.4, 17.5, 6.6, 640, 500),
        View(-17, 180, 4, 640, 500),
        View(70, -170, 2.5, 900, 500),
    ],
)
def test_land_is_cut_to_the_view(view: View) -> None:
    shapes = land(view)
    assert len(shapes.coast) + len(shapes.borders) <= 25_000
    for x, y in _points(shapes.coast):
        assert -21 <= x <= view.width * UNITS + 21
        assert -21 <= y <= view.height * UNITS + 21


def test_land_closes_every_coast_and_no_border() -> None:
    shapes = land(world(850, 438))
    assert shapes.coast.count("M") == shapes.coast.count("z")
    assert "z" not in shapes.borders


def test_land_far_out_at_sea_is_only_a_net() -> None:
    shapes = land(View(-40, -120, 6, 400, 300))
    assert (shapes.coast, shapes.borders) == ("", "")
    assert shapes.net


def test_land_over_the_antimeridian_has_both_shores() -> None:
    xs = [x for x, _y in _points(land(View(66, 180, 4, 640, 400)).coast)]
    assert min(xs) < 100
    assert max(xs) > 640 * UNITS - 100


def test_land_repeats_where_the_world_is_narrower_than_the_picture() -> None:
    one, many = land(world(256, 200)), land(View(0, 0, 0, 768, 200))
    assert len(many.coast) > 2 * len(one.coast)


def test_shape_in_view_holds_the_country() -> None:
    view = View(46.1, 14.8, 6, 400, 300)
    atlas = atlas_for(view.zoom)
    (polygon,) = shape_in_view(atlas, atlas.countries["SI"], view)
    assert 100 < min(p.real for p in polygon) < 200 < max(p.real for p in polygon) < 300
    assert level_of(view) == 6
