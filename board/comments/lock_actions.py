"""Closing and opening a talk; each is written into the record, the reason is read on the page."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, update

from board.comments.models import talk_locks
from board.comments.queries import lock_row
from board.core.db import insert_ignoring
from board.core.errors import Conflict
from board.core.language import gettext as _
from board.record.actions import Act, write_down


def lock_talk(
    conn: Connection, town_id: int | None, reason: str, *, actor_id: int, now: datetime
) -> None:
    """Let a town's talk (with None that of `/talk`) take no more words; a new reason replaces."""
    values = {"reason": reason, "locked_at": now, "person_id": actor_id}
    here = lock_row(town_id)
    changed = conn.execute(
        update(talk_locks).where(here).values(**values).returning(talk_locks.c.id)
    ).first()
    if changed is None:
        if town_id is None:
            conn.execute(insert(talk_locks).values(town_id=None, **values))
        elif (
            insert_ignoring(conn, talk_locks, {"town_id": town_id, **values}, talk_locks.c.id)
            is None
        ):
            raise Conflict(_("Somebody else was faster: this is done already."))
    write_down(
        conn, Act(actor_id, "lock", "talk", town_id or 0, town_id, "", "open", "locked"), now
    )


def unlock_talk(conn: Connection, town_id: int | None, *, actor_id: int, now: datetime) -> None:
    """Let a talk take words again."""
    gone = conn.execute(
        delete(talk_locks).where(lock_row(town_id)).returning(talk_locks.c.id)
    ).all()
    if not gone:
        raise Conflict(_("Somebody else was faster: this is done already."))
    write_down(
        conn, Act(actor_id, "unlock", "talk", town_id or 0, town_id, "", "locked", "open"), now
    )
