"""Views of the table that staff kept: one's own, and what colleagues share."""

from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from board.desk.models import saved_views
from board.desk.table_rules import TableQuestion
from board.people.models import people
from board.people.rules import DESK_ROLES

# As many as fit over the table and in one statement that counts them all.
MOST_SHOWN = 40


class Saved(NamedTuple):
    """A question with a name; `by` is whose it is where it isn't one's own."""

    id: int
    name: str
    question: TableQuestion
    shared: bool
    own: bool
    by: str


def views_of(conn: Connection, person_id: int) -> list[Saved]:
    """One's own views by name, then those that colleagues share."""
    v, p = saved_views.c, people.c
    own = v.person_id == person_id
    rows = conn.execute(
        select(v.id, v.name, v.query, v.shared, v.person_id, p.name.label("by"))
        .join(people, p.id == v.person_id)
        # What somebody who left had shared leaves with them.
        .where(or_(own, v.shared & p.role.in_(DESK_ROLES)))
        .order_by(own.desc(), v.name, v.id)
        .limit(MOST_SHOWN)
    )
    return [
        Saved(
            row.id,
            row.name,
            TableQuestion.parse(row.query),
            row.shared,
            row.person_id == person_id,
            row.by,
        )
        for row in rows
    ]
