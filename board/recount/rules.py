"""What a town's numbers must be, given its rows; by the same formulas that keep them. Pure."""

import math
from typing import Final, NamedTuple

from board.towns.rules import Need, Readiness, need_score

_RELATIVE: Final = 1e-9
_ABSOLUTE: Final = 1e-6


class Counters(NamedTuple):
    """The stored numbers of a town, named like their columns."""

    vote_count: int
    nearby_count: int
    come_count: int
    facilitate_count: int
    host_count: int
    help_count: int
    story_count: int
    comment_count: int
    closeness: int
    rising: float
    need: float


class Tallies(NamedTuple):
    """What the rows of a town add up to: counted votes and their ticks, public texts."""

    votes: int
    nearby: int
    come: int
    facilitate: int
    host: int
    help: int
    stories: int
    comments: int


def counters_of(
    tallies: Tallies, *, rising: float, population: int, nearest_km: float | None, need: Need
) -> Counters:
    """All numbers of a town that follow from its rows."""
    ready = Readiness(tallies.come, tallies.facilitate, tallies.host, need)
    return Counters(
        *tallies,
        closeness=ready.closeness,
        rising=rising,
        need=need_score(tallies.votes, population, nearest_km),
    )


def differing(stored: Counters, counted: Counters) -> list[str]:
    """The names of the counters that say something else than the rows.

    Closeness is set by a town's first vote; a town without votes stands in no list, and what it
    has there says nothing.
    """
    idle = {"closeness"} if stored.vote_count == counted.vote_count == 0 else frozenset[str]()
    return [
        name
        for name, left, right in zip(Counters._fields, stored, counted, strict=True)
        if name not in idle and not math.isclose(left, right, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    ]
