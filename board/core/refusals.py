"""What is refused before any view is asked: forms from other sites, and too much at once.

The layers that refuse answer in plain words of their own; people get our pages instead.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
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


class BodyLimit:
    """Refuses a body over the limit: at once when its length is declared, else while it comes."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.most = most
        self.counting = RequestBodyLimitMiddleware(app, max_body_size=most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._declares_too_much(scope):
            response = await on_http_error(Request(scope, receive), HTTPException(413))
            await response(scope, receive, send)
        else:
            await self.counting(scope, receive, send)

    def _declares_too_much(self, scope: Scope) -> bool:
        declared = Headers(scope=scope).get("content-length", "")
        return declared.isdecimal() and (len(declared) > 15 or int(declared) > self.most)
