"""Reading for the nearest circles: which circles count, and which towns must be looked at.

Towns come some at a time, however many there are.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from board.circles.globe import Pin
from board.circles.models import circle_pins, circles
from board.drawing.view import Window
from board.towns.models import towns

AT_ONCE: Final = 500
_c, _t = circles.c, towns.c
_COUNTS: Final = (_c.gone_at.is_(None), _c.mx.is_not(None))
_TOWNS: Final = select(_t.id, _t.lat, _t.lng, _t.nearest_circle_id, _t.nearest_km).where(
    _t.lat.is_not(None), _t.lng.is_not(None)
)


class Asking(NamedTuple):
    """A town, where it is, and which circle its row says is nearest."""

    id: int
    lat: float
    lng: float
    circle_id: int | None
    km: float | None


class KnownPin(NamedTuple):
    """A circle that towns were compared with; not `settled` if perhaps not all of them were."""

    pin: Pin
    settled: bool


def current_pins(conn: Connection, now: datetime) -> list[Pin]:
    """The circles that are near anybody: in person, meeting now or soon."""
    rows = conn.execute(select(_c.id, _c.lat, _c.lng).where(*_COUNTS, _c.over_at > now))
    return [Pin._make(row) for row in rows]


def known_pins(conn: Connection) -> dict[int, KnownPin]:
    """The circles that towns' rows were last reckoned with."""
    c = circle_pins.c
    rows = conn.execute(select(c.circle_id, c.lat, c.lng, c.settled))
    return {row[0]: KnownPin(Pin(*row[:3]), row.settled) for row in rows}


def next_end(conn: Connection, now: datetime) -> datetime | None:
    """When the next circle ends that may be somebody's nearest."""
    moment: datetime | None = conn.execute(
        select(func.min(_c.over_at)).where(*_COUNTS, _c.over_at > now)
    ).scalar()
    return moment


def last_town(conn: Connection) -> int:
    """The number of the youngest town."""
    number: int | None = conn.execute(select(func.max(_t.id))).scalar()
    return number or 0


def towns_from(conn: Connection, first: int, most: int = AT_ONCE) -> list[Asking]:
    """The next towns by number."""
    rows = conn.execute(_TOWNS.where(_t.id >= first).order_by(_t.id).limit(most))
    return [Asking._make(row) for row in rows]


def towns_that_say(conn: Connection, circle_ids: Iterable[int]) -> Iterator[list[Asking]]:
    """The towns whose row says that one of these circles is nearest."""
    for number in circle_ids:
        yield from _some_at_a_time(conn, _t.nearest_circle_id == number)


def towns_on(conn: Connection, grounds: Iterable[Window]) -> Iterator[list[Asking]]:
    """The towns on these parts of the map."""
    for ground in grounds:
        yield from _some_at_a_time(
            conn,
            _t.mx.between(ground.west, ground.east) & _t.my.between(ground.north, ground.south),
        )


def _some_at_a_time(conn: Connection, where: ColumnElement[bool]) -> Iterator[list[Asking]]:
    found: Any = conn.execute(_TOWNS.where(where), execution_options={"yield_per": AT_ONCE})
    for rows in found.partitions():
        yield [Asking._make(row) for row in rows]
