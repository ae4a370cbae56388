"""Asking a server on this machine many times at once, over HTTP/1.1 connections that stay open."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, NamedTuple

import uvloop

HOST: Final = "127.0.0.1"
_END: Final = b"\r\n\r\n"
_IN_PIECES: Final = 0


class Answer(NamedTuple):
    """One answer, and what it was asked with."""

    tag: Any
    status: int
    head: bytes
    body: bytes
    seconds: float


# What to ask next on a connection, with a tag to know the answer by; None ends the connection.
Ask = Callable[[], tuple[bytes, Any] | None]
Take = Callable[[Answer], None]


class Load(NamedTuple):
    """How a load went. `waits` are seconds, the shortest first."""

    answers: int
    seconds: float
    statuses: Counter[int]
    waits: list[float]
    broken: int

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds

    def wait(self, share: float) -> float:
        """Within how many ms this share of the answers came."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * share))] * 1_000


def request(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """The bytes of a request as a browser would send it."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    asked = {"accept": "text/html", "accept-encoding": "gzip", **(headers or {})}
    if method == "POST":
        asked |= {
            "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(body)),
            "sec-fetch-site": "same-origin",
        }
    lines += [f"{name}: {value}" for name, value in asked.items()]
    return "\r\n".join(lines).encode() + _END + body


class _Caller(asyncio.Protocol):
    """One connection: asks, reads the whole answer, asks again."""

    def __init__(self, ask: Ask, take: Take, gone: "asyncio.Future[bool]") -> None:
        self.ask, self.take, self.gone = ask, take, gone
        self.buffer = bytearray()
        self.tag: Any = None
        self.busy = False
        self.began = 0.0
        self.begins_at = self.ends_at = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._next()

    def _next(self) -> None:
        asked = self.ask()
        self.busy = asked is not None
        if asked is None:
            self.transport.close()
            return
        raw, self.tag = asked
        self.buffer.clear()
        self.ends_at = -1
        self.began = time.perf_counter()
        self.transport.write(raw)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.ends_at < 0 and not self._measure():
            return
        whole = len(self.buffer) >= self.ends_at
        if self.ends_at == _IN_PIECES:
            whole = self.buffer.endswith(b"0\r\n\r\n")
        if not whole:
            return
        waited = time.perf_counter() - self.began
        head, body = bytes(self.buffer[: self.begins_at]), bytes(self.buffer[self.begins_at :])
        self.take(Answer(self.tag, int(head[9:12]), head, body, waited))
        self._next()

    def _measure(self) -> bool:
        """Where the answer ends: known from its head, or `_IN_PIECES`."""
        at = self.buffer.find(_END)
        if at < 0:
            return False
        self.begins_at = at + 4
        head = bytes(self.buffer[:at]).lower()
        length = 0
        if (said := head.find(b"\r\ncontent-length:")) >= 0:
            length = int(head[said + 17 :].split(b"\r\n", 1)[0])
        elif b"\r\ntransfer-encoding: chunked" in head:
            self.ends_at = _IN_PIECES
            return True
        self.ends_at = self.begins_at + length
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(self.busy)


async def ask_at_once(ports: list[int], ask: Ask, take: Take, connections: int) -> int:
    """Keep so many connections busy until `ask` has nothing more; how many were cut off."""
    loop = asyncio.get_running_loop()
    ends = []
    for number in range(connections):
        gone = loop.create_future()
        ends.append(gone)
        port = ports[number % len(ports)]
        await loop.create_connection(partial(_Caller, ask, take, gone), HOST, port)
    return sum(await asyncio.gather(*ends))


async def load(
    ports: list[int],
    pick: Callable[[], tuple[bytes, Any]],
    *,
    connections: int,
    seconds: float,
    take: Take | None = None,
) -> Load:
    """Ask whatever `pick` picks for so many seconds."""
    statuses: Counter[int] = Counter()
    waits: list[float] = []

    def taken(answer: Answer) -> None:
        statuses[answer.status] += 1
        waits.append(answer.seconds)
        if take is not None:
            take(answer)

    begun = time.perf_counter()
    until = begun + seconds

    def ask() -> tuple[bytes, Any] | None:
        return pick() if time.perf_counter() < until else None

    broken = await ask_at_once(ports, ask, taken, connections)
    return Load(len(waits), time.perf_counter() - begun, statuses, sorted(waits), broken)


async def one(port: int, raw: bytes) -> Answer:
    """One request and its answer."""
    answers: list[Answer] = []
    asked = iter([(raw, None)])
    await ask_at_once([port], lambda: next(asked, None), answers.append, 1)
    return answers[0]


def run(work: Awaitable[Any]) -> Any:
    """Run asynchronous work on a fast loop."""

    async def whole() -> Any:
        return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(whole())
