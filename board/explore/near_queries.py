"""Towns by their distance: the nearest first, and the neighbours of a place.

No index knows distances. Where few towns fit, all of them are measured; else those in a box around
the point, and the box grows until it holds a page. The distance that orders is the one shown.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, select

from board.core.geo import MERCATOR_SIZE, around, distance_km, to_mercator
from board.drawing.view import Window
from board.explore.orders import Key
from board.explore.paging import Keyed
from board.explore.queries import ListedTown, by_index, listed_conditions, with_quotes
from board.towns.cell_queries import count_towns, lies_in
from board.towns.cells import Facets
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.towns.rules import STATUSES

_t = towns.c
# So many towns are measured without asking where they lie.
FEW: Final = 1_000
_FIRST_KM: Final = 25.0
_GROWTH: Final = 3.0
# Further away nothing lies.
FARTHEST_KM: Final = 20_100.0


class Nearest:
    """Finds towns by distance from a point; those that lie nowhere are never found."""

    def __init__(
        self,
        conn: Connection,
        asked: Sequence[ColumnElement[bool]],
        point: tuple[float, float],
        total: int,
        index: str | None = None,
    ) -> None:
        """`index` names all that fit, if these are few enough to measure each (`queries`)."""
        self.conn, self.asked, self.point, self.index = conn, asked, point, index
        self.is_few = index is not None or total <= FEW
        self.all: list[Key] | None = None

    def following(self, key: Key | None, most: int) -> list[Keyed[TownRow]]:
        last = key or (-1.0, 0)
        km = FARTHEST_KM if self.is_few else min(FARTHEST_KM, max(_FIRST_KM, last[0] * 1.1))
        while True:
            found = self._measured(km)
            behind = found[bisect_right(found, last) :][:most]
            if len(behind) == most or km >= FARTHEST_KM:
                return self._rows(behind)
            km = min(FARTHEST_KM, km * _GROWTH)

    def preceding(self, key: Key | None, most: int) -> list[Keyed[TownRow]]:
        if key is None or self.is_few:
            found = self._measured(FARTHEST_KM)
        else:
            found = self._measured(max(0.0, key[0]) + 0.1)
        return self._rows(found[: None if key is None else bisect_left(found, key)][-most:])

    def _measured(self, km: float) -> list[Key]:
        """Distance and number of every town within `km`, the nearest first."""
        if self.all is None:
            found = self._measure(km)
            self.all = found if km >= FARTHEST_KM else None
            return found
        return self.all

    def _measure(self, km: float) -> list[Key]:
        lat, lng = self.point
        statement = select(_t.id, _t.lat, _t.lng).where(*self.asked)
        if km < FARTHEST_KM:
            here = lies_in(windows_around(lat, lng, km))
            statement = by_index(statement.where(here), "town_by_zkey")
        else:
            statement = statement.where(_t.lat.is_not(None), _t.lng.is_not(None))
            if self.index is not None:
                statement = by_index(statement, self.index)
        found = (
            (distance_km(lat, lng, row.lat, row.lng), row.id)
            for row in self.conn.execute(statement)
        )
        # The box's corners reach further: out there not everything was seen.
        return sorted(one for one in found if one[0] <= km)

    def _rows(self, found: Sequence[Key]) -> list[Keyed[TownRow]]:
        if not found:
            return []
        ids = [number for _km, number in found]
        rows = self.conn.execute(select(*TOWN_COLUMNS).where(_t.id.in_(ids)))
        by_id = {row.id: TownRow._make(row) for row in rows}
        return [Keyed(key, by_id[key[1]]) for key in found if key[1] in by_id]


def windows_around(lat: float, lng: float, km: float) -> list[Window]:
    """The windows that hold every town within `km` of a point."""
    found = []
    for south, north, west, east in around(lat, lng, km):
        left, foot = to_mercator(south, west)
        right, top = to_mercator(north, east)
        # 180 degrees east is 180 degrees west; here it is meant as the edge of the map.
        edge = MERCATOR_SIZE - 1 if east >= 180.0 else right
        found.append(Window(left - 1, edge + 1, top - 1, foot + 1))
    return found


def neighbours(
    conn: Connection, lat: float, lng: float, *, but: int | None = None, limit: int = 3
) -> list[ListedTown]:
    """The nearest towns that ask, whatever their status, with their distance."""
    asked = listed_conditions(STATUSES)
    if but is not None:
        asked.append(_t.id != but)
    total = count_towns(conn, Facets(STATUSES))
    found = Nearest(conn, asked, (lat, lng), total).following(None, limit)
    return with_quotes(conn, [one.row for one in found], (lat, lng))
