"""Asking the log before each answer: once for all who came before, anew for who comes after."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
import uvloop

from board.core.changes import Change
from board.core.news import News

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


class Counted:
    """A log that tells how often it was asked."""

    at_once = True

    def __init__(self) -> None:
        self.asked = 0
        self.waiting: list[Change] = []

    def news(self) -> Sequence[Change]:
        self.asked += 1
        told, self.waiting = self.waiting, []
        return tuple(told)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("new_loop", LOOPS)
def test_log_is_asked_once_for_all_who_came_before(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    log = Counted()
    news, heard = News(log), list[Sequence[Change]]()
    news.hear = heard.append

    async def ask() -> int:
        assert await news.heard()
        return len(heard)

    async def scene() -> None:
        await asyncio.gather(*(asyncio.create_task(ask()) for _reader in range(5)))
        assert log.asked == 1
        log.waiting = [Change("town", 1)]
        assert await asyncio.create_task(ask()) == 1
        assert log.asked == 2

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(scene())


@pytest.mark.parametrize("new_loop", LOOPS)
def test_who_knows_of_something_newer_hears_of_it(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """A request that is read just after the log was asked, and one that asks again."""
    log = Counted()
    news, heard = News(log), list[Sequence[Change]]()
    news.hear = heard.append

    async def ask() -> int:
        assert await news.heard()
        return len(heard)

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        later = loop.create_future()

        def arrive() -> None:
            log.waiting.append(Change("town", 1))
            later.set_result(loop.create_task(ask()))

        first = asyncio.create_task(ask())
        # Whatever the loop reads, it reads after those whose turn it is.
        first.add_done_callback(lambda _task: arrive())
        assert await first == 0
        assert await (await later) == 1
        log.waiting.append(Change("town", 2))
        assert await ask() == 2
        log.waiting.append(Change("town", 3))
        assert await ask() == 3

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(scene())
