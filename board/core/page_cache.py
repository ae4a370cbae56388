"""Pages that any reader may share, kept ready to send: headers and bodies, plain and compressed.

Only what a view declared (`keep`) is kept, only for readers without any cookie, and only as long
as nothing it depends on became another. Before each answer the log of changes is asked
(`core.news`), so that who was told "done" never sees how it was before. A page is made once at a
time: who asks for the same meanwhile waits for it. A page that something overtook while it was
made is shown to those who asked before that, and isn't kept.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from board.core import language
from board.core.changes import EVERYTHING, MOST, Change
from board.core.kept_pages import Asked, Depending, Kept, Key, Store
from board.core.news import News
from board.core.ready import Header, send_ready
from board.core.shell import LINES, log, route_template

LONGEST_QUERY: Final = 300
MEGABYTE: Final = 1 << 20
_FILL: Final = "page_cache.fill"
# A line in the log costs more than a kept page itself.
KEPT_PER_LINE: Final = 100
_NO_GZIP: Final = re.compile(rb"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


def keep(request: Request, depends: Depending) -> None:
    """Declare, before the page is made, that readers may share it until one of these changes."""
    fill = request.scope.get(_FILL)
    if fill is not None:
        fill.depends, fill.route = depends, route_template(request.scope)


def hand_over(request: Request, body: bytes) -> bool:
    """Give the body of a page that may be shared to the cache; False when it isn't to be kept."""
    fill = request.scope.get(_FILL)
    if fill is None or fill.depends is None:
        return False
    fill.body = body
    return True


def read_asked(scope: Scope) -> Asked | None:
    """What a request asks for; None when it is nobody's to share."""
    method, query = scope["method"], scope["query_string"]
    if method not in ("GET", "HEAD") or len(query) > LONGEST_QUERY or b"near=" in query:
        return None
    headers = dict(scope["headers"])
    if b"cookie" in headers or b"authorization" in headers:
        return None
    takes = headers.get(b"accept-encoding", b"")
    return Asked(
        (headers.get(b"host", b""), scope["path"], query),
        method == "HEAD",
        b"gzip" in takes and (b"q=0" not in takes or not _NO_GZIP.search(takes)),
        headers.get(b"if-none-match", b""),
    )


@dataclass(eq=False)
class Fill:
    """A page that is being made."""

    done: "asyncio.Future[Kept | None]"
    depends: Depending | None = None
    body: bytes | None = None
    route: str = "-"
    # What changed since it was begun, and at which tick somebody could know.
    news: list[tuple[int, Change]] = field(default_factory=list)

    def hear(self, tick: int, changes: Sequence[Change]) -> None:
        """Remember what changed meanwhile; of very much, only that it was much."""
        self.news.extend((tick, change) for change in changes)
        if len(self.news) > MOST:
            self.news = [(self.news[0][0], EVERYTHING)]

    def overtaken_at(self) -> int | None:
        """The first tick at which something it depends on changed."""
        if self.depends is None:
            return None
        return next(
            (
                tick
                for tick, one in self.news
                if one.kind == EVERYTHING.kind or self.depends.touched_by(one)
            ),
            None,
        )


class PageCache:
    """The outermost layer: answers readers from kept pages; with no room it lets all pass.

    Addresses that begin with one of `never` are nobody else's, or must answer whatever the
    database does. `seen` hears of each request that got a kept page.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        news: News,
        megabytes: int,
        never: Iterable[str] = (),
        seen: Callable[[Scope], None] = lambda _scope: None,
    ) -> None:
        self.app = app
        self.seen = seen
        codes = language.NAMES
        self.never = tuple(language.localised(path, code) for path in never for code in codes)
        self.store = Store(megabytes * MEGABYTE)
        self.news = news
        news.hear = self._hear
        self._filling: dict[Key, Fill] = {}
        self._tick = 0
        self._number = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = read_asked(scope) if self.store.most and scope["type"] == "http" else None
        if asked is None or scope["path"].startswith(self.never):
            await self.app(scope, receive, send)
            return
        while True:
            if not await self.news.heard():
                await self.app(scope, receive, send)
                return
            kept = self.store.find(asked.key)
            if kept is not None:
                break
            fill = self._filling.get(asked.key)
            if fill is None:
                await self._fill(asked, scope, receive, send)
                return
            arrived = self._tick
            kept = await asyncio.shield(fill.done)
            if kept is None:
                # It is not to be shared: everybody makes their own.
                await self.app(scope, receive, send)
                return
            overtaken = fill.overtaken_at()
            if overtaken is None or arrived < overtaken:
                break
        await self._show(kept, asked, scope, send)

    async def _show(self, kept: Kept, asked: Asked, scope: Scope, send: Send) -> None:
        """Answer with a page that was there."""
        await send_ready(kept.answer(asked), scope, send)
        self.seen(scope)
        if LINES.isEnabledFor(logging.INFO) and next(self._number) % KEPT_PER_LINE == 0:
            log.info("answered", method=scope["method"], route=kept.route, kept=KEPT_PER_LINE)

    async def _fill(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Make a page for whoever asked first, and for all who ask meanwhile."""
        fill = self._filling[asked.key] = Fill(asyncio.get_running_loop().create_future())
        kept = shared = None
        try:
            kept = await self._make(fill, scope, receive, send)
            if kept is not None and not kept.sets_cookie and await self.news.heard():
                shared = kept
                if fill.overtaken_at() is None:
                    self.store.put(asked.key, kept)
        finally:
            del self._filling[asked.key]
            fill.done.set_result(shared)
        if kept is not None:
            await send_ready(kept.answer(asked), scope, send)

    async def _make(self, fill: Fill, scope: Scope, receive: Receive, send: Send) -> Kept | None:
        """Let the page be made; None when it isn't to be kept, and then it was sent as it came."""
        headers: list[Header] = []

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] != 200:
                # Something went wrong after the page was made: what comes now is another one.
                fill.body = None
            if fill.body is None:
                await send(message)
            elif message["type"] == "http.response.start":
                headers.extend(message["headers"])

        await self.app({**scope, _FILL: fill}, receive, hold)
        if fill.body is None or fill.depends is None:
            return None
        return Kept(fill.body, headers, fill.depends, fill.route)

    def _hear(self, changes: Sequence[Change]) -> None:
        self._tick += 1
        self.store.drop_touched(changes)
        for fill in self._filling.values():
            fill.hear(self._tick, changes)
