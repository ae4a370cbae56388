"""Keeping the map's cells true, in the transaction of whatever moved a town.

`recell` asks the town's row as what it must be counted, and `celled_as` as what it is: the
difference moves. So it may be called twice, or for towns that didn't change.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from board.core.facts import get_fact, keep_fact
from board.towns.cell_queries import CELLED_AS, JOIN_KM_FACT
from board.towns.cells import (
    ALL_COUNTRIES,
    COARSEST,
    EVERYWHERE,
    FINEST,
    PLACE_LEVEL,
    SPREAD,
    CellKey,
    Standing,
    interleaved,
    taken_apart,
)
from board.towns.models import town_cells, towns

_t = towns.c
_c = town_cells.c
_KEY: Final = CellKey._fields
_COUNTS: Final = ("towns", "sum_mx", "sum_my", "sum_id")
CELL_COLUMNS: Final = (*_KEY, *_COUNTS)
_AT_ONCE: Final = 500
_TOWNS: Final = (
    select(_t.id, _t.mx, _t.my, _t.zkey, _t.celled_as, CELLED_AS.label("as_now"))
    .where(_t.id.in_(bindparam("ids", expanding=True)))
    .order_by(_t.id)
    .with_for_update(key_share=True)
)
_REMEMBER: Final = (
    update(towns)
    .where(_t.id == bindparam("town"))
    .values(celled_as=bindparam("as_now"), zkey=bindparam("key_now"))
)


def _adding(dialect: Any) -> Any:
    """Add to cells, which may be there or not."""
    statement = dialect.insert(town_cells)
    return statement.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: _c[name] + statement.excluded[name] for name in _COUNTS},
    )


_ADD: Final = {"sqlite": _adding(sqlite), "postgresql": _adding(postgresql)}


def recell(conn: Connection, town_ids: Collection[int]) -> int:
    """Count these towns in the cells as what they are now; how many had changed.

    The rows are locked, and cells are written in one order, so that two who write neighbours at
    the same time neither lose anything nor wait for each other in a ring.
    """
    ids = sorted(set(town_ids))
    return sum(_recell(conn, ids[n : n + _AT_ONCE]) for n in range(0, len(ids), _AT_ONCE))


def _recell(conn: Connection, ids: list[int]) -> int:
    rows = conn.execute(_TOWNS, {"ids": ids})
    moved: list[dict[str, Any]] = []
    changes: defaultdict[CellKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        place = None if row.mx is None else interleaved(row.mx, row.my)
        before = Standing.read(row.celled_as, row.zkey)
        now = Standing.read(row.as_now, place)
        if before != now:
            _count(changes, before, row.id, -1)
            _count(changes, now, row.id, 1)
            key_now = now.key if now else None
            moved.append({"town": row.id, "as_now": row.as_now, "key_now": key_now})
    if moved:
        conn.execute(_REMEMBER, moved)
        _add(conn, changes)
    return len(moved)


def _count(
    changes: dict[CellKey, list[int]], standing: Standing | None, town_id: int, sign: int
) -> None:
    """One town more, or less, in each of its cells."""
    if standing is None:
        return
    mx, my = (0, 0) if standing.key is None else taken_apart(standing.key)
    for cell in standing.cells():
        for n, amount in enumerate((1, mx, my, town_id)):
            changes[cell][n] += sign * amount


def _add(conn: Connection, changes: dict[CellKey, list[int]]) -> None:
    conn.execute(
        _ADD[conn.dialect.name],
        [
            dict(zip(CELL_COLUMNS, (*cell, *counts), strict=True))
            for cell, counts in sorted(changes.items())
            if any(counts)
        ],
    )


# --- all anew ---------------------------------------------------------------------------------


def keep_join_km(conn: Connection, km: float) -> bool:
    """Let the cells know how near is near; whether that is news, and they must be mended."""
    said = get_fact(conn, JOIN_KM_FACT)
    if said is not None and float(said) == km:
        return False
    keep_fact(conn, JOIN_KM_FACT, f"{km:g}")
    return True


def _spread(column: ColumnElement[Any]) -> ColumnElement[int]:
    """`cells.interleaved`, half of it, in SQL."""
    bits: ColumnElement[int] = cast(column, BigInteger)
    for shift, mask in SPREAD:
        bits = bits.bitwise_or(bits.bitwise_lshift(literal(shift, Integer))).bitwise_and(
            literal(mask, BigInteger)
        )
    return bits


# What `town.zkey` must be.
PLACE_ON_MAP: Final = case(
    (
        and_(CELLED_AS != "", _t.mx.is_not(None)),
        _spread(_t.my).bitwise_lshift(literal(1, Integer)).bitwise_or(_spread(_t.mx)),
    ),
    else_=null(),
)


def rebuild_cells(conn: Connection) -> None:
    """Count all towns anew, whatever the cells said."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE town IN SHARE ROW EXCLUSIVE MODE"))
    conn.execute(
        update(towns)
        .where(or_(_t.celled_as != CELLED_AS, _t.zkey.is_distinct_from(PLACE_ON_MAP)))
        .values(celled_as=CELLED_AS, zkey=PLACE_ON_MAP)
    )
    conn.execute(delete(town_cells))
    for counted in (*counted_anew(EVERYWHERE), *counted_anew(FINEST)):
        conn.execute(insert(town_cells).from_select(CELL_COLUMNS, counted))
    for level in range(FINEST - 1, COARSEST - 1, -1):
        conn.execute(insert(town_cells).from_select(CELL_COLUMNS, _coarser(level)))


def counted_anew(level: int) -> list[Select[Any]]:
    """Cells of a level as the towns' own rows say: of all countries together, and by country."""
    shift = 2 * (PLACE_LEVEL - level)
    everywhere = level == EVERYWHERE
    key = literal(0, BigInteger) if everywhere else _t.zkey.bitwise_rshift(literal(shift, Integer))
    celled = (
        select(
            _t.country,
            key.label("key"),
            _t.status,
            case((_t.celled_as.endswith(" 1"), 1), else_=0).label("lonely"),
            _t.mx,
            _t.my,
            _t.id,
        )
        .where(_t.celled_as != "", *([] if everywhere else [_t.zkey.is_not(None)]))
        .subquery()
    )
    one = celled.c
    together: ColumnElement[str] = literal(ALL_COUNTRIES).label("country")
    return [
        select(
            literal(level).label("level"),
            country,
            one.key,
            one.status,
            one.lonely,
            func.count().label("towns"),
            func.coalesce(func.sum(one.mx), 0).label("sum_mx"),
            func.coalesce(func.sum(one.my), 0).label("sum_my"),
            func.sum(one.id).label("sum_id"),
        ).group_by(*by, one.key, one.status, one.lonely)
        for country, by in ((together, ()), (one.country, (one.country,)))
    ]


def _coarser(level: int) -> Select[Any]:
    """Cells of a level from those of the level beneath."""
    finer = select(
        _c.country,
        _c.key.bitwise_rshift(literal(2, Integer)).label("key"),
        _c.status,
        _c.lonely,
        *(_c[name] for name in _COUNTS),
    ).where(_c.level == level + 1)
    one = finer.subquery().c
    return select(
        literal(level).label("level"),
        one.country,
        one.key,
        one.status,
        one.lonely,
        *(func.sum(one[name]).label(name) for name in _COUNTS),
    ).group_by(one.country, one.key, one.status, one.lonely)
