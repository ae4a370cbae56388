"""Words that go for good: an author is erased, or their time is over; replies keep hanging."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from board.comments.actions import lock_comment, move_locked
from board.comments.models import comments
from board.comments.rules import WITHDRAWABLE
from board.stories.rules import PUT_AWAY_FOR, UNDO_FOR

_BLANK = {"person_id": None, "name": "", "text": "", "html": "", "signals": "", "held_for": ""}


def empty_comments_of(conn: Connection, person_id: int, now: datetime) -> int:
    """Empty all comments of a person; how many. Those on the pages leave a neutral line."""
    own = select(comments.c.id).where(comments.c.person_id == person_id).order_by(comments.c.id)
    ids = conn.execute(own).scalars().all()
    for comment_id in ids:
        row = lock_comment(conn, comment_id)
        if row.visibility in WITHDRAWABLE:
            move_locked(conn, row, "withdrawn", hidden_at=now, **_BLANK)
        else:
            move_locked(conn, row, row.visibility, **_BLANK)
    return len(ids)


def destroy_due_comments(conn: Connection, now: datetime) -> int:
    """Destroy the words whose time is over; how many. Where they stood, replies keep hanging.

    Deleted ones after their day of undo; what was hidden, put away or never looked at after 90.
    """
    c = comments.c
    hidden = func.coalesce(c.hidden_at, c.created_at)
    beyond_undo = (c.visibility == "deleted") & (hidden <= now - UNDO_FOR)
    put_away = c.visibility.in_(("archived", "unlisted")) & (hidden <= now - PUT_AWAY_FOR)
    unseen = (
        (c.visibility == "held") & (c.held_for == "first") & (c.created_at <= now - PUT_AWAY_FOR)
    )
    due = select(c.id).where(c.text != "", beyond_undo | put_away | unseen)
    ids = conn.execute(due).scalars().all()
    for comment_id in ids:
        row = lock_comment(conn, comment_id)
        # Without words nobody can look at it any more: it must not wait in the queue.
        after = "deleted" if row.visibility == "held" else row.visibility
        move_locked(conn, row, after, name="", text="", html="", held_for="")
    return len(ids)
