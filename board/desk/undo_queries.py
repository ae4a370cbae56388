"""The last steps at the queue: what was just done, and what can still be taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, func, select

from board.comments.models import comments
from board.core.text import excerpt
from board.desk.undo_rules import SUBJECTS, UNDO_WITHIN, UNDOABLE
from board.people.models import people
from board.people.remit_queries import Remit
from board.record.models import decisions
from board.stories.models import stories
from board.towns.models import towns

# More than anybody takes back; the record has the rest.
MOST: Final = 60
_d = decisions.c


class Step(NamedTuple):
    """One act with a story or comment, with as much of its words as tells it from others."""

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


def steps_back(conn: Connection, remit: Remit, now: datetime) -> list[Step]:
    """The steps that can be taken back, the newest first: nothing was done with the thing since."""
    later = decisions.alias()
    since = (
        select(later.c.id)
        .where(
            later.c.subject == _d.subject, later.c.subject_id == _d.subject_id, later.c.id > _d.id
        )
        .exists()
    )
    stands = func.coalesce(stories.c.visibility, comments.c.visibility) == _d.after
    asked = _steps().where(_d.at > now - UNDO_WITHIN, _d.act.in_(UNDOABLE), ~since, stands)
    return _read(conn, asked.limit(MOST), remit)


def steps_named(conn: Connection, ids: Sequence[int], remit: Remit) -> list[Step]:
    """These steps, as far as they were taken with a story or comment."""
    return _read(conn, _steps().where(_d.id.in_(ids)), remit) if ids else []


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
        .where(_d.subject.in_(SUBJECTS))
        .order_by(_d.id.desc())
    )


def _read(conn: Connection, asked: Select[Any], remit: Remit) -> list[Step]:
    steps = [Step._make(row) for row in conn.execute(asked)]
    return [
        step._replace(title=excerpt(step.title, 60))
        for step in steps
        if remit.holds(step.town_id, step.language)
    ]
