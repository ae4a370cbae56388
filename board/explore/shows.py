"""What a page or a part of one shows, and whether a change touches it. Pure.

A page is touched by changes of what it shows, by some kinds of changes whatever they are about,
and by a town that comes onto it: nearer than the farthest neighbour shown, or further up in the
order of a list than its last row. `board.watched` says what is written down as which kind.
"""

from dataclasses import dataclass
from math import cos, inf, radians
from typing import Final

from board.core.changes import Change
from board.core.geo import distance_km
from board.drawing.still_map import StillMap
from board.towns.queries import TownRow

# What a list shows of a town: not its talk, nor what P2PU said.
IN_A_LIST: Final = frozenset({"town", "facts", "stories"})
# What moves the markers and numbers of a map.
CIRCLES: Final = ("circles", "imports", "libraries")
MAP_KINDS: Final = ("facts", *CIRCLES)


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


def map_shows(drawn: StillMap) -> Shows:
    """A map alone: what comes and goes, and the votes of the towns that it names."""
    return Shows(listed=drawn.single_towns, always=frozenset(MAP_KINDS))
