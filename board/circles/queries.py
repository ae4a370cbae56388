"""Reading circles. What left the feed is on no page; state is asked of the moment.

`now` is the present moment, not a date: each circle's days are days where it meets.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from board.circles.globe import Nearest, Pin, boxes_around, nearest_of
from board.circles.models import circle_imports, circles
from board.circles.rows import (
    CircleCounts,
    CircleFilter,
    LatestImport,
    PageOfCircles,
    ShownCircle,
    read_cursor,
    shown,
)
from board.circles.rules import state_between
from board.core.geo import distance_km
from board.core.text import fold

_FARTHEST_KM: Final = 20_100.0
# So many circles are sooner fetched than an index is walked past all the others.
FEW: Final = 100
_c = circles.c
CIRCLE_COLUMNS: Final = (
    *(_c[name] for name in ShownCircle._fields if name in _c),
    _c.over_at,
    _c.ends_at,
    _c.utc_offset,
)
_NOW: Final = bindparam("now", type_=_c.over_at.type)
_HERE: Final = _c.gone_at.is_(None)
_MEETS_NOW: Final = and_(_HERE, _c.over_at > _NOW, _c.begins_at <= _NOW)
_MEETS_SOON: Final = and_(_HERE, _c.begins_at > _NOW)
_CURRENT: Final = and_(_HERE, _c.over_at > _NOW)
_FINISHED: Final = and_(_HERE, _c.over_at <= _NOW)


def in_boxes(table: Table) -> ColumnElement[bool]:
    """Within the boxes of `boxes_around`."""
    return or_(
        *(
            and_(
                table.c.mx.between(bindparam(f"w{number}"), bindparam(f"e{number}")),
                table.c.my.between(bindparam(f"t{number}"), bindparam(f"f{number}")),
            )
            for number in (0, 1)
        )
    )


_IN_BOXES: Final = in_boxes(circles)
_PINS_NEAR: Final = select(_c.id, _c.lat, _c.lng).where(_CURRENT, _IN_BOXES)
_ALL_NEAR: Final = select(*CIRCLE_COLUMNS).where(_HERE, _IN_BOXES)
_OPEN_NEAR: Final = select(*CIRCLE_COLUMNS).where(_CURRENT, _IN_BOXES, _c.signup_open, _c.url != "")
_SOON: Final = select(*CIRCLE_COLUMNS).where(_MEETS_SOON).order_by(_c.begins_at, _c.id)
_MEETING: Final = (
    select(*CIRCLE_COLUMNS).where(_MEETS_NOW).order_by(_c.begins_at.desc(), _c.id.desc())
)


def nearest_circle(conn: Connection, lat: float, lng: float, now: datetime) -> Nearest | None:
    """The nearest circle that meets in person now or soon, wherever it is, or None."""
    for km in (100.0, 1_000.0, _FARTHEST_KM):
        rows = conn.execute(_PINS_NEAR, {"now": now, **boxes_around(lat, lng, km)})
        best = nearest_of((Pin._make(row) for row in rows), lat, lng)
        # The boxes' corners reach farther than km: something nearer may lie outside.
        if best is not None and (best.km <= km or km == _FARTHEST_KM):
            return best
    return None


def circles_near(
    conn: Connection, lat: float, lng: float, now: datetime, km: float = 100.0, limit: int = 3
) -> list[ShownCircle]:
    """Circles in person within km: first those that meet now, then soon, then finished ones."""

    rows = conn.execute(_ALL_NEAR, boxes_around(lat, lng, km)).all()
    far = ((row, distance_km(lat, lng, row.lat, row.lng)) for row in rows)
    found = [(_rank(row, apart, now), row, apart) for row, apart in far if apart <= km]
    # A large city has hundreds: only those that are shown become more than rows.
    found.sort(key=itemgetter(0))
    return [shown(row, now, apart) for _rank_of, row, apart in found[:limit]]


def _rank(row: Row[Any], apart: float, now: datetime) -> tuple[float, ...]:
    """Where a circle stands among its neighbours; of finished ones in one spot the last first."""
    state = state_between(row.begins_at, row.over_at, now)
    if state == "finished":
        return 2, apart, -row.ends_on.toordinal(), row.id
    return float(state == "soon"), apart, row.begins_at.timestamp(), row.id


def open_circles_within(
    conn: Connection, lat: float, lng: float, now: datetime, km: float = 25.0
) -> list[ShownCircle]:
    """Circles that a resident can join now: in person, meeting now or soon, taking sign-ups."""
    rows = conn.execute(_OPEN_NEAR, {"now": now, **boxes_around(lat, lng, km)}).all()
    found = [circle for circle in _within(rows, lat, lng, now, km) if circle.takes_signups]
    return sorted(found, key=lambda circle: (circle.km, circle.begins_at, circle.id))


def _within(
    rows: Sequence[Row[Any]], lat: float, lng: float, now: datetime, km: float
) -> list[ShownCircle]:
    far = ((row, distance_km(lat, lng, row.lat, row.lng)) for row in rows)
    return [shown(row, now, apart) for row, apart in far if apart <= km]


def next_circles(conn: Connection, now: datetime, limit: int = 3) -> list[ShownCircle]:
    """The circles that start next; where there are too few, those that began last."""
    rows = [
        *conn.execute(_SOON.limit(limit), {"now": now}),
        *conn.execute(_MEETING.limit(limit), {"now": now}),
    ]
    return [shown(row, now) for row in rows[:limit]]


_COUNTS: Final = select(
    func.count(case((and_(_c.over_at > _NOW, _c.begins_at <= _NOW), 1))),
    func.count(case((_c.begins_at > _NOW, 1))),
    func.count(case((_c.over_at <= _NOW, 1))),
).where(_HERE)


def circle_counts(conn: Connection, now: datetime) -> CircleCounts:
    """How many circles there are in each state."""
    return CircleCounts._make(conn.execute(_COUNTS, {"now": now}).one())


_STATES: Final[dict[str, ColumnElement[bool]]] = {
    "current": _CURRENT,
    "now": _MEETS_NOW,
    "soon": _MEETS_SOON,
    "finished": _FINISHED,
    "all": _HERE,
}
_MOST_WORDS: Final = 6


def conditions(wanted: CircleFilter) -> list[ColumnElement[bool]]:
    """What a circle must meet to be on list and map; the statement needs the parameter `now`."""
    found = [_STATES.get(wanted.state, _CURRENT)]
    if wanted.country:
        found.append(_c.country == wanted.country.upper())
    if wanted.language:
        found.append(_c.language == wanted.language)
    found += [
        _c.folded.contains(word, autoescape=True) for word in fold(wanted.q).split()[:_MOST_WORDS]
    ]
    return found


def circles_page(
    conn: Connection,
    wanted: CircleFilter,
    now: datetime,
    after: str = "",
    limit: int = 20,
    where: Sequence[ColumnElement[bool]] = (),
    *,
    before: str = "",
) -> PageOfCircles:
    """A stretch of the list by start: current ones earliest first, all others latest first.

    It follows the cursor `after`, or leads up to the cursor `before`. `where` are further
    conditions, such as the part of the map that is shown.

    The total says beforehand which way is short: few circles are gathered and put in order here,
    among many the index of that order is walked. Neither makes the database sort.
    """
    ahead = wanted.state in ("current", "now", "soon") or wanted.state not in _STATES
    asked = and_(*conditions(wanted), *where)
    index = "" if where else _index_of(wanted)
    total = conn.execute(
        _by(index, select(func.count()).select_from(circles).where(asked)), {"now": now}
    ).scalar_one()
    cursor = read_cursor(before or after)
    back = bool(before) and cursor is not None
    way = _Way(asked, index or "circle_by_start", rising=ahead != back, cursor=cursor)
    found = (_gathered if total <= FEW else _walked)(conn, way, now, limit + 1)
    rows = found[:limit][:: -1 if back else 1]
    if back and not rows:
        return circles_page(conn, wanted, now, limit=limit, where=where)
    stretch = [shown(row, now) for row in rows]
    more = len(found) > limit
    return PageOfCircles(
        stretch,
        total,
        after=stretch[-1].cursor if stretch and (more or back) else "",
        before=stretch[0].cursor if stretch and (more if back else cursor) else "",
    )


class _Way(NamedTuple):
    """How a stretch is found: what is asked, which index is walked, and from where on."""

    asked: ColumnElement[bool]
    walks: str
    rising: bool
    cursor: tuple[datetime, int] | None


def _walked(conn: Connection, way: _Way, now: datetime, most: int) -> list[Row[Any]]:
    """The rows beyond the cursor, along the index of their order."""
    order = (_c.begins_at, _c.id) if way.rising else (_c.begins_at.desc(), _c.id.desc())
    statement = select(*CIRCLE_COLUMNS).where(way.asked).order_by(*order).limit(most)
    if way.cursor is not None:
        key = tuple_(_c.begins_at, _c.id)
        last = tuple_(literal(way.cursor[0], _c.begins_at.type), literal(way.cursor[1]))
        statement = statement.where(key > last if way.rising else key < last)
    return list(conn.execute(_by(way.walks, statement), {"now": now}))


def _gathered(conn: Connection, way: _Way, now: datetime, most: int) -> list[Row[Any]]:
    """The same of few rows, put in order here."""
    rows = conn.execute(select(*CIRCLE_COLUMNS).where(way.asked), {"now": now}).all()
    keyed = sorted((((row.begins_at, row.id), row) for row in rows), reverse=not way.rising)
    cursor = way.cursor
    return [
        row
        for key, row in keyed
        if cursor is None or (key > cursor if way.rising else key < cursor)
    ][:most]


def _index_of(wanted: CircleFilter) -> str:
    """The index in the list's order that holds the fewest circles beside."""
    if wanted.country:
        return "circle_by_country"
    return "circle_by_language" if wanted.language else "circle_by_start"


def _by(index: str, statement: Select[Any]) -> Select[Any]:
    """The statement by that index; PostgreSQL finds it by itself."""
    hint = f"INDEXED BY {index}"
    return statement.with_hint(circles, hint, "sqlite") if index else statement


def circles_by_id(conn: Connection, ids: Sequence[int], now: datetime) -> dict[int, ShownCircle]:
    """Circles by their numbers, without those that are gone: for markers and nearest ones."""
    rows = conn.execute(select(*CIRCLE_COLUMNS).where(_HERE, _c.id.in_(ids)))
    return {row.id: shown(row, now) for row in rows}


def latest_import(conn: Connection, kind: str = "circles") -> LatestImport | None:
    """The last import of this kind ("circles", "libraries") that went well."""
    return latest_imports(conn, kind).get(kind)


def latest_imports(conn: Connection, *kinds: str) -> dict[str, LatestImport]:
    """The last import of each of these kinds that went well; one statement."""
    c = circle_imports.c
    last = [
        select(func.max(c.id)).where(c.kind == kind, c.outcome == "done").scalar_subquery()
        for kind in kinds
    ]
    rows = conn.execute(
        select(c.kind, c.id, c.finished_at, c.sample, c.accepted, c.rejected).where(c.id.in_(last))
    )
    return {kind: LatestImport(*row) for kind, *row in rows}
