"""Changing an official word that is out: its old wording is kept; or taking it back untold."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from board.core.errors import Conflict, Mistake, NotFound
from board.core.language import gettext as _
from board.core.markdown import update_html
from board.mail.actions import call_off
from board.record.actions import Act, write_down
from board.towns.actions import set_answered, set_status
from board.towns.models import towns
from board.updates.models import update_revisions, updates

_u = updates.c


def change_update(
    conn: Connection,
    update_id: int,
    *,
    text: str,
    language: str,
    seen: str,
    person_id: int,
    now: datetime,
) -> int:
    """Replace the words of an update, keeping the old ones; its town's id.

    `seen` is the wording that was changed, as `mark_of` tells it: two colleagues don't overwrite
    each other.
    """
    row = conn.execute(select(updates).where(_u.id == update_id).with_for_update()).first()
    if row is None:
        raise NotFound(_("There is no such update."))
    if mark_of(row.edited_at) != seen:
        raise Conflict(_("A colleague changed it meanwhile. Look at it again, then decide."))
    if not text:
        raise Mistake({"text": _("An update needs words. Say what is true now.")})
    conn.execute(
        insert(update_revisions).values(
            update_id=update_id,
            person_id=person_id,
            language=row.language,
            text=row.text,
            html=row.html,
            replaced_at=now,
        )
    )
    conn.execute(
        update(updates)
        .where(_u.id == update_id)
        .values(text=text, html=update_html(text), language=language, edited_at=now)
    )
    write_down(conn, Act(person_id, "reworded", "update", update_id, row.town_id), now)
    return int(row.town_id)


def mark_of(edited_at: datetime | None) -> str:
    """Which wording somebody has in front of them."""
    return edited_at.isoformat() if edited_at else ""


def take_back_untold(conn: Connection, update_id: int, *, person_id: int, now: datetime) -> int:
    """Take an update off the page before anybody was told of it; its town's id.

    The town goes back to where it stood. Raises Conflict once mails went out: then only another
    word helps.
    """
    row = conn.execute(select(updates).where(_u.id == update_id).with_for_update()).first()
    if row is None or not call_off(conn, "update", update_id):
        raise Conflict(_("People were told already. Say what is true now in another update."))
    last, *earlier = conn.execute(
        select(_u.id, _u.published_at, _u.before, _u.after)
        .where(_u.town_id == row.town_id)
        .order_by(_u.id.desc())
    ).all()
    if last.id != update_id:
        raise Conflict(_("Something was said after it. Say what is true now in another update."))
    conn.execute(delete(update_revisions).where(update_revisions.c.update_id == update_id))
    conn.execute(delete(updates).where(_u.id == update_id))
    if row.before != row.after:
        steps = (said.published_at for said in earlier if said.before != said.after)
        set_status(conn, row.town_id, row.before, next(steps, _asked_at(conn, row.town_id)))
    set_answered(conn, row.town_id, earlier[0].published_at if earlier else None)
    act = Act(person_id, "untold", "update", update_id, row.town_id, "", row.after, row.before)
    write_down(conn, act, now)
    return int(row.town_id)


def _asked_at(conn: Connection, town_id: int) -> datetime:
    asked: datetime = conn.execute(
        select(towns.c.asked_at).where(towns.c.id == town_id)
    ).scalar_one()
    return asked
