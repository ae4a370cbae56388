"""What stands around the list of a question: its map with the legend, and what can be chosen.

Finding and drawing it takes many times as long as a page of the list, and most votes change nothing
of it: so it is kept from one page to the next (`core.answers`).
"""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from board.circles.queries import latest_imports
from board.circles.rows import LatestImport
from board.core import language
from board.core.answers import kept_answer
from board.drawing.clusters import cell_level
from board.drawing.still_map import LegendItem, StillMap
from board.drawing.view import View, Window, windows
from board.explore.drawn_map import FIRST_LEVEL, count_cells, draw_map, first_view, legend_of
from board.explore.rules import Question
from board.explore.shows import map_shows
from board.towns.cells import snapped
from board.towns.place_queries import Found
from board.towns.queries import asking_countries

# Beside other kept answers: a map of some hundred markers, drawn for two screens.
MAP_WEIGHT: Final = 40


class Looking(NamedTuple):
    """What the map is turned to: the view that was asked for, or near what it shall lie."""

    view: View | None = None
    near: tuple[float, float] | None = None
    nobody: Found | None = None

    @property
    def ground(self) -> list[Window]:
        """What list, map and legend look at: the view's windows, in whole squares of the map."""
        return ground(self.view) if self.view else []


class Frame(NamedTuple):
    """The map, its legend, the countries to choose from, and when circles were brought in."""

    map: StillMap
    legend: list[LegendItem]
    countries: tuple[str, ...]
    imported: LatestImport | None


def frame_of(
    conn: Connection, question: Question, looking: Looking, *, join_km: int, now: datetime
) -> Frame:
    """The frame of a question, kept unless it is one person's: of words, of a point near them.

    `now` is the beginning of a minute: until the next one nothing begins or ends.
    """

    def find() -> Frame:
        return _find(conn, question, looking, join_km=join_km, now=now)

    if question.q or question.near or looking.nobody:
        return find()
    key = ("frame", language.current(), question.but(), join_km, now)
    return kept_answer(conn, key, find, lambda frame: map_shows(frame.map), weight=MAP_WEIGHT)


def _find(
    conn: Connection, question: Question, looking: Looking, *, join_km: int, now: datetime
) -> Frame:
    shown, here, nobody = looking.view, looking.ground, looking.nobody
    level = cell_level(shown) if shown else FIRST_LEVEL
    # Where nobody asked, the map shows who asked around, and the legend counts them.
    asked = question.but(q="") if nobody else question
    cells = counted = count_cells(conn, asked, here, level, join_km=join_km, now=now)
    if shown is None:
        meant = (nobody.lat, nobody.lng) if nobody else looking.near
        shown = first_view(conn, question, counted, meant, join_km=join_km, now=now)
        level = cell_level(shown)
        if nobody or level > FIRST_LEVEL:
            # The squares that found this view are far too large for it.
            cells = count_cells(conn, asked, ground(shown), level, join_km=join_km, now=now)
        if nobody:
            counted = cells
    imports = latest_imports(conn, "circles", "libraries")
    libraries = imports.get("libraries")
    return Frame(
        draw_map(conn, cells, shown, question, nobody),
        legend_of(question, counted, libraries.finished_at if libraries else None),
        tuple(asking_countries(conn)),
        imports.get("circles"),
    )


def ground(view: View) -> list[Window]:
    """What a view shows, in whole squares of the map."""
    return snapped(windows(view), cell_level(view))
