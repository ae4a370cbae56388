"""The one writer of a process: a thread that commits what waits in small groups.

Group commit makes `synchronous=FULL` nearly free. If an action of a group raises, the group is
rolled back and tried again in halves, down to a transaction of its own, so that one failure
poisons no neighbour. That is why actions have no effects outside the database.
"""

import asyncio
import contextvars
import fcntl
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from board.core.errors import Busy, Unreachable
from board.core.language import gettext as _

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 32
WAITING = 2_000
DEADLOCK_TRIES = 5
# How long a group waits for a database that went away and is replaced by its copy, in seconds.
WAITS_FOR_DATABASE = 8.0
_TRY_EVERY = 0.25
_GAVE_WAY = frozenset({"40P01", "40001"})
# Shutting down, starting up, and one that has become a copy and may not be written to.
_CUT_OFF = frozenset({"57P01", "57P02", "57P03", "25006"})


class Job(NamedTuple):
    """An action with its values, and where its answer goes: whose loop waits for it."""

    act: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"


class Answer(NamedTuple):
    """What became of a job."""

    job: Job
    result: Any = None
    error: Exception | None = None


@contextmanager
def only_writer(lock: Path | None) -> Iterator[None]:
    """Hold the turn to write among the processes of one SQLite file.

    The database's own lock is first come, first starved: under load some waited for seconds.
    """
    if lock is None:
        yield
        return
    with lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Writer:
    """Queue, thread and commit. Started by the first write, stopped by `stop`."""

    def __init__(self, engine: Engine, lock: Path | None) -> None:
        self._engine = engine
        self._lock = lock
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        # By the loop that they come from, until its turn ends.
        self._gathered: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    async def write(
        self, action: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `action` in the next group and answer after its commit; raises what it raises.

        It runs in the asker's context: what it refuses is said in the language of their page.
        """
        loop, here = asyncio.get_running_loop(), contextvars.copy_context()
        answer: asyncio.Future[T] = loop.create_future()
        job = Job(lambda conn: here.run(action, conn, *args, **kwargs), loop, answer)
        self._gather(job)
        return await answer

    def _gather(self, job: Job) -> None:
        """Let what is asked for in one turn of the loop reach the thread together.

        Begun with the first, the thread would write that one alone, and take the processor from
        the loop, which has the others ready.
        """
        here = self._gathered.setdefault(job.loop, [])
        if self._jobs.qsize() + len(here) >= WAITING:
            raise Busy(_("Too many people are writing at this moment. Try again in a minute."))
        if not here:
            job.loop.call_soon(self._pass_on, job.loop)
        here.append(job)

    def _pass_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self._start()
        for job in self._gathered.pop(loop):
            self._jobs.put(job)

    def stop(self) -> None:
        """Commit what waits, then end the thread."""
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group, stopping = self._take()
            if group:
                hand_over(self._commit(group))

    def _take(self) -> tuple[list[Job], bool]:
        """Wait for a job, then take what else is there; True when it is time to stop."""
        group: list[Job] = []
        job = self._jobs.get()
        while job is not None:
            group.append(job)
            if len(group) == BATCH:
                return group, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: list[Job], tries: int = DEADLOCK_TRIES) -> list[Answer]:
        try:
            results = self._transact(group)
        except Exception as error:  # noqa: BLE001 - whatever it was, it belongs to the one who asked
            if isinstance(error, Unreachable):
                # Each alone would only wait in vain, one after the other.
                return [Answer(job, error=error) for job in group]
            if len(group) > 1:
                # By halves, so that the one that failed ends up alone, and most others together.
                half = len(group) // 2
                return self._commit(group[:half]) + self._commit(group[half:])
            if tries > 1 and is_deadlock(error):
                # PostgreSQL chose us to give way to another node's group; it is through by now.
                return self._commit(group, tries - 1)
            return [Answer(group[0], error=error)]
        return [Answer(job, result) for job, result in zip(group, results, strict=True)]

    def _transact(self, group: list[Job]) -> list[Any]:
        """Run a group in one transaction; while the database is away, wait for it a little.

        What was lost before the commit was asked for is certainly not there and is done again. A
        connection that breaks during the commit leaves it open whether it is: then we say so.
        """
        give_up = time.monotonic() + WAITS_FOR_DATABASE
        while True:
            acted = False
            try:
                with only_writer(self._lock), self._engine.begin() as conn:
                    results = [job.act(conn) for job in group]
                    acted = True
            except DBAPIError as error:
                if not is_cut_off(error):
                    raise
                if acted:
                    raise Unreachable(
                        _("The database left while it was writing. Look whether what you sent is "
                          "there before you send it again.")
                    ) from error  # fmt: skip
                if time.monotonic() > give_up:
                    raise Unreachable(
                        _("The board can't reach its database at this moment. "
                          "Nothing was written. Try again in a minute.")
                    ) from error  # fmt: skip
                time.sleep(_TRY_EVERY)
            else:
                return results


def is_cut_off(error: DBAPIError) -> bool:
    """Whether the database itself is away, was lost on the way, or may not be written to now.

    psycopg gives an error of the network no state of its own ("could not connect", "lost").
    """
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", "none of SQLite's")
    if state is None:
        return isinstance(error, OperationalError)
    return state in _CUT_OFF or str(state).startswith("08")


def is_deadlock(error: Exception) -> bool:
    """Whether the database undid this only because two nodes waited for each other."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _GAVE_WAY


def hand_over(answers: Sequence[Answer]) -> None:
    """Wake each loop once for all its answers of a group: each call would cost more than a vote."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Answer]] = {}
    for answer in answers:
        by_loop.setdefault(answer.job.loop, []).append(answer)
    for loop, own in by_loop.items():
        # A loop that has ended has nobody left to hear it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, own)


def _settle(answers: Sequence[Answer]) -> None:
    """Give the answers to those who haven't gone meanwhile (a closed connection)."""
    for (_act, _loop, waiting), result, error in answers:
        if waiting.done():
            continue
        if isinstance(error, StopIteration):
            # No future may carry one; unsaid, everybody behind it would wait for ever.
            waiting.set_exception(RuntimeError("an action ended with StopIteration"))
        elif error is not None:
            waiting.set_exception(error)
        else:
            waiting.set_result(result)
