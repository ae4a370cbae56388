"""Taking a step at the queue back, for a day, by whoever may take it.

What crosses features is written out here, kind by kind: a story or comment stands where it stood,
a form waits to be called again, a place typed by hand waits for a look, a partner for an answer.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Table, select, update

from board.comments.actions import lock_comment, put_comment_back
from board.comments.models import comments
from board.core.errors import Conflict, NotFound
from board.core.language import gettext as _
from board.desk.author_actions import untell_author
from board.desk.models import partner_messages
from board.desk.remits import Actor, check_thing
from board.desk.rules import JUDGED
from board.desk.undo_call_actions import undo_call
from board.desk.undo_rules import UNDO_WITHIN, UNDOABLE
from board.moderation.actions import reopen_flags
from board.people.actions import distrust, unblock
from board.record.actions import Act, write_down
from board.record.models import decisions
from board.record.queries import Entry
from board.stories.actions import Before, lock_story, put_story_back
from board.stories.models import stories
from board.taking_part.rules import Terms
from board.towns.by_hand_actions import undecide_by_hand

_d = decisions.c


def undo_act(conn: Connection, entry_id: int, *, actor: Actor, terms: Terms, now: datetime) -> int:
    """Put a thing back where it stood before this step; the new entry in the record.

    The step stays in the record, and so does that it was taken back. Raises Conflict when anything
    was done with the thing since, and Refused when the step was never this person's to take.
    """
    entry = _entry(conn, _d.id == entry_id)
    if entry is None or entry.act not in UNDOABLE.get(entry.subject, ()):
        raise NotFound(_("There is nothing to take back here."))
    check_thing(conn, actor.id, actor.role, entry.subject, entry.subject_id, entry.act)
    if entry.subject in JUDGED:
        _unjudge(conn, entry, now)
    else:
        _check_newest(conn, entry, now)
        if entry.subject == "call":
            undo_call(conn, entry, terms=terms, now=now)
        elif entry.subject == "town":
            _undecide_town(conn, entry)
        else:
            _unanswer(conn, entry)
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


def _check_newest(conn: Connection, entry: Entry, now: datetime) -> None:
    """Whether nothing was done with the thing since, and the day isn't over; raises Conflict."""
    if _entry(conn, _same_thing(entry)) != entry:
        raise _changed()
    if entry.at <= now - UNDO_WITHIN:
        raise Conflict(_("That was more than a day ago, so it stands."))


def _changed() -> Conflict:
    return Conflict(_("It changed meanwhile, so this step can't be taken back any more."))


def _entry(conn: Connection, which: ColumnElement[bool]) -> Entry | None:
    """The newest entry of these."""
    row = conn.execute(
        select(*(_d[name] for name in Entry._fields)).where(which).order_by(_d.id.desc()).limit(1)
    ).first()
    return None if row is None else Entry._make(row)


def _same_thing(entry: Entry) -> ColumnElement[bool]:
    return (_d.subject == entry.subject) & (_d.subject_id == entry.subject_id)


# --- stories and comments -------------------------------------------------------------------


def _unjudge(conn: Connection, entry: Entry, now: datetime) -> None:
    lock = lock_story if entry.subject == "story" else lock_comment
    thing = lock(conn, entry.subject_id)
    if thing.visibility != entry.after:
        raise _changed()
    _check_newest(conn, entry, now)
    _put_back(conn, entry)
    reopen_flags(conn, entry.subject, entry.subject_id, entry.at)
    if thing.person_id is None:
        return
    if entry.act in ("trust", "block"):
        _release(conn, entry, thing.person_id)
    untell_author(conn, entry.id, thing.person_id, entry.at)


def _put_back(conn: Connection, entry: Entry) -> None:
    put = put_story_back if entry.subject == "story" else put_comment_back
    put(conn, entry.subject_id, _before(conn, entry), decided_at=entry.at)


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


# --- places and partners --------------------------------------------------------------------


def _undecide_town(conn: Connection, entry: Entry) -> None:
    """A place waits for a look again; what was put away with it is back where it stood."""
    if not undecide_by_hand(conn, entry.subject_id, entry.after):
        raise _changed()
    if entry.act != "drop":
        return
    # Stories before what was said under them: a comment counts only where its story is public.
    went = sorted(_went_with(conn, entry), key=lambda one: (one.subject != "story", one.id))
    for one in went:
        lock = lock_story if one.subject == "story" else lock_comment
        still = lock(conn, one.subject_id).visibility == one.after
        if still and _entry(conn, _same_thing(one)) == one:
            _put_back(conn, one)


def _went_with(conn: Connection, entry: Entry) -> list[Entry]:
    """The entries of stories and comments that were put away with this place."""
    rows = conn.execute(
        select(*(_d[name] for name in Entry._fields)).where(
            _d.town_id == entry.subject_id,
            _d.subject.in_(JUDGED),
            _d.act == "drop",
            _d.at == entry.at,
        )
    )
    return [Entry._make(row) for row in rows]


def _unanswer(conn: Connection, entry: Entry) -> None:
    p = partner_messages.c
    waits = conn.execute(
        update(partner_messages)
        .where(p.id == entry.subject_id, p.answered_at == entry.at)
        .values(answered_at=None)
        .returning(p.id)
    ).first()
    if waits is None:
        raise _changed()
