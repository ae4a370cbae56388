from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from board.drawing.atlas import Atlas, Ring, atlas_for, read_atlas, thinned

points = st.lists(
    st.complex_numbers(max_magnitude=100, allow_nan=False, allow_infinity=False),
    min_size=2,
    max_size=40,
).map(tuple)


def _walk(atlas: Atlas, ring: Ring) -> list[complex]:
    out: list[complex] = []
    for part in ring:
        arc = atlas.arcs[part.arc]
        out += [p + part.shift for p in (reversed(arc) if part.backwards else arc)]
    return out


def test_atlas_without_assets_is_empty(tmp_path: Path) -> None:
    assert atlas_for(2, tmp_path) == Atlas()


def test_atlas_takes_the_finer_shapes_only_when_near_and_there(
    little_world: Path, world_file: Path
) -> None:
    coarse = read_atlas(little_world / "countries-110m.json")
    assert atlas_for(8, little_world) is coarse
    (little_world / "countries-50m.json").write_bytes(world_file.read_bytes())
    assert atlas_for(2, little_world) is coarse
    assert len(atlas_for(8, little_world).coasts) > 100


def test_atlas_leaves_out_the_ice_and_finds_one_border(little_world: Path) -> None:
    atlas = read_atlas(little_world / "countries-110m.json")
    assert set(atlas.countries) == {"DE", "FR", "FJ", "XK"}
    assert len(atlas.coasts) == 3
    assert atlas.borders == (0, 5)


def test_atlas_unrolls_what_crosses_the_antimeridian(little_world: Path) -> None:
    atlas = read_atlas(little_world / "countries-110m.json")
    island = _walk(atlas, atlas.countries["FJ"])
    assert max(p.real for p in island) - min(p.real for p in island) < 0.03


def test_atlas_of_the_world_has_closed_rings_without_leaps(world_file: Path) -> None:
    atlas = read_atlas(world_file)
    for ring in [*atlas.coasts, *atlas.countries.values()]:
        walk = _walk(atlas, ring)
        assert walk[0] == walk[-1]
        assert all(abs(a.real - b.real) < 0.1 for a, b in pairwise(walk))
    assert {"SI", "FJ", "RU", "XK", "US", "CY"} <= set(atlas.countries)
    assert "AQ" not in atlas.countries


@given(points, st.floats(0, 10))
def test_thinned_keeps_the_ends_and_the_order(line: tuple[complex, ...], tolerance: float) -> None:
    kept = thinned(line, tolerance)
    assert (kept[0], kept[-1]) == (line[0], line[-1])
    rest = iter(line)
    assert all(point in rest for point in kept)
    assert len(kept) <= len(line)


def test_thinned_drops_what_nobody_would_see() -> None:
    assert thinned((0j, 1 + 0.1j, 2 + 0j, 3 + 3j), 0.5) == (0j, 2 + 0j, 3 + 3j)
    assert thinned((0j, 1 + 1j, 0j), 0.5) == (0j, 1 + 1j, 0j)
