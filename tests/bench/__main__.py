"""`make bench`: each figure as a ratio beside a bare baseline of the same run on this machine.

A skeleton for now: three bars that the present code can answer for. Prints one line each,
`bar NAME VALUE OP TARGET ok|short`; a bar that falls short is said, never asserted.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from board.app import make_app, make_board
from board.core import clock
from board.core.config import Settings
from board.core.db import PRAGMAS, Database
from board.core.migrations import migrate
from board.people.actions import remember
from board.towns.actions import found_town
from board.towns.jobs import load_places
from board.towns.place_queries import find_places
from board.towns.rules import Need
from board.votes.actions import Ballot, cast_vote

SECONDS = 2.0
VELENJE = 3189075
TYPED = (
    "ve",
    "vel",
    "ljub",
    "new y",
    "san j",
    "mosk",
    "köl",
    "par",
    "spring",
    "lon",
    "tok",
    "wars",
)


def report(name: str, value: float, op: str, target: float) -> None:
    """One line for one bar."""
    good = value >= target if op == ">=" else value <= target
    print(f"bar {name} {value:.3f} {op} {target} {'ok' if good else 'short'}")


async def requests_per_second(app: ASGIApp, path: str) -> float:
    """How often an ASGI application answers a path, one after the other."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "scheme": "http", "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Message) -> None:
        return None

    async def ask() -> None:
        await app({**scope, "headers": list(scope["headers"])}, receive, send)

    return await per_second(ask)


async def per_second(act: Callable[[], Awaitable[object]]) -> float:
    """How often something happens in a second, after a short warm-up."""
    for _ in range(5):
        await act()
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        await act()
        done += 1
    return done / (time.perf_counter() - begun)


def vote(conn: Connection, number: int) -> None:
    """One person's first vote for one town, as confirming casts it."""
    key, now = f"bench{number}".encode(), clock.now()
    person = remember(conn, key, name="", language="en", now=now)
    town = found_town(conn, VELENJE, now)
    cast_vote(conn, Ballot(town, key, person), need=Need(), now=now)


async def votes_per_second(database: Database, at_once: int = 32) -> float:
    """Votes through the writer, 32 waiting at a time."""
    number = 0

    async def some() -> None:
        nonlocal number
        number += at_once
        jobs = (database.write(vote, n) for n in range(number - at_once, number))
        await asyncio.gather(*jobs)

    return at_once * await per_second(some)


async def raw_votes_per_second(folder: Path) -> float:
    """The same on bare sqlite3, FULL: one transaction a vote, two statements in it."""
    db = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(pragma)
    db.execute("CREATE TABLE vote (town, voter, UNIQUE (town, voter))")
    db.execute("CREATE TABLE town (id INTEGER PRIMARY KEY, votes)")
    db.execute("INSERT INTO town VALUES (1, 0)")
    number = 0

    async def one() -> None:
        nonlocal number
        number += 1
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO vote VALUES (1, ?)", (number,))
        db.execute("UPDATE town SET votes = votes + 1 WHERE id = 1")
        db.execute("COMMIT")

    rate = await per_second(one)
    db.close()
    return rate


async def run(folder: Path) -> None:
    """Every bar that this skeleton knows."""
    settings = Settings(database_url=f"sqlite:///{folder / 'board.sqlite3'}", var=folder)
    database = Database(settings.database_url)
    migrate(database)
    load_places(database, minimum=15000)
    times = []
    with database.snapshot() as conn:
        for text in TYPED * 40:
            begun = time.perf_counter()
            find_places(conn, text)
            times.append((time.perf_counter() - begun) * 1_000)
    report("P9-picker-p50-ms", statistics.median(times), "<=", 0.1)
    report("P9-picker-p99-ms", sorted(times)[int(len(times) * 0.99)], "<=", 2.0)
    casting = await votes_per_second(database)
    report("P5-votes-over-raw-sqlite", casting / await raw_votes_per_second(folder), ">=", 1.5)
    bare = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("hello"))])
    plain = await requests_per_second(bare, "/")
    app = make_app(make_board(settings), work=False)
    for name, path in (("home", "/"), ("town", "/towns/si/velenje"), ("list", "/towns")):
        # P1 asks 0.9 of plaintext from the page cache, which comes with a later step.
        report(f"P1-{name}-over-plaintext", await requests_per_second(app, path) / plain, ">=", 0.9)
    database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(run(Path(temporary)))
