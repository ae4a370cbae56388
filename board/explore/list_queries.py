"""A page of the list of towns, in any order, at any size.

Exact counts say beforehand how to find it (`choose`). Where many towns fit, the index of the order
is walked, and those that don't fit are passed over. Where few fit, they are gathered by an index
of their own, and only these few are put in order. Both give the same page.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, tuple_

from board.core.answers import kept_answer
from board.core.kept_pages import Depends
from board.drawing.view import Window
from board.explore.facets import facets_of
from board.explore.near_queries import Nearest
from board.explore.orders import NEAR, ORDERS, Key, Order, cursor_of, key_of, read_cursor
from board.explore.paging import Finder, Keyed, turn
from board.explore.queries import ListedTown, by_index, told_in, town_conditions, with_quotes
from board.explore.rules import PAGE, Question
from board.towns.cell_queries import count_towns
from board.towns.cells import Facets
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.towns.rules import STATUSES
from board.towns.word_queries import OFTEN, rarest

_t = towns.c
# Up to so many towns, walking all of them is nothing.
SMALL: Final = 2_000
# More are never gathered.
MOST_GATHERED: Final = 20_000
# A walk may meet what doesn't fit first: it must look this much cheaper.
_DOUBT: Final = 4
# What moves a number of towns.
_FACTS: Final = Depends(frozenset({"facts"}))


class TownsPage(NamedTuple):
    """A page of the list: its rows, cursors of the next and last page, and how many in all."""

    rows: list[ListedTown]
    after: str
    total: int
    before: str = ""


class Few(NamedTuple):
    """Towns that can be gathered: how many at most, and the index that names them ("": numbers)."""

    towns: int
    named_by: str


class Ways(NamedTuple):
    """How many towns a walk would pass, what could be gathered instead, and the first words."""

    walked: int
    few: tuple[Few, ...] = ()
    lead: int | None = None


def list_towns(
    conn: Connection,
    question: Question,
    windows: Sequence[Window],
    *,
    near: tuple[float, float] | None,
    join_km: int,
    limit: int = PAGE,
) -> TownsPage:
    """A page of towns in the order asked for; a handful of statements whatever the size."""
    order = ORDERS.get(question.sort, ORDERS["votes"])
    asked = partial(town_conditions, question, windows, join_km=join_km)
    facets = facets_of(question)
    total = None if facets is None else count_towns(conn, facets, windows)
    ways = _ways(conn, question, windows, order, total)
    if total is None:
        total = _counted(conn, question, windows, join_km, asked(lead=ways.lead), ways)
    if not total:
        return TownsPage([], "", 0)
    point = near if question.sort == "near" else None
    few = choose(total, ways, walks=point is None)
    finder: Finder[TownRow]
    if few is None and point is None and not (windows or question.q):
        finder = Ranked(conn, order, partial(_walk_of, narrowing(question), join_km, order))
    else:
        fitting = [*asked(lead=ways.lead), *_numbered(question, few)]
        if point is not None:
            finder = Nearest(conn, fitting, point, total, few.named_by if few else None)
        elif few is None:
            index = walked_index(order, question)
            finder = Ranked(conn, order, partial(_walk, fitting, order, index))
        else:
            finder = Ranked(conn, order, partial(_gather, fitting, order, few), walks=False)
    readers = order.readers if point is None else NEAR
    after, before = (read_cursor(readers, text) for text in (question.after, question.before))
    page = turn(finder, after, before, limit)
    return TownsPage(
        with_quotes(conn, page.rows, near),
        cursor_of(page.after) if page.after else "",
        total,
        cursor_of(page.before) if page.before else "",
    )


def narrowing(question: Question) -> Question:
    """Of a question without words only that which narrows the list."""
    return question.but(near="", at="", view="", libraries="", layer="both")


def _counted(
    conn: Connection,
    question: Question,
    windows: Sequence[Window],
    join_km: int,
    asked: Sequence[ColumnElement[bool]],
    ways: Ways,
) -> int:
    """How many towns fit, where the map's cells don't know it: for words, or a language.

    Of a language it is kept until a town comes or goes, or one speaks it for the first time: it
    takes a step for each town. What somebody typed is kept nowhere.
    """
    if question.q:
        return _count(conn, question, asked, ways)
    key = ("count", narrowing(question), tuple(windows), join_km)
    return kept_answer(
        conn, key, partial(_count, conn, question, asked, ways), lambda _total: _FACTS
    )


def _count(
    conn: Connection, question: Question, asked: Sequence[ColumnElement[bool]], ways: Ways
) -> int:
    few = min(ways.few, default=None)
    statement = select(func.count()).where(*asked, *_numbered(question, few))
    hinted = statement if few is None else by_index(statement, few.named_by)
    return int(conn.execute(hinted).scalar_one())


# --- which way ------------------------------------------------------------------------------


def choose(total: int, ways: Ways, *, walks: bool = True) -> Few | None:
    """The towns to gather, or None to walk the order's index (or, by distance, to look around).

    Of those that are walked `total` fit, anywhere among them: a page takes about
    `PAGE · walked / total` steps. Gathering takes a step for each town gathered.
    """
    few = min(ways.few, default=None)
    if few is None or ways.walked <= SMALL or total > MOST_GATHERED:
        return None
    # Words that stand often are not counted further: then only what fits in all is known.
    gathered = total if few.towns == OFTEN else few.towns
    steps = PAGE * ways.walked // max(1, total)
    most = max(SMALL, _DOUBT * steps) if walks else MOST_GATHERED
    return few if gathered <= min(MOST_GATHERED, most) else None


def walked_index(order: Order, question: Question) -> str:
    """The index to walk: that of the one country or status asked for, where there is one."""
    if question.country and order.walk_by_country:
        return order.walk_by_country
    if len(question.statuses) == 1 and order.walk_by_status:
        return order.walk_by_status
    return order.walk


def _ways(
    conn: Connection,
    question: Question,
    windows: Sequence[Window],
    order: Order,
    total: int | None,
) -> Ways:
    """What stands behind each part of a question: counts from the map's cells, or bounded ones.

    `total`: how many fit in all, where that is known already.
    """
    alone = len(question.statuses) == 1
    if not (windows or question.q or question.language or question.country or alone):
        return Ways(0)
    walked = count_towns(conn, Facets(STATUSES))
    if walked <= SMALL:
        return Ways(walked)
    few, lead = list[Few](), None
    if question.q:
        lead, often = rarest(conn, question.q)
        if lead is not None:
            few.append(Few(often, ""))
    if question.language:
        few.append(Few(_told_in(conn, question.language), ""))
    if windows:
        only = total is not None and not (question.country or question.circle or alone)
        inside = total if only else count_towns(conn, Facets(STATUSES), windows)
        few.append(Few(inside or 0, "town_by_zkey"))
    if question.country:
        here = count_towns(conn, Facets(STATUSES, question.country))
        few.append(Few(here, "town_by_country_votes"))
        walked = here if order.walk_by_country else walked
    elif alone:
        alike = count_towns(conn, Facets(question.statuses))
        few.append(Few(alike, "town_by_status_votes"))
        walked = alike if order.walk_by_status else walked
    return Ways(walked, tuple(few), lead)


def _told_in(conn: Connection, language: str) -> int:
    """In how many towns stories are told in a language; beyond what is gathered nobody counts."""
    some = told_in(language).limit(MOST_GATHERED + 1).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())


def _numbered(question: Question, few: Few | None) -> list[ColumnElement[bool]]:
    """What gives the numbers of a language's towns at once, where these are gathered."""
    if few is None or few.named_by or not question.language:
        return []
    return [_t.id.in_(told_in(question.language))]


# --- the rows -------------------------------------------------------------------------------


@contextmanager
def walking(conn: Connection) -> Iterator[None]:
    """PostgreSQL shall walk, too: it guesses how many fit, where we have counted."""
    if conn.dialect.name != "postgresql":
        yield
        return
    conn.exec_driver_sql("SET LOCAL enable_sort = off")
    yield
    conn.exec_driver_sql("SET LOCAL enable_sort = on")


class Way(NamedTuple):
    """What tells statements for the same towns apart: from a key on, and in which direction."""

    keyed: bool
    down: bool


class Ranked:
    """Finds towns in an order that is stored, by statements that `made` makes."""

    def __init__(
        self,
        conn: Connection,
        order: Order,
        made: Callable[[Way], Select[Any]],
        *,
        walks: bool = True,
    ) -> None:
        self.conn, self.order, self.made, self.walks = conn, order, made, walks

    def following(self, key: Key | None, most: int) -> list[Keyed[TownRow]]:
        return self._found(key, most, down=True)

    def preceding(self, key: Key | None, most: int) -> list[Keyed[TownRow]]:
        return self._found(key, most, down=False)[::-1]

    def _found(self, key: Key | None, most: int, *, down: bool) -> list[Keyed[TownRow]]:
        statement = self.made(Way(keyed=key is not None, down=down))
        values = {"most": most, **{f"key{n}": value for n, value in enumerate(key or ())}}
        with walking(self.conn) if self.walks else nullcontext():
            rows = self.conn.execute(statement, values).all()
        found = (TownRow._make(row) for row in rows)
        return [Keyed(key_of(self.order, town), town) for town in found]


# Making a statement takes longer than asking it. Those for words and for windows are too many to
# keep, and what somebody typed is kept nowhere.
@lru_cache(256)
def _walk_of(question: Question, join_km: int, order: Order, way: Way) -> Select[Any]:
    asked = town_conditions(question, (), join_km=join_km)
    return _walk(asked, order, walked_index(order, question), way)


def _walk(asked: Sequence[ColumnElement[bool]], order: Order, index: str, way: Way) -> Select[Any]:
    """Along the order's own index."""
    return (
        by_index(select(*TOWN_COLUMNS), index)
        .where(*asked, *_beyond(order.columns, way))
        .order_by(*_directed(order.columns, way))
        .limit(bindparam("most"))
    )


def _gather(asked: Sequence[ColumnElement[bool]], order: Order, few: Few, way: Way) -> Select[Any]:
    """All that fit, by an index that names them; then the first of them.

    Of these few no more than `MOST_GATHERED` are ever put in order: that so many fit at most was
    counted before.
    """
    fitting = select(*order.columns).where(*asked).limit(MOST_GATHERED)
    gathered = by_index(fitting, few.named_by).subquery("few")
    ranks = tuple(gathered.c)
    first = (
        select(gathered.c.id)
        .where(*_beyond(ranks, way))
        .order_by(*_directed(ranks, way))
        .limit(bindparam("most"))
    )
    return select(*TOWN_COLUMNS).where(_t.id.in_(first)).order_by(*_directed(order.columns, way))


def _beyond(columns: tuple[ColumnElement[Any], ...], way: Way) -> list[ColumnElement[bool]]:
    """What lies behind a key in this direction."""
    if not way.keyed:
        return []
    # Bound under the columns' own types: a moment must become what the database stores.
    last = tuple_(*(bindparam(f"key{n}", type_=c.type) for n, c in enumerate(columns)))
    return [tuple_(*columns) < last if way.down else tuple_(*columns) > last]


def _directed(columns: tuple[ColumnElement[Any], ...], way: Way) -> tuple[ColumnElement[Any], ...]:
    return tuple(column.desc() if way.down else column.asc() for column in columns)
