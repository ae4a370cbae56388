"""Saying something in the talk, and what moderators do with it. The counters move along."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from board.comments.models import comments
from board.core.errors import Conflict, NotFound
from board.core.language import gettext as _
from board.core.text import to_html
from board.stories.actions import Before, count_comment
from board.towns.actions import count_comments


class Saying(NamedTuple):
    """A comment as it was typed, and where; `queries.place_of_reply` knows the last two."""

    town_id: int | None
    story_id: int | None
    name: str
    language: str
    text: str
    parent_id: int | None = None
    answers_id: int | None = None


def add_comment(
    conn: Connection,
    saying: Saying,
    *,
    person_id: int,
    staff: bool,
    visibility: str,
    now: datetime,
    signals: str = "",
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
            held_for="first" if visibility == "held" else "",
            signals=signals,
            created_at=now,
        )
        .returning(comments.c.id)
    ).scalar_one()
    if visibility == "public":
        _count(conn, saying.town_id, saying.story_id, 1)
    return comment_id


def move_comment(
    conn: Connection, comment_id: int, after: str, reason: str = "", *, now: datetime
) -> str:
    """Unlist, archive, delete or show a comment; what it was before."""
    row = lock_comment(conn, comment_id)
    if row.visibility in (after, "withdrawn"):
        raise Conflict(_("Somebody else was faster: this is done already."))
    values = {"reason": reason, "hidden_at": None if after == "public" else now}
    return move_locked(conn, row, after, **values, held_for="")


def keep_comment(conn: Connection, comment_id: int, now: datetime) -> str:
    """A moderator looked and keeps it ("Keep it"); what it was before.

    Flags don't hide it again until its author changes it (DECISIONS 8).
    """
    row = lock_comment(conn, comment_id)
    if row.visibility == "withdrawn":
        raise Conflict(_("Its author took it away meanwhile."))
    return move_locked(conn, row, "public", reason="", held_for="", hidden_at=None, kept_at=now)


def put_comment_back(
    conn: Connection, comment_id: int, before: Before, *, decided_at: datetime
) -> None:
    """Take the decision of that moment back: the comment stands where it stood."""
    row = lock_comment(conn, comment_id)
    if not row.text or row.visibility == "withdrawn":
        raise Conflict(_("Its words are destroyed: nobody can move it any more."))
    kept_at = None if row.kept_at == decided_at else row.kept_at
    values = before._asdict()
    move_locked(conn, row, values.pop("visibility"), **values, kept_at=kept_at)


def hold_flagged_comment(conn: Connection, comment_id: int, now: datetime) -> None:
    """Hide a public comment until somebody looked at it, because several people asked for that."""
    row = lock_comment(conn, comment_id)
    move_locked(conn, row, "held", held_for="flags", hidden_at=now)


def archive_comments(conn: Connection, town_id: int, now: datetime) -> dict[int, str]:
    """Put away all that was said about a town and its stories, because it is none; what each was
    before."""
    seen = comments.c.visibility.in_(("held", "public", "unlisted"))
    said = conn.execute(select(comments.c.id).where(comments.c.town_id == town_id, seen))
    return {
        comment_id: move_comment(conn, comment_id, "archived", now=now)
        for comment_id in said.scalars().all()
    }


def lock_comment(conn: Connection, comment_id: int) -> Any:
    """A comment's row, kept still until the transaction ends; raises NotFound."""
    c = comments.c
    row = conn.execute(
        select(
            c.id,
            c.visibility,
            c.town_id,
            c.story_id,
            c.person_id,
            c.created_at,
            c.kept_at,
            c.text,
        )
        .where(c.id == comment_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(_("There is no such comment."))
    return row


def move_locked(conn: Connection, row: Any, after: str, **values: Any) -> str:
    """Give a locked comment another visibility and other values; what it was before."""
    conn.execute(update(comments).where(comments.c.id == row.id).values(visibility=after, **values))
    change = int(after == "public") - int(row.visibility == "public")
    if change:
        _count(conn, row.town_id, row.story_id, change)
    before: str = row.visibility
    return before


def _count(conn: Connection, town_id: int | None, story_id: int | None, change: int) -> None:
    """The open talk of `/talk` belongs to no town: nothing counts it.

    What was said under a story counts while the story is public (stories.actions counts it out
    and in); the story's row is touched before its town's, as whoever moves a story does.
    """
    seen = story_id is None or count_comment(conn, story_id, change)
    if town_id is not None and seen:
        count_comments(conn, town_id, change)
