"""Squares of the map: keys, levels, windows. Whatever is counted in them is counted once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from board.core.geo import MERCATOR_SIZE
from board.drawing.view import Window
from board.towns.cells import (
    COARSEST,
    FINEST,
    LEVELS,
    PLACE_LEVEL,
    Standing,
    interleaved,
    key_at,
    key_ranges,
    level_of,
    meet,
    snapped,
    square,
    taken_apart,
    tile_window,
)

LAST = MERCATOR_SIZE - 1
sides = st.integers(0, LAST)
levels = st.integers(COARSEST, FINEST)


@st.composite
def windows(draw: st.DrawFn) -> list[Window]:
    """One window, or two where it lies over the antimeridian."""
    north, south = sorted((draw(sides), draw(sides)))
    west, east = draw(sides), draw(sides)
    if west <= east:
        return [Window(west, east, north, south)]
    return [Window(west, LAST, north, south), Window(0, east, north, south)]


def holds(window: Window, x: int, y: int) -> bool:
    return window.west <= x <= window.east and window.north <= y <= window.south


@given(sides, sides)
def test_keys_are_taken_apart_again(x: int, y: int) -> None:
    assert taken_apart(interleaved(x, y)) == (x, y)
    assert 0 <= interleaved(x, y) < 1 << 60


def test_interleaved_goes_in_the_shape_of_a_z() -> None:
    assert [interleaved(x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0))] == [
        0, 1, 2, 3, 4,
    ]  # fmt: skip


@given(sides, sides, st.integers(0, PLACE_LEVEL))
def test_place_lies_in_its_cell_of_every_level(x: int, y: int, level: int) -> None:
    assert holds(square(key_at(interleaved(x, y), level), level), x, y)


@given(sides, sides, levels)
def test_cells_of_a_tile_are_one_range_of_keys(x: int, y: int, level: int) -> None:
    z = level - 3
    tile = tile_window(z, x >> PLACE_LEVEL - z, y >> PLACE_LEVEL - z)
    ((first, last),) = key_ranges([tile], level)
    assert last - first == 63
    assert first <= key_at(interleaved(x, y), level) <= last


@given(windows(), sides, sides, st.sampled_from([*range(COARSEST, FINEST + 1), PLACE_LEVEL]))
def test_ranges_hold_every_place_of_a_window(
    given_windows: list[Window], x: int, y: int, level: int
) -> None:
    ranges = key_ranges(given_windows, level)
    key = key_at(interleaved(x, y), level)
    if any(holds(window, x, y) for window in given_windows):
        assert any(first <= key <= last for first, last in ranges)
    assert len(ranges) <= 2 * 4 * 16
    assert all(first <= last for first, last in ranges)
    assert all(a[1] + 1 < b[0] for a, b in pairwise(ranges))


@given(windows(), levels, sides, sides)
def test_snapped_windows_hold_whole_cells_and_each_place_once(
    given_windows: list[Window], level: int, x: int, y: int
) -> None:
    wide = snapped(given_windows, level)
    assert level_of(wide) <= level
    assert snapped(wide, level) == wide
    inside = [window for window in wide if holds(window, x, y)]
    assert len(inside) <= 1
    if any(holds(window, x, y) for window in given_windows):
        assert inside
    cell = square(key_at(interleaved(x, y), level), level)
    touched = any(meet(window, cell) for window in given_windows)
    assert touched == bool(inside) or len(wide) < len(given_windows)


def test_snapped_windows_that_meet_all_around_are_one() -> None:
    west, east = Window(LAST // 2 + 9, LAST, 0, 9), Window(0, LAST // 2 - 9, 0, 9)
    assert snapped([west, east], 3) == [Window(0, LAST, 0, MERCATOR_SIZE // 8 - 1)]


def test_level_of_windows_is_the_coarsest_that_fills_them() -> None:
    assert level_of([Window(0, LAST, 0, LAST)]) == 0
    assert level_of([tile_window(5, 3, 2)]) == level_of([tile_window(5, 2, 2)]) == 5
    assert level_of([tile_window(5, 2, 2), tile_window(5, 3, 2)]) == 5
    assert level_of([Window(1, 5, 0, 9)]) == PLACE_LEVEL


def test_standing_reads_what_a_row_remembers() -> None:
    assert Standing.read("", 5) is None
    standing = Standing.read("SI not_now 1", 5)
    assert standing == Standing("SI", "not_now", 1, 5)


def test_town_is_counted_for_its_country_and_for_all_in_every_level() -> None:
    placed = Standing("SI", "asking", 0, interleaved(9, 9)).cells()
    assert len(placed) == 2 * len(LEVELS) == len(set(placed))
    assert sorted(placed) == placed
    nowhere = Standing("SI", "asking", 0, None).cells()
    assert [(cell.level, cell.country) for cell in nowhere] == [(0, ""), (0, "SI")]
