"""What the public pages depend on: pure rules that say whether a change touches a page.

A page is touched by changes of what it shows, by some kinds of changes whatever they are about,
and by a town that comes onto it: nearer than the farthest neighbour shown, or further up in the
order of a list than its last row. `core.page_cache` asks; `board.watched` says what is written
down as which kind.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, inf, radians
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from board.core.changes import EVERYTHING, Change
from board.core.db import Database
from board.core.geo import distance_km
from board.core.kept_pages import Depends
from board.drawing.still_map import StillMap
from board.explore.home import HomePage
from board.explore.orders import ORDERS, key_of, read_cursor
from board.explore.town_page import TownPage
from board.explore.towns_page import TownsAndMap
from board.stories.queries import StoryView
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow

# What a list shows of a town: not its talk, nor what P2PU said.
IN_A_LIST: Final = frozenset({"town", "facts", "stories"})
NEIGHBOURS: Final = 3
CLOSEST: Final = 5


@dataclass(frozen=True)
class Around:
    """The towns nearest to a point; `flat` and `km` measure how far the farthest shown is.

    By either measure it may be ordered: a town is on the page when one of them says so.
    """

    lat: float
    lng: float
    flat: float = inf
    km: float = inf

    def takes(self, town: TownRow) -> bool:
        """Whether a town is as near."""
        if town.lat is None or town.lng is None:
            return False
        far = flat(self.lat, self.lng, town.lat, town.lng)
        return far <= self.flat or distance_km(self.lat, self.lng, town.lat, town.lng) <= self.km


def flat(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """How far on a flat earth, in squared degrees; good enough to order what is near."""
    away = abs(other_lng - lng)
    around = min(away, 360 - away)
    return float((other_lat - lat) ** 2 + around**2 * max(0.001, cos(radians(lat)) ** 2))


@dataclass(frozen=True)
class Listing:
    """A stretch of a list: above `floor` (where it is full) and below `ceiling` (a later page)."""

    fields: tuple[str, ...]
    floor: tuple[object, ...] | None = None
    ceiling: tuple[object, ...] | None = None
    country: str = ""

    def takes(self, town: TownRow) -> bool:
        """Whether a town's place in the order is on this stretch."""
        if self.country and town.country != self.country:
            return False
        key = tuple(getattr(town, field) for field in self.fields)
        above = self.floor is None or key > self.floor
        return above and (self.ceiling is None or key < self.ceiling)


@dataclass(frozen=True)
class Shows:
    """What a page shows: `own` towns with all about them, `listed` ones as rows or markers; and
    which kinds of changes touch it whatever they are about."""

    own: frozenset[int] = frozenset()
    listed: frozenset[int] = frozenset()
    always: frozenset[str] = frozenset()
    listings: tuple[Listing, ...] = ()
    around: Around | None = None
    address: str = ""

    @property
    def subjects(self) -> frozenset[int]:
        return self.own | self.listed

    @property
    def kinds(self) -> frozenset[str]:
        by_row = {"town"} if self.listings else set()
        by_place = {"facts"} if self.around or self.address else set()
        return self.always | by_row | by_place

    def touched_by(self, change: Change) -> bool:
        kind, subject, _now = change
        if kind in self.always or subject in self.own:
            return True
        if kind in IN_A_LIST and subject in self.listed:
            return True
        return kind in self.kinds and self._takes(change)

    def _takes(self, change: Change) -> bool:
        """Whether a town comes onto the page; one that nobody could look at does."""
        town = change.now
        if not isinstance(town, TownRow):
            return True
        if change.kind == "town":
            return any(listing.takes(town) for listing in self.listings)
        near = self.around is not None and self.around.takes(town)
        return near or town.path == self.address


def of_town_page(shown: TownPage) -> Shows:
    """A town's page: the town, its neighbours, and the circles around."""
    return Shows(
        own=frozenset({shown.town.id}) if shown.town else frozenset(),
        listed=frozenset(listed.town.id for listed in shown.neighbours),
        always=frozenset({"circles"}),
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
    always = {"facts", "circles", "imports", "libraries"}
    if asked.q:
        always |= {"town", "stories"}
    if asked.language:
        always |= {"stories"}
    beside = [listed.town.id for listed in found.neighbours]
    return Shows(
        listed=frozenset(
            [*(row.listed.town.id for row in found.rows), *beside, *_single(found.map)]
        ),
        always=frozenset(always | _by_votes(found.map)),
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


def _single(drawn: StillMap) -> Iterator[int]:
    """The towns that have a marker of their own, which says their votes."""
    for layer in drawn.layers:
        yield from (marker.town_id for marker in layer.markers if marker.town_id is not None)


def _by_votes(drawn: StillMap) -> frozenset[str]:
    """Markers of several towns come in the order of their votes, where these are known."""
    shared = (marker for layer in drawn.layers for marker in layer.markers)
    known = any(marker.votes for marker in shared if marker.kind == "several")
    return frozenset({"town"}) if known else frozenset()


def of_home(home: HomePage) -> Shows:
    """The home page: its numbers, map and circles, the towns closest to launch, two stories."""
    order = ORDERS["ready"]
    closest = [ready.town for ready in home.closest]
    full = len(closest) >= CLOSEST
    floor = key_of(order, closest[-1]) if full else None
    return Shows(
        own=frozenset(story.town_id for story in home.stories),
        listed=frozenset([*(town.id for town in closest), *_single(home.map)]),
        always=frozenset({"facts", "stories", *CIRCLES, *_by_votes(home.map)}),
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
CIRCLES: Final = ("circles", "imports", "libraries")


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
