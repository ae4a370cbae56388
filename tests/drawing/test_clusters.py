from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from board.core.geo import MERCATOR_SIZE, to_mercator
from board.drawing.clusters import Cell, cell_shift, inside, overlap, place_markers
from board.drawing.markers import Marker
from board.drawing.view import View, Window, place, resized, world

EUROPE = View(50, 14, 4, 640, 560)
numbers = st.integers(0, 400)
spots = st.tuples(st.integers(0, MERCATOR_SIZE - 1), st.integers(0, MERCATOR_SIZE - 1))
zooms = st.floats(0, 12)


def _town(mx: int, my: int, town: int, votes: int = 5) -> Cell:
    return Cell(sum_mx=mx, sum_my=my, towns=1, votes=votes, town_id=town)


def _circle(mx: int, my: int, circle: int) -> Cell:
    return Cell(sum_mx=mx, sum_my=my, circles_now=1, circle_id=circle)


def _sums(items: list[Cell] | list[Marker]) -> tuple[int, ...]:
    names = ("towns", "circles_now", "circles_soon", "circles_finished")
    return tuple(sum(getattr(item, name) for item in items) for name in names)


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    x, y = draw(spots)
    counts = draw(st.tuples(numbers, numbers, numbers, numbers).filter(any))
    things = sum(counts)
    towns, now, soon, finished = counts
    return Cell(
        sum_mx=x * things,
        sum_my=y * things,
        towns=towns,
        votes=draw(numbers),
        circles_now=now,
        circles_soon=soon,
        circles_finished=finished,
        town_id=draw(st.integers(1, 99)) if towns else None,
        circle_id=draw(st.integers(1, 99)) if things > towns else None,
        extent=draw(st.none() | st.just(Window(x, x, y, y))),
    )


many = st.lists(cells(), max_size=40)


@given(many, zooms)
def test_place_markers_loses_and_invents_nothing(found: list[Cell], zoom: float) -> None:
    view = View(30, 179, zoom, 640, 560)
    assert _sums(place_markers(found, view)) == _sums(found)


@given(many, zooms, st.integers(1, 999))
def test_place_markers_a_vote_moves_nothing(found: list[Cell], zoom: float, votes: int) -> None:
    """As long as the bubble with the number stays as wide."""
    view = View(30, 179, zoom, 640, 560)

    def places(cells: list[Cell]) -> set[tuple[float, float, int, int | None]]:
        return {(m.x, m.y, m.things, m.town_id) for m in place_markers(cells, view)}

    one, other = ([replace(cell, votes=n) for cell in found] for n in (votes, 1_000 - votes))
    assert places(one) == places(other)


@given(many, zooms)
def test_place_markers_never_overlap(found: list[Cell], zoom: float) -> None:
    markers = place_markers(found, View(0, 0, zoom, 640, 560))
    assert not any(overlap(a.ground, b.ground) for a, b in combinations(markers, 2))


@given(st.permutations(range(12)), st.randoms(use_true_random=False))
def test_place_markers_order_of_rows_does_not_matter(order: list[int], random: object) -> None:
    rows = [_town(*to_mercator(40 + n * 1.1, n * n % 30), n + 1, n % 4) for n in range(12)]
    rows += [_circle(*to_mercator(40 + n * 1.3, n * 7 % 30), n + 1) for n in range(6)]
    mixed = [rows[n] for n in order] + rows[12:][::-1]
    assert place_markers(mixed, EUROPE) == place_markers(rows, EUROPE)


@given(many)
def test_place_markers_same_sums_on_a_narrow_screen(found: list[Cell]) -> None:
    view = world(960, 500)
    narrow = place_markers(found, resized(view, 340))
    assert _sums(narrow) == _sums(place_markers(found, view))


def test_place_markers_shape_by_contents() -> None:
    far = [to_mercator(lat, lng) for lat, lng in ((60, 10), (60, 25), (50, 0), (50, 25), (42, 12))]
    rows = [
        _town(*far[0], 7),
        _circle(*far[1], 8),
        Cell(sum_mx=far[2][0], sum_my=far[2][1], circles_soon=1, circle_id=9),
        Cell(sum_mx=far[3][0], sum_my=far[3][1], circles_finished=1, circle_id=10),
        Cell(sum_mx=far[4][0] * 2, sum_my=far[4][1] * 2, towns=2, votes=9, town_id=3),
    ]
    kinds = {m.kind: (m.town_id, m.circle_id) for m in place_markers(rows, EUROPE)}
    assert kinds == {
        "asking": (7, None),
        "now": (None, 8),
        "soon": (None, 9),
        "finished": (None, 10),
        "several": (None, None),
    }


def test_place_markers_town_and_its_circle_become_one_spot() -> None:
    mx, my = to_mercator(46.36, 15.11)
    (marker,) = place_markers([_town(mx, my, 1, 86), _circle(mx, my, 2)], EUROPE)
    # Whose votes they are isn't said: a vote moves no marker but its own town's.
    assert (marker.kind, marker.towns, marker.circles, marker.votes) == ("several", 1, 1, 0)


def test_place_markers_follows_the_list_first_then_votes() -> None:
    rows = [
        _town(*to_mercator(lat, 14), town, votes)
        for town, (lat, votes) in enumerate(((60, 3), (55, 90), (50, 40), (45, 7)), start=1)
    ]
    ids = [m.town_id for m in place_markers(rows, EUROPE, listed=[4, 1])]
    assert ids == [4, 1, 2, 3]


def test_place_markers_selects_a_town_of_its_own() -> None:
    rows = [_town(*to_mercator(lat, 14), n) for n, lat in enumerate((60, 50), start=1)]
    chosen = {m.town_id: m.selected for m in place_markers(rows, EUROPE, selected=2)}
    assert chosen == {1: False, 2: True}


def test_place_markers_stands_on_land_when_continents_meet() -> None:
    view = world(320, 240)
    chicago, paris = to_mercator(41.9, -87.6), to_mercator(48.9, 2.4)
    rows = [
        Cell(sum_mx=mx * (n + 1), sum_my=my * (n + 1), towns=n, votes=n, circles_now=1)
        for (mx, my), n in ((chicago, 22), (paris, 61))
    ]
    (marker,) = place_markers(rows, view)
    assert (marker.x, marker.y) == place(view, *paris)
    assert marker.towns == 83


def test_place_markers_reach_surrounds_all_of_it() -> None:
    here, there = to_mercator(46, 15), to_mercator(46.5, 15.2)
    (marker,) = place_markers([_town(*here, 1), _town(*there, 2)], EUROPE)
    assert marker.reach is not None
    assert marker.reach.west == place(EUROPE, *here)[0]
    assert marker.reach.north == place(EUROPE, *there)[1]


@given(st.floats(0, 12))
def test_cell_shift_makes_squares_of_a_marker(zoom: float) -> None:
    view = View(0, 0, zoom, 640, 560)
    assert 22.4 < view.scale * 2 ** cell_shift(view) <= 45


def test_inside_keeps_what_the_view_shows() -> None:
    rows = [_town(*to_mercator(50, 14), 1), _town(*to_mercator(50, -90), 2)]
    assert inside(rows, EUROPE) == rows[:1]
