"""P4: readers with some voters among them; kept pages must pay off and never be stale."""

import asyncio
import statistics
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import select

from board.core.db import Database
from board.towns.models import towns
from tests.bench.counted import PATH
from tests.bench.load import Answer, Load, load, one, request, run
from tests.bench.report import Report
from tests.bench.servers import Served, board_server, plain_server
from tests.bench.voters import Electorate, Pair, remember_voters
from tests.bench.votes import copy_of

SECONDS: Final = 4.0
CONNECTIONS: Final = 32
_VOTES: Final = 0.05
_ROUNDS: Final = 3
_TRIALS: Final = 300
_LISTS: Final = (
    "/towns",
    "/towns?sort=rising",
    "/towns?sort=new",
    "/towns?country=PL",
    "/de/towns",
)


class Crowd:
    """What people ask: few pages very often, most seldom; who votes does so where they read."""

    def __init__(self, electorate: Electorate, seed: int, votes: float = _VOTES) -> None:
        self.electorate = electorate
        self.chance = Random(seed)
        self.votes = votes
        self.ids = list(electorate.paths)
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.ids))))
        self.voted = 0
        self.refused = 0

    def town(self) -> int:
        """A town, as often as people go there."""
        return self.chance.choices(self.ids, cum_weights=self.weights)[0]

    def pick(self) -> tuple[bytes, Any]:
        """What the next of them asks."""
        if self.chance.random() < self.votes:
            self.voted += 1
            person = self.electorate.people[self.voted % len(self.electorate.people)]
            return self.electorate.ballot(Pair(person, self.town())), "vote"
        kind = self.chance.random()
        if kind < 0.1:
            return request("GET", "/"), "home"
        if kind < 0.35:
            return request("GET", self.chance.choice(_LISTS)), "list"
        return request("GET", self.electorate.paths[self.town()]), "town"

    def take(self, answer: Answer) -> None:
        """Whatever is neither a page nor an accepted vote is a failure."""
        self.refused += answer.status not in (200, 303)


def measure(report: Report, url: str, var: Path, folder: Path) -> None:
    """All bars of this theme, on a copy of a world."""
    database = Database(copy_of(url, folder))
    try:
        electorate = remember_voters(database)
        mixed(report, database.url, electorate, var)
        stale(report, database, electorate, var)
    finally:
        database.close()


def mixed(report: Report, url: str, electorate: Electorate, var: Path) -> None:
    """One process: 95 of 100 read."""
    crowd = Crowd(electorate, seed=4)
    hello = request("GET", "/")
    ratios, shares = [], []
    with plain_server() as plain, board_server(url, var, module="tests.bench.counted") as board:
        _read_all(board, electorate)
        _crowd(board, crowd, 2.0)
        for _round in range(_ROUNDS):
            bare: Load = run(
                load([plain.port], lambda: (hello, None), connections=CONNECTIONS, seconds=1.5)
            )
            before = _hits(board)
            done = _crowd(board, crowd, SECONDS)
            after = _hits(board)
            ratios.append(done.rate / bare.rate)
            shares.append((after[1] - before[1]) / max(1, after[0] - before[0]))
    report.figure("P4-mixed", done.rate, "answers a second")
    report.figure("P4-p99-ms", done.wait(0.99), "ms")
    report.figure("P4-refused", crowd.refused, "answers that failed")
    report.bar("P4-over-plaintext", statistics.median(ratios), ">=", 0.25)
    report.bar("P4-hit", statistics.median(shares), ">=", 0.95)


def _crowd(board: Served, crowd: Crowd, seconds: float) -> Load:
    return run(  # type: ignore[no-any-return]
        load([board.port], crowd.pick, connections=CONNECTIONS, seconds=seconds, take=crowd.take)
    )


def _read_all(board: Served, electorate: Electorate) -> None:
    """As on a board that has run for a while: every page was read once."""
    for path in ("/", *_LISTS, *electorate.paths.values()):
        run(one(board.port, request("GET", path)))


def _hits(board: Served) -> tuple[int, int]:
    asked, found = run(one(board.port, request("GET", PATH))).body.split()
    return int(asked), int(found)


def stale(report: Report, database: Database, electorate: Electorate, var: Path) -> None:
    """Whether a vote that one process acknowledged is on the other's page at once, under load."""
    with board_server(database.url, var) as one_node, board_server(database.url, var) as other:
        ports = [one_node.port, other.port]
        for name, votes in (("quiet", 0.0), ("busy", _VOTES)):
            crowd = Crowd(electorate, seed=44, votes=votes)
            found = run(_trials(database, electorate, crowd, ports, busy=bool(votes)))
            report.bar(f"P4-stale-{name}", found, "<=", 0)


async def _trials(
    database: Database, electorate: Electorate, crowd: Crowd, ports: list[int], *, busy: bool
) -> int:
    """How many of the pages were stale."""
    work = asyncio.create_task(
        load(ports, crowd.pick, connections=8, seconds=600, take=crowd.take)
        if busy
        else asyncio.sleep(600)
    )
    found = 0
    # The last people vote nowhere else in this run.
    people = electorate.people[-_TRIALS:]
    try:
        for person in people:
            found += await _is_stale(database, electorate, Pair(person, crowd.town()), ports)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    return found


async def _is_stale(
    database: Database, electorate: Electorate, pair: Pair, ports: Sequence[int]
) -> bool:
    """Vote at one node, then read at the other; both have the page from before."""
    page = request("GET", electorate.paths[pair.town_id], headers={"accept-encoding": "identity"})
    await one(ports[1], page)
    answer = await one(ports[0], electorate.ballot(pair))
    if answer.status != 303:
        raise RuntimeError(f"a vote was answered with {answer.status}")
    with database.snapshot() as conn:
        true: int = conn.execute(
            select(towns.c.vote_count).where(towns.c.id == pair.town_id)
        ).scalar_one()
    body = (await one(ports[1], page)).body.decode()
    # Others vote meanwhile: more than at that moment isn't stale, less is.
    return not any(f"<b>{number:,}</b> vote" in body for number in range(true, true + 20))
