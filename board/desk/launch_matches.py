"""Which circles may be the answer to which waiting towns, however many of either there are.

Only current circles are looked at, and of the towns only those near one or at its place: towns
are found by where they lie, never read one after another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, Integer, Select, and_, case, column, select, values

from board.circles.globe import boxes_around
from board.circles.models import circles
from board.core.geo import distance_km
from board.desk.launch_queries import WAITING
from board.desk.models import launch_suggestions
from board.towns.models import towns

NEAR_KM: Final = 5.0
# So many places are asked about in one statement.
_AT_ONCE: Final = 500
T = TypeVar("T")
_s, _c, _t = launch_suggestions.c, circles.c, towns.c
_WAITS: Final = and_(
    _t.standing == "listed", _t.vote_count > 0, _t.status.in_(WAITING), _t.lat.is_not(None)
)
_SIDES: Final = ("w", "e", "t", "f")
Spot = tuple[float, float]


class _Met(NamedTuple):
    """A waiting town, and since when it asks."""

    town_id: int
    asked_at: datetime


def unsuggested(conn: Connection, now: datetime) -> list[tuple[int, int]]:
    """Waiting towns and circles in person there that nobody suggested yet.

    What began before anybody asked isn't what was asked for. At most four statements,
    a few more where there are thousands of circles.
    """
    there = and_(_c.gone_at.is_(None), ~_c.online, _c.over_at > now, _c.lat.is_not(None))
    current = conn.execute(
        select(_c.id, _c.geonames_id, _c.lat, _c.lng, _c.begins_at).where(there)
    ).all()
    known = conn.execute(
        select(_s.town_id, _s.circle_id).join(circles, _c.id == _s.circle_id).where(there)
    )
    suggested = {tuple(row) for row in known}
    near = _towns_near(conn, {(circle.lat, circle.lng) for circle in current})
    same = _towns_of(conn, {circle.geonames_id for circle in current} - {None})
    return [
        (town_id, circle.id)
        for circle in current
        for town_id in _answered(circle, near, same)
        if (town_id, circle.id) not in suggested
    ]


def _answered(circle: Any, near: dict[Spot, list[_Met]], same: dict[int, list[_Met]]) -> list[int]:
    """The towns that a circle may be the answer to."""
    met = (*near.get((circle.lat, circle.lng), ()), *same.get(circle.geonames_id, ()))
    return sorted({town.town_id for town in met if town.asked_at < circle.begins_at})


def _towns_near(conn: Connection, spots: Collection[Spot]) -> dict[Spot, list[_Met]]:
    """The waiting towns within `NEAR_KM` of each of these spots."""
    found: defaultdict[Spot, list[_Met]] = defaultdict(list)
    for some in _batches(sorted(spots)):
        for row in conn.execute(_in_boxes(list(_boxes(some)))):
            lat, lng = some[row.spot]
            if distance_km(lat, lng, row.lat, row.lng) <= NEAR_KM:
                found[lat, lng].append(_Met(row.id, row.asked_at))
    return found


def _boxes(spots: Sequence[Spot]) -> Iterator[tuple[int, ...]]:
    """The boxes around spots, with the spot's number: one each, two at the antimeridian."""
    for number, (lat, lng) in enumerate(spots):
        sides = boxes_around(lat, lng, NEAR_KM)
        for box in {tuple(sides[f"{side}{n}"] for side in _SIDES) for n in (0, 1)}:
            yield (number, *box)


def _in_boxes(boxes: Sequence[tuple[int, ...]]) -> Select[Any]:
    """The waiting towns in these boxes. SQLite is told to go by place: most towns wait."""
    named = [column(name, Integer) for name in ("spot", *_SIDES)]
    box = values(*named, name="box").data(boxes).cte("boxes")
    inside = and_(_t.mx.between(box.c.w, box.c.e), _t.my.between(box.c.t, box.c.f))
    return (
        select(box.c.spot, _t.id, _t.lat, _t.lng, _t.asked_at)
        .select_from(box.join(towns, inside))
        .where(_WAITS)
        .with_hint(towns, "INDEXED BY town_by_place", "sqlite")
    )


def _towns_of(conn: Connection, places: Collection[int]) -> dict[int, list[_Met]]:
    """The waiting town of each of these places of the gazetteer, if it has one."""
    found: dict[int, list[_Met]] = {}
    for some in _batches(sorted(places)):
        # Whether it waits is asked as something that no index knows, see `_in_boxes`.
        waits = case((_WAITS, 1)) == 1
        at = select(_t.geonames_id, _t.id, _t.asked_at).where(_t.geonames_id.in_(some), waits)
        found |= {row.geonames_id: [_Met(row.id, row.asked_at)] for row in conn.execute(at)}
    return found


def _batches(things: Sequence[T]) -> Iterable[Sequence[T]]:
    return (things[first : first + _AT_ONCE] for first in range(0, len(things), _AT_ONCE))
