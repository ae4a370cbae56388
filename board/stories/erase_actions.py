"""Erasing an author: their words and pictures go, what others said to them keeps its place."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from board.stories.actions import empty_stories, hide_story
from board.stories.models import stories


def empty_stories_of(conn: Connection, person_id: int, now: datetime) -> int:
    """Empty all stories of a person; how many.

    They leave lists and counts. Where people talked under one, its page stays, without its words
    (`queries.get_story`).
    """
    s = stories.c
    own = select(s.id, s.visibility).where(s.person_id == person_id).order_by(s.id)
    rows = conn.execute(own.with_for_update()).all()
    for row in rows:
        if row.visibility in ("held", "public", "unlisted"):
            hide_story(conn, row.id, "withdrawn", "", now)
    ids = [row.id for row in rows]
    empty_stories(conn, ids)
    conn.execute(update(stories).where(s.id.in_(ids)).values(person_id=None, signals=""))
    return len(ids)
