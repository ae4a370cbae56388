"""Between HTTP and the board: pages, forms, reads and writes, and which error is which answer.

Only this module knows status codes. Views stay a few lines: guard, get, act, answer.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast
from urllib.parse import quote

from jinja2 import Environment
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from board.core import language
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import (
    BoardError,
    Busy,
    Conflict,
    Gone,
    Mistake,
    NotFound,
    Refused,
    TooMuch,
    Unreachable,
)
from board.core.keys import Keys
from board.core.limits import PostLimiter
from board.core.page_cache import hand_over
from board.core.rendering import url
from board.core.stamps import age_of, make_stamp
from board.core.tallies import Pending

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("board.http")

STATUS: Mapping[type[BoardError], int] = {
    NotFound: 404,
    Gone: 410,
    Refused: 403,
    Conflict: 409,
    Mistake: 422,
    TooMuch: 429,
    Busy: 503,
}
DRAWN_ERRORS = frozenset({403, 404, 405, 409, 410, 413, 422, 429, 500, 503})


class Viewer(Protocol):
    """Who looks at a page, as far as the ground floor needs to know."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Marks:
    """What a board says of its own data: loaded samples, an invented demo world."""

    sample: bool = False
    demo: bool = False


@dataclass
class Board:
    """What a running board is made of; kept at `app.state.board`."""

    settings: Settings
    keys: Keys
    database: Database
    pages: Environment
    limiter: PostLimiter
    static: Path
    content: Any = None
    marks: Marks = field(default_factory=Marks)
    visits: Pending = field(default_factory=Pending)


def board_of(request: Request) -> Board:
    """The board that answers this request."""
    return cast(Board, request.app.state.board)


async def read(
    request: Request,
    query: Callable[Concatenate[Connection, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """The answer of a query, from one snapshot."""
    return await board_of(request).database.read(query, *args, **kwargs)


async def read_shown(
    request: Request,
    query: Callable[Concatenate[Connection, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """The answer of a query for a page that is the same for everybody who has no cookie.

    It may come from a replica, which is a moment behind; who has a cookie sees what they just did.
    """
    database = board_of(request).database
    if request.headers.get("cookie") or request.method not in ("GET", "HEAD"):
        return await database.read(query, *args, **kwargs)
    return await database.read_shown(query, *args, **kwargs)


async def read_long(
    request: Request,
    query: Callable[Concatenate[Connection, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """The answer of a query that may take a while, from one snapshot, beside the event loop."""
    return await board_of(request).database.read_long(query, *args, **kwargs)


async def write(
    request: Request,
    action: Callable[Concatenate[Connection, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """What an action returns, after its commit."""
    return await board_of(request).database.write(action, *args, **kwargs)


def viewer_of(request: Request) -> Any:
    """The remembered person of this browser (`people.queries.Viewer`), or None."""
    return request.scope.get("viewer")


def context(request: Request) -> dict[str, Any]:
    """What the base layout shows on every page."""
    board = board_of(request)
    settings, path = board.settings, own_path(request)
    query = f"?{request.url.query}" if request.url.query else ""
    return {
        "request_path": path,
        "path": path,
        "language": language.current(),
        "languages": [
            (code, name, language.localised(path, code) + query)
            for code, name in language.NAMES.items()
        ],
        "viewer": viewer_of(request),
        "stamp": partial(_stamp, request),
        "sample_data": board.marks.sample,
        "demo": board.marks.demo,
        "settings": settings,
        "site": {
            "name": settings.site_name,
            "forum_url": settings.forum_url,
            "blog_url": settings.blog_url,
            "support_email": settings.support_email,
            "courses_url": settings.courses_url,
            "create_circle_url": settings.create_circle_url,
            "base_url": settings.base_url.rstrip("/"),
        },
    }


def _stamp(request: Request) -> str:
    """The stamp of a form on this page, which is thereby one's own: the one that was sent, after a
    mistake, so that mending it quickly doesn't look like a machine."""
    request.state.stamped = True
    keys = board_of(request).keys
    sent = getattr(request.state, "sent_stamp", "")
    return sent if sent and age_of(keys, sent) is not None else make_stamp(keys)


def own_path(request: Request) -> str:
    """The unprefixed address of this page, fit for a link: "//host" would lead elsewhere."""
    path = str(request.scope.get("plain_path", request.url.path))
    return "/" + quote(path.lstrip("/\\"), safe="/~:@!$&'()*+,;=")


async def page(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    private: bool = False,
) -> Response:
    """A page of ours. Readers' pages may be kept and asked again (ETag); others are private."""
    html = board_of(request).pages.get_template(template).render({**context(request), **values})
    body = html.encode()
    stamped = getattr(request.state, "stamped", False)
    shared = status == 200 and not (private or stamped) and "cookie" not in request.headers
    if not shared or request.method not in ("GET", "HEAD"):
        return HTMLResponse(body, status, headers={"cache-control": "private, no-store"})
    return shareable(request, body, "text/html; charset=utf-8")


def shareable(request: Request, body: bytes, media_type: str) -> Response:
    """An answer that every reader may have: asked again by its ETag, and kept if the view declared
    what it depends on (`core.page_cache.keep`)."""
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"cache-control": "no-cache", "etag": etag}
    if hand_over(request, body):
        return Response(headers=headers, media_type=media_type)
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def see_other(path: str) -> Response:
    """After a POST: look there. The path is ours and unprefixed."""
    return RedirectResponse(url(path), 303, headers={"cache-control": "private, no-store"})


async def error_page(request: Request, status: int, sentence: str, **more: Any) -> Response:
    """A helpful page for what went wrong."""
    shown = status if status in DRAWN_ERRORS else (500 if status >= 500 else 404)
    if request.url.path.startswith("/api/") or request.scope.get("wants_json"):
        return Response(status_code=status)
    return await page(
        request,
        f"errors/{shown}.html",
        {"sentence": sentence, "sent": {}, **more},
        status=status,
        private=True,
    )


async def on_board_error(request: Request, error: Exception) -> Response:
    """The answer to an error that a person can act on."""
    error = cast(BoardError, error)
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    later = isinstance(error, TooMuch | Busy)
    sent = getattr(request.state, "sent", {}) if later else {}
    away = isinstance(error, Unreachable)
    response = await error_page(request, status, str(error), sent=sent, away=away)
    if isinstance(error, TooMuch):
        response.headers["retry-after"] = str(error.retry_after)
    if isinstance(error, Busy):
        response.headers["retry-after"] = "10" if away else "30"
    return response


async def on_http_error(request: Request, error: Exception) -> Response:
    """The answer to what Starlette itself refuses (no such path, wrong method, too large)."""
    error = cast(HTTPException, error)
    path = own_path(request)
    asked = error.status_code == 404 and request.method in ("GET", "HEAD")
    if asked and path.endswith("/") and path.strip("/"):
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(url(path.rstrip("/")) + query, 301)
    response = await error_page(request, error.status_code, "")
    response.headers.update(error.headers or {})
    return response


async def on_hang_up(_request: Request, _error: Exception) -> Response:
    """The person left in the middle of a form: nobody reads an answer, nothing broke."""
    return Response(status_code=400)


async def on_crash(request: Request, error: Exception) -> Response:
    """The lights went out: the person hears that nothing is lost, the log hears the rest."""
    if isinstance(error, BoardError):
        # It was raised in front of the router (a session that can't be looked up).
        return await on_board_error(request, error)
    log.error("unexpected", exc_info=error)
    return await error_page(request, 500, "")


ERROR_HANDLERS: Mapping[Any, Callable[[Request, Exception], Any]] = {
    BoardError: on_board_error,
    HTTPException: on_http_error,
    ClientDisconnect: on_hang_up,
    Exception: on_crash,
}


def local_path(value: str, default: str = "/") -> str:
    """A path of ours to return to, or the default: never another host."""
    if not value.startswith("/") or value.startswith(("//", "/\\")) or "\\" in value:
        return default
    return value if value.isprintable() else default
