"""P6: votes on PostgreSQL through the writer, beside a raw asyncpg pool that does the same."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

import asyncpg
from sqlalchemy import Connection, func, select

from board.core import clock
from board.core.db import Database
from board.towns.models import towns
from board.towns.rules import Need, Readiness, need_score, risen
from board.votes.actions import Ballot, cast_vote
from tests.bench.load import load, request, run
from tests.bench.report import Report
from tests.bench.servers import board_server, plain_server
from tests.bench.voters import remember_voters
from tests.bench.votes import Ballots, cast_for

AT_ONCE: Final = 32
SECONDS: Final = 3.0
_ROUNDS: Final = 3
_NEED: Final = Need()


class Voting:
    """New voters for towns picked at random; the same for both ways."""

    def __init__(self, most: int, seed: int) -> None:
        self.chance = Random(seed)
        self.most = most
        self.numbers: Iterator[int] = count()

    def next(self) -> Ballot:
        """A ballot that nobody cast."""
        person = next(self.numbers) % 1_000 + 1
        return Ballot(self.chance.randint(1, self.most), self.chance.randbytes(32), person)


def measure(report: Report, url: str, var: Path) -> None:
    """The bar on the level of actions, and what a vote over HTTP makes."""
    database = Database(url)
    with database.snapshot() as conn:
        most: int = conn.execute(select(func.max(towns.c.id))).scalar_one()
    ours, theirs = [], []
    for turn in range(_ROUNDS):
        ours.append(asyncio.run(through_writer(database, Voting(most, turn))))
        theirs.append(asyncio.run(through_pool(url, Voting(most, 100 + turn))))
    report.figure("P6-writer", statistics.median(ours), "votes a second")
    report.figure("P6-asyncpg-pool", statistics.median(theirs), "votes a second")
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    report.bar("P6-over-asyncpg", ratio, ">=", 0.9)
    over_http(report, database, var)
    database.close()


async def _keep_busy(act: Callable[[], Awaitable[object]]) -> float:
    """How often something is done in a second when so many do it at once."""
    done, begun = 0, time.perf_counter()

    async def again() -> None:
        nonlocal done
        while time.perf_counter() - begun < SECONDS:
            await act()
            done += 1

    await asyncio.gather(*(again() for _one in range(AT_ONCE)))
    return done / (time.perf_counter() - begun)


def _vote(conn: Connection, ballot: Ballot, now: datetime) -> str:
    return cast_vote(conn, ballot, need=_NEED, now=now)


async def through_writer(database: Database, voting: Voting) -> float:
    """The board's own way."""
    return await _keep_busy(lambda: database.write(_vote, voting.next(), clock.now()))


async def through_pool(url: str, voting: Voting) -> float:
    """A pool of as many connections, a transaction for each vote."""
    async with asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE) as pool:

        async def vote() -> None:
            async with pool.acquire() as conn, conn.transaction():
                await _raw_vote(conn, voting.next(), clock.now())

        return await _keep_busy(vote)


async def _raw_vote(conn: Any, ballot: Ballot, now: datetime) -> None:
    """What `cast_vote` writes, statement by statement."""
    made = await conn.fetchval(
        "INSERT INTO vote (town_id, voter_key, person_id, state, name, nearby, come, facilitate,"
        " host, help, cast_at, changed_at, reason, voided_from, signals)"
        " VALUES ($1, $2, $3, 'counted', '', false, false, false, false, false, $4, $4, '', '', '')"
        " ON CONFLICT DO NOTHING RETURNING id",
        ballot.town_id, ballot.voter_key, ballot.person_id, now,
    )  # fmt: skip
    if made is None:
        return
    row = await conn.fetchrow(
        "UPDATE town SET vote_count = vote_count + 1 WHERE id = $1 RETURNING vote_count,"
        " come_count, facilitate_count, host_count, population, nearest_km, ready_at, rising",
        ballot.town_id,
    )
    ready = Readiness(row["come_count"], row["facilitate_count"], row["host_count"], _NEED)
    need = need_score(row["vote_count"], row["population"], row["nearest_km"])
    await conn.execute(
        "UPDATE town SET closeness = $2, need = $3, ready_at = $4 WHERE id = $1",
        ballot.town_id, ready.closeness, need, row["ready_at"],
    )  # fmt: skip
    rising = await conn.fetchval("SELECT rising FROM town WHERE id = $1", ballot.town_id)
    await conn.execute(
        "UPDATE town SET rising = $2 WHERE id = $1", ballot.town_id, risen(rising, now)
    )


def over_http(report: Report, database: Database, var: Path) -> None:
    """A vote as a browser sends it, with everything that a vote is asked and told."""
    electorate = remember_voters(database)
    ballots = Ballots(electorate, seed=6)
    hello = request("GET", "/")
    with plain_server() as plain, board_server(database.url, var) as board:
        cast_for([board.port], ballots, AT_ONCE, 1.0)
        bare = run(load([plain.port], lambda: (hello, None), connections=AT_ONCE, seconds=1.5))
        done = cast_for([board.port], ballots, AT_ONCE, SECONDS)
    report.figure("P6-http-votes", done.rate, "votes a second")
    report.figure("P6-http-over-plaintext", done.rate / bare.rate, "x plaintext")
    report.figure("P6-http-refused", sum(ballots.refused.values()), "answers other than 303")
