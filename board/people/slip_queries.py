"""What is known of slips and their batches; a code itself is known to nobody but its slip."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Select, func, select

from board.core.errors import NotFound
from board.core.keys import Keys
from board.core.language import gettext as _
from board.people.models import code_batches, desk_codes
from board.people.slips import Code

State = Literal["open", "used", "expired", "revoked"]
BATCHES = 200


class Slip(NamedTuple):
    """One slip, found by its code."""

    id: int
    batch_id: int
    state: State
    person_id: int | None


class Batch(NamedTuple):
    """Slips printed together. `used` counts those that confirmed somebody."""

    id: int
    town_id: int | None
    label: str
    size: int
    used: int
    made_by: int | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    reason: str

    def state(self, now: datetime) -> State:
        """Whether its unused slips still confirm anybody."""
        return _state(None, self.revoked_at, self.expires_at, now)


def _state(
    used_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, now: datetime
) -> State:
    if revoked_at is not None:
        return "revoked"
    if used_at is not None:
        return "used"
    return "expired" if expires_at <= now else "open"


def slip_by_code(conn: Connection, keys: Keys, code: Code, now: datetime) -> Slip | None:
    """The slip with this code; None when no slip of ours carries it."""
    d, b = desk_codes.c, code_batches.c
    row = conn.execute(
        select(d.id, d.batch_id, d.person_id, d.used_at, b.revoked_at, b.expires_at)
        .join(code_batches, b.id == d.batch_id)
        .where(d.hash == keys.slip_hash(code))
    ).first()
    if row is None:
        return None
    state = _state(row.used_at, row.revoked_at, row.expires_at, now)
    return Slip(row.id, row.batch_id, state, row.person_id)


def slip_key(keys: Keys, slip_id: int) -> bytes:
    """By which the person behind a slip is known."""
    return keys.person_key(f"code:{slip_id}")


def people_of_batch(conn: Connection, batch_id: int) -> Sequence[int]:
    """Everybody whom slips of a batch confirmed, but for those who were erased."""
    d = desk_codes.c
    found = select(d.person_id).where(d.batch_id == batch_id, d.person_id.is_not(None))
    return conn.execute(found).scalars().all()


def _batches() -> Select[Any]:
    b, d = code_batches.c, desk_codes.c
    used = (
        select(func.count())
        .select_from(desk_codes)
        .where(d.batch_id == b.id, d.used_at.is_not(None))
        .scalar_subquery()
    )
    return select(
        b.id,
        b.town_id,
        b.label,
        b.count,
        used,
        b.made_by,
        b.created_at,
        b.expires_at,
        b.revoked_at,
        b.reason,
    )


def list_batches(conn: Connection, limit: int = BATCHES) -> list[Batch]:
    """The batches, the newest first."""
    rows = conn.execute(_batches().order_by(code_batches.c.id.desc()).limit(limit))
    return [Batch._make(row) for row in rows]


def get_batch(conn: Connection, batch_id: int) -> Batch:
    """A batch; raises NotFound."""
    batch = find_batch(conn, batch_id)
    if batch is None:
        raise NotFound(_("There is no such batch of slips."))
    return batch


def find_batch(conn: Connection, batch_id: int) -> Batch | None:
    """A batch, or None: what somebody typed may name any number."""
    row = conn.execute(_batches().where(code_batches.c.id == batch_id)).first()
    return None if row is None else Batch._make(row)


def newest_batch_by(conn: Connection, person_id: int) -> int:
    """The newest batch that somebody made; 0 before the first."""
    statement = select(func.max(code_batches.c.id)).where(code_batches.c.made_by == person_id)
    return conn.execute(statement).scalar() or 0
