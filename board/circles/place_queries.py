"""Looking rows of the feed up among the places: by number, by name, or around a point.

The reading half of `match`, which decides.
"""

from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from board.circles.match import Candidate, Settled, Spot, nearest_large, settle
from board.core.geo import around
from board.core.text import search_form
from board.towns.models import place_names, places

_AROUND_KM: Final = 15.0
# Looking around a nameless point reads many places; no honest feed has more of them.
MOST_NAMELESS: Final = 50

_COLUMNS: Final = tuple(places.c[name] for name in Candidate._fields if name != "named")
_NUMBERED: Final = select(*_COLUMNS).where(places.c.geonames_id == bindparam("number"))
# As a subquery, so that no planner walks a whole country in search of a name.
_NAMED: Final = select(*_COLUMNS).where(
    places.c.geonames_id.in_(
        select(place_names.c.geonames_id).where(place_names.c.norm == bindparam("norm"))
    )
)
_BETWEEN: Final = select(*_COLUMNS).where(
    places.c.lat.between(bindparam("south"), bindparam("north")),
    places.c.lng.between(bindparam("west"), bindparam("east")),
)


class Gazetteer:
    """Finds the places that a page's rows mean; each name and each spot is looked up once."""

    def __init__(self, conn: Connection, nameless: int = MOST_NAMELESS) -> None:
        self._conn = conn
        self._settled: dict[Spot, Settled] = {}
        self._named: dict[str, list[Candidate]] = {}
        self.nameless = nameless

    def settle(self, spot: Spot) -> Settled:
        """The spot with its place, mended where it has to be (`match.settle`)."""
        if spot not in self._settled:
            self._settled[spot] = settle(spot, self._by_id(spot), self._by_name(spot.city))
        return self._settled[spot]

    def _by_id(self, spot: Spot) -> Candidate | None:
        """The place of the row's number, or around its point where it has no name either."""
        numbered = spot.geonames_id and self._read(_NUMBERED, number=spot.geonames_id)
        if numbered:
            namesakes = {one.geonames_id for one in self._by_name(spot.city)}
            return numbered[0]._replace(named=spot.geonames_id in namesakes)
        return self._around(spot) if not spot.city else None

    def _by_name(self, city: str) -> list[Candidate]:
        """All places of that name, the largest first."""
        norm = search_form(city)
        if norm and norm not in self._named:
            found = self._read(_NAMED, norm=norm)
            found.sort(key=lambda place: (-place.population, place.geonames_id))
            self._named[norm] = found
        return self._named.get(norm, [])

    def _around(self, spot: Spot) -> Candidate | None:
        if spot.lat is None or spot.lng is None or self.nameless <= 0:
            return None
        self.nameless -= 1
        found: list[Candidate] = []
        for south, north, west, east in around(spot.lat, spot.lng, _AROUND_KM):
            found += self._read(_BETWEEN, south=south, north=north, west=west, east=east)
        home = [place for place in found if spot.country in ("", place.country)]
        return nearest_large(spot, home, _AROUND_KM)

    def _read(self, statement: Select[Any], **values: Any) -> list[Candidate]:
        rows = self._conn.execute(statement, values)
        return [Candidate._make((*row, True)) for row in rows]
