"""What authors do with their own words: mend them for a quarter of an hour, take them away."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from board.comments.actions import lock_comment, move_locked
from board.comments.rules import WITHDRAWABLE, may_edit, visibility_after_edit
from board.core.errors import Conflict, Refused
from board.core.language import gettext as _
from board.core.text import to_html


class Wording(NamedTuple):
    """A comment's new text and the language it is in."""

    text: str
    language: str


def edit_comment(
    conn: Connection,
    comment_id: int,
    wording: Wording,
    *,
    person_id: int,
    anew: str,
    now: datetime,
) -> str:
    """Give one's own comment another wording; where it stands afterwards, held or public.

    `anew` is where the new text would begin (rules.first_visibility). What a moderator kept was
    another text: flags may hide this one again.
    """
    row = _own(conn, comment_id, person_id)
    if not may_edit(row.visibility, row.created_at, now):
        raise Conflict(too_late_to_edit())
    after = visibility_after_edit(row.visibility, anew)
    hidden = {"held_for": "first", "hidden_at": now} if after != row.visibility else {}
    changed = {**wording._asdict(), "html": to_html(wording.text), "edited_at": now}
    move_locked(conn, row, after, **changed, **hidden, kept_at=None)
    return after


def withdraw_comment(conn: Connection, comment_id: int, *, person_id: int, now: datetime) -> bool:
    """Take one's own comment away, for good: its words are destroyed at once.

    False when that was done before. Answers under it stay, below a neutral line.
    """
    row = _own(conn, comment_id, person_id)
    if row.visibility not in WITHDRAWABLE:
        return False
    move_locked(conn, row, "withdrawn", name="", text="", html="", held_for="", hidden_at=now)
    return True


def _own(conn: Connection, comment_id: int, person_id: int) -> Any:
    row = lock_comment(conn, comment_id)
    if row.person_id != person_id:
        raise Refused(not_yours())
    return row


def too_late_to_edit() -> str:
    """Said once the quarter of an hour is over."""
    return _(
        "A comment can be changed for 15 minutes, and these are over. You can take it away, or "
        "say the rest in an answer."
    )


def not_yours() -> str:
    """Said to who would change somebody else's words."""
    return _("Only who wrote this comment can change it or take it away.")
