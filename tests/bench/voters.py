"""Remembered people of a synthetic world who vote over HTTP, and counting afterwards."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, select

from board.core import clock
from board.core.db import Database
from board.core.keys import token_hash
from board.people.models import people, sessions
from board.towns.models import towns
from board.votes.models import votes
from tests.bench.load import request

VOTERS: Final = 3_000
TOWNS: Final = 400


class Pair(NamedTuple):
    """Somebody votes for a town."""

    person_id: int
    town_id: int


class Electorate(NamedTuple):
    """Who may vote, where, and how that is asked for."""

    people: Sequence[int]
    paths: dict[int, str]

    def pairs(self, seed: int) -> Iterator[Pair]:
        """Votes that nobody has cast yet in this run, in no order, without end."""
        chance = Random(seed)
        here = list(self.paths)
        chance.shuffle(here)
        for number in range(len(self.people) * len(here)):
            turn, index = divmod(number, len(self.people))
            yield Pair(self.people[index], here[(index + turn) % len(here)])
        raise RuntimeError("everybody has voted everywhere")

    def ballot(self, pair: Pair) -> bytes:
        """The request by which a remembered person votes."""
        cookie = {"cookie": f"board={cookie_of(pair.person_id)}"}
        return request("POST", f"{self.paths[pair.town_id]}/vote", headers=cookie)


def cookie_of(person_id: int) -> str:
    """The cookie of an invented person's browser."""
    return f"a-browser-of-the-bench-{person_id}"


def remember_voters(database: Database, count: int = VOTERS) -> Electorate:
    """Let some people's browsers be remembered; the towns are some with few and some with many."""
    now = clock.now()
    with database.transaction() as conn:
        ids = conn.execute(select(people.c.id).order_by(people.c.id).limit(count)).scalars().all()
        rows = [
            {"id": token_hash(cookie_of(person_id)), "person_id": person_id, "desk": False,
             "at_door": False, "created_at": now, "seen_at": now,
             "expires_at": now + timedelta(days=90)}
            for person_id in ids
        ]  # fmt: skip
        conn.execute(insert(sessions), rows)
        t = towns.c
        every = max(1, (conn.execute(select(func.max(t.id))).scalar() or 1) // TOWNS)
        found = conn.execute(select(t.id, t.country, t.slug).where(t.id % every == 0).limit(TOWNS))
        paths = {row.id: f"/towns/{row.country.lower()}/{row.slug}" for row in found}
    return Electorate(ids, paths)


class Outcome(NamedTuple):
    """What became of acknowledged votes: all three numbers must be 0."""

    lost: int
    double: int
    wrong: int


def count_outcome(conn: Connection, acknowledged: Collection[Pair]) -> Outcome:
    """Votes that were acknowledged but aren't there, are there twice, or aren't counted right."""
    v = votes.c
    here = {pair.town_id for pair in acknowledged}
    rows = conn.execute(
        select(v.person_id, v.town_id, func.count().label("n"))
        .where(v.town_id.in_(here), v.state == "counted")
        .group_by(v.person_id, v.town_id)
    ).all()
    cast = {Pair(row.person_id, row.town_id): row.n for row in rows}
    by_town: dict[int, int] = {}
    for row in rows:
        by_town[row.town_id] = by_town.get(row.town_id, 0) + row.n
    stored = conn.execute(select(towns.c.id, towns.c.vote_count).where(towns.c.id.in_(here)))
    return Outcome(
        lost=sum(pair not in cast for pair in acknowledged),
        double=sum(cast.get(pair, 0) > 1 for pair in acknowledged),
        wrong=sum(by_town.get(row.id, 0) != row.vote_count for row in stored),
    )
