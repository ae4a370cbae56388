"""Noticing what nobody announces by acting: a circle that is new, a town that stalls, six weeks
that have passed since a launch. Each is noted once; `digests.jobs` tells it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection, exists, func, select, update

from board.circles.models import circles
from board.digests.rules import AFTER_LAUNCH, AFTER_LAUNCH_LATEST
from board.mail.actions import announce
from board.mail.models import announcements
from board.towns.models import towns
from board.towns.rules import OPEN_STATUSES
from board.votes.models import votes

_MOST: Final = 200
_a, _c, _t, _v = announcements.c, circles.c, towns.c, votes.c


def notice_circles(conn: Connection, now: datetime) -> int:
    """Note circles in person that meet now or soon and weren't here before; how many."""
    said = exists().where(_a.kind == "circle", _a.subject_id == _c.id)
    new = conn.execute(
        select(_c.id)
        .where(_c.gone_at.is_(None), _c.over_at > now, ~_c.online, _c.mx.is_not(None), ~said)
        .order_by(_c.id)
        .limit(_MOST)
    ).scalars()
    return sum(announce(conn, "circle", circle_id, now) for circle_id in new.all())


def notice_stalled(conn: Connection, now: datetime, stall: timedelta) -> int:
    """Note towns that aren't ready, have offers, and had no new vote for long; how many.

    A stall goes by the newest vote before it: once another came, there may be a new stall.
    """
    newest = (
        select(_v.town_id, func.max(_v.id).label("vote_id"))
        .group_by(_v.town_id)
        .having(func.max(_v.cast_at) <= now - stall)
        .subquery()
    )
    said = exists().where(_a.kind == "stalled", _a.subject_id == newest.c.vote_id)
    quiet = conn.execute(
        select(newest.c.vote_id)
        .join(towns, _t.id == newest.c.town_id)
        .where(
            _t.standing == "listed",
            _t.ready_at.is_(None),
            _t.status.in_(OPEN_STATUSES),
            _t.come_count + _t.facilitate_count + _t.host_count + _t.help_count > 0,
            ~said,
        )
        .order_by(newest.c.vote_id)
        .limit(_MOST)
    ).scalars()
    return sum(announce(conn, "stalled", vote_id, now) for vote_id in quiet.all())


def notice_launched(conn: Connection, now: datetime) -> int:
    """Note towns that were launched six weeks ago; how many."""
    said = exists().where(_a.kind == "after_launch", _a.subject_id == _t.id)
    due = conn.execute(
        select(_t.id)
        .where(
            _t.status == "launched",
            _t.status_since <= now - AFTER_LAUNCH,
            _t.status_since > now - AFTER_LAUNCH_LATEST,
            ~said,
        )
        .order_by(_t.id)
        .limit(_MOST)
    ).scalars()
    return sum(announce(conn, "after_launch", town_id, now) for town_id in due.all())


def take_as_told(conn: Connection, now: datetime, stall: timedelta) -> None:
    """Everything that is here is no news: for a world that was filled, not lived in."""
    for notice in (notice_circles, notice_launched, partial(notice_stalled, stall=stall)):
        while notice(conn, now):
            pass
    conn.execute(update(announcements).where(_a.done_at.is_(None)).values(done_at=now))


def undone(conn: Connection, now: datetime) -> list[int]:
    """The announcements that nobody was told of yet and whose time has come, the oldest first.

    An answer's time comes some minutes after it stands on the page: it may be taken back till then.
    """
    waiting = select(_a.id).where(_a.done_at.is_(None), _a.created_at <= now).order_by(_a.id)
    return list(conn.execute(waiting).scalars())


class Taken(NamedTuple):
    """An announcement in hand: what it is about, and when it was made."""

    kind: str
    subject_id: int
    created_at: datetime


def take_up(conn: Connection, announcement_id: int, now: datetime) -> Taken | None:
    """Mark an announcement as done and answer it; None when somebody else told it meanwhile.

    Another process that tries at this moment waits for our commit.
    """
    row = conn.execute(
        update(announcements)
        .where(_a.id == announcement_id, _a.done_at.is_(None))
        .values(done_at=now)
        .returning(_a.kind, _a.subject_id, _a.created_at)
    ).first()
    return None if row is None else Taken._make(row)
