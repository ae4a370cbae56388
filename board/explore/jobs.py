"""Writing down how often pages were looked at, once a minute."""

import asyncio
from typing import Final

import structlog

from board.core.db import Database
from board.core.tallies import Pending, add_tallies

EVERY: Final = 60.0
log = structlog.get_logger("board.visits")


async def write_visits_forever(database: Database, visits: Pending) -> None:
    """Write what was counted every minute, and once more at the end.

    A process that is killed loses what it counted since; nothing else depends on it.
    """
    try:
        while True:
            await asyncio.sleep(EVERY)
            await write_visits(database, visits)
    finally:
        await write_visits(database, visits)


async def write_visits(database: Database, visits: Pending) -> None:
    """Write what was counted so far; what can't be written now waits for the next time."""
    taken = visits.take()
    if not taken:
        return
    try:
        await database.write(add_tallies, taken)
    except Exception:
        visits.give_back(taken)
        log.exception("visits not written")
