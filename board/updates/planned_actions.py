"""Words that aren't out yet: kept as drafts, sent out by themselves when they are due."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from board.core.errors import BoardError, Conflict, Mistake
from board.core.language import gettext as _
from board.updates.actions import Word, check_word, publish
from board.updates.models import planned_words

_p = planned_words.c


def plan_word(
    conn: Connection,
    word: Word,
    *,
    person_id: int,
    due_at: datetime | None,
    plan_id: int | None = None,
    now: datetime,
) -> int:
    """Keep a word as a draft, or to go out at `due_at`; the plan's id.

    A draft may be half done; what has a date must be fit to be said. `plan_id` is the plan it
    replaces, whoever began it.
    """
    if due_at is not None:
        if due_at <= now:
            raise Mistake({"due": _("That moment is over. Publish it now, or choose a later one.")})
        check_word(word.seen, word)
    values = {**word._asdict(), "due_at": due_at, "problem": "", "changed_at": now}
    if plan_id is None:
        made = insert(planned_words).values(**values, person_id=person_id)
        return int(conn.execute(made.returning(_p.id)).scalar_one())
    changed = conn.execute(
        update(planned_words)
        .where(_p.id == plan_id, _p.town_id == word.town_id)
        .values(**values)
        .returning(_p.id)
    ).scalar()
    if changed is None:
        raise Conflict(_("This draft went out or was thrown away meanwhile."))
    return int(changed)


def publish_now(
    conn: Connection,
    word: Word,
    plan_id: int | None,
    *,
    person_id: int,
    name: str,
    now: datetime,
    tell_at: datetime,
) -> int:
    """Say a word now, in the place of the plan that it was written as; the update's id.

    One transaction takes the plan and says the word: of two colleagues, or one and the moment it
    was planned for, only the first says it. Raises Conflict for the other.
    """
    if plan_id is not None:
        taken = conn.execute(
            delete(planned_words)
            .where(_p.id == plan_id, _p.town_id == word.town_id)
            .returning(_p.id)
        ).first()
        if taken is None:
            raise Conflict(_("This draft went out or was thrown away meanwhile."))
    return publish(conn, word, person_id=person_id, name=name, now=now, tell_at=tell_at)


def drop_plan(conn: Connection, plan_id: int) -> int | None:
    """Throw a plan away; the town it was for, or None when it is gone already."""
    gone: int | None = conn.execute(
        delete(planned_words).where(_p.id == plan_id).returning(_p.town_id)
    ).scalar()
    return gone


def due_plans(conn: Connection, now: datetime) -> list[int]:
    """Plans whose time has come, the earliest first."""
    due = select(_p.id).where(_p.due_at <= now).order_by(_p.due_at, _p.id)
    return list(conn.execute(due).scalars())


def publish_plan(
    conn: Connection, plan_id: int, names: dict[int, str], *, pause: timedelta, now: datetime
) -> int | None:
    """Say a planned word whose time has come; the update's id, or None when it couldn't be said.

    Then it stays as a draft with its `problem`, for somebody to look at: the town may have been
    moved since it was written.
    """
    taken = conn.execute(
        update(planned_words)
        .where(_p.id == plan_id, _p.due_at <= now)
        .values(due_at=None)
        .returning(*(_p[name] for name in (*Word._fields, "person_id")))
    ).first()
    if taken is None:
        return None
    *said, person_id = taken
    try:
        with conn.begin_nested():
            update_id = publish(
                conn,
                Word(*said),
                person_id=person_id,
                name=names.get(person_id, ""),
                now=now,
                tell_at=now + pause,
            )
            conn.execute(delete(planned_words).where(_p.id == plan_id))
    except BoardError as error:
        problem = "moved" if isinstance(error, Conflict) else "unfit"
        conn.execute(update(planned_words).where(_p.id == plan_id).values(problem=problem))
        return None
    return update_id


def authors_of(conn: Connection, plan_ids: Sequence[int]) -> list[int]:
    """Who wrote these plans."""
    rows = conn.execute(select(_p.person_id).where(_p.id.in_(plan_ids)).distinct())
    return list(rows.scalars())
