"""One act with one thing, asked for alone or among many: whose it is, is checked with the act."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.core.errors import Conflict, NotFound, Refused
from board.core.keys import Keys
from board.desk.actions import handle
from board.desk.author_actions import Decided, tell_author
from board.desk.forms import DecisionForm, QueueForm
from board.desk.queries import author_of
from board.desk.remits import Actor, check_thing
from board.desk.rules import JUDGED
from board.taking_part.rules import Terms


class Steps(NamedTuple):
    """The entries of what was done, the first that of the thing itself, and how many had changed
    meanwhile."""

    entries: list[int]
    missed: int = 0


def act_on(
    conn: Connection, keys: Keys, form: QueueForm, *, actor: Actor, terms: Terms, now: datetime
) -> int:
    """Do one act with one thing; its entry in the record.

    Raises Refused when it isn't theirs, Conflict when it changed meanwhile.
    """
    check_thing(conn, actor.id, actor.role, form.subject, form.subject_id, form.act)
    return handle(conn, keys, form, actor_id=actor.id, terms=terms, now=now)


def try_act_on(
    conn: Connection, keys: Keys, form: QueueForm, *, actor: Actor, terms: Terms, now: datetime
) -> int | None:
    """`act_on` for one of many: None for what changed meanwhile, and for what isn't theirs.

    Whatever it had begun with the thing is taken back; the others don't hear of it.
    """
    try:
        with conn.begin_nested():
            return act_on(conn, keys, form, actor=actor, terms=terms, now=now)
    except (Conflict, NotFound, Refused):
        return None


def decide_on(
    conn: Connection,
    keys: Keys,
    form: DecisionForm,
    others: Sequence[QueueForm] = (),
    *,
    actor: Actor,
    terms: Terms,
    now: datetime,
) -> Steps:
    """Do one act with a thing, the same with its author's `others`, and tell the author if asked.

    Raises as `act_on` does, for the thing itself; what changed of the others is left as it is.
    """
    entry = act_on(conn, keys, form, actor=actor, terms=terms, now=now)
    if form.subject not in JUDGED or form.subject_id is None:
        return Steps([entry])
    author_id, _town_id = author_of(conn, form.subject, form.subject_id)
    theirs = _of_author(conn, others, author_id) if author_id is not None else []
    # Whoever is blocked is so once: what else they wrote only goes.
    asked = {"act": "delete" if form.act == "block" else form.act, "reason": form.reason}
    done = [
        try_act_on(conn, keys, one.model_copy(update=asked), actor=actor, terms=terms, now=now)
        for one in theirs
    ]
    more = [step for step in done if step is not None]
    if form.tell and author_id is not None:
        decided = Decided(
            entry,
            form.act,
            form.reason,
            form.subject,
            form.subject_id,
            author_id,
            len(more),
            form.note,
        )
        tell_author(conn, keys, decided, actor_id=actor.id, terms=terms, now=now)
    return Steps([entry, *more], len(done) - len(more))


def _of_author(conn: Connection, others: Sequence[QueueForm], author_id: int) -> list[QueueForm]:
    """Only this author's things, whatever a form names."""
    return [one for one in others if one.subject_id is not None and _author(conn, one) == author_id]


def _author(conn: Connection, form: QueueForm) -> int | None:
    try:
        return author_of(conn, form.subject, form.subject_id or 0)[0]
    except NotFound:
        return None
