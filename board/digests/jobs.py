"""Turning what happened into mails. Runs beside the server, in every process of it, or by hand.

Each announcement is told in one transaction, which also marks it as done: a killed job leaves it
to be told whole by the next one, and of two at once the second finds it done. The weekly letter
goes a page of people at a time; its event makes a repeated page harmless.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy import Connection

from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.facts import get_fact, keep_fact
from board.core.keys import Keys
from board.digests.actions import tell_ready, tell_update
from board.digests.asking_actions import ask_after_launch, ask_still_in
from board.digests.circle_actions import tell_circle, tell_stalled
from board.digests.news_queries import gather
from board.digests.notice_actions import (
    notice_circles,
    notice_launched,
    notice_stalled,
    take_up,
    undone,
)
from board.digests.rules import PAGE, news_since, terms_of
from board.digests.seat_actions import SEAT, tell_seat
from board.digests.staff_actions import tell_staff_week
from board.digests.weekly_actions import Page, close_letter, letter_due, write_page
from board.digests.writing import Desk

log = structlog.get_logger("board.digests")
EVERY: Final = 20.0
_LOOK_EVERY: Final = timedelta(hours=1)
_LOOK_FACT: Final = "digests.looked_at"

Teller = Callable[[Connection, Desk, int, datetime], int]
_TELLERS: Final[Mapping[str, Teller]] = {
    "ready": lambda conn, desk, subject, _at: tell_ready(conn, desk, subject),
    "update": lambda conn, desk, subject, _at: tell_update(conn, desk, subject),
    "circle": tell_circle,
    "stalled": lambda conn, desk, subject, _at: tell_stalled(conn, desk, subject),
    "after_launch": lambda conn, desk, subject, _at: ask_after_launch(conn, desk, subject),
    SEAT: tell_seat,
}


class Told(NamedTuple):
    """How many mails a round put into the outbox."""

    at_once: int = 0
    still_in: int = 0
    weekly: int = 0
    staff: int = 0

    @property
    def mails(self) -> int:
        return self.at_once + self.still_in + self.weekly + self.staff


class _OnlyLooking(Exception):
    """Ends a dry run: everything it wrote is rolled back."""


Begin = Callable[[], AbstractContextManager[Connection]]


def tell_all(database: Database, keys: Keys, settings: Settings, *, look: bool = False) -> Told:
    """One round: notice what is new, tell what was announced, ask, and write the weekly letter.

    `look`: also look for what goes by months now, not only once an hour.
    """
    desk = Desk(keys, terms_of(settings), clock.now())
    return _round(database.transaction, desk, look=look)


def dry_run(database: Database, keys: Keys, settings: Settings) -> Told:
    """What `tell_all` would put into the outbox now; nothing is kept of it."""
    desk = Desk(keys, terms_of(settings), clock.now())
    told = Told()
    with suppress(_OnlyLooking), database.transaction() as conn:

        @contextmanager
        def within() -> Iterator[Connection]:
            with conn.begin_nested():
                yield conn

        told = _round(within, desk, look=True)
        raise _OnlyLooking
    return told


def _round(begin: Begin, desk: Desk, *, look: bool) -> Told:
    still_in = 0
    with begin() as conn:
        notice_circles(conn, desk.now)
        if look or _time_to_look(conn, desk.now):
            notice_stalled(conn, desk.now, desk.terms.stall)
            notice_launched(conn, desk.now)
            still_in = ask_still_in(conn, desk, PAGE)
            keep_fact(conn, _LOOK_FACT, desk.now.isoformat())
        waiting = undone(conn, desk.now)
    told = Told(_tell_each(begin, desk, waiting), still_in, _write_weekly(begin, desk))
    with begin() as conn:
        return told._replace(staff=tell_staff_week(conn, desk))


def _time_to_look(conn: Connection, now: datetime) -> bool:
    """What goes by weeks and months is looked for once an hour."""
    said = get_fact(conn, _LOOK_FACT)
    return said is None or datetime.fromisoformat(said) <= now - _LOOK_EVERY


def _tell_each(begin: Begin, desk: Desk, waiting: list[int]) -> int:
    """Tell every announcement in a transaction of its own: one that fails stops no other."""
    told = 0
    for number in waiting:
        try:
            with begin() as conn:
                told += _tell(conn, desk, number)
        except Exception:
            log.exception("telling failed", announcement=number)
    return told


def _tell(conn: Connection, desk: Desk, number: int) -> int:
    taken = take_up(conn, number, desk.now)
    if taken is None or taken.kind not in _TELLERS:
        return 0
    return _TELLERS[taken.kind](conn, desk, taken.subject_id, taken.created_at)


def _write_weekly(begin: Begin, desk: Desk) -> int:
    """The weekly letter, once it is due: gathered once, written a page of followers at a time."""
    with begin() as conn:
        due = letter_due(conn, desk)
        if due is None:
            return 0
        news = gather(conn, news_since(due.at, due.before), due.at)
    sent, page = 0, Page(last=0, sent=0)
    while news.any:
        with begin() as conn:
            page = write_page(conn, desk, news, due.at, after=page.last)
        if not page.last:
            break
        sent += page.sent
    with begin() as conn:
        close_letter(conn, due)
    return sent


async def tell_forever(database: Database, keys: Keys, settings: Settings) -> None:
    """Tell until cancelled; a failing round is logged and tried again."""
    while True:
        try:
            told = await asyncio.to_thread(tell_all, database, keys, settings)
        except Exception:
            log.exception("telling failed")
        else:
            if told.mails:
                log.info("told", **told._asdict())
        await asyncio.sleep(EVERY)
