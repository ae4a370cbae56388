"""The thread around comments in the queue: who judges a sentence reads what it answers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from board.comments.models import comments
from board.comments.queries import COLUMNS, CommentView

_c = comments.c


class Thread(NamedTuple):
    """What stands around a comment on its page: how its thread begins, what it answers or follows,
    and the next word after it."""

    before: list[CommentView]
    after: list[CommentView]


EMPTY = Thread([], [])


def threads_around(conn: Connection, said: Sequence[CommentView]) -> dict[int, Thread]:
    """The threads around these comments, by their ids; two statements for any number of them."""
    if not said:
        return {}
    near = {row.id: row for row in conn.execute(_neighbours([one.id for one in said]))}
    wanted = {
        one.id: (
            _known(one.parent_id, near[one.id].last, one.answers_id),
            _known(near[one.id].next),
        )
        for one in said
        if one.id in near
    }
    ids = {number for before, after in wanted.values() for number in (*before, *after)}
    shown = _c.visibility == "public"
    rows = conn.execute(select(*COLUMNS).where(_c.id.in_(ids), shown))
    whole = {row.id: CommentView._make(row) for row in rows}
    return {
        comment_id: Thread(*([whole[n] for n in some if n in whole] for some in both))
        for comment_id, both in wanted.items()
    }


def _known(*ids: int | None) -> list[int]:
    """These ids in the order in which they were given: they were said in that of their numbers."""
    return sorted({number for number in ids if number is not None})


def _neighbours(ids: Sequence[int]) -> Any:
    """Selects for each comment the public ones before and after it in the same thread or talk."""
    other = comments.alias()
    o = other.c
    public = o.visibility == "public"

    def nearest(pick: Any, side: ColumnElement[bool]) -> Any:
        def among(*same: ColumnElement[bool]) -> Any:
            return select(pick).where(*same, public, side).correlate(comments).scalar_subquery()

        top = o.parent_id.is_(None)
        return case(
            (_c.parent_id.is_not(None), among(o.parent_id == _c.parent_id)),
            (_c.story_id.is_not(None), among(o.story_id == _c.story_id, top)),
            (_c.town_id.is_not(None), among(o.town_id == _c.town_id, o.story_id.is_(None), top)),
            else_=among(and_(o.town_id.is_(None), o.story_id.is_(None), top)),
        )

    return select(
        _c.id,
        nearest(func.max(o.id), o.id < _c.id).label("last"),
        nearest(func.min(o.id), o.id > _c.id).label("next"),
    ).where(_c.id.in_(ids))
