"""What is due of circles and libraries: imports of the live addresses, nearest ones, old notes."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from board.circles.answers import FeedError
from board.circles.background import beside
from board.circles.fetch import Progress
from board.circles.import_actions import Report, forget_old_imports
from board.circles.import_jobs import (
    CIRCLES,
    LIBRARIES,
    Between,
    Kind,
    Stopped,
    Wish,
    bring_in,
    drop_what_waits_too_long,
    import_in_turn,
)
from board.circles.import_queries import latest_try
from board.circles.nearest_jobs import next_due, refresh_nearest
from board.circles.partner_actions import changed_partners, keep_partners
from board.circles.partners import read_partners
from board.circles.reach import Reach
from board.circles.turn_actions import reading_of
from board.circles.turn_jobs import turn_of
from board.core import clock
from board.core.config import Settings
from board.core.db import Database

_IMPORTS_KEPT: Final = timedelta(days=90)
# P2PU lets caches keep its answers for so long: asking more often would say nothing new.
_SOONEST: Final = timedelta(minutes=15)
_LOOK_EVERY: Final = 300.0
log = structlog.get_logger("board.circles")


def reach_of(settings: Settings) -> Reach:
    """Where the importer may go: the hosts of the settings, in development this computer too."""
    return Reach(settings.circles_hosts, own_machine=not settings.production)


def import_circles(
    db: Database,
    sources: Sequence[str],
    reach: Reach,
    *,
    sample: bool = False,
    allow_empty: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring circles in, and make every town's nearest one true; raises FeedError."""
    report = bring_in(db, CIRCLES, Wish(sources, reach, sample, allow_empty, progress))
    refresh_nearest(db)
    return report


def import_libraries(
    db: Database,
    sources: Sequence[str],
    reach: Reach,
    *,
    sample: bool = False,
    allow_empty: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring P2PU's teams in as libraries; raises FeedError."""
    return bring_in(db, LIBRARIES, Wish(sources, reach, sample, allow_empty, progress))


def refresh_circles(db: Database, settings: Settings, between: Between = lambda: None) -> list[str]:
    """What is due: imports of the addresses in the settings, nearest circles, old notes.

    To be called every few minutes, outside of the event loop. Answers what failed, in sentences.
    """
    failed: list[str] = []
    for kind, address in ((CIRCLES, settings.circles_url), (LIBRARIES, settings.libraries_url)):
        try:
            if address:
                _bring_if_due(db, kind, address, settings, between)
        except FeedError as error:
            failed.append(f"{kind.name}: {error}")
        except (Stopped, SQLAlchemyError):
            raise
        except Exception as error:
            # One list that we stumble over keeps neither the other one nor the nearest from us.
            log.exception("import stumbled", kind=kind.name)
            failed.append(f"{kind.name}: {type(error).__name__}")
        drop_what_waits_too_long(db, kind)
    refresh_partners(db, settings)
    refresh_nearest(db, between=between)
    with db.transaction() as conn:
        forget_old_imports(conn, clock.now() - _IMPORTS_KEPT)
    return failed


def refresh_partners(db: Database, settings: Settings) -> None:
    """Make the libraries of the content files be what the file says; mostly they are."""
    partners = read_partners(settings.content)
    if partners is None:
        return
    with db.snapshot() as conn:
        news, gone = changed_partners(conn, partners)
    if news or gone:
        with db.transaction() as conn:
            keep_partners(conn, news, gone, clock.now())


def _bring_if_due(
    db: Database, kind: Kind, address: str, settings: Settings, between: Between
) -> None:
    """Import a list when it is time, unless another process is at it."""
    with db.snapshot() as conn:
        due = _is_due(conn, kind.name, settings)
    if not due:
        return
    with turn_of(db, kind.name) as turn:
        # Another process may have been done with it just now.
        with db.snapshot() as conn:
            due = _is_due(conn, kind.name, settings)
        if turn is not None and due:
            wish = Wish([address], reach_of(settings), between=between)
            import_in_turn(db, turn, kind, wish)


def _is_due(conn: Connection, kind: str, settings: Settings) -> bool:
    """Whether the last try was long ago; one that stopped in the middle is soon gone on with."""
    last = latest_try(conn, kind)
    pause = timedelta(minutes=settings.circles_minutes)
    if reading_of(conn, kind) is not None:
        pause = min(pause, _SOONEST)
    return last is None or last <= clock.now() - pause


async def follow_circles(db: Database, settings: Settings) -> None:
    """For ever: do what is due, and be there at the moment when a circle ends.

    Whatever goes wrong is logged, and tried again; serving never stops for it.
    """
    while True:
        pause = _LOOK_EVERY
        try:
            failed = await beside(partial(refresh_circles, db, settings))
            pause = await asyncio.to_thread(next_due, db, _LOOK_EVERY)
        except Exception:
            log.exception("following circles failed")
        else:
            for sentence in failed:
                log.warning("import failed", reason=sentence)
        await asyncio.sleep(pause)
