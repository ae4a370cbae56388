"""One act with one thing, asked for alone or among many: whose it is, is checked with the act."""

from datetime import datetime

from sqlalchemy import Connection

from board.core.errors import Conflict, NotFound, Refused
from board.core.keys import Keys
from board.desk.actions import handle
from board.desk.forms import QueueForm
from board.desk.remits import Actor, check_thing
from board.taking_part.rules import Terms


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
