"""Reading the record, the newest entry first."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select

from board.record.models import decisions
from board.record.rules import PUBLIC

PAGE: Final = 50
_d = decisions.c


class Entry(NamedTuple):
    """One act in the record."""

    id: int
    at: datetime
    actor_id: int | None
    act: str
    subject: str
    subject_id: int
    town_id: int | None
    reason: str
    before: str
    after: str


def entries(
    conn: Connection,
    *,
    public: bool = False,
    before: int | None = None,
    town_id: int | None = None,
    subjects: Collection[str] = (),
) -> list[Entry]:
    """A page of the record and one entry more where there are older ones.

    `before` is the id where the last page ended; `public` leaves only what everybody may read.
    """
    where: list[ColumnElement[bool]] = []
    if public:
        where.append(
            or_(*((_d.subject == subject) & _d.act.in_(a) for subject, a in PUBLIC.items()))
        )
    if before is not None:
        where.append(_d.id < before)
    if town_id is not None:
        where.append(_d.town_id == town_id)
    if subjects:
        where.append(_d.subject.in_(subjects))
    rows = conn.execute(
        select(*(_d[name] for name in Entry._fields))
        .where(*where)
        .order_by(_d.id.desc())
        .limit(PAGE + 1)
    )
    return [Entry._make(row) for row in rows]
