"""The news of a week, gathered once for everybody, and the part of it that one person follows.

Pure but for `gather` in `news_queries`: choosing costs no statement, however many follow.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nsmallest
from math import cos, radians
from typing import Any, NamedTuple

from board.core.geo import distance_km
from board.digests.rules import MOST_CIRCLES, MOST_STORIES, MOST_TOWNS, MOST_UPDATES
from board.follows.queries import Wanted
from board.towns.queries import TownRow


class StoryNews(NamedTuple):
    """A story that became public; its title and name are residents' words, for the body alone."""

    id: int
    title: str
    name: str
    language: str


class UpdateNews(NamedTuple):
    """P2PU's word: a step, an answer, or both."""

    id: int
    before: str
    after: str
    text: str
    language: str


class CircleNews(NamedTuple):
    """A circle that is new on the board and hasn't ended."""

    id: int
    title: str
    city: str
    country: str
    geonames_id: int | None
    lat: float
    lng: float
    starts_on: str
    starts_at: str
    url: str


@dataclass
class TownNews:
    """What happened in one town."""

    town: TownRow
    votes: int = 0
    comments: int = 0
    stories: list[StoryNews] = field(default_factory=list)
    updates: list[UpdateNews] = field(default_factory=list)

    @property
    def listed(self) -> bool:
        """Whether it is on map and list: one typed by hand is news only for who follows itself."""
        return self.town.standing == "listed"

    @property
    def weight(self) -> tuple[int, int]:
        """What comes first in a letter."""
        return (len(self.updates), 3 * len(self.stories) + self.votes + self.comments)


class _Spot(NamedTuple):
    lat: float
    lng: float
    id: int


Told = frozenset[str]
NOTHING_TOLD: Told = frozenset()


@dataclass(frozen=True)
class News:
    """What happened everywhere, with what it takes to find the part of one follow quickly."""

    towns: Mapping[int, TownNews]
    circles: Mapping[int, CircleNews]

    @property
    def any(self) -> bool:
        return bool(self.towns or self.circles)

    @property
    def events(self) -> list[str]:
        """The events that some people were told of at once (digests.actions)."""
        updates = [f"update:{one.id}" for news in self.towns.values() for one in news.updates]
        return updates + [f"circle:{number}" for number in self.circles]

    @cached_property
    def _town_spots(self) -> list[_Spot]:
        return _by_latitude(
            (one.town.lat, one.town.lng, one.town.id) for one in self.towns.values() if one.listed
        )

    @cached_property
    def _circle_spots(self) -> list[_Spot]:
        return _by_latitude((one.lat, one.lng, one.id) for one in self.circles.values())

    @cached_property
    def _found(self) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
        """What was found for each spelling of a follow: many people follow the same."""
        return {}

    def covered_by(self, wanted: Wanted) -> tuple[frozenset[int], frozenset[int]]:
        """The towns and circles that a follow covers."""
        if wanted.about not in self._found:
            self._found[wanted.about] = self._search(wanted)
        return self._found[wanted.about]

    def _search(self, wanted: Wanted) -> tuple[frozenset[int], frozenset[int]]:
        if wanted.kind == "area":
            here = (wanted.lat or 0.0, wanted.lng or 0.0, float(wanted.km or 0))
            return _within(self._town_spots, *here), _within(self._circle_spots, *here)
        if wanted.kind == "country":
            towns = (one for one in self.towns.values() if one.listed)
            return (
                frozenset(one.town.id for one in towns if one.town.country == wanted.country),
                frozenset(one.id for one in self.circles.values() if one.country == wanted.country),
            )
        return (
            frozenset({wanted.town_id or 0} & self.towns.keys()),
            frozenset(
                one.id
                for one in self.circles.values()
                if wanted.place is not None and one.geonames_id == wanted.place
            ),
        )

    def for_one(self, follows: Iterable[Wanted], told: Told = NOTHING_TOLD) -> dict[str, Any]:
        """One person's letter as plain values, each town and circle once; {} when nothing is new.

        `told` are events that they had a mail of before.
        """
        town_ids: set[int] = set()
        circle_ids: set[int] = set()
        for wanted in follows:
            towns, circles = self.covered_by(wanted)
            town_ids |= towns
            circle_ids |= circles
        town_ids -= self._known_already(told)
        starting = sorted(number for number in circle_ids if f"circle:{number}" not in told)
        if not town_ids and not starting:
            return {}
        first = nsmallest(MOST_TOWNS, town_ids, key=self._rank.__getitem__)
        return {
            "towns": [_section(self.towns[number], told) for number in first],
            "town_count": len(town_ids),
            "circles": [self.circles[number]._asdict() for number in starting[:MOST_CIRCLES]],
            "circle_count": len(starting),
        }

    @cached_property
    def _rank(self) -> dict[int, int]:
        """Which town comes first in a letter: where most happened."""
        ordered = sorted(
            self.towns.values(), key=lambda one: (*(-n for n in one.weight), one.town.id)
        )
        return {news.town.id: place for place, news in enumerate(ordered)}

    @cached_property
    def _town_of_event(self) -> dict[str, int]:
        return {
            f"update:{one.id}": news.town.id for news in self.towns.values() for one in news.updates
        }

    def _known_already(self, told: Told) -> set[int]:
        """The towns of which somebody had a mail about everything that happened there."""
        ids = {self._town_of_event[event] for event in told if event in self._town_of_event}
        return {number for number in ids if not _is_news(self.towns[number], told)}


def _is_news(news: TownNews, told: Told) -> bool:
    return bool(news.votes or news.stories or news.comments or _untold(news, told))


def _untold(news: TownNews, told: Told) -> list[UpdateNews]:
    return [one for one in news.updates if f"update:{one.id}" not in told]


def _section(news: TownNews, told: Told) -> dict[str, Any]:
    town = news.town
    return {
        "name": town.name,
        "named": "" if town.geonames_id is None else town.name,
        "path": town.path,
        "new_votes": news.votes,
        "votes": town.vote_count,
        "comments": news.comments,
        "stories": [one._asdict() for one in news.stories[:MOST_STORIES]],
        "story_count": len(news.stories),
        "updates": [one._asdict() for one in _untold(news, told)[:MOST_UPDATES]],
    }


def _by_latitude(
    spots: Iterable[tuple[float | None, float | None, int]],
) -> list[_Spot]:
    return sorted(
        _Spot(lat, lng, number) for lat, lng, number in spots if lat is not None and lng is not None
    )


def _within(spots: Sequence[_Spot], lat: float, lng: float, km: float) -> frozenset[int]:
    """Those within km: a strip of latitudes is looked at, and of it only what isn't far aside."""
    tall = km / 111.0 + 0.01
    wide = tall / max(0.01, cos(radians(min(89.0, abs(lat) + tall))))
    first = bisect_left(spots, lat - tall, key=lambda one: one.lat)
    last = bisect_right(spots, lat + tall, key=lambda one: one.lat)
    return frozenset(
        one.id
        for one in spots[first:last]
        # Around the antimeridian 359 degrees apart is one.
        if not wide < abs(one.lng - lng) < 360.0 - wide
        and distance_km(lat, lng, one.lat, one.lng) <= km
    )
