"""What the home page shows."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from board.circles.library_queries import libraries_by_country
from board.circles.queries import circle_counts, latest_import, next_circles
from board.circles.rows import CircleCounts, LatestImport, LibrariesOf, ShownCircle
from board.core import language
from board.drawing.ring import Ring, ring
from board.drawing.still_map import StillMap
from board.explore.drawn_map import home_map
from board.explore.queries import closest_to_launch
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


class HomePage(NamedTuple):
    """The numbers, the map, the next circles, the closest towns and two stories."""

    asking: int
    launched: int
    circles: CircleCounts
    map: StillMap
    next_circles: list[ShownCircle]
    imported: LatestImport | None
    libraries: list[LibrariesOf]
    closest: list[ReadyTown]
    stories: list[StoryView]


def home_page(conn: Connection, need: Need, *, now: datetime) -> HomePage:
    """Read the home page from one snapshot."""
    return HomePage(
        asking=count_towns(conn, Facets()),
        launched=count_towns(conn, Facets(("launched",))),
        circles=circle_counts(conn, now),
        map=home_map(conn, now=now),
        next_circles=next_circles(conn, now, limit=3),
        imported=latest_import(conn),
        libraries=libraries_by_country(conn),
        closest=[ready_town(town, need) for town in closest_to_launch(conn)],
        stories=with_offers(conn, newest_stories(conn, limit=2)),
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
