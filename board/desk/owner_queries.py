"""Who looks after which town, and who could."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, and_, false, func, or_, select

from board.people.models import people
from board.people.rules import DESK_ROLES
from board.towns.models import towns

_t = towns.c
_COULD = and_(people.c.role.in_(DESK_ROLES), people.c.blocked_at.is_(None))


class Colleague(NamedTuple):
    """Somebody of the staff, as an owner of towns."""

    id: int
    name: str


def colleagues(conn: Connection, also: Collection[int] = ()) -> list[Colleague]:
    """Everybody who may own a town, by name; `also` those who once did."""
    p = people.c
    rows = conn.execute(
        select(p.id, p.name).where(or_(_COULD, p.id.in_(also))).order_by(p.name, p.id)
    )
    return [Colleague(row.id, row.name) for row in rows]


class Owned(NamedTuple):
    """Who looks after a town, and who could."""

    owner_id: int | None
    colleagues: list[Colleague]


def owner_of(conn: Connection, town_id: int) -> Owned:
    """Who looks after a town, beside everybody who could; one statement."""
    p = people.c
    owner = select(_t.owner_id).where(_t.id == town_id).scalar_subquery()
    rows = conn.execute(
        select(p.id, p.name, func.coalesce(p.id == owner, false()).label("owns"))
        .where(or_(_COULD, p.id == owner))
        .order_by(p.name, p.id)
    ).all()
    owner_id = next((row.id for row in rows if row.owns), None)
    return Owned(owner_id, [Colleague(row.id, row.name) for row in rows])
