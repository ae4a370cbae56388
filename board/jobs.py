"""What runs beside serving: mail, telling, circles, and warming the map.

Read and begun a moment after the start, so that who asks first waits for none of it.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

# Every table: what has lapsed is looked for by the tables' names.
from board import tables  # noqa: F401
from board.circles.jobs import follow_circles
from board.core import clock
from board.core.http import Board
from board.core.pruning import prune_forever
from board.desk.launch_jobs import look_for_launches
from board.desk.merge_actions import forget_old_merges
from board.digests.jobs import tell_forever
from board.digests.standing import stands_for
from board.drawing.atlas import atlas_for
from board.explore.jobs import write_visits_forever
from board.mail.carriers import carrier_of
from board.mail.jobs import deliver_forever
from board.taking_part.retention_jobs import tidy
from board.taking_part.rules import terms_of
from board.towns.cell_jobs import mend_cells
from board.updates.jobs import publish_forever

FRESH_EVERY: Final = 300.0
# The finer atlas takes a third of a second to read: before somebody asks for Europe.
FINE_ZOOM: Final = 4.0
log = structlog.get_logger("board")


async def work(board: Board) -> None:
    """All of it, until cancelled."""
    await asyncio.gather(*jobs_of(board), return_exceptions=True)


def jobs_of(board: Board) -> list[Coroutine[Any, Any, Any]]:
    """Each on its own: one that ends stops no other."""
    carrier = carrier_of(board.settings)
    return [
        deliver_forever(
            board.database, board.keys, board.settings, board.pages, carrier, stands_for(board.keys)
        ),
        keep_fresh(board),
        follow_circles(board.database, board.settings),
        publish_forever(board.database, terms_of(board.settings).answer_pause),
        write_visits_forever(board.database, board.visits),
        tell_forever(board.database, board.keys, board.settings),
        prune_forever(board.database),
        asyncio.to_thread(atlas_for, FINE_ZOOM),
        mend_map(board),
    ]


async def keep_fresh(board: Board) -> None:
    """Drop what has lapsed, and look for circles that answer a town.

    Whatever goes wrong is logged, and tried again; serving never stops for it.
    """
    while True:
        try:
            await asyncio.to_thread(tidy, board.database, board.settings)
            await asyncio.to_thread(look_for_launches, board.database)
            await board.database.write(forget_old_merges, clock.now())
        except Exception:
            log.exception("keeping fresh failed")
        await asyncio.sleep(FRESH_EVERY)


async def mend_map(board: Board) -> None:
    """Count in the map's cells what passed them by; without it the board serves all the same."""
    try:
        await asyncio.to_thread(mend_cells, board.database, board.settings.join_km)
    except Exception:
        log.exception("mending the map failed")
