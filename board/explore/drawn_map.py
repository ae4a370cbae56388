"""The map of a question: cells counted, placed as markers, drawn for wide and narrow screens."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from board.core.geo import from_mercator
from board.core.language import gettext as _
from board.core.rendering import url
from board.drawing.clusters import Cell, cell_shift, inside, place_markers
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
from board.drawing.view import View, Window, fit, format_view, resized, world
from board.explore.map_queries import (
    circle_cells,
    circle_conditions,
    circle_links,
    town_cells,
    town_links,
)
from board.explore.queries import town_conditions
from board.explore.rules import Question
from board.towns.place_queries import Found

WIDE: Final = (700, 600)
NARROW: Final = 390
HOME: Final = (842, 430)


def count_cells(
    conn: Connection,
    question: Question,
    here: Sequence[Window],
    view: View,
    *,
    join_km: int,
    now: datetime,
) -> list[Cell]:
    """Towns and circles by squares, fine enough for the view; none for a layer that is off."""
    shift = cell_shift(view)
    cells: list[Cell] = []
    if question.shows_towns:
        cells += town_cells(conn, town_conditions(question, here, join_km=join_km), shift)
    if question.shows_circles:
        cells += circle_cells(conn, circle_conditions(question, here), shift, now)
    return cells


def first_view(cells: Sequence[Cell], near: tuple[float, float] | None) -> View:
    """What the map shows before anybody moved it: the place meant, or all that was found."""
    if near is not None:
        return View(near[0], near[1], 6.0, *WIDE)
    return fit(_corners(cells), *WIDE, max_zoom=7.0)


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
    listed: list[int],
    nobody: Found | None,
) -> StillMap:
    """The map of a question, with links that move it; `nobody` is a place nobody asked for."""

    def address(other: View) -> str:
        return url(question.address(at=format_view(other)))

    narrow = resized(view, NARROW)
    layers = _layers(
        conn,
        cells,
        view,
        narrow,
        address,
        url(question.address(view="")),
        listed=listed,
        nobody=nobody,
    )
    return still_map(view, layers, moves(view, address))


def _layers(
    conn: Connection,
    cells: list[Cell],
    view: View,
    narrow: View,
    address: Callable[[View], str],
    list_address: str,
    *,
    listed: Sequence[int] = (),
    nobody: Found | None = None,
) -> list[Layer]:
    """The markers twice, for a wide screen and for a narrow one, from the same cells."""
    screens: tuple[tuple[Screen, View], ...] = (("wide", view), ("narrow", narrow))
    placed = {
        screen: place_markers(inside(cells, own), own, listed=listed) for screen, own in screens
    }
    every = [marker for markers in placed.values() for marker in markers]
    towns, circles_ = town_links(conn, every), circle_links(conn, every)
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
                    closer=address,
                    here=lambda _marker: list_address,
                ),
            ],
        )
        for screen, own in screens
    ]


def _dotted(nobody: Found | None, view: View) -> list[Marker]:
    """The dotted bubble of the place that was looked for."""
    if nobody is None:
        return []
    name = _("%(town)s: nobody has asked yet") % {"town": nobody.name}
    link = Link(name, url(nobody.path))
    return [nobody_yet(view, nobody.lat, nobody.lng, nobody.name, link)]


def legend_of(question: Question, cells: Sequence[Cell]) -> list[LegendItem]:
    """What the map shows, with counts; each line switches its layer."""
    towns_only, circles_only = question.layer == "towns", question.layer == "circles"
    towns_link = url(question.address(layer="circles" if not circles_only else "both"))
    circles_link = url(question.address(layer="towns" if not towns_only else "both"))
    circle_kinds = (
        ("now", _("Meeting now"), sum(c.circles_now for c in cells)),
        ("soon", _("Starting soon"), sum(c.circles_soon for c in cells)),
        ("finished", _("Finished"), sum(c.circles_finished for c in cells)),
    )
    asking = sum(c.towns for c in cells)
    return [
        LegendItem("asking", _("Towns asking"), asking, towns_link, not circles_only),
        *(
            LegendItem(kind, words, count, circles_link, not towns_only)
            for kind, words, count in circle_kinds
        ),
    ]


def home_map(conn: Connection, *, now: datetime) -> StillMap:
    """The map of the world on the home page: the same markers, all of them."""
    question = Question()
    view = world(*HOME)
    shift = cell_shift(view)
    cells = [
        *town_cells(conn, town_conditions(question, (), join_km=0), shift),
        *circle_cells(conn, circle_conditions(question, ()), shift, now),
    ]

    def address(other: View) -> str:
        return url(question.address(at=format_view(other)))

    narrow = world(NARROW - 40, 300)
    return still_map(view, _layers(conn, cells, view, narrow, address, url("/towns")))
