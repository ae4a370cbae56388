"""The shell around every answer: security headers, request ids, language, static build id.

All of it is plain ASGI: Starlette's BaseHTTPMiddleware costs 191 µs a request, this 1 to 2.
"""

import logging
import time
from collections.abc import Iterable
from itertools import count
from secrets import randbits
from urllib.parse import quote

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from board.core import language
from board.core.logs import about_request

LINES = logging.getLogger("board.request")
log = structlog.stdlib.get_logger("board.request")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), payment=(), usb=(), geolocation=(self)"),
)
# One answer leaks nothing of its address to other sites, and nothing at all where it is secret.
# Not "no-referrer" there: browsers then send `Origin: null` with our own forms, and over plain
# http or from an older Safari nothing else would tell them from a stranger's.
REFERRER = (b"referrer-policy", b"strict-origin-when-cross-origin")
OWN_REFERRER = (b"referrer-policy", b"same-origin")
NO_INDEX = (b"x-robots-tag", b"noindex, nofollow")
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
# Each process counts from somewhere else: asking for chance each time took longer than the rest.
_numbers = count(randbits(47))
SECRET_PATHS = ("/confirm", "/mail", "/tell/", "/slip", "/staff", "/dev", "/you")


class Shell:
    """Around every answer that is made: headers on 100 % of them, one log line, the language.

    Only the page cache stands outside; what it keeps is dressed already.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, pictures: str = "") -> None:
        """`pictures`: an origin that map pictures come from, beside our own."""
        self.app = app
        headers = with_pictures(HEADERS, pictures) if pictures else HEADERS
        self.always = (*headers, HSTS) if secure else headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        code, path = language.split_path(scope["path"])
        # No address of ours holds a NUL, and PostgreSQL would choke on it: it becomes a mark that
        # stands for nothing, so that the answer is an ordinary page.
        path = path.replace("\x00", "\ufffd")
        query = scope["query_string"].replace(b"%00", b"%EF%BF%BD")
        scope = {**scope, "path": path, "plain_path": path, "query_string": query}
        if code != language.DEFAULT:
            scope["raw_path"] = quote(path).encode()
        headers = self._headers(path)
        started = time.perf_counter()
        status = 500

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": dressed(message.get("headers", ()), headers)}
            await send(message)

        with language.speaking(code), about_request(f"{next(_numbers):012x}"):
            try:
                await self.app(scope, receive, send_dressed)
            finally:
                if LINES.isEnabledFor(logging.INFO):
                    log.info(
                        "answered",
                        method=scope["method"],
                        route=route_template(scope),
                        status=status,
                        ms=round((time.perf_counter() - started) * 1000, 1),
                    )

    def _headers(self, path: str) -> tuple[tuple[bytes, bytes], ...]:
        if path.startswith(SECRET_PATHS):
            return (*self.always, OWN_REFERRER, NO_INDEX)
        return (*self.always, REFERRER)


def with_pictures(
    headers: tuple[tuple[bytes, bytes], ...], origin: str
) -> tuple[tuple[bytes, bytes], ...]:
    """The headers with a policy that lets pictures come from one more origin."""
    policy = POLICY.replace("img-src 'self' data:", f"img-src 'self' data: {origin}")
    return tuple(
        (name, policy.encode() if name == b"content-security-policy" else value)
        for name, value in headers
    )


def dressed(
    own: Iterable[tuple[bytes, bytes]], extra: Iterable[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """An answer's headers with the shell's; what the answer says itself wins."""
    headers = list(own)
    said = {name.lower() for name, _value in headers}
    headers += [(name, value) for name, value in extra if name not in said]
    if b"cache-control" not in said:
        headers.append((b"cache-control", b"private, no-store"))
    return headers


def route_template(scope: Scope) -> str:
    """The route's pattern ("/stories/{id}"), never the address itself: logs hold no tokens."""
    route = scope.get("route")
    return getattr(route, "path", "-")
