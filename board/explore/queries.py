"""The list of towns. The map asks with the same conditions (`map_queries`), so both agree."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import cos, isfinite, radians
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from board.core.geo import distance_km
from board.core.text import fold
from board.drawing.view import Window
from board.explore.rules import PAGE, Question
from board.stories.models import stories
from board.towns.measures import no_circle_near
from board.towns.models import regions, town_languages, towns
from board.towns.prefixes import after as end_of
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.towns.spelling import search_form

_t = towns.c
# From how many letters on a word may be the beginning of a country's or region's name.
_BEGUN: Final = 3


class ListedTown(NamedTuple):
    """A town in the list, with the title of its newest story and the distance when asked near."""

    town: TownRow
    quote: str
    quote_language: str
    km: float | None


class TownsPage(NamedTuple):
    """A page of the list: its rows, where the next begins, and how many there are in all."""

    rows: list[ListedTown]
    after: str
    total: int


def town_conditions(
    question: Question, windows: Sequence[Window], *, join_km: int
) -> list[ColumnElement[bool]]:
    """What a town must be to stand on list and map alike."""
    asked: list[ColumnElement[bool]] = [
        _t.standing == "listed",
        _t.vote_count > 0,
        _t.status.in_(question.statuses),
    ]
    if question.country:
        asked.append(_t.country == question.country)
    if question.language:
        spoken = town_languages.c
        asked.append(
            exists().where(
                spoken.town_id == _t.id,
                spoken.language == question.language,
                spoken.stories > 0,
            )
        )
    if question.circle == "none":
        asked.append(no_circle_near(join_km))
    if question.q:
        asked.append(_named(question.q))
    if windows:
        asked.append(in_windows(windows, _t.mx, _t.my))
    return asked


def _named(text: str) -> ColumnElement[bool]:
    """A town whose name holds the words, whose country or region does, or its public stories."""
    words = fold(text)
    told = exists().where(
        stories.c.town_id == _t.id,
        stories.c.visibility == "public",
        *(stories.c.folded.contains(word, autoescape=True) for word in words.split()[:6]),
    )
    return or_(_t.folded.contains(words, autoescape=True), _lies_in(text), told)


def _lies_in(text: str) -> ColumnElement[bool]:
    """A town in a country or region of this name, or of one that begins so."""
    r, word = regions.c, search_form(text)
    named: ColumnElement[bool] = r.word == word
    if len(word) >= _BEGUN:
        named = and_(r.word >= word, r.word < end_of(word))
    whole = select(r.country).where(named, r.region_code == "")
    part = select(r.country, r.region_code).where(named, r.region_code != "")
    return or_(_t.country.in_(whole), tuple_(_t.country, _t.region_code).in_(part))


def in_windows(windows: Sequence[Window], mx: Column[Any], my: Column[Any]) -> ColumnElement[bool]:
    """Inside one of the map's windows (two where it crosses the antimeridian)."""
    return or_(*(and_(mx.between(w.west, w.east), my.between(w.north, w.south)) for w in windows))


class _Order(NamedTuple):
    """A sort: its columns from first to last, and how a cursor's texts become values again."""

    columns: tuple[ColumnElement[Any], ...]
    fields: tuple[str, ...]
    read: tuple[Callable[[str], Any], ...]


def _whole(text: str) -> int:
    """A number of a cursor; beyond 32 bits none of ours lies, and a database would choke."""
    number = int(text)
    if abs(number) >= 2**31:
        raise ValueError("no number of ours")
    return number


def _measure(text: str) -> float:
    """A finite number of a cursor."""
    number = float(text)
    if not isfinite(number):
        raise ValueError("no measure of ours")
    return number


_ORDERS = {
    "votes": _Order((_t.vote_count, _t.id), ("vote_count", "id"), (_whole, _whole)),
    "ready": _Order(
        (_t.closeness, _t.vote_count, _t.id),
        ("closeness", "vote_count", "id"),
        (_whole, _whole, _whole),
    ),
    "rising": _Order((_t.rising, _t.id), ("rising", "id"), (_measure, _whole)),
    "new": _Order((_t.asked_at, _t.id), ("asked_at", "id"), (datetime.fromisoformat, _whole)),
    "need": _Order((_t.need, _t.id), ("need", "id"), (_measure, _whole)),
}


def cursor_of(sort: str, town: TownRow) -> str:
    """Where the next page begins: the sort values of the last town of this one."""
    values = (getattr(town, field) for field in _ORDERS[sort].fields)
    return "~".join(v.isoformat() if isinstance(v, datetime) else repr(v) for v in values)


def read_cursor(sort: str, text: str) -> tuple[Any, ...] | None:
    """The values of a cursor; None when the address was changed by hand."""
    parts = text.split("~")
    readers = _ORDERS[sort].read
    if len(parts) != len(readers):
        return None
    try:
        return tuple(reader(part) for reader, part in zip(readers, parts, strict=True))
    except ValueError:
        return None


def list_towns(
    conn: Connection,
    question: Question,
    windows: Sequence[Window],
    *,
    near: tuple[float, float] | None,
    join_km: int,
    limit: int = PAGE,
) -> TownsPage:
    """A page of towns in the order asked for; three statements whatever the size."""
    asked = town_conditions(question, windows, join_km=join_km)
    total: int = conn.execute(select(func.count()).select_from(towns).where(*asked)).scalar_one()
    if question.sort == "near" and near is not None:
        return _nearest_first(conn, asked, question, near, total, limit)
    sort = question.sort if question.sort in _ORDERS else "votes"
    order = _ORDERS[sort].columns
    if question.after and (cursor := read_cursor(sort, question.after)) is not None:
        asked.append(tuple_(*order) < tuple_(*(literal(value) for value in cursor)))
    rows = conn.execute(
        select(*TOWN_COLUMNS)
        .where(*asked)
        .order_by(*(column.desc() for column in order))
        .limit(limit + 1)
    ).all()
    found = [TownRow._make(row) for row in rows]
    after = cursor_of(sort, found[limit - 1]) if len(found) > limit else ""
    return TownsPage(_with_quotes(conn, found[:limit], near), after, total)


def _nearest_first(
    conn: Connection,
    asked: list[ColumnElement[bool]],
    question: Question,
    near: tuple[float, float],
    total: int,
    limit: int,
) -> TownsPage:
    """Towns by distance; a flat earth orders them, the true distance is shown.

    Around the point asked about the two agree; far away it is enough to come later.
    """
    lat, lng = near
    squeeze = max(0.001, cos(radians(lat)) ** 2)
    away = _t.lng - lng
    around = case((away > 180, away - 360), (away < -180, away + 360), else_=away)
    order = (_t.lat - lat) * (_t.lat - lat) + around * around * squeeze
    asked = [*asked, _t.lat.is_not(None), _t.lng.is_not(None)]
    if (last := _read_nearness(question.after)) is not None:
        asked.append(tuple_(order, _t.id) > tuple_(*(literal(value) for value in last)))
    rows = conn.execute(
        select(*TOWN_COLUMNS, order.label("order"))
        .where(*asked)
        .order_by(order, _t.id)
        .limit(limit + 1)
    ).all()
    found = [TownRow._make(row[:-1]) for row in rows]
    after = f"{rows[limit - 1].order!r}~{found[limit - 1].id}" if len(rows) > limit else ""
    return TownsPage(_with_quotes(conn, found[:limit], near), after, total)


def _read_nearness(text: str) -> tuple[float, int] | None:
    """Where the page before ended: its last town's order and id; None for anything else."""
    order, _mark, number = text.partition("~")
    try:
        return _measure(order), _whole(number)
    except ValueError:
        return None


def _with_quotes(
    conn: Connection, found: list[TownRow], near: tuple[float, float] | None
) -> list[ListedTown]:
    quotes = newest_titles(conn, [town.id for town in found])
    return [ListedTown(town, *quotes.get(town.id, ("", "")), km=_km(town, near)) for town in found]


def _km(town: TownRow, near: tuple[float, float] | None) -> float | None:
    if near is None or town.lat is None or town.lng is None:
        return None
    return distance_km(near[0], near[1], town.lat, town.lng)


def newest_titles(conn: Connection, town_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """For each town the title and language of its newest public story."""
    if not town_ids:
        return {}
    s = stories.c
    newest = (
        select(
            s.town_id,
            s.title,
            s.language,
            func.row_number()
            .over(partition_by=s.town_id, order_by=(s.published_at.desc(), s.id.desc()))
            .label("nth"),
        )
        .where(s.town_id.in_(town_ids), s.visibility == "public")
        .subquery()
    )
    rows = conn.execute(
        select(newest.c.town_id, newest.c.title, newest.c.language).where(newest.c.nth == 1)
    )
    return {row.town_id: (row.title, row.language) for row in rows}


def closest_to_launch(conn: Connection, limit: int = 5) -> list[TownRow]:
    """Open towns by readiness, then missing seats, then votes: the home page's heart."""
    from_open = town_conditions(Question(), (), join_km=0)
    order = _ORDERS["ready"].columns
    rows = conn.execute(
        select(*TOWN_COLUMNS)
        .where(*from_open)
        .order_by(*(column.desc() for column in order))
        .limit(limit)
    )
    return [TownRow._make(row) for row in rows]


def neighbours(
    conn: Connection, lat: float, lng: float, *, but: int | None = None, limit: int = 3
) -> list[ListedTown]:
    """The nearest towns that ask, with their distance."""
    question = Question(status="any", sort="near")
    asked = town_conditions(question, (), join_km=0)
    if but is not None:
        asked.append(_t.id != but)
    page = _nearest_first(conn, asked, question, (lat, lng), 0, limit)
    return page.rows
