"""Map and list of one question, read together in one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from board.circles.models import circles
from board.circles.queries import circles_page
from board.circles.rows import CircleFilter, LatestImport, PageOfCircles
from board.core.errors import Gone, NotFound
from board.drawing.ring import Ring, ring
from board.drawing.still_map import LegendItem, StillMap
from board.drawing.view import Window, parse_view
from board.explore.drawn_map import WIDE
from board.explore.frame import Looking, frame_of
from board.explore.list_queries import TownsPage, list_towns
from board.explore.near_queries import neighbours
from board.explore.queries import ListedTown, in_windows
from board.explore.rules import PAGE, Question, rounded_point
from board.towns.place_queries import Found, find_places
from board.towns.queries import at_address, spoken_languages
from board.towns.rules import Need, Readiness

BESIDE_TOWNS: Final = 6


@dataclass(frozen=True)
class ListRow:
    """A town in the list, with its drawing."""

    listed: ListedTown
    readiness: Readiness
    ring: Ring


@dataclass(frozen=True)
class TownsAndMap:
    """Everything `/towns` shows; `listed` are the towns of the list that the map names, too."""

    question: Question
    rows: list[ListRow]
    towns: TownsPage
    circles: PageOfCircles
    map: StillMap
    listed: tuple[int, ...]
    legend: list[LegendItem]
    in_window: bool
    countries: tuple[str, ...]
    languages: tuple[str, ...]
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
    looking = Looking(parse_view(question.at, *WIDE), near)
    here = looking.ground
    towns = list_towns(conn, question, here, near=near, join_km=join_km)
    found_circles = _circles(conn, question, here, now)
    if not question.shows_towns:
        towns = towns._replace(rows=[], after="", before="")
    meant_places = find_places(conn, question.q, country=question.country, limit=6)
    places = _places(question, towns, meant_places)
    nobody = places[0] if places and not (towns.total or found_circles.total) else None
    looking = looking._replace(nobody=nobody)
    frame = frame_of(conn, question, looking, join_km=join_km, now=now)
    named = frame.map.single_towns
    return TownsAndMap(
        question=question,
        rows=[_row(listed, need) for listed in towns.rows],
        towns=towns,
        circles=found_circles,
        map=frame.map,
        listed=tuple(row.town.id for row in towns.rows if row.town.id in named),
        legend=frame.legend,
        in_window=bool(here),
        countries=frame.countries,
        languages=tuple(spoken_languages(conn)),
        imported=frame.imported,
        places=places,
        neighbours=_neighbours(conn, towns, meant_places),
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
        before=question.before if alone else "",
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


def _row(listed: ListedTown, need: Need) -> ListRow:
    ready = listed.town.readiness(need)
    drawn = ring(ready.learners, need.learners, ready.has_facilitator, ready.has_space)
    return ListRow(listed, ready, drawn)


def _places(question: Question, towns: TownsPage, found: Sequence[Found]) -> list[Found]:
    """Places of the gazetteer that fit the words and where nobody has asked yet."""
    if question.after or question.before:
        return []
    asked = {listed.town.geonames_id for listed in towns.rows}
    return [place for place in found if place.geonames_id not in asked and not place.vote_count]


def _neighbours(conn: Connection, towns: TownsPage, found: Sequence[Found]) -> list[ListedTown]:
    """Where nothing fits, towns that ask near the place that was meant."""
    if towns.total or not found:
        return []
    return neighbours(conn, found[0].lat, found[0].lng, limit=4)
