"""The cookie of a remembered browser, and the layer that turns it into a viewer.

Only confirming and signing in set it; who merely reads has none, so that pages can be shared.
"""

import contextlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from board.core import clock
from board.core.db import Database
from board.core.errors import Busy
from board.people.queries import note_after, viewer_of_cookie
from board.people.session_actions import note_seen

REMEMBER_FOR: Final = timedelta(days=90)
DESK_FOR: Final = timedelta(hours=10)


def cookie_name(*, secure: bool) -> str:
    """`__Host-` binds the cookie to this host and to https."""
    return "__Host-board" if secure else "board"


def new_secret() -> str:
    """A cookie's or page's value: 32 random bytes."""
    return secrets.token_urlsafe(32)


def set_cookie(
    response: Response, value: str, until: datetime, *, secure: bool, lasting: bool = True
) -> None:
    """Remember this browser until a moment; or no longer than its window is open."""
    response.set_cookie(
        cookie_name(secure=secure),
        value,
        max_age=max(0, int((until - clock.now()).total_seconds())) if lasting else None,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, *, secure: bool) -> None:
    """Forget this browser."""
    response.delete_cookie(
        cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


class ViewerLayer:
    """Puts the remembered person into the scope and marks their answers as private."""

    def __init__(self, app: ASGIApp, *, database: Database, secure: bool) -> None:
        self.app = app
        self.database = database
        self.name = cookie_name(secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookie = HTTPConnection(scope).cookies.get(self.name)
        if not cookie or len(cookie) > 100:
            await self.app(scope, receive, send)
            return
        await self._recognise(scope, cookie)

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "private, no-store"
            await send(message)

        await self.app(scope, receive, send_private)

    async def _recognise(self, scope: Scope, cookie: str) -> None:
        """Whom the cookie stands for. Who is at the door is nobody anywhere else."""
        now = clock.now()
        found = await self.database.read(viewer_of_cookie, cookie, now)
        if found is None:
            return
        scope["door" if found.at_door else "viewer"] = found
        if found.desk and found.seen_at < note_after(now):
            # A page that can be read is not refused because the board has much to write.
            with contextlib.suppress(Busy):
                await self.database.write(note_seen, found.session, now)
