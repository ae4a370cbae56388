from math import log2

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from board.core.geo import MERCATOR_SIZE, to_mercator
from board.drawing.view import (
    MAX_ZOOM,
    View,
    bounds,
    cropped,
    fit,
    format_view,
    panned,
    parse_view,
    place,
    project,
    resized,
    smallest_zoom,
    unproject,
    windows,
    world,
    zoomed,
)

latitudes = st.floats(-84.9, 84.9)
longitudes = st.floats(-179.99, 179.99)
places = st.tuples(latitudes, longitudes)
sides = st.integers(200, 1400)
views = st.builds(View, st.floats(-70, 70), longitudes, st.floats(1, MAX_ZOOM), sides, sides)


@given(views, st.floats(0, 1), st.floats(0, 1))
def test_project_undoes_unproject(view: View, across: float, down: float) -> None:
    x, y = view.width * across, view.height * down
    lat, lng = unproject(view, x, y)
    assume(abs(lat) < 85 and view.width * view.scale**-1 < MERCATOR_SIZE * 0.99)
    assert project(view, lat, lng) == pytest.approx((x, y), abs=0.01)


@given(views, places)
def test_windows_hold_exactly_what_the_view_shows(view: View, point: tuple[float, float]) -> None:
    mx, my = to_mercator(*point)
    x, y = place(view, mx, my)
    edge = min(abs(x), abs(x - view.width), abs(y), abs(y - view.height))
    assume(edge > 0.01)
    found = [w for w in windows(view) if w.west <= mx <= w.east and w.north <= my <= w.south]
    assert len(found) == (0 < x < view.width and 0 < y < view.height)


@given(views)
def test_windows_are_at_most_two_and_in_order(view: View) -> None:
    found = windows(view)
    assert 1 <= len(found) <= 2
    assert all(0 <= w.west <= w.east < MERCATOR_SIZE for w in found)
    assert all(0 <= w.north <= w.south < MERCATOR_SIZE for w in found)


def test_windows_over_the_antimeridian_are_two() -> None:
    view = View(-17, 179, 5, 640, 400)
    east, west = windows(view)
    assert (east.east, west.west) == (MERCATOR_SIZE - 1, 0)
    south, first, north, last = bounds(view)
    assert south < -17 < north
    assert first > last


def test_bounds_of_the_world_go_all_the_way_round() -> None:
    assert bounds(world(850, 438))[1::2] == (-180, 180)


@given(st.lists(places, min_size=1, max_size=12), sides, sides)
def test_fit_shows_every_point(points: list[tuple[float, float]], width: int, height: int) -> None:
    view = fit(points, width, height, padding=40)
    assume(view.zoom > smallest_zoom(width, height))
    for lat, lng in points:
        x, y = project(view, lat, lng)
        assert 39 <= x <= width - 39
        assert 39 <= y <= height - 39


def test_fit_takes_the_short_way_round_the_globe() -> None:
    view = fit([(-17, 178), (-14, -171), (-21, -175)], 640, 500)
    assert view.zoom > 4
    assert view.lng > 179 or view.lng < -170


def test_fit_single_point_comes_as_close_as_allowed() -> None:
    assert fit([(46.36, 15.11)], 640, 500, max_zoom=7).zoom == 7


def test_fit_nothing_is_the_world() -> None:
    assert fit([], 850, 438) == world(850, 438)


def test_world_of_the_home_page_shows_every_meridian_once() -> None:
    view = world(850, 438)
    assert view.zoom == pytest.approx(log2(850 / 256))
    north, south = project(view, 75, 0)[1], project(view, -55, 0)[1]
    assert 0 < north < 40
    assert 400 < south < 438


@given(views)
def test_parse_undoes_format_to_a_pixel(view: View) -> None:
    back = parse_view(format_view(view), view.width, view.height)
    assert back is not None
    if view.zoom >= smallest_zoom(view.width, view.height):
        assert abs(back.zoom - view.zoom) <= 0.006
        x, y = project(view, back.lat, back.lng)
        assert (x, y) == pytest.approx((view.width / 2, view.height / 2), abs=1)


def test_parse_view_of_the_design() -> None:
    assert parse_view("46.36,15.11,6", 640, 500) == View(46.36, 15.11, 6, 640, 500)


def test_parse_view_of_the_live_map_has_its_own_size() -> None:
    view = parse_view("46.36,15.11,6,624x820", 700, 600)
    assert view == View(46.36, 15.11, 6, 624, 820)
    # The whole world on a wide screen is smaller than the screen, and stays so.
    assert parse_view("0,0,1,1900x820", 700, 600) == View(0, 0, 1, 1900, 820)


@pytest.mark.parametrize(
    "text",
    [
        *("0,0,3,10x10", "0,0,3,99x600", "0,0,3,640x9999", "0,0,3,640x", "0,0,3,640x600x2"),
        *("", "46,15", "46,15,6,7", "90,0,3", "0,181,3", "0,0,15", "nan,0,3", "1e1,0,3"),
        *("0,0,-1", "46.36, 15.11, 6", "٤٦,15,6", "0,0,3\n", "1" * 400),
    ],
)
def test_parse_view_refuses_what_it_did_not_write(text: str) -> None:
    assert parse_view(text, 640, 500) is None


@given(st.text(max_size=30))
def test_parse_view_never_raises(text: str) -> None:
    parse_view(text, 640, 500)


@given(views)
def test_zoomed_reaches_both_ends(view: View) -> None:
    far = near = view
    for _n in range(20):
        far, near = zoomed(far, -1), zoomed(near, 1)
    assert near.zoom == MAX_ZOOM
    assert far.zoom == smallest_zoom(view.width, view.height)
    assert zoomed(far, -1) == far
    assert (near.lat, near.lng) == (view.lat, view.lng)


@given(views, st.floats(-1, 1), st.floats(-1, 1))
def test_panned_moves_the_middle(view: View, right: float, down: float) -> None:
    moved = panned(view, right, down)
    assert -180 <= moved.lng <= 180
    assert abs(moved.lat) < 85.1
    assume(abs(moved.lat) < 84.9 and view.width * abs(right) / view.scale < MERCATOR_SIZE / 2.1)
    expected = (view.width * (0.5 + right), view.height * (0.5 + down))
    assert project(view, moved.lat, moved.lng) == pytest.approx(expected, abs=0.01)


@given(views, places, st.integers(200, 900))
def test_resized_keeps_places_where_they_are(
    view: View, point: tuple[float, float], width: int
) -> None:
    small = resized(view, width)
    x, y = project(view, *point)
    sx, sy = project(small, *point)
    assert sx / small.width == pytest.approx(x / view.width, abs=1e-6)
    assert sy - small.height / 2 == pytest.approx((y - view.height / 2) * width / view.width)


def test_cropped_keeps_the_middle_and_the_scale() -> None:
    view = world(960, 500)
    part = cropped(view, 520, 900)
    assert (part.width, part.height, part.zoom, part.lng) == (520, 500, view.zoom, view.lng)
