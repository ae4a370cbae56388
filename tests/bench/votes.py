"""Votes: P5 over HTTP beside hello and beside the bare driver, P7 two processes and duplicates."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from board.core import clock
from board.core.db import Database
from board.taking_part.retention_jobs import tidy
from board.towns.rules import need_score, risen
from tests.bench.inside import raw_sqlite, settings_for
from tests.bench.load import Answer, Load, load, request, run
from tests.bench.report import Report
from tests.bench.servers import Served, board_server, plain_server
from tests.bench.voters import Electorate, Pair, count_outcome, remember_voters

SECONDS: Final = 4.0
_DUPLICATES: Final = 0.2
_RECENT: Final = 200


def measure(report: Report, url: str, var: Path, folder: Path) -> None:
    """All bars of this theme, on a copy of a world."""
    copy = copy_of(url, folder)
    database = Database(copy)
    try:
        # What the first start of a day lets go holds the turn for a while: it is done beforehand.
        tidy(database, settings_for(copy, var, cached=True))
        electorate = remember_voters(database)
        over_http(report, database, electorate, var)
        two_processes(report, database, electorate, var)
    finally:
        database.close()


def copy_of(url: str, folder: Path) -> str:
    """A world to write to."""
    file = folder / "copy.sqlite3"
    for beside in ("", "-wal", "-shm", ".writer"):
        Path(f"{file}{beside}").unlink(missing_ok=True)
    shutil.copyfile(url.removeprefix("sqlite:///"), file)
    return f"sqlite:///{file}"


class Ballots:
    """Votes to send, and those that were acknowledged; some are sent twice."""

    def __init__(self, electorate: Electorate, seed: int, duplicates: float = 0.0) -> None:
        self.electorate = electorate
        self.left = electorate.pairs(seed)
        self.chance = Random(seed)
        self.duplicates = duplicates
        self.recent: list[Pair] = []
        self.acknowledged: set[Pair] = set()
        self.refused: dict[int, int] = {}

    def pick(self) -> tuple[bytes, Any]:
        """The next ballot."""
        if self.recent and self.chance.random() < self.duplicates:
            pair = self.chance.choice(self.recent)
        else:
            pair = next(self.left)
            self.recent = [*self.recent[-_RECENT:], pair] if self.duplicates else []
        return self.electorate.ballot(pair), pair

    def take(self, answer: Answer) -> None:
        """What was answered: 303 is the board's word that the vote is kept."""
        if answer.status == 303:
            self.acknowledged.add(answer.tag)
        else:
            self.refused[answer.status] = self.refused.get(answer.status, 0) + 1


def cast_for(ports: list[int], ballots: Ballots, connections: int, seconds: float) -> Load:
    """Let people vote for so many seconds."""
    return run(  # type: ignore[no-any-return]
        load(ports, ballots.pick, connections=connections, seconds=seconds, take=ballots.take)
    )


def over_http(report: Report, database: Database, electorate: Electorate, var: Path) -> None:
    """P5: 32 connections, one process, every vote durable before it is acknowledged."""
    ballots = Ballots(electorate, seed=5)
    hello = request("GET", "/")
    bare, two_rows = raw_votes(database.url, list(electorate.paths)), bare_rows(database.url)
    with plain_server() as plain, board_server(database.url, var) as board:
        cast_for([board.port], ballots, 32, 1.0)
        rates, plains = [], []
        for _round in range(3):
            plains.append(_hello(plain, hello))
            before = board.cpu
            done = cast_for([board.port], ballots, 32, SECONDS)
            rates.append(done.rate)
        cost = (board.cpu - before) / done.answers
    rate, plain_rate = sorted(rates)[1], sorted(plains)[1]
    report.figure("P5-votes", rate, "votes a second")
    report.figure("P5-vote-cpu", cost * 1_000, "ms of CPU")
    report.figure("P5-raw-sqlite", bare, "votes a second")
    report.figure("P5-two-bare-rows", two_rows, "a second, in tables without an index or trigger")
    report.figure("P5-refused", sum(ballots.refused.values()), "answers other than 303")
    report.bar("P5-over-plaintext", rate / plain_rate, ">=", 0.15)
    report.bar("P5-over-raw-sqlite", rate / bare, ">=", 1.5)


def _hello(plain: Served, hello: bytes) -> float:
    done: Load = run(load([plain.port], lambda: (hello, None), connections=32, seconds=1.5))
    return done.rate


def raw_votes(url: str, towns: Sequence[int]) -> float:
    """A second's votes with the driver alone: one transaction each, FULL, and in it the vote's row
    and its town's numbers, in the board's own tables."""
    db, chance = raw_sqlite(url), Random(5)
    rate = _rate(lambda: _raw_vote(db, chance.choice(towns), chance.randbytes(32)))
    db.close()
    return rate


def _raw_vote(db: sqlite3.Connection, town: int, voter: bytes) -> None:
    now = clock.now()
    db.execute("BEGIN IMMEDIATE")
    made = db.execute(
        "INSERT INTO vote (town_id, voter_key, state, name, nearby, come, facilitate, host, help,"
        " cast_at, changed_at, reason, voided_from, signals)"
        " VALUES (?, ?, 'counted', '', 0, 0, 0, 0, 0, ?, ?, '', '', '')"
        " ON CONFLICT DO NOTHING RETURNING id",
        (town, voter, f"{now:%F %T.%f}", f"{now:%F %T.%f}"),
    ).fetchall()
    if made:
        votes, people, km, rising = db.execute(
            "SELECT vote_count, population, nearest_km, rising FROM town WHERE id = ?", (town,)
        ).fetchone()
        db.execute(
            "UPDATE town SET vote_count = ?, need = ?, rising = ? WHERE id = ?",
            (votes + 1, need_score(votes + 1, people, km), risen(rising, now), town),
        )
    db.execute("COMMIT")


def _rate(act: Callable[[], None], seconds: float = 3.0) -> float:
    """How often something is done in a second, one after the other."""
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        act()
        done += 1
    return done / (time.perf_counter() - begun)


def bare_rows(url: str) -> float:
    """The least a durable vote could be: two rows that nothing else hangs on, one transaction."""
    db = raw_sqlite(url)
    db.execute("CREATE TABLE raw_vote (town INT, voter BLOB, at TEXT, PRIMARY KEY (town, voter))")
    db.execute("CREATE TABLE raw_town (id INTEGER PRIMARY KEY, votes INT)")
    db.execute("INSERT INTO raw_town SELECT id, vote_count FROM town")
    chance = Random(5)
    most = db.execute("SELECT max(id) FROM raw_town").fetchone()[0]
    rate = _rate(lambda: _two_rows(db, chance.randint(1, most), chance.randbytes(32)))
    db.execute("DROP TABLE raw_vote")
    db.execute("DROP TABLE raw_town")
    db.close()
    return rate


def _two_rows(db: sqlite3.Connection, town: int, voter: bytes) -> None:
    db.execute("BEGIN IMMEDIATE")
    made = db.execute(
        "INSERT INTO raw_vote VALUES (?, ?, datetime()) ON CONFLICT DO NOTHING RETURNING 1",
        (town, voter),
    ).fetchall()
    if made:
        db.execute("UPDATE raw_town SET votes = votes + 1 WHERE id = ?", (town,))
    db.execute("COMMIT")


def two_processes(report: Report, database: Database, electorate: Electorate, var: Path) -> None:
    """P7: 128 connections to two processes of one file; a fifth of the votes is sent again."""
    ballots = Ballots(electorate, seed=7, duplicates=_DUPLICATES)
    with board_server(database.url, var) as one, board_server(database.url, var) as other:
        cast_for([one.port, other.port], ballots, 16, 1.0)
        done = cast_for([one.port, other.port], ballots, 128, SECONDS * 2)
    with database.snapshot() as conn:
        outcome = count_outcome(conn, ballots.acknowledged)
    refused = sum(ballots.refused.values()) + done.broken
    report.figure("P7-votes", done.rate, "votes a second")
    report.figure("P7-p50-ms", done.wait(0.5), "ms")
    report.bar("P7-lost", outcome.lost, "<=", 0)
    report.bar("P7-double", outcome.double + outcome.wrong, "<=", 0)
    report.bar("P7-locked", refused, "<=", 0)
    report.bar("P7-p99-ms", done.wait(0.99), "<=", 150)
