"""Keeping every town's nearest circle true: reckoning it, writing it, remembering with what.

Only circles that meet in person, now or soon, are near anybody. Imports are `import_actions`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import Connection, bindparam, delete, select, update

from board.circles.globe import Globe, Nearest, Pin
from board.circles.models import circle_pins
from board.circles.nearest_queries import (
    AT_ONCE,
    Asking,
    KnownPin,
    current_pins,
    known_pins,
    last_town,
    towns_from,
)
from board.circles.queries import nearest_circle
from board.core.db import upsert
from board.core.facts import keep_fact
from board.towns.actions import set_nearest
from board.towns.cell_actions import recell
from board.towns.models import towns
from board.towns.rules import need_score

T = TypeVar("T")

# The youngest town that was there when all were last compared.
NEAREST_FACT: Final = "circles.nearest_town"


class NearestChange(NamedTuple):
    """What a town's nearest circle should be from now on."""

    town_id: int
    circle_id: int | None
    km: float | None


def nearest_changes(globe: Globe, asking: Iterable[Asking]) -> list[NearestChange]:
    """Those of the towns whose nearest circle is another one than their row says."""
    changes: list[NearestChange] = []
    for town in asking:
        change = NearestChange(town.id, *_kept(globe.nearest(town.lat, town.lng)))
        if (change.circle_id, change.km) != (town.circle_id, town.km):
            changes.append(change)
    return changes


def _kept(nearest: Nearest | None) -> tuple[int | None, float | None]:
    return (None, None) if nearest is None else (nearest.id, round(nearest.km, 1))


def keep_nearest(conn: Connection, changes: Sequence[NearestChange]) -> None:
    """Write towns' nearest circles, and the need that depends on the distance.

    The rows are locked first: a vote cast meanwhile must not be reckoned without.
    """
    t = towns.c
    statement = (
        update(towns)
        .where(t.id == bindparam("town_id"))
        .values(
            nearest_circle_id=bindparam("circle_id"),
            nearest_km=bindparam("km"),
            need=bindparam("new_need"),
        )
    )
    for some in _chunks(changes):
        ids = [change.town_id for change in some]
        rows = conn.execute(
            select(t.id, t.vote_count, t.population)
            .where(t.id.in_(ids))
            .order_by(t.id)
            .with_for_update()
        )
        counts = {row.id: (row.vote_count, row.population) for row in rows}
        values = [
            {**change._asdict(), "new_need": need_score(*counts[change.town_id], change.km)}
            for change in some
            if change.town_id in counts
        ]
        if values:
            conn.execute(statement, values)
            recell(conn, ids)


class Doubts(NamedTuple):
    """What changed since towns were last compared: circles that count no more, new or moved ones.

    Of those `away` towns may still say that they are nearest; to those `here` it may be news.
    """

    away: list[int]
    here: list[Pin]

    @property
    def names(self) -> list[int]:
        """Every circle that a town's row may wrongly name."""
        return sorted({*self.away, *(pin.id for pin in self.here)})


def doubts_between(known: dict[int, KnownPin], pins: Sequence[Pin]) -> Doubts:
    """The circles about which towns' rows may be wrong."""
    current = {pin.id for pin in pins}
    return Doubts(
        [number for number in known if number not in current],
        [pin for pin in pins if known.get(pin.id) != KnownPin(pin, settled=True)],
    )


def note_doubts(conn: Connection, doubts: Doubts) -> None:
    """Remember, before any town is changed, about which circles rows may be wrong from now on.

    Whoever goes on after a crash looks at all of these again.
    """
    unsettled = [_pin_values(pin, settled=False) for pin in doubts.here]
    upsert(conn, circle_pins, unsettled, ["circle_id"])


def settle_doubts(conn: Connection, doubts: Doubts, youngest: int) -> None:
    """All towns were compared: what was doubtful is known."""
    c = circle_pins.c
    for some in _chunks(doubts.away):
        conn.execute(delete(circle_pins).where(c.circle_id.in_(some)))
    settled = [_pin_values(pin, settled=True) for pin in doubts.here]
    upsert(conn, circle_pins, settled, ["circle_id"])
    keep_fact(conn, NEAREST_FACT, str(youngest))


def _pin_values(pin: Pin, *, settled: bool) -> dict[str, object]:
    return {"circle_id": pin.id, "lat": pin.lat, "lng": pin.lng, "settled": settled}


def refresh_nearest(conn: Connection, now: datetime) -> int:
    """Make every town's nearest circle true at this moment; answers how many had to change.

    All in this one transaction: for worlds that are built. A board that is being used has
    `nearest_jobs.refresh_nearest`.
    """
    pins, youngest = current_pins(conn, now), last_town(conn)
    globe, changed, first = Globe(pins), 0, 0
    while some := towns_from(conn, first):
        changes = nearest_changes(globe, some)
        keep_nearest(conn, changes)
        changed += len(changes)
        first = some[-1].id + 1
    settle_doubts(conn, doubts_between(known_pins(conn), pins), youngest)
    return changed


def refresh_nearest_of(conn: Connection, town_id: int, now: datetime) -> None:
    """Make one town's nearest circle true: for a town that was founded just now."""
    t = towns.c
    town = conn.execute(select(t.lat, t.lng).where(t.id == town_id)).one()
    if town.lat is not None and town.lng is not None:
        circle_id, km = _kept(nearest_circle(conn, town.lat, town.lng, now))
        set_nearest(conn, town_id, circle_id, km)


def _chunks(values: Iterable[T]) -> Iterable[list[T]]:
    waiting = iter(values)
    while some := list(islice(waiting, AT_ONCE)):
        yield some
