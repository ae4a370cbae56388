"""The last steps at the queue: what was just done, and what can still be taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from board.comments.models import comments
from board.core.text import excerpt
from board.desk.models import partner_messages
from board.desk.remits import may_call
from board.desk.rules import JUDGED
from board.desk.undo_rules import UNDO_WITHIN, UNDOABLE
from board.people.models import people, waitings
from board.people.remit_queries import Remit
from board.people.rules import is_staff
from board.record.models import decisions
from board.stories.models import stories
from board.towns.models import towns

# More than anybody takes back; the record has the rest.
MOST: Final = 60
_d = decisions.c


class Step(NamedTuple):
    """One act with a thing, with as much of a story's or comment's words as tells it from others.

    Of people who were called, and of partners, nothing is said here.
    """

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    act: str
    subject: str
    subject_id: int
    town_id: int | None
    town: str
    language: str
    title: str
    person: str

    @property
    def anchor(self) -> str:
        return f"{self.subject}-{self.subject_id}"


def steps_back(conn: Connection, remit: Remit, role: str, now: datetime) -> list[Step]:
    """The steps that can be taken back, the newest first: nothing was done with the thing since."""
    later = decisions.alias()
    since = (
        select(later.c.id)
        .where(
            later.c.subject == _d.subject, later.c.subject_id == _d.subject_id, later.c.id > _d.id
        )
        .exists()
    )
    undoable = or_(*((_d.subject == name) & _d.act.in_(a) for name, a in UNDOABLE.items()))
    asked = _steps().where(_d.at > now - UNDO_WITHIN, undoable, ~since, _stands(now))
    return _read(conn, asked.limit(MOST), remit, role)


def _stands(now: datetime) -> ColumnElement[bool]:
    """Whether a thing stands where the step left it."""
    form, note, place = waitings.c, partner_messages.c, towns.c
    seen = func.coalesce(stories.c.visibility, comments.c.visibility)
    called = select(form.id).where(
        form.id == _d.subject_id, form.outcome != "", form.payload != b"", form.expires_at > now
    )
    answered = select(note.id).where(note.id == _d.subject_id, note.answered_at == _d.at)
    of = {
        "call": called.exists(),
        "partner": answered.exists(),
        "town": place.standing == _d.after,
    }
    others = or_(*((_d.subject == name) & stands for name, stands in of.items()))
    return (_d.subject.in_(JUDGED) & (seen == _d.after)) | others


def steps_named(conn: Connection, ids: Sequence[int], remit: Remit, role: str) -> list[Step]:
    """These steps, as far as they were taken at the queue."""
    return _read(conn, _steps().where(_d.id.in_(ids)), remit, role) if ids else []


def _steps() -> Select[Any]:
    s, c = stories.c, comments.c
    return (
        select(
            _d.id,
            _d.at,
            _d.actor_id,
            func.coalesce(people.c.name, ""),
            _d.act,
            _d.subject,
            _d.subject_id,
            _d.town_id,
            func.coalesce(towns.c.name, ""),
            func.coalesce(s.language, c.language, ""),
            func.coalesce(s.title, c.text, ""),
            func.coalesce(s.name, c.name, ""),
        )
        .outerjoin(stories, (_d.subject == "story") & (s.id == _d.subject_id))
        .outerjoin(comments, (_d.subject == "comment") & (c.id == _d.subject_id))
        .outerjoin(towns, towns.c.id == _d.town_id)
        .outerjoin(people, people.c.id == _d.actor_id)
        .where(_d.subject.in_((*UNDOABLE, "edit")))
        .order_by(_d.id.desc())
    )


def _read(conn: Connection, asked: Select[Any], remit: Remit, role: str) -> list[Step]:
    steps = [Step._make(row) for row in conn.execute(asked)]
    return [
        step._replace(title=excerpt(step.title, 60))
        for step in steps
        if remit.holds(step.town_id) and _is_theirs(step, remit, role)
    ]


def _is_theirs(step: Step, remit: Remit, role: str) -> bool:
    """Whether this kind of thing is theirs at all (`remits`)."""
    if step.subject == "partner":
        return is_staff(role)
    if step.subject == "call":
        return may_call(role)
    return step.subject != "town" or remit.towns is None
