"""Reading the talk."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from board.comments.models import comments
from board.towns.models import towns


class CommentView(NamedTuple):
    """A comment as pages show it."""

    id: int
    town_id: int
    story_id: int | None
    person_id: int | None
    name: str
    staff: bool
    language: str
    html: str
    visibility: str
    created_at: datetime

    @property
    def is_public(self) -> bool:
        return self.visibility == "public"


_c = comments.c
_COLUMNS = tuple(_c[name] for name in CommentView._fields)


def comments_of_town(
    conn: Connection, town_id: int, *, viewer_id: int | None, limit: int = 200
) -> list[CommentView]:
    """The talk under a town itself, the oldest first, with the viewer's own held words."""
    here = (_c.town_id == town_id) & _c.story_id.is_(None)
    return _talk(conn, here, viewer_id, limit)


def comments_of_story(
    conn: Connection, story_id: int, *, viewer_id: int | None, limit: int = 200
) -> list[CommentView]:
    """The talk under one story, the oldest first, with the viewer's own held words."""
    return _talk(conn, _c.story_id == story_id, viewer_id, limit)


def _talk(
    conn: Connection, here: ColumnElement[bool], viewer_id: int | None, limit: int
) -> list[CommentView]:
    seen: ColumnElement[bool] = _c.visibility == "public"
    if viewer_id is not None:
        seen = or_(seen, and_(_c.visibility == "held", _c.person_id == viewer_id))
    # The newest `limit`, then turned: a long talk shows its end, in reading order.
    rows = conn.execute(
        select(*_COLUMNS)
        .where(here, seen)
        .order_by(_c.created_at.desc(), _c.id.desc())
        .limit(limit)
    ).all()
    return [CommentView._make(row) for row in reversed(rows)]


class HeldComment(NamedTuple):
    """A comment that waits for a moderator's eyes, with its town."""

    comment: CommentView
    town_name: str
    country: str
    slug: str


def held_comments(conn: Connection, limit: int = 100) -> list[HeldComment]:
    """Comments that wait, the longest waiting first."""
    rows = conn.execute(
        select(*_COLUMNS, towns.c.name, towns.c.country, towns.c.slug)
        .join(towns, towns.c.id == _c.town_id)
        .where(_c.visibility == "held")
        .order_by(_c.created_at, _c.id)
        .limit(limit)
    )
    width = len(CommentView._fields)
    return [HeldComment(CommentView(*row[:width]), *row[width:]) for row in rows]
