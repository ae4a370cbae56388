"""What lies around a town: circles to join, libraries, and the neighbours who ask, too.

Kept from one look at the town to the next (`core.answers`): its own votes change nothing of it.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.circles.library_queries import libraries_near
from board.circles.queries import circles_near, open_circles_within
from board.circles.rows import LibrariesNear, ShownCircle
from board.core.answers import kept_answer
from board.explore.near_queries import neighbours
from board.explore.queries import ListedTown
from board.explore.shows import MAP_KINDS, Shows


class Surroundings(NamedTuple):
    """Circles that take sign-ups, all circles near, libraries, and towns, the nearest first."""

    join_first: list[ShownCircle]
    circles: list[ShownCircle]
    libraries: LibrariesNear
    neighbours: list[ListedTown]


NOWHERE = Surroundings([], [], LibrariesNear([]), [])


def surroundings(
    conn: Connection, lat: float, lng: float, *, but: int | None, join_km: int, now: datetime
) -> Surroundings:
    """What lies around a point; `but` is the town there. `now` is the beginning of a minute."""

    def find() -> Surroundings:
        return Surroundings(
            open_circles_within(conn, lat, lng, now, km=join_km),
            circles_near(conn, lat, lng, now, limit=4),
            libraries_near(conn, lat, lng),
            neighbours(conn, lat, lng, but=but),
        )

    return kept_answer(conn, ("around", lat, lng, but, join_km, now), find, _depends)


def _depends(found: Surroundings) -> Shows:
    """Whatever comes or goes anywhere may be nearer; of votes only those that are told."""
    beside = frozenset(listed.town.id for listed in found.neighbours)
    return Shows(listed=beside, always=frozenset(MAP_KINDS))
