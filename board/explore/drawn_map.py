"""The map of a question: cells counted, placed as markers, drawn for wide and narrow screens."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from board.core.geo import from_mercator
from board.core.language import gettext as _
from board.core.rendering import day_month, url
from board.drawing.clusters import Cell, cell_level, inside, place_markers
from board.drawing.markers import Link, Marker, linked, nobody_yet
from board.drawing.still_map import (
    Layer,
    LegendItem,
    Screen,
    StillMap,
    layer,
    moves,
    still_map,
)
from board.drawing.view import (
    MAX_ZOOM,
    View,
    Window,
    fit,
    format_view,
    resized,
    unproject,
    windows,
    world,
)
from board.explore.map_links import circle_links, library_links, town_links
from board.explore.map_queries import things_in
from board.explore.rules import Question
from board.towns.cells import snapped
from board.towns.place_queries import Found

WIDE: Final = (700, 600)
NARROW: Final = 390
HOME: Final = (842, 430)
_CLOSEST_FIRST: Final = 7.0
# The first squares are one level finer than a map of the world needs: what people look at first is
# most of the world, and the same squares then serve for finding that view and for drawing it.
FIRST_LEVEL: Final = cell_level(world(*WIDE)) + 1


def count_cells(
    conn: Connection,
    question: Question,
    here: Sequence[Window],
    level: int,
    *,
    join_km: int,
    now: datetime,
) -> list[Cell]:
    """All kinds of things by the squares of a level; `here` are whole ones of them.

    The legend counts them all; what is switched off is left out where it is drawn (`switched_on`).
    """
    every = question.but(layer="both", libraries="1")
    return things_in(conn, every, here, level, join_km=join_km, now=now)


def switched_on(cells: Iterable[Cell], question: Question) -> list[Cell]:
    """The cells of the layers that are shown."""
    return [
        cell
        for cell in cells
        if (cell.towns and question.shows_towns)
        or (cell.circles and question.shows_circles)
        or (cell.libraries and question.shows_libraries)
    ]


def first_view(
    conn: Connection,
    question: Question,
    cells: Sequence[Cell],
    near: tuple[float, float] | None,
    *,
    join_km: int,
    now: datetime,
) -> View:
    """What the map shows before anybody moved it: the place meant, or all that was found.

    The squares of the whole world are far larger than a country; so what surrounds everything
    is found in two steps if the first comes that near. `cells` are of FIRST_LEVEL.
    """
    if near is not None:
        return View(near[0], near[1], 6.0, *WIDE)
    rough = fit(_corners(switched_on(cells, question)), *WIDE, max_zoom=_CLOSEST_FIRST)
    level = cell_level(rough)
    if level <= FIRST_LEVEL:
        return rough
    ground = snapped(windows(rough), level)
    finer = count_cells(conn, question, ground, level, join_km=join_km, now=now)
    return fit(_corners(switched_on(finer, question)), *WIDE, max_zoom=_CLOSEST_FIRST)


def _corners(cells: Sequence[Cell]) -> list[tuple[float, float]]:
    """Latitude and longitude of the corners of every cell."""
    return [
        from_mercator(x, y)
        for cell in cells
        if (box := cell.extent) is not None
        for x, y in ((box.west, box.north), (box.east, box.south))
    ]


def draw_map(
    conn: Connection,
    cells: list[Cell],
    view: View,
    question: Question,
    nobody: Found | None,
) -> StillMap:
    """The map of a question, with links that move it; `nobody` is a place nobody asked for."""

    def address(other: View) -> str:
        return url(question.address(at=format_view(other)))

    narrow = resized(view, NARROW)
    layers = _layers(
        conn,
        switched_on(cells, question),
        view,
        narrow,
        address,
        question,
        nobody=nobody,
    )
    return still_map(view, layers, moves(view, address))


def _layers(
    conn: Connection,
    cells: list[Cell],
    view: View,
    narrow: View,
    address: Callable[[View], str],
    question: Question,
    *,
    nobody: Found | None = None,
) -> list[Layer]:
    """The markers twice, for a wide screen and for a narrow one, from the same cells."""
    screens: tuple[tuple[Screen, View], ...] = (("wide", view), ("narrow", narrow))
    placed = {screen: place_markers(inside(cells, own), own) for screen, own in screens}
    every = [marker for markers in placed.values() for marker in markers]
    towns, circles_ = town_links(conn, every), circle_links(conn, every)
    libraries_ = library_links(conn, every)
    return [
        layer(
            screen,
            view,
            own,
            [
                *_dotted(nobody, own),
                *linked(
                    placed[screen],
                    own,
                    towns=towns,
                    circles=circles_,
                    libraries=libraries_,
                    closer=address,
                    here=partial(_list_of_spot, question, own),
                ),
            ],
        )
        for screen, own in screens
    ]


def _list_of_spot(question: Question, view: View, marker: Marker) -> str:
    """Where several things lie that no view parts: the list of what lies there."""
    lat, lng = unproject(view, marker.x, marker.y)
    spot = format_view(replace(view, lat=lat, lng=lng, zoom=MAX_ZOOM))
    layer = question.layer if marker.towns else "circles"
    return url(question.address(at=spot, view="", layer=layer))


def _dotted(nobody: Found | None, view: View) -> list[Marker]:
    """The dotted bubble of the place that was looked for."""
    if nobody is None:
        return []
    name = _("%(town)s: nobody has asked yet") % {"town": nobody.name}
    link = Link(name, url(nobody.path))
    return [nobody_yet(view, nobody.lat, nobody.lng, nobody.name, link)]


def legend_of(
    question: Question, cells: Sequence[Cell], libraries_at: datetime | None = None
) -> list[LegendItem]:
    """What the map shows, with counts; each line switches its layer.

    `libraries_at`: when P2PU's list of libraries was brought in.
    """
    towns_only, circles_only = question.layer == "towns", question.layer == "circles"
    towns_link = url(question.address(layer="circles" if not circles_only else "both"))
    circles_link = url(question.address(layer="towns" if not towns_only else "both"))
    libraries_link = url(question.address(libraries="" if question.libraries else "1"))
    circle_kinds = (
        ("now", _("Meeting now"), sum(c.circles_now for c in cells)),
        ("soon", _("Starting soon"), sum(c.circles_soon for c in cells)),
        ("finished", _("Finished"), sum(c.circles_finished for c in cells)),
    )
    asking = sum(c.towns for c in cells)
    helping = sum(c.libraries for c in cells)
    libraries = _("Libraries")
    if libraries_at is not None:
        libraries = _("Libraries, %(date)s") % {"date": day_month(libraries_at)}
    return [
        LegendItem("asking", _("Towns asking"), asking, towns_link, not circles_only),
        *(
            LegendItem(kind, words, count, circles_link, not towns_only)
            for kind, words, count in circle_kinds
        ),
        LegendItem("library", libraries, helping, libraries_link, question.shows_libraries),
    ]


def home_map(conn: Connection, *, now: datetime) -> StillMap:
    """The map of the world on the home page: the same markers, all of them."""
    question = Question()
    view = world(*HOME)
    # Not narrowed to where no circle is near, so how near that is doesn't matter.
    cells = things_in(conn, question, (), cell_level(view), join_km=0, now=now)

    def address(other: View) -> str:
        return url(question.address(at=format_view(other)))

    narrow = world(NARROW - 40, 300)
    return still_map(view, _layers(conn, cells, view, narrow, address, question))
