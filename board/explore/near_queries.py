"""Towns by their distance: the nearest first, and the neighbours of a place.

No index knows distances. Where few towns fit, all of them are measured; else those in a box around
the point, and the box grows until it holds a page. The distance that orders is the one shown.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, or_, select

from board.core.geo import MERCATOR_SIZE, around, distance_km, to_mercator
from board.drawing.view import Window
from board.explore.orders import Key
from board.explore.paging import Keyed
from board.explore.queries import ListedTown, by_index, listed_conditions, with_quotes
from board.towns.cell_queries import count_towns, ends_of, room
from board.towns.cells import PLACE_LEVEL, Facets, key_ranges
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
        within: Callable[[int], Select[Any]] | None = None,
    ) -> None:
        """`index` names all that fit, if these are few enough to measure each (`queries`).

        `within` has the statements for what is asked, where these were made beforehand.
        """
        self.conn, self.asked, self.point, self.index = conn, asked, point, index
        self.within = within or partial(_within, asked)
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
        rows = self._around(km) if km < FARTHEST_KM else self._everywhere()
        found = ((distance_km(lat, lng, row.lat, row.lng), row.id) for row in rows)
        # The ranges reach further: out there not everything was seen.
        return sorted(one for one in found if one[0] <= km)

    def _around(self, km: float) -> Iterable[Row[Any]]:
        ranges = key_ranges(windows_around(*self.point, km), PLACE_LEVEL)
        return self.conn.execute(self.within(room(len(ranges))), ends_of(ranges))

    def _everywhere(self) -> Iterable[Row[Any]]:
        statement = select(_t.id, _t.lat, _t.lng).where(
            *self.asked, _t.lat.is_not(None), _t.lng.is_not(None)
        )
        hinted = statement if self.index is None else by_index(statement, self.index)
        return self.conn.execute(hinted)

    def _rows(self, found: Sequence[Key]) -> list[Keyed[TownRow]]:
        if not found:
            return []
        rows = self.conn.execute(_TOWNS, {"towns": [number for _km, number in found]})
        by_id = {row.id: TownRow._make(row) for row in rows}
        return [Keyed(key, by_id[key[1]]) for key in found if key[1] in by_id]


_TOWNS: Final = select(*TOWN_COLUMNS).where(_t.id.in_(bindparam("towns", expanding=True)))


def _within(asked: Sequence[ColumnElement[bool]], ranges: int) -> Select[Any]:
    """Where those lie that fit, in so many ranges of keys (`cell_queries.ends_of`)."""
    here = or_(
        *(_t.zkey.between(bindparam(f"first{n}"), bindparam(f"last{n}")) for n in range(ranges))
    )
    return by_index(select(_t.id, _t.lat, _t.lng).where(*asked, here), "town_by_zkey")


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


_EVERY: Final = listed_conditions(STATUSES)


@cache
def _every_within(ranges: int) -> Select[Any]:
    return _within(_EVERY, ranges)


def neighbours(
    conn: Connection, lat: float, lng: float, *, but: int | None = None, limit: int = 3
) -> list[ListedTown]:
    """The nearest towns that ask, whatever their status, with their distance."""
    total = count_towns(conn, Facets(STATUSES))
    finder = Nearest(conn, _EVERY, (lat, lng), total, within=_every_within)
    found = [one.row for one in finder.following(None, limit + 1) if one.row.id != but]
    return with_quotes(conn, found[:limit], (lat, lng))
