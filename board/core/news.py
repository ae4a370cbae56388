"""Asking the log of changes before each answer, one question for all who wait."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from board.core.changes import EVERYTHING, Change, Log, Unreadable

# How long a log that couldn't be read is left alone, in seconds.
RESTS: Final = 1.0
log = logging.getLogger("board.news")
# Adds to changes what deciding about them takes (how the things are now that became another).
Look = Callable[[Sequence[Change]], Sequence[Change]]


class News:
    """Asks the log before an answer. Where that takes a while, those who wait share one question,
    which began after each of them came."""

    def __init__(self, log: Log, look: Look = lambda changes: changes) -> None:
        self.hear: Callable[[Sequence[Change]], None] = lambda _changes: None
        self._log, self._look = log, look
        self._at_once = log.at_once
        self._next: asyncio.Task[bool] | None = None
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="changes")
        self._rests_until = 0.0
        self._asked_by: asyncio.Task[object] | None = None

    async def heard(self) -> bool:
        """Return when everything that was committed before this call has been heard.

        False when the log can't be followed: then nothing may be kept.
        """
        if self._rests_until and time.monotonic() < self._rests_until:
            return False
        if self._at_once:
            return self._ask_at_once()
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
        return await asyncio.shield(self._next)

    def _ask_at_once(self) -> bool:
        """Ask, unless another request did in this turn of the loop: all whose turn it is came
        before that. Who comes from now on is let in after `_turn_ends`."""
        task = asyncio.current_task()
        if self._asked_by is not None and self._asked_by is not task:
            return True
        changes = self._read()
        if changes != () and not self._told(changes):
            return False
        self._asked_by = task
        asyncio.get_running_loop().call_soon(self._turn_ends)
        return True

    def _turn_ends(self) -> None:
        self._asked_by = None

    async def _ask(self) -> bool:
        async with self._turn:
            # Who comes from here on may know of something newer.
            self._next = None
            loop = asyncio.get_running_loop()
            return self._told(await loop.run_in_executor(self._thread, self._read))

    def _read(self) -> Sequence[Change] | None:
        try:
            changes = self._log.news()
        except Unreadable:
            log.warning("the log of changes can't be read", exc_info=True)
            return None
        return self._look(changes) if changes else changes

    def _told(self, changes: Sequence[Change] | None) -> bool:
        if changes is None:
            self._rests_until = time.monotonic() + RESTS
            self.hear((EVERYTHING,))
        else:
            self._rests_until = 0.0
            if changes:
                self.hear(changes)
        return changes is not None

    def close(self) -> None:
        """Ask no more."""
        self._thread.shutdown()
        self._log.close()
