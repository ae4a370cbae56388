"""Serving with limits: slow or oversized senders are cut before they cost anybody anything."""

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from board.core.config import Settings

HEAD_SECONDS = 10
BODY_SECONDS = 20
HEAD_BYTES = 16 * 1024


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a clock on heads and bodies and a cap on heads.

    Bare uvicorn took a header of 100 MB, and waited for stalled senders without end. No limit per
    peer is kept here: behind a proxy all peers are one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None
        self._hosts = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A peer connected: its first head is awaited."""
        super().connection_made(transport)
        self._wait_for(HEAD_SECONDS, 408, b"Request Timeout")

    def connection_lost(self, exc: Exception | None) -> None:
        """A peer left."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: count them while they are a head."""
        if self._in_head:
            self._head_bytes += len(data)
            end = data.find(b"\r\n\r\n")
            if self._head_bytes - (len(data) - end if end >= 0 else 0) > HEAD_BYTES:
                self._refuse(431, b"Request Header Fields Too Large")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._hosts = 0
        self._in_head = True
        self._wait_for(HEAD_SECONDS, 408, b"Request Timeout")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header: two Host lines are a trick, not a request."""
        if name.lower() == b"host":
            self._hosts += 1
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole; a body may follow."""
        self._in_head = False
        self._head_bytes = 0
        if self._hosts > 1:
            self._refuse(400, b"Bad Request")
            return
        self._wait_for(BODY_SECONDS, 408, b"Request Timeout")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is here; the next head may take its time (keep-alive's own limit)."""
        self._stop_waiting()
        super().on_message_complete()

    def _wait_for(self, seconds: float, status: int, words: bytes) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(seconds, self._refuse, status, words)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int, words: bytes) -> None:
        """Answer in one line and hang up; nothing when an answer is under way already."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(
                b"HTTP/1.1 %d %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                % (status, words)
            )
        self.transport.close()


def serve_board(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Run the server until it is told to stop."""
    uvicorn.run(
        "board.app:create",
        factory=True,
        host=host,
        port=port,
        workers=workers if workers > 1 else None,
        http=GuardedProtocol if workers == 1 else "board.serving:GuardedProtocol",
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
