"""Looking rows of the feed up among the places: by number, by name, or around a point.

The reading half of `match`, which decides.
"""

from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, select

from board.circles.match import Candidate, Settled, Spot, nearest_large, settle
from board.core.geo import around
from board.towns.models import place_names, places
from board.towns.spelling import search_form

_AROUND_KM: Final = 15.0
# Looking around a nameless point reads many places; no honest feed has more of them.
_MOST_NAMELESS: Final = 50
_NAMESAKES: Final = 200

_CANDIDATES: Final[Select[tuple[object, ...]]] = select(
    *(places.c[name] for name in Candidate._fields if name != "named")
)


class Gazetteer:
    """Finds the places that rows mean; each spot is looked up once."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._settled: dict[Spot, Settled] = {}
        self._named: dict[tuple[str, str], list[Candidate]] = {}
        self._nameless = 0

    def settle(self, spot: Spot) -> Settled:
        """The spot with its place, mended where it has to be (`match.settle`)."""
        if spot not in self._settled:
            self._settled[spot] = settle(spot, self._by_id(spot), self._by_name(spot))
        return self._settled[spot]

    def _by_id(self, spot: Spot) -> Candidate | None:
        if spot.geonames_id is not None:
            found = self._places(places.c.geonames_id == spot.geonames_id)
            if found:
                called = select(place_names.c.norm).where(
                    place_names.c.geonames_id == spot.geonames_id,
                    place_names.c.norm == search_form(spot.city),
                )
                return found[0]._replace(named=self._conn.execute(called).first() is not None)
        return self._around(spot) if not spot.city else None

    def _by_name(self, spot: Spot) -> list[Candidate]:
        """Places of that name, the largest first: in the row's country, if there are any."""
        norm = search_form(spot.city)
        if not norm:
            return []
        for country in dict.fromkeys((spot.country, "")):
            key = (norm, country)
            if key not in self._named:
                self._named[key] = self._called(norm, country)
            if self._named[key]:
                return self._named[key]
        return []

    def _called(self, norm: str, country: str) -> list[Candidate]:
        statement = (
            _CANDIDATES.join(place_names, place_names.c.geonames_id == places.c.geonames_id)
            .where(place_names.c.norm == norm)
            .order_by(places.c.rank)
            .limit(_NAMESAKES)
        )
        if country:
            statement = statement.where(places.c.country == country)
        return [Candidate._make((*row, True)) for row in self._conn.execute(statement)]

    def _around(self, spot: Spot) -> Candidate | None:
        if spot.lat is None or spot.lng is None or self._nameless >= _MOST_NAMELESS:
            return None
        self._nameless += 1
        found: list[Candidate] = []
        for south, north, west, east in around(spot.lat, spot.lng, _AROUND_KM):
            found += self._places(
                places.c.lat.between(south, north) & places.c.lng.between(west, east)
            )
        home = [place for place in found if spot.country in ("", place.country)]
        return nearest_large(spot, home, _AROUND_KM)

    def _places(self, condition: ColumnElement[bool]) -> list[Candidate]:
        return [
            Candidate._make((*row, True))
            for row in self._conn.execute(_CANDIDATES.where(condition))
        ]
