"""Where a picture that came with a form is taken in: counted, drawn anew beside the event loop,
and put away sealed under a token that the form carries on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import IO, Final

from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.requests import Request

from board.core import clock
from board.core.errors import Mistake
from board.core.http import board_of, write
from board.core.language import gettext as _
from board.core.limits import network_of
from board.core.quotas import network_key, spend
from board.people.browser import new_secret
from board.stories.photo_actions import keep_upload
from board.stories.picture_rules import MOST_BYTES, Picture, too_large

UPLOADS_A_DAY: Final = 20
WAITS_FOR: Final = timedelta(days=2)
# One at a time: the largest we take needs 200 MB while it is drawn.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
_MOST_AT_ONCE: Final = 12
_in_hand = 0


async def take_picture(
    request: Request, file: UploadFile, *, replaces: str = "", keep_for: timedelta = WAITS_FOR
) -> str:
    """Take a sent picture in; its token. Raises Mistake with a sentence for the field."""
    board, now, token = board_of(request), clock.now(), new_secret()
    network = network_of(request.client.host if request.client else "")
    try:
        if (file.size or 0) > MOST_BYTES:
            raise Mistake({"picture": too_large()})
        if not await write(request, _within_quota, network, now):
            raise Mistake({"picture": _too_many()})
        picture = await _drawn(file)
    finally:
        await file.close()
    until = now + keep_for
    await write(
        request,
        keep_upload,
        board.keys,
        token,
        picture,
        replaces=replaces,
        now=now,
        expires_at=until,
    )
    return token


def _within_quota(conn: Connection, network: str, now: datetime) -> bool:
    """Count a picture of this network; a wrong one counts, too: it costs as much to look at."""
    key = network_key(conn, network, now)
    return spend(conn, "uploads", key, window=timedelta(days=1), now=now) <= UPLOADS_A_DAY


async def _drawn(file: UploadFile) -> Picture:
    """Our own picture of the file. Those who wait wait on the disk, and only a few of them."""
    global _in_hand
    if _in_hand >= _MOST_AT_ONCE:
        raise Mistake({"picture": _("Many send pictures just now. Try it again in a minute.")})
    _in_hand += 1
    # The sentence about a broken file is spoken in the page's language, also in another thread.
    work: Callable[..., Picture] = copy_context().run
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_thread, work, _draw, file.file)
    finally:
        _in_hand -= 1


def _draw(file: IO[bytes]) -> Picture:
    from board.stories.pictures import draw_anew  # noqa: PLC0415 - Pillow waits for a picture

    return draw_anew(file)


def _too_many() -> str:
    return _("Many pictures came from your network today. Send it without one, add one tomorrow.")
