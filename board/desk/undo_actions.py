"""Taking the last step with a story or comment back, for a day, by whoever works at the queue."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from board.comments.actions import lock_comment, put_comment_back
from board.comments.models import comments
from board.core.errors import Conflict, NotFound
from board.core.language import gettext as _
from board.desk.remits import Actor, check_thing
from board.desk.undo_rules import SUBJECTS, UNDO_WITHIN, UNDOABLE
from board.moderation.actions import reopen_flags
from board.people.actions import distrust, unblock
from board.record.actions import Act, write_down
from board.record.models import decisions
from board.record.queries import Entry
from board.stories.actions import Before, lock_story, put_story_back
from board.stories.models import stories

_d = decisions.c


def undo_act(conn: Connection, entry_id: int, *, actor: Actor, now: datetime) -> int:
    """Put a story or comment back where it stood before this step; the new entry in the record.

    The step stays in the record, and so does that it was taken back. Raises Conflict when anything
    was done with the thing since, and Refused when the step was never this person's to take.
    """
    entry = _entry(conn, _d.id == entry_id)
    if entry is None or entry.subject not in SUBJECTS or entry.act not in UNDOABLE:
        raise NotFound(_("There is nothing to take back here."))
    check_thing(conn, actor.id, actor.role, entry.subject, entry.subject_id, entry.act)
    lock = lock_story if entry.subject == "story" else lock_comment
    thing = lock(conn, entry.subject_id)
    if _entry(conn, _same_thing(entry)) != entry or thing.visibility != entry.after:
        raise Conflict(_("It changed meanwhile, so this step can't be taken back any more."))
    if entry.at <= now - UNDO_WITHIN:
        raise Conflict(_("That was more than a day ago, so it stands."))
    _put_back(conn, entry)
    if thing.person_id is not None and entry.act in ("trust", "block"):
        _release(conn, entry, thing.person_id)
    act = Act(
        actor.id,
        "undo",
        entry.subject,
        entry.subject_id,
        entry.town_id,
        before=entry.after,
        after=entry.before,
    )
    return write_down(conn, act, now)


def _entry(conn: Connection, which: ColumnElement[bool]) -> Entry | None:
    """The newest entry of these."""
    row = conn.execute(
        select(*(_d[name] for name in Entry._fields)).where(which).order_by(_d.id.desc()).limit(1)
    ).first()
    return None if row is None else Entry._make(row)


def _same_thing(entry: Entry) -> ColumnElement[bool]:
    return (_d.subject == entry.subject) & (_d.subject_id == entry.subject_id)


def _put_back(conn: Connection, entry: Entry) -> None:
    """The thing itself, and what readers said against it, which waits for an answer again."""
    put = put_story_back if entry.subject == "story" else put_comment_back
    put(conn, entry.subject_id, _before(conn, entry), decided_at=entry.at)
    reopen_flags(conn, entry.subject, entry.subject_id, entry.at)


def _before(conn: Connection, entry: Entry) -> Before:
    """Where it stood, as the step before this one tells; without one it was new."""
    if entry.before == "public":
        return Before("public")
    last = _entry(conn, _same_thing(entry) & (_d.id < entry.id))
    if entry.before == "held":
        flagged = last is not None and last.act == "hide"
        since = last.at if last is not None and flagged else None
        return Before("held", held_for="flags" if flagged else "first", hidden_at=since)
    if last is None:
        return Before(entry.before, hidden_at=entry.at)
    return Before(entry.before, reason=last.reason, hidden_at=last.at)


def _release(conn: Connection, entry: Entry, person_id: int) -> None:
    """The author is trusted, or blocked, no more, unless somebody said so of another thing too."""
    if _said_elsewhere(conn, entry, person_id):
        return
    if entry.act == "trust":
        distrust(conn, person_id)
    else:
        unblock(conn, person_id)


def _said_elsewhere(conn: Connection, entry: Entry, person_id: int) -> bool:
    """Whether the same was said of another thing by this author, and not taken back since."""
    undone = decisions.alias()
    taken_back = (
        select(undone.c.id)
        .where(
            undone.c.act == "undo",
            undone.c.subject == _d.subject,
            undone.c.subject_id == _d.subject_id,
            undone.c.id > _d.id,
        )
        .exists()
    )
    own = (_d.subject.in_(("story", "edit")) & _d.subject_id.in_(_ids_of(stories, person_id))) | (
        (_d.subject == "comment") & _d.subject_id.in_(_ids_of(comments, person_id))
    )
    other = own & (_d.act == entry.act) & (_d.id != entry.id) & ~taken_back
    return conn.execute(select(_d.id).where(other).limit(1)).first() is not None


def _ids_of(table: Table, person_id: int) -> Select[int]:
    return select(table.c.id).where(table.c.person_id == person_id)
