"""Words whose time has come go out. Runs beside the server, in every process of it."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from board.core import clock
from board.core.db import Database
from board.people.queries import names_of_people
from board.updates.planned_actions import authors_of, due_plans, publish_plan

log = structlog.get_logger("board.updates")
EVERY: Final = 20.0


def publish_due(database: Database, pause: timedelta) -> int:
    """Publish all planned words that are due, each in a transaction of its own; how many.

    `pause` is how long they can be taken back before anybody is told.
    """
    now, said = clock.now(), 0
    with database.snapshot() as conn:
        due = due_plans(conn, now)
        names = names_of_people(conn, authors_of(conn, due))
    for plan_id in due:
        with database.transaction() as conn:
            if publish_plan(conn, plan_id, names, pause=pause, now=now) is not None:
                said += 1
            else:
                log.warning("a planned word did not go out", plan=plan_id)
    return said


async def publish_forever(database: Database, pause: timedelta) -> None:
    """Publish until cancelled; a failing round is logged and tried again."""
    while True:
        try:
            await asyncio.to_thread(publish_due, database, pause)
        except Exception:
            log.exception("publishing planned words failed")
        await asyncio.sleep(EVERY)
