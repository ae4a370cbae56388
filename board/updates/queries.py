"""Reading P2PU's word on a town."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, bindparam, select

from board.core.errors import NotFound
from board.core.language import gettext as _
from board.mail.models import announcements
from board.updates.models import planned_words, reply_templates, update_revisions, updates


class UpdateView(NamedTuple):
    """An official update as the town page shows it."""

    id: int
    name: str
    before: str
    after: str
    reason: str
    language: str
    html: str
    published_at: datetime
    text: str = ""
    edited_at: datetime | None = None


_u = updates.c
_COLUMNS = tuple(_u[name] for name in UpdateView._fields)


_OF_TOWN: Final = (
    select(*_COLUMNS)
    .where(_u.town_id == bindparam("town"))
    .order_by(_u.published_at.desc(), _u.id.desc())
    .limit(100)
)


def updates_of_town(conn: Connection, town_id: int) -> list[UpdateView]:
    """All updates of a town, the newest first."""
    rows = conn.execute(_OF_TOWN, {"town": town_id})
    return [UpdateView._make(row) for row in rows]


class Step(NamedTuple):
    """One of the five steps of a town: reached on a date, current, or not yet."""

    status: str
    since: datetime | None
    now: bool


def steps_taken(status: str, asked_at: datetime, history: list[UpdateView]) -> list[Step]:
    """The status line: when each step up to the present one was first reached."""
    order = ("asking", "in_review", "talking", "planned", "launched")
    reached: dict[str, datetime] = {"asking": asked_at}
    for update in reversed(history):
        reached.setdefault(update.after, update.published_at)
    stands = (
        status
        if status in order
        else next(
            (u.before for u in history if u.after == "not_now" and u.before in order), "asking"
        )
    )
    upto = order.index(stands)
    return [
        Step(step, reached.get(step) if i <= upto else None, status == step)
        for i, step in enumerate(order)
    ]


class SaidUpdate(NamedTuple):
    """One update, to be changed."""

    id: int
    town_id: int
    name: str
    text: str
    language: str
    published_at: datetime
    edited_at: datetime | None


def get_update(conn: Connection, update_id: int) -> SaidUpdate:
    """One update; raises NotFound."""
    row = conn.execute(
        select(*(_u[name] for name in SaidUpdate._fields)).where(_u.id == update_id)
    ).first()
    if row is None:
        raise NotFound(_("There is no such update."))
    return SaidUpdate._make(row)


class Wording(NamedTuple):
    """How an update read until a moment."""

    language: str
    html: str
    replaced_at: datetime


class DeskWord(NamedTuple):
    """An update as the desk sees it: whether nobody was told yet, so that it can be taken back, and
    how it read before, the newest wording first."""

    said: UpdateView
    untold: bool
    earlier: list[Wording]


def words_of_town(conn: Connection, town_id: int) -> list[DeskWord]:
    """All updates of a town with what the desk knows of them, the newest first; one statement."""
    a, r = announcements.c, update_revisions.c
    newest = (
        select(_u.id)
        .where(_u.town_id == town_id)
        .order_by(_u.published_at.desc(), _u.id.desc())
        .limit(100)
    )
    rows = conn.execute(
        select(*_COLUMNS, a.id.is_not(None), r.language, r.html, r.replaced_at)
        .join(
            announcements,
            and_(a.kind == "update", a.subject_id == _u.id, a.done_at.is_(None)),
            isouter=True,
        )
        .join(update_revisions, r.update_id == _u.id, isouter=True)
        .where(_u.id.in_(newest))
        .order_by(_u.published_at.desc(), _u.id.desc(), r.replaced_at.desc(), r.id.desc())
    )
    words: dict[int, DeskWord] = {}
    width = len(_COLUMNS)
    for row in rows:
        said, (untold, *old) = UpdateView._make(row[:width]), row[width:]
        word = words.setdefault(said.id, DeskWord(said, untold, []))
        if old[-1] is not None:
            word.earlier.append(Wording._make(old))
    return list(words.values())


class PlanView(NamedTuple):
    """A word that isn't out yet."""

    id: int
    town_id: int
    person_id: int
    seen: str
    status: str
    reason: str
    language: str
    text: str
    due_at: datetime | None
    problem: str
    changed_at: datetime


_p = planned_words.c
_PLAN = tuple(_p[name] for name in PlanView._fields)


def plans_of_town(conn: Connection, town_id: int) -> list[PlanView]:
    """Drafts and words with a date for a town, the next ones first."""
    rows = conn.execute(
        select(*_PLAN)
        .where(_p.town_id == town_id)
        .order_by(_p.due_at.is_(None), _p.due_at, _p.changed_at.desc())
        .limit(50)
    )
    return [PlanView._make(row) for row in rows]


def plan_by_id(conn: Connection, plan_id: int, town_id: int) -> PlanView | None:
    """One plan for a town."""
    row = conn.execute(select(*_PLAN).where(_p.id == plan_id, _p.town_id == town_id)).first()
    return None if row is None else PlanView._make(row)


class Template(NamedTuple):
    """Words to begin an answer with."""

    id: int
    name: str
    language: str
    text: str
    changed_at: datetime


_t = reply_templates.c
_TEMPLATE = tuple(_t[name] for name in Template._fields)


def templates(conn: Connection) -> list[Template]:
    """All templates, by language and name."""
    rows = conn.execute(select(*_TEMPLATE).order_by(_t.language, _t.name, _t.id))
    return [Template._make(row) for row in rows]


def template_by_id(conn: Connection, template_id: int) -> Template | None:
    """One template."""
    row = conn.execute(select(*_TEMPLATE).where(_t.id == template_id)).first()
    return None if row is None else Template._make(row)
