import gzip
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from board.core.geo import to_mercator
from board.drawing.clusters import Cell, inside, place_markers
from board.drawing.markers import Link, linked
from board.drawing.still_map import LegendItem, Moves, StillMap, layer, moves, still_map
from board.drawing.view import MAX_ZOOM, View, cropped, format_view, resized, world


def _cells(count: int) -> list[Cell]:
    spots = [to_mercator(-35 + n * 37 % 95, -120 + n * 53 % 270) for n in range(count)]
    return [
        Cell(sum_mx=mx, sum_my=my, towns=1, votes=n + 1, town_id=n + 1)
        for n, (mx, my) in enumerate(spots)
    ]


def _map_of(view: View, count: int = 60) -> StillMap:
    layers = []
    phone = resized(cropped(view, 520, 500), 340)
    for screen, drawn in (("wide", view), ("narrow", phone)):
        markers = linked(
            place_markers(inside(_cells(count), drawn), drawn),
            drawn,
            towns={
                n: Link(f"Town {n}, Slovenia: {n} votes, asking", f"/towns/si/{n}")
                for n in range(99)
            },
            circles={},
            libraries={},
            closer=lambda nearer: f"/towns?at={format_view(nearer)}",
            here=lambda marker: "/towns",
        )
        layers.append(layer("wide" if screen == "wide" else "narrow", view, drawn, markers))
    return still_map(view, layers, moves(view, lambda other: f"/towns?at={format_view(other)}"))


def _draw(templates: Environment, shown: StillMap) -> str:
    macros = templates.get_template("_ui/map.html").module
    return str(macros.still_map(shown, "Towns and circles"))  # type: ignore[attr-defined]


def test_still_map_is_small_and_well_formed(templates: Environment) -> None:
    drawn = _draw(templates, _map_of(world(960, 500)))
    ElementTree.fromstring(drawn)
    assert len(gzip.compress(drawn.encode(), 6)) < 16_000
    assert not re.search(r"\s(style|on\w+)=", drawn)


def test_still_map_has_a_named_link_for_every_marker_of_every_layer(
    templates: Environment,
) -> None:
    shown = _map_of(world(960, 500))
    tree = ElementTree.fromstring(_draw(templates, shown))
    links = [link for link in tree.iter("a") if link.get("class") == "map-marker"]
    markers = [marker for one in shown.layers for marker in one.markers]
    assert [link.get("href") for link in links] == [marker.href for marker in markers]
    assert [link.findtext("title") for link in links] == [marker.name for marker in markers]
    assert all(marker.name and marker.href for marker in markers)


def test_layer_shows_the_middle_of_the_land() -> None:
    view = world(960, 500)
    wide, narrow = _map_of(view).layers
    assert wide.box == "0 0 1920 1000"
    assert narrow.box == "440 0 1040 1000"
    assert sum(m.towns for m in narrow.markers) < sum(m.towns for m in wide.markers) == 60


def test_still_map_has_land_where_a_layer_looks_further() -> None:
    view = world(842, 430)
    tall = layer("narrow", view, world(350, 300), [])
    shown = still_map(view, [layer("wide", view, view, []), tall])
    assert tall.window.north < -100
    assert shown.land != still_map(view, [layer("any", view, view, [])]).land
    heights = [int(y) for y in re.findall(r"M-?\d+ (-?\d+)", shown.land.coast)]
    assert min(heights) < -40


def test_still_map_without_markers_has_no_empty_list(templates: Environment) -> None:
    drawn = _draw(templates, _map_of(View(46, 15, 5, 640, 500), count=0))
    assert 'role="list"' not in drawn


def test_moves_at_the_ends_are_no_links(templates: Environment) -> None:
    view = world(960, 500)
    around = moves(view, format_view)
    assert (around.wider, around.world) == ("", "")
    assert around.closer == format_view(replace(view, zoom=3))
    assert moves(View(46, 15, MAX_ZOOM, 960, 500), format_view).closer == ""
    still = still_map(view, [], Moves())
    assert '<a class="map-move"' not in _draw(templates, still)


@given(st.floats(-60, 60), st.floats(-179, 179), st.floats(3, 10))
def test_moves_lead_round_and_back(lat: float, lng: float, zoom: float) -> None:
    view = View(lat, lng, zoom, 640, 500)
    seen: list[View] = []

    def address(other: View) -> str:
        seen.append(other)
        return format_view(other)

    moves(view, address)
    assert len(seen) == 7
    west, east = seen[2], seen[5]
    assert (west.lng - view.lng) % 360 == pytest.approx((view.lng - east.lng) % 360, abs=1e-4)


@pytest.mark.parametrize("row", [False, True])
def test_legend_says_and_switches_every_layer(templates: Environment, row: bool) -> None:
    items = [
        LegendItem("asking", "Towns asking", 1214, "/towns?layer=circles"),
        LegendItem("finished", "Finished", 806, "/towns?layer=all", shown=False),
        LegendItem("several", "Several in one spot"),
    ]
    macros = templates.get_template("_ui/map.html").module
    drawn = str(macros.legend(items, row))  # type: ignore[attr-defined]
    tree = ElementTree.fromstring(drawn.replace(" open>", ">"))
    lines = [" ".join("".join(line.itertext()).split()) for line in tree.iter("li")]
    if row:
        assert lines == ["Towns asking 1,214", "Finished 806", "Several in one spot"]
    else:
        assert lines[:2] == ["Towns asking 1,214 shown, hide", "Finished 806 hidden, show"]
        assert [link.get("href") for link in tree.iter("a")] == [item.href for item in items[:2]]
