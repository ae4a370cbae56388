"""Serving with limits: slow or oversized senders are cut before they cost anybody anything."""

import asyncio
import gc
import re
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from board.core.config import Settings
from board.core.ready import READY

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
# A picture from a phone may take longer: whatever keeps coming in such portions buys more time.
PORTION = 256 * 1024
HEAD_BYTES = 16 * 1024
PIECE = 4 * 1024
# Requests that may wait on one line for the answers before them. Each is kept, at fifty times its
# own size, and a few lines whose peers don't read would hold all memory.
MOST_WAITING = 100


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a clock on heads and bodies and a cap on heads.

    Bare uvicorn took a header of 100 MB, and waited for stalled senders without end. No limit per
    peer is kept here: behind a proxy all peers are one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._owes_nothing = False
        self._head_bytes = 0
        self._body_bytes = 0
        self._refused = False
        self._deadline: asyncio.TimerHandle | None = None
        self._offers = {READY: self._write_ready}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A peer connected: its first head is awaited."""
        super().connection_made(transport)
        self._wait_for(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """A peer left."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: they are read in pieces, so that an endless head is noticed in time.

        The clock starts when something is missing after them: a request that comes whole, as most
        do, costs no clock at all.
        """
        if len(data) <= PIECE:
            self._read(data)
        else:
            for start in range(0, len(data), PIECE):
                if not self._read(data[start : start + PIECE]):
                    return
        if self._deadline is None and not (self._owes_nothing or self._refused):
            self._wait_for(HEAD_SECONDS if self._in_head else BODY_SECONDS)

    def _read(self, piece: bytes) -> bool:
        """Read a piece; False when whatever follows is of no interest."""
        # A head begins, or something goes on; or blank lines come that only pretend to be a head.
        self._owes_nothing = False
        super().data_received(piece)
        if self._refused or self.transport.is_closing():
            return False
        if self._in_head:
            self._head_bytes += len(piece)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(431, b"Request Header Fields Too Large")
                return False
        if len(self.pipeline) > MOST_WAITING:
            self.pipeline.clear()
            self._refuse(429, b"Too Many Requests")
            return False
        return True

    def on_headers_complete(self) -> None:
        """The head is whole; a body may follow."""
        before = self._head_bytes
        self._in_head, self._head_bytes, self._body_bytes = False, 0, 0
        if before + PIECE > HEAD_BYTES and self._head_size() > HEAD_BYTES:
            self._refuse(431, b"Request Header Fields Too Large")
        elif not _asks_one_host(self.url, self.headers):
            self._refuse(400, b"Bad Request")
        else:
            self._stop_waiting()
            super().on_headers_complete()
            self.scope["extensions"] = self._offers  # type: ignore[typeddict-item]

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        if not self._refused:
            before, self._body_bytes = self._body_bytes, self._body_bytes + len(body)
            if self._body_bytes // PORTION > before // PORTION:
                self._stop_waiting()
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is here; how long the next may be awaited is keep-alive's limit."""
        if not self._refused:
            self._stop_waiting()
            self._in_head = self._owes_nothing = True
            super().on_message_complete()

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _write_ready(self, scope: Scope, head: bytes, body: bytes) -> bool:
        """Answer with what is written already, as `RequestResponseCycle.send` does with what isn't.

        That looks at each header anew, which took longer than the page. False when it isn't the
        moment: another request came meanwhile, the peer reads slowly, or wants us to hang up.
        """
        cycle = self.cycle
        its_own = cycle.scope is scope and not cycle.disconnected
        if not its_own or not cycle.keep_alive or cycle.flow.write_paused:
            return False
        always = [b"%s: %s\r\n" % header for header in cycle.default_headers]
        cycle.transport.write(b"".join((head, *always, b"\r\n")))
        if body:
            cycle.transport.write(body)
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True

    def send_400_response(self, msg: str) -> None:
        """What the parser can't read is refused, once, and never in an earlier answer's place."""
        if not self._refused:
            self._refuse(400, b"Bad Request")

    def _wait_for(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(seconds, self._refuse, 408, b"Request Timeout")

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int, words: bytes) -> None:
        """Answer in one line, unless that would be taken for an earlier answer, and hang up."""
        self._stop_waiting()
        self._refused = True
        if self.transport.is_closing():
            return
        cycle = self.cycle
        idle = cycle is None or cycle.response_complete
        # The request whose body stalls is the one that is answered here.
        its_own = not self.pipeline and not idle and cycle.more_body and not cycle.response_started
        if idle or its_own:
            self.transport.write(
                b"HTTP/1.1 %d %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                % (status, words)
            )
        self.transport.close()


def _asks_one_host(url: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a head names one host: two Host lines, or an address that names another, are tricks.

    Proxies may ask with a whole address ("http://board.example.org/towns").
    """
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or url.startswith(b"/"):
        return len(hosts) < 2
    named = re.match(rb"https?://([^/?#]*)", url.lower())
    return named is not None and [host.lower() for host in hosts] == [named[1]]


def make_application() -> ASGIApp:
    """The application, made without looking for rubbish: nearly all that is made now stays.

    What stays is put aside then, so that nobody looks through it again and again.
    """
    gc.disable()
    from board.app import create  # noqa: PLC0415 - it is to be read here

    application = create()
    gc.freeze()
    gc.enable()
    return application


def serve_board(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Run the server until it is told to stop."""
    uvicorn.run(
        "board.serving:make_application",
        factory=True,
        host=host,
        port=port,
        workers=workers if workers > 1 else None,
        http=GuardedProtocol if workers == 1 else "board.serving:GuardedProtocol",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies) or None,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=HEAD_BYTES,
    )
