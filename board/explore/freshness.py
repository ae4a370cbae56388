"""What the public pages depend on: for each kind of page what it shows (`shows.Shows`).

`core.page_cache` asks, before it answers with a page that it kept.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from board.core.changes import EVERYTHING, Change
from board.core.db import Database
from board.core.geo import distance_km
from board.core.kept_pages import Depends
from board.explore.home import HomePage
from board.explore.orders import ORDERS, key_of, read_cursor
from board.explore.shows import CIRCLES, MAP_KINDS, Around, Listing, Shows, flat
from board.explore.town_page import TownPage
from board.explore.towns_page import TownsAndMap
from board.stories.queries import StoryView
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow

NEIGHBOURS: Final = 3
CLOSEST: Final = 5


def of_town_page(shown: TownPage) -> Shows:
    """A town's page: the town, its neighbours, and the circles and libraries around; these with
    the day of their list."""
    dated = {"imports"} if shown.libraries.libraries else set()
    return Shows(
        own=frozenset({shown.town.id}) if shown.town else frozenset(),
        listed=frozenset(listed.town.id for listed in shown.neighbours),
        always=frozenset({"circles", "libraries", *dated}),
        around=_around(shown),
        address=shown.place.path,
    )


def _around(shown: TownPage) -> Around | None:
    """The ground that holds a page's neighbours: all of the world while it shows too few."""
    lat, lng = shown.place.lat, shown.place.lng
    if lat is None or lng is None:
        return None
    far = [
        (flat(lat, lng, town.lat, town.lng), distance_km(lat, lng, town.lat, town.lng))
        for town, *_more in shown.neighbours
        if town.lat is not None and town.lng is not None
    ]
    if len(far) < NEIGHBOURS:
        return Around(lat, lng)
    return Around(lat, lng, flat=max(one for one, _km in far), km=max(km for _one, km in far))


def of_towns_page(found: TownsAndMap) -> Shows:
    """Map and list: any town that comes or goes moves the totals; a vote only what it is shown on.

    Words are looked for in names and stories, which any change may touch.
    """
    asked = found.question
    always = {*MAP_KINDS}
    if asked.q:
        always |= {"town", "stories"}
    if asked.language:
        always |= {"stories"}
    beside = [listed.town.id for listed in found.neighbours]
    return Shows(
        listed=frozenset(
            [*(row.listed.town.id for row in found.rows), *beside, *found.map.single_towns]
        ),
        always=frozenset(always),
        listings=(_stretch(found),) if asked.shows_towns else (),
    )


def _stretch(found: TownsAndMap) -> Listing:
    """Which part of the list a page is: from its last row, or the end, up to where it begins."""
    asked, page = found.question, found.towns
    order = ORDERS.get(asked.sort, ORDERS["votes"])
    keys = [key_of(order, row.town) for row in page.rows]
    after, before = (read_cursor(order.readers, text) for text in (asked.after, asked.before))
    return Listing(
        order.fields,
        floor=keys[-1] if keys and page.after else None,
        ceiling=after or (keys[0] if keys and before and page.before else None),
        country=asked.country,
    )


def of_home(home: HomePage) -> Shows:
    """The home page: its numbers, map and circles, the towns closest to launch, two stories."""
    order = ORDERS["ready"]
    closest = [ready.town for ready in home.closest]
    full = len(closest) >= CLOSEST
    floor = key_of(order, closest[-1]) if full else None
    return Shows(
        own=frozenset(story.town_id for story in home.stories),
        listed=frozenset([*(town.id for town in closest), *home.frame.map.single_towns]),
        always=frozenset({"stories", *MAP_KINDS}),
        listings=(Listing(order.fields, floor),),
    )


def of_stories(shown: Iterable[StoryView]) -> Shows:
    """A page of stories: each one that comes or goes, and the towns and talks of those shown."""
    return Shows(own=frozenset(story.town_id for story in shown), always=frozenset({"stories"}))


def of_story(story: StoryView) -> Shows:
    """One story with its talk and its town."""
    return Shows(own=frozenset({story.town_id}))


TALK: Final = Depends(frozenset({"talk", "stories", "facts"}))
# What the map's addresses depend on (explore.map_views): a tile without towns of their own names
# needs no more; `listed` are those whose votes it says.


def of_tile(single: Iterable[int]) -> Shows:
    """A tile of the map: what comes and goes, and the votes of the towns that stand alone."""
    return Shows(listed=frozenset(single), always=frozenset({"facts", "circles", "libraries"}))


def of_popup(town_id: int | None) -> Shows:
    """What the map says of one thing: a town, or a circle or library (None)."""
    own = frozenset() if town_id is None else frozenset({town_id})
    return Shows(own=own, always=frozenset(CIRCLES))


class Looker:
    """Looks at how the changed towns are now, in one statement, where pages read them."""

    def __init__(self, database: Database) -> None:
        self._engine = database.replica or database.reader

    def __call__(self, changes: Sequence[Change]) -> Sequence[Change]:
        about = {one.subject for one in changes if one.kind in ("town", "facts")}
        if not about:
            return changes
        try:
            with self._engine.connect() as conn:
                now = _towns_now(conn, about)
        except SQLAlchemyError:
            return (EVERYTHING,)
        return [one._replace(now=now.get(one.subject)) for one in changes]


def _towns_now(conn: Connection, ids: set[int]) -> dict[int, TownRow]:
    rows = conn.execute(select(*TOWN_COLUMNS).where(towns.c.id.in_(ids)))
    return {row.id: TownRow._make(row) for row in rows}
