"""Votes as they came in: by day for a few towns, and since a moment for sorting all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from board.core.calendar import day_of
from board.towns.models import towns
from board.votes.models import votes

_v = votes.c


class Momentum(NamedTuple):
    """Counted votes of a town by UTC day, the oldest first; today is the last."""

    days: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.days)

    def of_last(self, days: int) -> int:
        """Those of the last days."""
        return sum(self.days[-days:])


def first_day(now: datetime, days: int) -> datetime:
    """The midnight (UTC) from which so many days count, today being the last of them."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)


def votes_by_day(
    conn: Connection, town_ids: Sequence[int], *, days: int, now: datetime
) -> dict[int, Momentum]:
    """The momentum of each of these towns; one statement."""
    begin = first_day(now, days)
    place = {(begin + timedelta(days=n)).date().isoformat(): n for n in range(days)}
    day = day_of(conn, _v.cast_at).label("day")
    rows = conn.execute(
        select(_v.town_id, day, func.count().label("n"))
        .where(_v.town_id.in_(town_ids), _v.state == "counted", _v.cast_at >= begin)
        .group_by(_v.town_id, day)
    )
    counts = {town_id: [0] * days for town_id in town_ids}
    for row in rows:
        # What clocks of two nodes put after midnight counts as today.
        counts[row.town_id][place.get(row.day, days - 1)] += row.n
    return {town_id: Momentum(tuple(found)) for town_id, found in counts.items()}


def votes_since(moment: datetime) -> ColumnElement[int]:
    """How many counted votes of a town were cast since then; for a statement that has `town`."""
    return (
        select(func.count())
        .where(_v.town_id == towns.c.id, _v.state == "counted", _v.cast_at >= moment)
        .correlate(towns)
        .scalar_subquery()
    )
