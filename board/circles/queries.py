"""Reading circles and libraries. What left the feed is on no page; state is asked of the moment.

`now` is the present moment, not a date: each circle's days are days where it meets.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from board.circles.globe import Nearest, boxes_around
from board.circles.models import circle_imports, circle_rejections, circles, libraries
from board.circles.rows import (
    CircleCounts,
    CircleFilter,
    ImportRemark,
    LatestImport,
    LibrariesOf,
    PageOfCircles,
    ShownCircle,
    ShownLibrary,
    by_country,
    read_cursor,
    shown,
)
from board.core.geo import distance_km
from board.core.text import fold

_FARTHEST_KM: Final = 20_100.0
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


def _box(number: int) -> ColumnElement[bool]:
    return and_(
        _c.mx.between(bindparam(f"w{number}"), bindparam(f"e{number}")),
        _c.my.between(bindparam(f"t{number}"), bindparam(f"f{number}")),
    )


_IN_BOXES: Final = or_(_box(0), _box(1))
_PINS_NEAR: Final = select(_c.id, _c.lat, _c.lng).where(_CURRENT, _IN_BOXES)
_ALL_NEAR: Final = select(*CIRCLE_COLUMNS).where(_HERE, _IN_BOXES)
_CURRENT_NEAR: Final = select(*CIRCLE_COLUMNS).where(_CURRENT, _IN_BOXES)
_SOON: Final = select(*CIRCLE_COLUMNS).where(_MEETS_SOON).order_by(_c.begins_at, _c.id)
_MEETING: Final = (
    select(*CIRCLE_COLUMNS).where(_MEETS_NOW).order_by(_c.begins_at.desc(), _c.id.desc())
)


def nearest_circle(conn: Connection, lat: float, lng: float, now: datetime) -> Nearest | None:
    """The nearest circle that meets in person now or soon, wherever it is, or None."""
    for km in (100.0, 1_000.0, _FARTHEST_KM):
        rows = conn.execute(_PINS_NEAR, {"now": now, **boxes_around(lat, lng, km)})
        found = [Nearest(row.id, distance_km(lat, lng, row.lat, row.lng)) for row in rows]
        best = min(found, key=lambda one: (one.km, one.id), default=None)
        # The boxes' corners reach farther than km: something nearer may lie outside.
        if best is not None and (best.km <= km or km == _FARTHEST_KM):
            return best
    return None


def circles_near(
    conn: Connection, lat: float, lng: float, now: datetime, km: float = 100.0, limit: int = 3
) -> list[ShownCircle]:
    """Circles in person within km: first those that meet now, then soon, then finished ones."""
    rows = conn.execute(_ALL_NEAR, boxes_around(lat, lng, km)).all()
    found = _within(rows, lat, lng, now, km)
    past = [circle for circle in found if circle.state == "finished"]
    current = [circle for circle in found if circle.state != "finished"]
    current.sort(key=lambda circle: (circle.state != "now", circle.km, circle.begins_at, circle.id))
    past.sort(key=lambda circle: (circle.km, -circle.ends_on.toordinal(), circle.id))
    return [*current, *past][:limit]


def open_circles_within(
    conn: Connection, lat: float, lng: float, now: datetime, km: float = 25.0
) -> list[ShownCircle]:
    """Circles that a resident can join now: in person, meeting now or soon, taking sign-ups."""
    rows = conn.execute(_CURRENT_NEAR, {"now": now, **boxes_around(lat, lng, km)}).all()
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
) -> PageOfCircles:
    """A stretch of the list by start: current ones earliest first, all others latest first.

    `where` are further conditions, such as the part of the map that is shown.
    """
    ahead = wanted.state in ("current", "now", "soon") or wanted.state not in _STATES
    asked = [*conditions(wanted), *where]
    key = tuple_(_c.begins_at, _c.id)
    order = (_c.begins_at, _c.id) if ahead else (_c.begins_at.desc(), _c.id.desc())
    statement = select(*CIRCLE_COLUMNS).where(*asked).order_by(*order).limit(limit + 1)
    if (cursor := read_cursor(after)) is not None:
        moment = literal(datetime.fromtimestamp(cursor[0], UTC), _c.begins_at.type)
        last = tuple_(moment, literal(cursor[1]))
        statement = statement.where(key > last if ahead else key < last)
    rows = conn.execute(statement, {"now": now}).all()
    total = conn.execute(select(func.count()).select_from(circles).where(*asked), {"now": now})
    found = [shown(row, now) for row in rows[:limit]]
    return PageOfCircles(found, total.scalar_one(), found[-1].cursor if len(rows) > limit else "")


def circles_by_id(conn: Connection, ids: Sequence[int], now: datetime) -> dict[int, ShownCircle]:
    """Circles by their numbers, without those that are gone: for markers and nearest ones."""
    rows = conn.execute(select(*CIRCLE_COLUMNS).where(_HERE, _c.id.in_(ids)))
    return {row.id: shown(row, now) for row in rows}


_LIBRARY_COLUMNS: Final = tuple(
    libraries.c[name] for name in ShownLibrary._fields if name in libraries.c
)


def libraries_by_country(conn: Connection) -> list[LibrariesOf]:
    """The libraries and teams that run circles, in groups by country code."""
    rows = conn.execute(select(*_LIBRARY_COLUMNS).where(libraries.c.gone_at.is_(None)))
    return by_country(ShownLibrary._make((*row, None)) for row in rows)


def libraries_near(
    conn: Connection, lat: float, lng: float, km: float = 100.0, limit: int = 3
) -> list[ShownLibrary]:
    """Libraries within km, the nearest first. There are some dozens: all are looked at."""
    rows = conn.execute(
        select(*_LIBRARY_COLUMNS).where(libraries.c.gone_at.is_(None), libraries.c.lat.is_not(None))
    )
    far = [(distance_km(lat, lng, row.lat, row.lng), row) for row in rows]
    near = sorted((apart, row.id, row) for apart, row in far if apart <= km)
    return [ShownLibrary._make((*row, apart)) for apart, _id, row in near[:limit]]


def latest_import(conn: Connection, kind: str = "circles") -> LatestImport | None:
    """The last import of this kind ("circles", "libraries") that went well."""
    c = circle_imports.c
    row = conn.execute(
        select(c.id, c.finished_at, c.sample, c.accepted, c.rejected)
        .where(c.kind == kind, c.outcome == "done")
        .order_by(c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else LatestImport._make(row)


def latest_try(conn: Connection, kind: str) -> datetime | None:
    """When the last import of this kind began, whether it went well or not."""
    c = circle_imports.c
    moment: datetime | None = conn.execute(
        select(c.started_at).where(c.kind == kind).order_by(c.id.desc()).limit(1)
    ).scalar()
    return moment


def remarks_of_import(conn: Connection, import_id: int) -> list[ImportRemark]:
    """The rows that an import refused, and those it took over with something put right."""
    c = circle_rejections.c
    rows = conn.execute(
        select(c.upstream_id, c.title, c.reason, c.mended)
        .where(c.import_id == import_id)
        .order_by(c.mended, c.position)
    )
    return [ImportRemark._make(row) for row in rows]
