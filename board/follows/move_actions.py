"""Follows of a town that turned out to be another one."""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from board.follows.models import follows
from board.towns.moving import Moved, ids_of

_f = follows.c


def move_follows(conn: Connection, source: int, target: int) -> list[Moved]:
    """Who followed `source` follows `target`; who follows both already has all of it."""
    there = conn.execute(select(_f.person_id, _f.kind).where(_f.town_id == target)).all()
    known = {(row.person_id, row.kind) for row in there}
    rows = conn.execute(select(_f.id, _f.person_id, _f.kind).where(_f.town_id == source)).all()
    alone = [row for row in rows if (row.person_id, row.kind) not in known]
    for kind in sorted({row.kind for row in alone}):
        _hang(conn, [row.id for row in alone if row.kind == kind], kind, target)
    return [Moved(f"follow_{row.kind}"[:16], row.id) for row in alone]


def move_follows_back(conn: Connection, moved: Collection[Moved], source: int) -> None:
    """Undo `move_follows`; who stopped following since has stopped."""
    for name in sorted({item.kind for item in moved if item.kind.startswith("follow_")}):
        _hang(conn, ids_of(moved, name), name.removeprefix("follow_"), source)


def _hang(conn: Connection, ids: Collection[int], kind: str, town_id: int) -> None:
    about = f"{kind}:{town_id}"
    conn.execute(update(follows).where(_f.id.in_(ids)).values(town_id=town_id, about=about))
