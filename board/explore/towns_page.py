"""Map and list of one question, read together in one snapshot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from board.circles.models import circles
from board.circles.queries import circles_page, latest_import
from board.circles.rows import CircleFilter, LatestImport, PageOfCircles
from board.core.errors import Gone, NotFound
from board.core.geo import from_mercator
from board.core.language import gettext as _
from board.core.rendering import url
from board.drawing.clusters import Cell, cell_shift, inside, place_markers
from board.drawing.markers import Link, Marker, linked, nobody_yet
from board.drawing.ring import Ring, ring
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
    View,
    Window,
    fit,
    format_view,
    parse_view,
    resized,
    windows,
    world,
)
from board.explore.map_queries import (
    circle_cells,
    circle_conditions,
    circle_links,
    town_cells,
    town_links,
)
from board.explore.queries import (
    ListedTown,
    TownsPage,
    in_windows,
    list_towns,
    neighbours,
    town_conditions,
)
from board.explore.rules import PAGE, Question, rounded_point
from board.towns.place_queries import Found, find_places
from board.towns.queries import asking_countries, at_address, spoken_languages
from board.towns.rules import Need, Readiness

WIDE: Final = (700, 600)
NARROW: Final = 390
BESIDE_TOWNS: Final = 6
HOME: Final = (842, 430)


@dataclass(frozen=True)
class ListRow:
    """A town in the list, with its drawing."""

    listed: ListedTown
    readiness: Readiness
    ring: Ring


@dataclass(frozen=True)
class TownsAndMap:
    """Everything `/towns` shows."""

    question: Question
    rows: list[ListRow]
    towns: TownsPage
    circles: PageOfCircles
    map: StillMap
    legend: list[LegendItem]
    in_window: bool
    countries: list[str]
    languages: list[str]
    imported: LatestImport | None
    places: list[Found]
    neighbours: list[ListedTown]

    @property
    def is_empty(self) -> bool:
        """Nothing at all fits the question."""
        return not (self.towns.rows or self.circles.circles)


def towns_page(
    conn: Connection, question: Question, *, need: Need, join_km: int, now: datetime
) -> TownsAndMap:
    """Ask the question of list and map; the number of statements doesn't depend on the answer."""
    near = point_of(conn, question.near)
    view = parse_view(question.at, *WIDE)
    here = windows(view) if view else []
    towns = list_towns(conn, question, here, near=near, join_km=join_km)
    found_circles = _circles(conn, question, here, now)
    if not question.shows_towns:
        towns = towns._replace(rows=[], after="")
    counted = count_cells(conn, question, here, view or world(*WIDE), join_km=join_km, now=now)
    places = _places(conn, question, towns)
    nobody = places[0] if places and not (towns.total or found_circles.total) else None
    shown, cells = view, counted
    if shown is None:
        shown = first_view(counted, (nobody.lat, nobody.lng) if nobody else near)
        # The squares of the world that found this view are far too large for it; and where nobody
        # asked, the map shows who asked around.
        asked = question.but(q="") if nobody else question
        cells = count_cells(conn, asked, windows(shown), shown, join_km=join_km, now=now)
    return TownsAndMap(
        question=question,
        rows=[_row(listed, need) for listed in towns.rows],
        towns=towns,
        circles=found_circles,
        map=_draw(conn, cells, shown, question, [row.town.id for row in towns.rows], nobody),
        legend=_legend(question, counted),
        in_window=bool(here),
        countries=asking_countries(conn),
        languages=spoken_languages(conn),
        imported=latest_import(conn),
        places=places,
        neighbours=_neighbours(conn, question, towns),
    )


def _circles(
    conn: Connection, question: Question, here: Sequence[Window], now: datetime
) -> PageOfCircles:
    """The circles of the list: all by pages on their own layer, the first few beside towns."""
    if not question.shows_circles:
        return PageOfCircles([], 0, "")
    alone = not question.shows_towns
    wanted = CircleFilter(question.q, question.country, question.language, "all")
    inside_here = [in_windows(here, circles.c.mx, circles.c.my)] if here else []
    return circles_page(
        conn,
        wanted,
        now,
        after=question.after if alone else "",
        limit=PAGE if alone else BESIDE_TOWNS,
        where=inside_here,
    )


def point_of(conn: Connection, text: str) -> tuple[float, float] | None:
    """The point near which somebody looks: rounded by the browser, or a picked town's."""
    if not text:
        return None
    if (point := rounded_point(text)) is not None:
        return point
    country, _slash, slug = text.partition("/")
    try:
        address = at_address(conn, country, slug)
    except (NotFound, Gone):
        return None
    if address.moved_to:
        return point_of(conn, address.moved_to.removeprefix("/towns/"))
    place = address.town or address.place
    if place is None or place.lat is None or place.lng is None:
        return None
    return place.lat, place.lng


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


def _draw(
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


def _legend(question: Question, cells: Sequence[Cell]) -> list[LegendItem]:
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


def _row(listed: ListedTown, need: Need) -> ListRow:
    ready = listed.town.readiness(need)
    drawn = ring(ready.learners, need.learners, ready.facilitators, ready.spaces)
    return ListRow(listed, ready, drawn)


def _places(conn: Connection, question: Question, towns: TownsPage) -> list[Found]:
    """Places of the gazetteer that fit the words and where nobody has asked yet."""
    if not question.q or question.after:
        return []
    asked = {listed.town.geonames_id for listed in towns.rows}
    found = find_places(conn, question.q, country=question.country, limit=6)
    return [place for place in found if place.geonames_id not in asked and not place.vote_count]


def _neighbours(conn: Connection, question: Question, towns: TownsPage) -> list[ListedTown]:
    """Where nothing fits, towns that ask near the place that was meant."""
    if towns.total or not question.q:
        return []
    found = find_places(conn, question.q, country=question.country, limit=1)
    return neighbours(conn, found[0].lat, found[0].lng, limit=4) if found else []


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
