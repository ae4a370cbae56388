"""The list of towns. The map asks with the same conditions (`map_queries`), so both agree."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
)

from board.core.geo import distance_km
from board.drawing.view import Window
from board.explore.orders import ORDERS
from board.explore.rules import Question
from board.stories.models import stories
from board.towns.cell_queries import lies_in
from board.towns.measures import no_circle_near
from board.towns.models import town_languages, towns
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.towns.rules import OPEN_STATUSES
from board.towns.word_queries import towns_found

_t = towns.c


class ListedTown(NamedTuple):
    """A town in the list, with the title of its newest story and the distance when asked near."""

    town: TownRow
    quote: str
    quote_language: str
    km: float | None


def listed_conditions(statuses: Sequence[str]) -> list[ColumnElement[bool]]:
    """What every town of list and map is: real, asked for, and of one of these statuses."""
    # Not a bare column: no planner shall walk from the towns without votes up to a page's key.
    asked_for = _t.vote_count + 0 > 0
    # No list of values, which SQLAlchemy would write out anew each time.
    fitting = or_(*(_t.status == status for status in statuses))
    return [_t.standing == "listed", asked_for, fitting]


def town_conditions(
    question: Question, windows: Sequence[Window], *, join_km: int, lead: int | None = None
) -> list[ColumnElement[bool]]:
    """What a town must be to stand on list and map alike.

    `lead`: with which of the words to begin (towns.word_queries.rarest).
    """
    asked = listed_conditions(question.statuses)
    if question.country:
        asked.append(_t.country == question.country)
    if question.language:
        spoken = told_in(question.language)
        asked.append(exists(spoken.where(town_languages.c.town_id == _t.id)))
    if question.circle == "none":
        asked.append(no_circle_near(join_km))
    if question.q:
        asked.append(towns_found(question.q, lead))
    if windows:
        asked.append(lies_in(windows))
    return asked


def by_index(statement: Select[Any], index: str) -> Select[Any]:
    """A statement that names towns by this index, or by their numbers ("").

    Only SQLite needs to hear it: PostgreSQL knows how many rows are behind each.
    """
    hint = f"INDEXED BY {index}" if index else "NOT INDEXED"
    return statement.with_hint(towns, hint, "sqlite")


def told_in(language: str) -> Select[int]:
    """The towns with public stories in a language."""
    spoken = town_languages.c
    return select(spoken.town_id).where(spoken.language == language, spoken.stories > 0)


def in_windows(windows: Sequence[Window], mx: Column[Any], my: Column[Any]) -> ColumnElement[bool]:
    """Inside one of the map's windows (two where it crosses the antimeridian)."""
    return or_(*(and_(mx.between(w.west, w.east), my.between(w.north, w.south)) for w in windows))


def with_quotes(
    conn: Connection, found: Sequence[TownRow], near: tuple[float, float] | None
) -> list[ListedTown]:
    """Towns as they are listed: each with its newest title, and its distance when asked near."""
    quotes = newest_titles(conn, [town.id for town in found])
    return [ListedTown(town, *quotes.get(town.id, ("", "")), km=_km(town, near)) for town in found]


def _km(town: TownRow, near: tuple[float, float] | None) -> float | None:
    if near is None or town.lat is None or town.lng is None:
        return None
    return distance_km(near[0], near[1], town.lat, town.lng)


_told, _newer = stories.c, stories.alias().c
_NEWEST_STORY: Final = (
    select(_newer.id)
    .where(_newer.town_id == _t.id, _newer.visibility == "public")
    .order_by(_newer.published_at.desc(), _newer.id.desc())
    .limit(1)
    .scalar_subquery()
)


# Made once for each length: making one takes longer than asking it.
@lru_cache(64)
def _newest_titles(count: int) -> Select[Any]:
    return (
        select(_t.id, _told.title, _told.language)
        .select_from(towns.join(stories, _told.id == _NEWEST_STORY))
        .where(_t.id.in_([bindparam(f"town{n}") for n in range(count)]))
    )


def newest_titles(conn: Connection, town_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """For each town the title and language of its newest public story."""
    if not town_ids:
        return {}
    numbered = {f"town{n}": town for n, town in enumerate(town_ids)}
    rows = conn.execute(_newest_titles(len(town_ids)), numbered).all()
    return {row.id: (row.title, row.language) for row in rows}


_CLOSEST: Final = (
    by_index(select(*TOWN_COLUMNS), ORDERS["ready"].walk)
    .where(*listed_conditions(OPEN_STATUSES))
    .order_by(*(column.desc() for column in ORDERS["ready"].columns))
    .limit(bindparam("most"))
)


def closest_to_launch(conn: Connection, limit: int = 5) -> list[TownRow]:
    """Open towns by readiness, then missing seats, then votes: the home page's heart."""
    return [TownRow._make(row) for row in conn.execute(_CLOSEST, {"most": limit})]
