"""The world for the browser: the atlas in whole numbers, with nothing lost on the way."""

import json
from itertools import accumulate
from pathlib import Path

import pytest

from board.drawing.atlas import DATA, read_atlas
from board.drawing.outline import outline_of

COARSE = DATA / "countries-110m.json"


@pytest.fixture(scope="module")
def world() -> dict[str, object]:
    """The coarse world as browsers get it."""
    return json.loads(outline_of(COARSE, bits=14))  # type: ignore[no-any-return]


def corners(line: list[int]) -> tuple[float, float, float, float]:
    """West, east, north and south of a line of steps."""
    xs, ys = list(accumulate(line[::2])), list(accumulate(line[1::2]))
    return min(xs), max(xs), min(ys), max(ys)


def test_coasts_are_rings_in_the_world(world: dict[str, object]) -> None:
    coasts: list[list[int]] = world["coasts"]  # type: ignore[assignment]
    size: int = world["size"]  # type: ignore[assignment]
    assert len(coasts) > 100
    for line in coasts:
        west, east, north, south = corners(line)
        assert east - west < size
        assert 0 <= north < south <= size


def test_rings_over_the_antimeridian_are_whole(world: dict[str, object]) -> None:
    """Fiji's main islands and the far east of Russia go on past the edge of the world."""
    size: int = world["size"]  # type: ignore[assignment]
    coasts: list[list[int]] = world["coasts"]  # type: ignore[assignment]
    edges = [corners(line) for line in coasts]
    assert any(west < size < east or west < 0 < east for west, east, _n, _s in edges)
    # No line runs across the whole world and back.
    assert all(abs(step) < size / 4 for line in coasts for step in line[2::2])


def test_names_stand_inside_their_countries(world: dict[str, object]) -> None:
    names: dict[str, list[int]] = world["names"]  # type: ignore[assignment]
    size: int = world["size"]  # type: ignore[assignment]
    assert {"SI", "FJ", "US", "XK"} <= names.keys()
    assert "AQ" not in names
    x, y, wide = names["SI"]
    assert (x / size * 360 - 180) == pytest.approx(14.8, abs=0.8)
    assert 0 < wide < size / 100
    assert 0.3 < y / size < 0.4


def test_points_are_those_of_the_atlas(world: dict[str, object]) -> None:
    atlas = read_atlas(COARSE)
    size: int = world["size"]  # type: ignore[assignment]
    borders: list[list[int]] = world["borders"]  # type: ignore[assignment]
    assert len(borders) > 200
    starts = {(round(atlas.arcs[n][0].real * size), round(atlas.arcs[n][0].imag * size))
              for n in atlas.borders}  # fmt: skip
    assert {(line[0], line[1]) for line in borders} <= starts


def test_coarse_world_is_small(tmp_path: Path) -> None:
    assert len(outline_of(COARSE, bits=14)) < 64 * 1024
