"""Circles that may be the answer to a town, waiting for somebody's word."""

from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, select

from board.circles.models import circles
from board.desk.models import launch_suggestions
from board.towns.models import towns

# Towns that wait for a circle: a launch is their next step, or one of them.
WAITING: Final = ("asking", "in_review", "talking", "planned")
_s, _c, _t = launch_suggestions.c, circles.c, towns.c


class Suggestion(NamedTuple):
    """A circle that appeared where a town asks."""

    id: int
    town_id: int
    town: str
    country: str
    title: str
    city: str
    url: str
    starts_on: date
    noticed_at: datetime


OPEN = and_(
    _s.settled_at.is_(None),
    _t.status.in_(WAITING),
    _t.standing == "listed",
    _c.gone_at.is_(None),
)


def open_launches(
    conn: Connection, now: datetime, *, town_id: int | None = None
) -> list[Suggestion]:
    """All suggestions that wait, or a town's, the oldest first; one statement."""
    asked = (
        select(
            _s.id,
            _s.town_id,
            _t.name,
            _t.country,
            _c.title,
            _c.city,
            _c.url,
            _c.starts_on,
            _s.noticed_at,
        )
        .join(towns, _t.id == _s.town_id)
        .join(circles, _c.id == _s.circle_id)
        .where(OPEN, _c.over_at > now)
        .order_by(_s.noticed_at, _s.id)
        .limit(100)
    )
    if town_id is not None:
        asked = asked.where(_s.town_id == town_id)
    return [Suggestion._make(row) for row in conn.execute(asked)]
