"""A circle appeared where a town asks: suggest it once, and hear whether it is the one.

Nothing is launched by itself: staff say so in P2PU's word, and that is what people are told of.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from board.circles.models import circles
from board.core.db import insert_ignoring
from board.core.errors import Conflict
from board.core.geo import distance_km
from board.core.language import gettext as _
from board.desk.launch_queries import WAITING
from board.desk.models import launch_suggestions
from board.record.actions import Act, write_down
from board.towns.models import towns

NEAR_KM: Final = 5.0
# A degree of latitude is 111 km everywhere.
_NEAR_DEGREES: Final = NEAR_KM / 110
_s, _c, _t = launch_suggestions.c, circles.c, towns.c


def unsuggested(conn: Connection, now: datetime) -> list[tuple[int, int]]:
    """Waiting towns and circles in person there that nobody suggested yet; three statements.

    What began before anybody asked isn't what was asked for. It looks at every waiting town, which
    takes a while where these are many: a reader does it, so that no writer waits.
    """
    known = {(row.town_id, row.circle_id) for row in conn.execute(select(_s.town_id, _s.circle_id))}
    current = conn.execute(
        select(_c.id, _c.geonames_id, _c.lat, _c.lng, _c.begins_at).where(
            _c.gone_at.is_(None), ~_c.online, _c.over_at > now, _c.lat.is_not(None)
        )
    ).all()
    waiting = conn.execute(
        select(_t.id, _t.geonames_id, _t.lat, _t.lng, _t.asked_at)
        .where(
            _t.standing == "listed",
            _t.vote_count > 0,
            _t.status.in_(WAITING),
            _t.lat.is_not(None),
        )
        .order_by(_t.lat, _t.id)
    ).all()
    by_place: defaultdict[int | None, list[Any]] = defaultdict(list)
    for town in waiting:
        by_place[town.geonames_id].append(town)
    return [
        (town_id, circle.id)
        for circle in current
        for town_id in _towns_of(circle, waiting, by_place)
        if (town_id, circle.id) not in known
    ]


def suggest(conn: Connection, pairs: Sequence[tuple[int, int]], now: datetime) -> int:
    """Write down these pairs; how many are new."""
    made = [
        insert_ignoring(
            conn,
            launch_suggestions,
            {"town_id": town_id, "circle_id": circle_id, "noticed_at": now},
            _s.id,
        )
        for town_id, circle_id in pairs
    ]
    return sum(one is not None for one in made)


def _towns_of(
    circle: Any, waiting: Sequence[Any], by_place: Mapping[int | None, Sequence[Any]]
) -> list[int]:
    """The waiting towns (by latitude, and by place) that this circle may be the answer to."""
    first = bisect_left(waiting, circle.lat - _NEAR_DEGREES, key=lambda town: town.lat)
    last = bisect_left(waiting, circle.lat + _NEAR_DEGREES, key=lambda town: town.lat)
    near = [
        town
        for town in waiting[first:last]
        if distance_km(circle.lat, circle.lng, town.lat, town.lng) <= NEAR_KM
    ]
    same = () if circle.geonames_id is None else by_place.get(circle.geonames_id, ())
    return sorted({town.id for town in (*near, *same) if town.asked_at < circle.begins_at})


def settle_answered(conn: Connection, now: datetime) -> int:
    """Suggestions for towns that were launched or put off meanwhile, and for circles that left the
    feed or are over, are no question any more; how many."""
    still = select(_t.id).where(_t.status.in_(WAITING), _t.standing == "listed")
    current = select(_c.id).where(_c.gone_at.is_(None), _c.over_at > now)
    settled = conn.execute(
        update(launch_suggestions)
        .where(_s.settled_at.is_(None), _s.town_id.not_in(still) | _s.circle_id.not_in(current))
        .values(settled_at=now)
        .returning(_s.id)
    )
    return len(settled.all())


def dismiss_launch(conn: Connection, suggestion_id: int, *, actor_id: int, now: datetime) -> int:
    """It is another circle; the town's id. Raises Conflict when somebody said so before."""
    row = conn.execute(
        update(launch_suggestions)
        .where(_s.id == suggestion_id, _s.settled_at.is_(None))
        .values(settled_at=now)
        .returning(_s.town_id, _s.circle_id)
    ).first()
    if row is None:
        raise Conflict(_("Somebody else was faster: this is done already."))
    act = Act(actor_id, "not_it", "launch", suggestion_id, row.town_id, after=str(row.circle_id))
    write_down(conn, act, now)
    return int(row.town_id)
