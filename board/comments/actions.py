"""Saying something in the talk, and what moderators do with it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from board.comments.models import comments
from board.core.errors import Conflict, NotFound
from board.core.language import gettext as _
from board.core.text import to_html
from board.stories.actions import count_comment
from board.towns.actions import count_comments


class Saying(NamedTuple):
    """A comment as it was typed, and where."""

    town_id: int
    story_id: int | None
    name: str
    language: str
    text: str


def add_comment(
    conn: Connection,
    saying: Saying,
    *,
    person_id: int,
    staff: bool,
    visibility: str,
    now: datetime,
) -> int:
    """Keep a confirmed person's comment, held or public; its id."""
    comment_id: int = conn.execute(
        insert(comments)
        .values(
            **saying._asdict(),
            html=to_html(saying.text),
            person_id=person_id,
            staff=staff,
            visibility=visibility,
            created_at=now,
        )
        .returning(comments.c.id)
    ).scalar_one()
    if visibility == "public":
        _count(conn, saying.town_id, saying.story_id, 1)
    return comment_id


def move_comment(conn: Connection, comment_id: int, after: str, reason: str = "") -> str:
    """Show, unlist, archive or delete a comment; what it was before."""
    c = comments.c
    row = conn.execute(
        select(c.visibility, c.town_id, c.story_id).where(c.id == comment_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(_("There is no such comment."))
    if row.visibility == after:
        raise Conflict(_("Somebody else was faster: this is done already."))
    conn.execute(update(comments).where(c.id == comment_id).values(visibility=after, reason=reason))
    change = int(after == "public") - int(row.visibility == "public")
    if change:
        _count(conn, row.town_id, row.story_id, change)
    before: str = row.visibility
    return before


def archive_comments(conn: Connection, town_id: int) -> None:
    """Put away all that was said about a town and its stories, because it is none."""
    seen = comments.c.visibility.in_(("held", "public", "unlisted"))
    said = conn.execute(select(comments.c.id).where(comments.c.town_id == town_id, seen))
    for comment_id in said.scalars().all():
        move_comment(conn, comment_id, "archived")


def _count(conn: Connection, town_id: int, story_id: int | None, change: int) -> None:
    count_comments(conn, town_id, change)
    if story_id is not None:
        count_comment(conn, story_id, change)
