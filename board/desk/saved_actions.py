"""Keeping views of the table: saving, renaming, sharing, deleting. Only one's own."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from board.core.db import insert_ignoring
from board.core.errors import Mistake, NotFound
from board.core.language import gettext as _
from board.desk.models import saved_views
from board.desk.table_rules import TableQuestion

MOST = 30
_v = saved_views.c


def save_view(
    conn: Connection,
    person_id: int,
    name: str,
    asked: TableQuestion,
    *,
    shared: bool,
    now: datetime,
) -> None:
    """Keep a question under a name; under a name of one's own it replaces what was there."""
    _check(name)
    kept = {"query": asked.query, "shared": shared}
    made = insert_ignoring(
        conn,
        saved_views,
        {"person_id": person_id, "name": name, **kept, "created_at": now},
        _v.id,
    )
    if made is None:
        conn.execute(
            update(saved_views).where(_v.person_id == person_id, _v.name == name).values(**kept)
        )
        return
    count: int = conn.execute(select(func.count()).where(_v.person_id == person_id)).scalar_one()
    if count > MOST:
        raise Mistake({"name": _("That's a lot of views. Delete one that you don't need first.")})


def change_view(
    conn: Connection, view_id: int, person_id: int, name: str, *, shared: bool
) -> TableQuestion:
    """Give one's view another name, or share it, or not; what it asks for."""
    _check(name)
    taken = select(_v.id).where(_v.person_id == person_id, _v.name == name, _v.id != view_id)
    if conn.execute(taken).first() is not None:
        raise Mistake({"name": _("You have a view of this name already.")})
    query: str | None = conn.execute(
        update(saved_views)
        .where(_v.id == view_id, _v.person_id == person_id)
        .values(name=name, shared=shared)
        .returning(_v.query)
    ).scalar()
    return TableQuestion.parse(_own(query))


def delete_view(conn: Connection, view_id: int, person_id: int) -> TableQuestion:
    """Delete one's view; what it asked for."""
    query: str | None = conn.execute(
        delete(saved_views).where(_v.id == view_id, _v.person_id == person_id).returning(_v.query)
    ).scalar()
    return TableQuestion.parse(_own(query))


def _check(name: str) -> None:
    if not name:
        raise Mistake({"name": _("Give the view a name.")})


def _own(query: str | None) -> str:
    if query is None:
        raise NotFound(_("There is no such view of yours any more."))
    return query
