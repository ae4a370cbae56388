"""The talk of a town that turned out to be another one."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select, update

from board.comments.models import comments, talk_locks
from board.stories.queries import public_ids
from board.towns.actions import count_comments
from board.towns.moving import Moved, ids_of


def move_comments(conn: Connection, source: int, target: int) -> list[Moved]:
    """Bring all that was said about `source` and its stories to `target`."""
    said = conn.execute(select(comments.c.id).where(comments.c.town_id == source)).scalars().all()
    _hang(conn, comments.c.id.in_(said), source, target)
    return [Moved("comment", comment_id) for comment_id in said] + _lock(conn, source, target)


def move_comments_back(
    conn: Connection, moved: Collection[Moved], source: int, target: int
) -> None:
    """Undo `move_comments`; what was said since under a story goes where the story goes."""
    c = comments.c
    followed = c.story_id.in_(ids_of(moved, "story")) | c.parent_id.in_(ids_of(moved, "comment"))
    _hang(conn, c.id.in_(ids_of(moved, "comment")) | followed, target, source)
    conn.execute(
        update(talk_locks).where(talk_locks.c.id.in_(ids_of(moved, "lock"))).values(town_id=source)
    )


def _lock(conn: Connection, source: int, target: int) -> list[Moved]:
    """A locked talk stays locked; where both are, the target's reason holds."""
    k = talk_locks.c
    if conn.execute(select(k.id).where(k.town_id == target)).first() is not None:
        return []
    rows = conn.execute(
        update(talk_locks).where(k.town_id == source).values(town_id=target).returning(k.id)
    )
    return [Moved("lock", lock_id) for lock_id in rows.scalars()]


def _hang(conn: Connection, which: ColumnElement[bool], before: int, after: int) -> None:
    c = comments.c
    rows = conn.execute(
        update(comments)
        .where(which, c.town_id == before)
        .values(town_id=after)
        .returning(c.visibility, c.story_id)
    ).all()
    told = {row.story_id for row in rows if row.story_id is not None}
    shown = set(conn.execute(public_ids(told)).scalars()) | {None}
    public = sum(row.visibility == "public" and row.story_id in shown for row in rows)
    if public:
        count_comments(conn, before, -public)
        count_comments(conn, after, public)
