"""What is refused before any view is asked: forms from other sites, and too much at once.

The layers that refuse answer in plain words of their own; people get our pages instead.
"""

import re
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from board.core.errors import Refused
from board.core.http import on_board_error, on_http_error
from board.core.language import gettext as _


async def from_elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a form that another site sent."""
    sentence = _("This came from another site, so nothing was done. Open the page here and try it.")
    response = await on_board_error(Request(scope, receive), Refused(sentence))
    await response(scope, receive, send)


# What only asks has nothing in its body that anybody reads, and changes nothing.
ASKING = ("GET", "HEAD", "OPTIONS")


class OnlyForms:
    """Layers that look at forms alone; whoever only asks goes past them."""

    def __init__(self, app: ASGIApp, *, layers: Sequence[Middleware]) -> None:
        self.app = self.guarded = app
        for cls, args, kwargs in reversed(layers):
            self.guarded = cls(self.guarded, *args, **kwargs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks = scope["type"] != "http" or scope["method"] in ASKING
        await (self.app if asks else self.guarded)(scope, receive, send)


# The forms that may bring a picture.
WITH_FILE = re.compile(r"/tell(/draft/[^/]+)?|/stories/\d+/edit")


class BodyLimit:
    """Refuses a body over the limit: at once when its length is declared, else while it comes.

    A form with a file may weigh `most_with_file`, at the few addresses that take one.
    """

    def __init__(self, app: ASGIApp, *, most: int, most_with_file: int) -> None:
        self.limits = {
            limit: RequestBodyLimitMiddleware(app, max_body_size=limit)
            for limit in (most, most_with_file)
        }
        self.most, self.most_with_file = most, most_with_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self.most_with_file if _may_bring_file(scope) else self.most
        if scope["type"] == "http" and _declared(scope) > limit:
            response = await on_http_error(Request(scope, receive), HTTPException(413))
            await response(scope, receive, send)
        else:
            await self.limits[limit](scope, receive, send)


def _may_bring_file(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    kind = Headers(scope=scope).get("content-type", "")
    return kind.startswith("multipart/form-data") and bool(WITH_FILE.fullmatch(scope["path"]))


def _declared(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared[:15]) if declared.isdecimal() and declared.isascii() else 0


class ForeignReferer:
    """Refuses a form of an older browser, which names no origin, when its page was another site's.

    Every newer browser says more than that, and is judged by it (CrossOriginProtection).
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], exempt: str) -> None:
        self.app = app
        self.hosts, self.exempt = frozenset(hosts), exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = from_elsewhere if scope["type"] == "http" and self._is_foreign(scope) else self.app
        await answer(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        says_more = "sec-fetch-site" in headers or "origin" in headers
        if scope["method"] in ("GET", "HEAD", "OPTIONS") or says_more:
            return False
        page = urlsplit(headers.get("referer", "")).hostname
        return bool(page) and page not in self.hosts and not scope["path"].startswith(self.exempt)
