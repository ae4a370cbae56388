"""Long work beside a server: in a thread that ends when the server does.

In a thread of the event loop's own pool, a slow list would keep a server from stopping.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from board.circles.import_jobs import Between, Stopped

T = TypeVar("T")

# How long a server that stops waits for a step to end; what is cut off is gone on with later.
_PATIENCE: Final = 2.0


async def beside(work: Callable[[Between], T]) -> T:
    """What `work` answers, from a thread; once we are cancelled, its `between` raises Stopped."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    stop = threading.Event()

    def between() -> None:
        if stop.is_set():
            raise Stopped

    def run() -> None:
        try:
            result = work(between)
        except Exception as error:  # noqa: BLE001 - whatever it was, it belongs to who waits
            tell(done.set_exception, error)
        else:
            tell(done.set_result, result)

    def tell(how: Callable[[Any], None], what: Any) -> None:
        # A closed loop, or a future that was given up: nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if done.done() else how(what))

    thread = threading.Thread(target=run, name="circles", daemon=True)
    thread.start()
    try:
        return await done
    finally:
        stop.set()
        if thread.is_alive():
            await asyncio.to_thread(thread.join, _PATIENCE)
