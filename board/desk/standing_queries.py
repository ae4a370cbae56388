"""Where a town stands among those that ask, and how many people a word to it reaches."""

from typing import NamedTuple

from sqlalchemy import Connection, and_, distinct, func, or_, select

from board.follows.models import follows
from board.towns.measures import IS_OPEN, LISTED
from board.towns.models import towns
from board.towns.queries import TownRow

_t, _f = towns.c, follows.c


class Reaches(NamedTuple):
    """`place` of `of` open towns by votes (None for one that isn't open or listed); `followers` of
    the town itself."""

    place: int | None
    of: int
    followers: int


def reaches(conn: Connection, town: TownRow) -> Reaches:
    """A town's place in the table as it opens, and who follows it; one statement."""
    more = or_(
        _t.vote_count > town.vote_count, and_(_t.vote_count == town.vote_count, _t.id > town.id)
    )
    open_ones = select(func.count()).where(LISTED, IS_OPEN)
    itself = select(func.count()).where(LISTED, IS_OPEN, _t.id == town.id)
    following = select(func.count(distinct(_f.person_id))).where(_f.town_id == town.id)
    counts = (open_ones.where(more), open_ones, itself, following)
    above, total, stands, followers = conn.execute(
        select(*(one.scalar_subquery() for one in counts))
    ).one()
    return Reaches(above + 1 if stands else None, total, followers)
