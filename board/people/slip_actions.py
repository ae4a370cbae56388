"""Slips: made in batches, used once, called back together."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from board.core.errors import Conflict, Mistake, NotFound
from board.core.keys import Keys
from board.core.language import gettext as _
from board.people.actions import remember
from board.people.models import code_batches, desk_codes, sessions
from board.people.slip_queries import people_of_batch, slip_key
from board.people.slips import Code, make_code

MOST_SLIPS: Final = 500
# A launch evening, and the months in which a slip lies in somebody's bag.
SLIPS_LIVE: Final = timedelta(days=365)


class NewBatch(NamedTuple):
    """A batch at the only moment when its codes are known."""

    id: int
    codes: tuple[Code, ...]


class Confirmed(NamedTuple):
    """Whom a slip confirmed just now."""

    person_id: int
    key: bytes
    batch_id: int


def make_batch(
    conn: Connection,
    keys: Keys,
    *,
    town_id: int,
    label: str,
    count: int,
    made_by: int | None,
    now: datetime,
    lives: timedelta = SLIPS_LIVE,
) -> NewBatch:
    """Make slips for one library or evening; only hashes of their codes are kept."""
    if not 1 <= count <= MOST_SLIPS:
        sentence = _("Between 1 and %(most)s slips at a time, please.") % {"most": MOST_SLIPS}
        raise Mistake({"count": sentence})
    batch_id: int = conn.execute(
        insert(code_batches)
        .values(
            town_id=town_id,
            label=label,
            count=count,
            made_by=made_by,
            created_at=now,
            expires_at=now + lives,
            reason="",
        )
        .returning(code_batches.c.id)
    ).scalar_one()
    codes: set[Code] = set()
    while len(codes) < count:
        codes.add(make_code(batch_id))
    conn.execute(
        insert(desk_codes),
        [{"batch_id": batch_id, "hash": keys.slip_hash(code)} for code in codes],
    )
    return NewBatch(batch_id, tuple(codes))


def use_slip(
    conn: Connection, keys: Keys, code: Code, *, name: str, language: str, now: datetime
) -> Confirmed | None:
    """Let a slip confirm one person, once; None when it can't (any more).

    Its batch is locked first, as calling the batch back does: a slip used in that very moment is
    either refused or called back with the others.
    """
    d, b = desk_codes.c, code_batches.c
    found = conn.execute(
        select(d.id, d.batch_id).where(d.hash == keys.slip_hash(code), d.used_at.is_(None))
    ).first()
    if found is None:
        return None
    alive = conn.execute(
        select(b.id)
        .where(b.id == found.batch_id, b.revoked_at.is_(None), b.expires_at > now)
        .with_for_update(read=True)
    ).first()
    if alive is None:
        return None
    taken = conn.execute(
        update(desk_codes)
        .where(d.id == found.id, d.used_at.is_(None))
        .values(used_at=now)
        .returning(d.id)
    ).first()
    if taken is None:
        return None
    key = slip_key(keys, found.id)
    person_id = remember(conn, key, name=name, language=language, now=now)
    conn.execute(update(desk_codes).where(d.id == found.id).values(person_id=person_id))
    return Confirmed(person_id, key, found.batch_id)


def revoke_batch(conn: Connection, batch_id: int, reason: str, now: datetime) -> None:
    """Call a batch back: its unused slips are dead, and nobody is let in by a used one."""
    b = code_batches.c
    revoked = conn.execute(
        update(code_batches)
        .where(b.id == batch_id, b.revoked_at.is_(None))
        .values(revoked_at=now, reason=reason)
        .returning(b.id)
    ).first()
    if revoked is None:
        _refuse(conn, batch_id)
    behind = people_of_batch(conn, batch_id)
    conn.execute(delete(sessions).where(sessions.c.person_id.in_(behind)))


def unrevoke_batch(conn: Connection, batch_id: int) -> None:
    """A batch was called back by mistake: its slips are good again."""
    b = code_batches.c
    restored = conn.execute(
        update(code_batches)
        .where(b.id == batch_id, b.revoked_at.is_not(None))
        .values(revoked_at=None, reason="")
        .returning(b.id)
    ).first()
    if restored is None:
        _refuse(conn, batch_id)


def _refuse(conn: Connection, batch_id: int) -> None:
    """Say why nothing changed: there is no such batch, or it is in that state already."""
    known = conn.execute(select(code_batches.c.id).where(code_batches.c.id == batch_id)).first()
    if known is None:
        raise NotFound(_("There is no such batch of slips."))
    raise Conflict(_("Somebody else was faster: this is done already."))
