"""Who looks after a town."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from board.core.errors import Mistake
from board.core.language import gettext as _
from board.people.models import people
from board.people.rules import DESK_ROLES
from board.record.actions import Act, write_down
from board.towns.models import towns


def give_towns(
    conn: Connection,
    town_ids: Iterable[int],
    owner_id: int | None,
    *,
    actor_id: int,
    now: datetime,
) -> int:
    """Give towns to somebody of the staff, or to nobody; how many changed hands.

    Each change is an entry of its own in the record; a town that is theirs already is none.
    """
    if owner_id is not None and not _may_own(conn, owner_id):
        raise Mistake({"owner": _("Choose somebody of the staff, or nobody.")})
    t = towns.c
    before = conn.execute(
        select(t.id, t.owner_id)
        .where(t.id.in_(set(town_ids)), t.standing.in_(("listed", "by_hand")))
        .order_by(t.id)
        .with_for_update()
    ).all()
    changed = [row for row in before if row.owner_id != owner_id]
    ids = [row.id for row in changed]
    conn.execute(update(towns).where(t.id.in_(ids)).values(owner_id=owner_id))
    for row in changed:
        write_down(
            conn,
            Act(actor_id, "own", "town", row.id, row.id, "", _id(row.owner_id), _id(owner_id)),
            now,
        )
    return len(changed)


def _may_own(conn: Connection, person_id: int) -> bool:
    p = people.c
    known = select(p.id).where(p.id == person_id, p.role.in_(DESK_ROLES), p.blocked_at.is_(None))
    return conn.execute(known).first() is not None


def _id(person_id: int | None) -> str:
    return "" if person_id is None else str(person_id)
