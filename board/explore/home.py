"""What the home page shows."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from board.circles.library_queries import libraries_in_short
from board.circles.queries import circle_counts, latest_imports, next_circles
from board.circles.rows import CircleCounts, LatestImport, LibrariesInShort, ShownCircle
from board.core import language
from board.core.answers import kept_answer
from board.drawing.ring import Ring, ring
from board.drawing.still_map import StillMap
from board.explore.drawn_map import home_map
from board.explore.frame import MAP_WEIGHT
from board.explore.queries import closest_to_launch
from board.explore.shows import map_shows
from board.pages.content import Content
from board.stories.queries import StoryView
from board.stories.search_queries import newest_stories
from board.taking_part.story_cards import with_offers
from board.towns.cell_queries import count_towns
from board.towns.cells import Facets
from board.towns.queries import TownRow
from board.towns.rules import Need, Readiness


class ReadyTown(NamedTuple):
    """A town among the closest to launch, with its drawing."""

    town: TownRow
    readiness: Readiness
    ring: Ring


class HomeFrame(NamedTuple):
    """What stays the same while people vote: the numbers, the map, circles and libraries."""

    asking: int
    launched: int
    circles: CircleCounts
    map: StillMap
    next_circles: list[ShownCircle]
    imported: LatestImport | None
    libraries: LibrariesInShort
    libraries_imported: LatestImport | None


class HomePage(NamedTuple):
    """The frame, the towns closest to launch and two stories."""

    frame: HomeFrame
    closest: list[ReadyTown]
    stories: list[StoryView]


def home_page(conn: Connection, need: Need, *, now: datetime) -> HomePage:
    """Read the home page from one snapshot; `now` is the beginning of a minute."""
    return HomePage(
        frame=kept_answer(
            conn,
            ("home", language.current(), now),
            lambda: _find_frame(conn, now),
            lambda frame: map_shows(frame.map),
            weight=MAP_WEIGHT,
        ),
        closest=[ready_town(town, need) for town in closest_to_launch(conn)],
        stories=with_offers(conn, newest_stories(conn, limit=2)),
    )


def _find_frame(conn: Connection, now: datetime) -> HomeFrame:
    imports = latest_imports(conn, "circles", "libraries")
    return HomeFrame(
        asking=count_towns(conn, Facets()),
        launched=count_towns(conn, Facets(("launched",))),
        circles=circle_counts(conn, now),
        map=home_map(conn, now=now),
        next_circles=next_circles(conn, now, limit=3),
        imported=imports.get("circles"),
        libraries=libraries_in_short(conn),
        libraries_imported=imports.get("libraries"),
    )


def ready_town(town: TownRow, need: Need) -> ReadyTown:
    """A town with its readiness and ring."""
    ready = town.readiness(need)
    drawn = ring(ready.learners, need.learners, ready.has_facilitator, ready.has_space)
    return ReadyTown(town, ready, drawn)


def content_values(content: Content, now: datetime) -> dict[str, Any]:
    """The home page's words, news and events."""
    code = language.current()
    return {
        "words": content.page("home", code),
        "posts": content.news(code)[:3],
        "events": content.upcoming_events(code, now)[:3],
    }
