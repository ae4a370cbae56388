"""Keeping PostgreSQL's log of changes short; SQLite's drops its own oldest rows."""

import asyncio
import time
from collections import deque
from typing import Final

import structlog

from board.core.changes import horizon, prune
from board.core.db import Database

EVERY: Final = 600.0
# Whoever looked away for longer is told that everything changed.
KEPT_FOR: Final = 3_600.0
log = structlog.get_logger("board.changes")


class Horizons:
    """Which transactions still ran at which moment: those before were over by then."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def long_over(self, now: float, oldest_running: int) -> int | None:
        """Note the oldest that runs now; the oldest that ran when rows began to be old enough."""
        self._seen.append((now, oldest_running))
        found = None
        while self._seen[0][0] <= now - KEPT_FOR:
            found = self._seen.popleft()[1]
        return found


async def prune_forever(database: Database) -> None:
    """Drop the rows that nobody who follows the log needs any more, every ten minutes."""
    if database.is_sqlite:
        return
    horizons = Horizons()
    while True:
        await asyncio.sleep(EVERY)
        try:
            running = await database.read_long(horizon)
            if (below := horizons.long_over(time.monotonic(), running)) is not None:
                await database.write(prune, below)
        except Exception:
            log.exception("the log of changes was not pruned")
