"""What the map counts: towns and circles by squares of a grid, in one statement each.

The same conditions as the list's, so that map and list can't disagree.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from board.circles.models import circles
from board.circles.queries import conditions
from board.circles.rows import CircleFilter
from board.core.language import gettext as _
from board.core.language import ngettext
from board.core.rendering import country_name, day_month, url
from board.drawing.clusters import Cell
from board.drawing.markers import Link, Marker
from board.drawing.view import Window
from board.explore.queries import in_windows
from board.explore.rules import Question
from board.towns.models import towns
from board.towns.status_words import status_word

_t = towns.c
_c = circles.c


def town_cells(conn: Connection, asked: Sequence[ColumnElement[bool]], shift: int) -> list[Cell]:
    """Towns by squares of 2^shift stored units."""
    cx, cy = _t.mx.bitwise_rshift(shift), _t.my.bitwise_rshift(shift)
    rows = conn.execute(
        select(
            func.sum(_t.mx).label("sum_mx"),
            func.sum(_t.my).label("sum_my"),
            func.count().label("towns"),
            func.sum(_t.vote_count).label("votes"),
            func.min(_t.id).label("town_id"),
            *_extent(_t.mx, _t.my),
        )
        .where(*asked, _t.mx.is_not(None))
        .group_by(cx, cy)
    )
    return [
        Cell(
            sum_mx=int(row.sum_mx),
            sum_my=int(row.sum_my),
            towns=row.towns,
            votes=int(row.votes),
            town_id=row.town_id,
            extent=Window(row.west, row.east, row.north, row.south),
        )
        for row in rows
    ]


def circle_cells(
    conn: Connection, asked: Sequence[ColumnElement[bool]], shift: int, now: datetime
) -> list[Cell]:
    """Circles by squares of 2^shift stored units, counted by state; online ones have no place."""
    cx, cy = _c.mx.bitwise_rshift(shift), _c.my.bitwise_rshift(shift)
    state = _states(now)
    rows = conn.execute(
        select(
            func.sum(_c.mx).label("sum_mx"),
            func.sum(_c.my).label("sum_my"),
            *(func.sum(case((state[name], 1), else_=0)).label(name) for name in state),
            func.min(_c.id).label("circle_id"),
            *_extent(_c.mx, _c.my),
        )
        .where(*asked, _c.mx.is_not(None), ~_c.online)
        .group_by(cx, cy)
    )
    return [
        Cell(
            sum_mx=int(row.sum_mx),
            sum_my=int(row.sum_my),
            circles_now=int(row.now),
            circles_soon=int(row.soon),
            circles_finished=int(row.finished),
            circle_id=row.circle_id,
            extent=Window(row.west, row.east, row.north, row.south),
        )
        for row in rows
    ]


def _states(now: datetime) -> dict[str, ColumnElement[bool]]:
    """A circle's state as conditions on its dates (circles.rules.state_between in SQL)."""
    return {
        "now": (_c.begins_at <= now) & (_c.over_at > now),
        "soon": _c.begins_at > now,
        "finished": _c.over_at <= now,
    }


def circle_conditions(question: Question, windows: Sequence[Window]) -> list[ColumnElement[bool]]:
    """What a circle must be to stand on list and map alike; a status is for towns alone."""
    wanted = CircleFilter(question.q, question.country, question.language, "all")
    asked = conditions(wanted)
    if windows:
        asked.append(in_windows(windows, _c.mx, _c.my))
    return asked


def _extent(mx: Any, my: Any) -> tuple[Any, ...]:
    return (
        func.min(mx).label("west"),
        func.max(mx).label("east"),
        func.min(my).label("north"),
        func.max(my).label("south"),
    )


def town_links(conn: Connection, markers: Sequence[Marker]) -> Mapping[int, Link]:
    """Name and address of each marker that is a single town; one statement."""
    ids = {marker.town_id for marker in markers if marker.kind == "asking" and marker.town_id}
    rows = conn.execute(
        select(_t.id, _t.name, _t.country, _t.slug, _t.vote_count, _t.status).where(_t.id.in_(ids))
    )
    return {
        row.id: Link(_town_words(row), url(f"/towns/{row.country.lower()}/{row.slug}"))
        for row in rows
    }


def _town_words(row: Any) -> str:
    """Velenje, Slovenia: 86 votes, talking."""
    votes = ngettext("%(n)s vote", "%(n)s votes", row.vote_count) % {"n": row.vote_count}
    return _("%(town)s, %(country)s: %(votes)s, %(status)s") % {
        "town": row.name,
        "country": country_name(row.country),
        "votes": votes,
        "status": status_word(row.status).lower(),
    }


def circle_links(conn: Connection, markers: Sequence[Marker]) -> Mapping[int, Link]:
    """Name and address of each marker that is a single circle; one statement."""
    of = {
        marker.circle_id: marker.kind
        for marker in markers
        if marker.kind in ("now", "soon", "finished") and marker.circle_id
    }
    rows = conn.execute(select(_c.id, _c.title, _c.city, _c.url, _c.starts_on).where(_c.id.in_(of)))
    return {row.id: Link(_circle_words(row, of[row.id]), row.url) for row in rows}


def _circle_words(row: Any, state: str) -> str:
    """Python for beginners, Ljubljana: meeting now."""
    words = {
        "now": _("meeting now"),
        "soon": _("starts %(date)s") % {"date": day_month(row.starts_on)},
        "finished": _("finished"),
    }[state]
    return _("%(title)s, %(city)s: %(state)s") % {
        "title": row.title,
        "city": row.city,
        "state": words,
    }
