"""The board in this process, asked without a network: what an answer costs the processor alone."""

import asyncio
import contextlib
import gc
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine, event
from starlette.types import ASGIApp, Message

from board.app import make_app, make_board
from board.core.config import Settings
from board.core.db import PRAGMAS, Database
from board.core.http import Board
from tests.bench.servers import ROOMY

_ROUNDS: Final = 5


class Inside:
    """A board and its application; readers' pages are made anew each time unless `cached`."""

    def __init__(self, url: str, var: Path, *, cached: bool = False) -> None:
        self.board: Board = make_board(settings_for(url, var, cached=cached))
        self.app: ASGIApp = make_app(self.board, work=False)

    @property
    def database(self) -> Database:
        return self.board.database

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a page, uncompressed."""
        return asyncio.run(ask(self.app, path))

    def close(self) -> None:
        """Let the database go."""
        self.database.close()


def settings_for(url: str, var: Path, *, cached: bool) -> Settings:
    """Settings of a bench's board; the environment is not asked."""
    names = {name.removeprefix("BOARD_").lower(): value for name, value in ROOMY.items()}
    values: dict[str, Any] = {**names, "sealing_keys": (names["sealing_keys"],)}
    if not cached:
        values["page_cache_mb"] = 0
    return Settings(database_url=url, var=var, base_url="http://127.0.0.1", **values)


def scope_of(path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A GET as uvicorn hands it over."""
    plain, _mark, query = path.partition("?")
    sent = {"host": "127.0.0.1", "accept": "text/html", **(headers or {})}
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "path": plain, "raw_path": plain.encode(), "query_string": query.encode(),
        "root_path": "", "scheme": "http", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip


async def ask(
    app: ASGIApp, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Ask an application once; status and body."""
    status, parts = 0, []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await app(scope_of(path, headers), receive, send)
    return status, b"".join(parts)


def cost_of_asking(app: ASGIApp, paths: Sequence[str], rounds: int = _ROUNDS) -> float:
    """Seconds of processor time that an answer takes, averaged over paths, median of rounds."""

    async def whole() -> float:
        for path in paths:
            status, _body = await ask(app, path)
            if status != 200:
                raise RuntimeError(f"{path} was answered with {status}")
        costs = []
        for _round in range(rounds):
            gc.collect()
            begun = time.process_time()
            for path in paths:
                await ask(app, path)
            costs.append((time.process_time() - begun) / len(paths))
        return statistics.median(costs)

    return asyncio.run(whole())


def cost_of(act: Callable[[], object], times: int, rounds: int = _ROUNDS) -> float:
    """Seconds of processor time that an act takes, median of rounds."""
    act()
    costs = []
    for _round in range(rounds):
        gc.collect()
        begun = time.process_time()
        for _time in range(times):
            act()
        costs.append((time.process_time() - begun) / times)
    return statistics.median(costs)


class Asked(NamedTuple):
    """A statement as a driver got it."""

    sql: str
    values: Any


@contextlib.contextmanager
def listening(engine: Engine) -> Iterator[list[Asked]]:
    """Every statement that is sent to a database meanwhile."""
    heard: list[Asked] = []

    def hear(_c: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:
        if not sql.startswith("BEGIN"):
            heard.append(Asked(sql, values))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def raw_sqlite(url: str) -> sqlite3.Connection:
    """The driver alone, with the board's own pragmas."""
    db = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(pragma).fetchall()
    return db


def replay(db: sqlite3.Connection, statements: Sequence[Asked]) -> list[list[Any]]:
    """The same statements on the driver alone, in one snapshot; their rows."""
    db.execute("BEGIN")
    rows = [db.execute(one.sql, one.values).fetchall() for one in statements]
    db.execute("ROLLBACK")
    return rows
