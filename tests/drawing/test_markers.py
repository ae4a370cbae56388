from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jinja2 import Environment

from board.core.geo import to_mercator
from board.drawing.clusters import Cell, place_markers
from board.drawing.markers import Kind, Link, Marker, closer_view, linked, nobody_yet
from board.drawing.view import MAX_ZOOM, Box, View, format_view, place, project

EUROPE = View(50, 14, 4, 640, 560)


def _two(distance: float) -> list[Cell]:
    spots = [to_mercator(46, 15), to_mercator(46, 15 + distance)]
    return [
        Cell(sum_mx=mx, sum_my=my, towns=1, votes=3, town_id=n)
        for n, (mx, my) in enumerate(spots, start=1)
    ]


@given(st.floats(0.02, 1.0))
def test_closer_view_parts_two_towns_in_the_end(distance: float) -> None:
    view, rows = EUROPE, _two(distance)
    for _step in range(8):
        markers = place_markers(rows, view)
        if len(markers) == 2:
            break
        nearer = closer_view(markers[0], view)
        assert nearer is not None
        assert nearer.zoom > view.zoom
        view = nearer
        for lat, lng in ((46, 15), (46, 15 + distance)):
            x, y = project(view, lat, lng)
            assert 0 < x < view.width
            assert 0 < y < view.height
    assert len(markers) == 2


def test_closer_view_of_one_place_is_none() -> None:
    (marker,) = place_markers(_two(0), EUROPE)
    assert closer_view(marker, EUROPE) is None


@given(st.floats(2, MAX_ZOOM))
def test_closer_view_without_known_reach_goes_two_levels(zoom: float) -> None:
    view = View(46, 15, zoom, 640, 560)
    nearer = closer_view(Marker(kind="several", x=100, y=80, towns=5), view)
    assume(zoom < MAX_ZOOM)
    assert nearer is not None
    assert nearer.zoom == min(MAX_ZOOM, round(zoom) + 2)
    assert closer_view(Marker(kind="several", x=1, y=1), View(0, 0, MAX_ZOOM, 9, 9)) is None


def test_linked_names_and_addresses() -> None:
    lone = [
        Marker(kind="asking", x=0, y=0, towns=1, votes=86, town_id=7, selected=True),
        Marker(kind="now", x=0, y=0, circles_now=1, circle_id=9),
        Marker(kind="several", x=50, y=50, towns=61, circles_now=4, circles_finished=5),
        Marker(kind="several", x=9, y=9, towns=1, circles_now=1, reach=Box(9, 9, 9, 9)),
        Marker(kind="asking", x=0, y=0, towns=1, town_id=404),
    ]
    found = linked(
        lone,
        EUROPE,
        towns={7: Link("Velenje, Slovenia: 86 votes, talking", "/towns/si/velenje")},
        circles={9: Link("Photo stories, Graz: meeting now", "https://example.org/9")},
        libraries={},
        closer=lambda view: f"/towns?at={format_view(view)}",
        here=lambda marker: f"/towns?around={marker.x:.0f}",
    )
    assert [(m.name, m.href) for m in found] == [
        ("Velenje, Slovenia: 86 votes, talking, selected", "/towns/si/velenje"),
        ("Photo stories, Graz: meeting now", "https://example.org/9"),
        ("61 towns asking and 9 circles here, zoom in", found[2].href),
        ("1 town asking and 1 circle here, see the list", "/towns?around=9"),
        ("", ""),
    ]
    assert found[2].href.endswith(",6")


def test_nobody_yet_stands_on_its_place() -> None:
    marker = nobody_yet(EUROPE, 46.07, 18.23, "Pécs", Link("Pécs: nobody has asked yet", "/x"))
    assert (marker.x, marker.y) == place(EUROPE, *to_mercator(46.07, 18.23))
    assert marker.left == round(marker.x / 6.4, 2)


@pytest.mark.parametrize("kind", ["asking", "nobody", "now", "soon", "finished", "several"])
@pytest.mark.parametrize("votes", [1, 86, 12345])
def test_target_is_large_enough_for_a_thumb(kind: Kind, votes: int) -> None:
    for selected in (False, True):
        marker = Marker(kind=kind, x=0, y=0, towns=2, votes=votes, selected=selected)
        ground = marker.target
        assert ground.east - ground.west >= 44
        assert ground.south - ground.north >= 44
        assert ground.west < 0 < ground.east
        assert ground.north < 0 < ground.south


@pytest.mark.parametrize("kind", ["asking", "nobody", "now", "soon", "finished", "several"])
def test_marker_is_a_named_link(templates: Environment, kind: Kind) -> None:
    macros = templates.get_template("_ui/map.html").module
    marker = Marker(
        kind=kind, x=0, y=0, towns=3, circles_now=1, votes=86, name="Łódź & co", href="/a?b=1&c=2"
    )
    link = ElementTree.fromstring(str(macros.marker(marker)))  # type: ignore[attr-defined]
    assert (link.tag, link.get("href")) == ("a", "/a?b=1&c=2")
    assert [title.text for title in link.iter("title")] == ["Łódź & co"]


def test_marker_without_address_is_a_named_picture(templates: Environment) -> None:
    macros = templates.get_template("_ui/map.html").module
    marker = Marker(kind="asking", x=0, y=0, votes=86, name="Elk")
    drawn = ElementTree.fromstring(str(macros.marker(marker)))  # type: ignore[attr-defined]
    assert (drawn.tag, drawn.get("role"), drawn.get("aria-label")) == ("g", "img", "Elk")
    assert [text.text for text in drawn.iter("text")] == ["86"]
