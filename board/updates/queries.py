"""Reading P2PU's word on a town."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from board.updates.models import updates


class UpdateView(NamedTuple):
    """An official update as the town page shows it."""

    id: int
    name: str
    before: str
    after: str
    reason: str
    language: str
    html: str
    published_at: datetime


_u = updates.c
_COLUMNS = tuple(_u[name] for name in UpdateView._fields)


def updates_of_town(conn: Connection, town_id: int) -> list[UpdateView]:
    """All updates of a town, the newest first."""
    rows = conn.execute(
        select(*_COLUMNS)
        .where(_u.town_id == town_id)
        .order_by(_u.published_at.desc(), _u.id.desc())
        .limit(100)
    )
    return [UpdateView._make(row) for row in rows]


class Step(NamedTuple):
    """One of the five steps of a town: reached on a date, current, or not yet."""

    status: str
    since: datetime | None
    now: bool


def steps_taken(status: str, asked_at: datetime, history: list[UpdateView]) -> list[Step]:
    """The status line: when each step up to the present one was first reached."""
    order = ("asking", "in_review", "talking", "planned", "launched")
    reached: dict[str, datetime] = {"asking": asked_at}
    for update in reversed(history):
        reached.setdefault(update.after, update.published_at)
    stands = (
        status
        if status in order
        else next(
            (u.before for u in history if u.after == "not_now" and u.before in order), "asking"
        )
    )
    upto = order.index(stands)
    return [
        Step(step, reached.get(step) if i <= upto else None, status == step)
        for i, step in enumerate(order)
    ]
