"""Pictures of stories: for everybody while the story is public, before that for the few who may."""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.errors import NotFound
from board.core.http import board_of, read, viewer_of
from board.stories.photo_queries import edited_photo, get_photo, no_picture, sent_picture

PRIVATE = {"cache-control": "private, no-store"}


async def photo(request: Request) -> Response:
    """A story's picture."""
    shown = await read(request, get_photo, request.path_params["id"], **_who(request))
    if not shown.is_public:
        return _jpeg(shown.jpeg, PRIVATE)
    etag = f'"{hashlib.blake2b(shown.jpeg, digest_size=12).hexdigest()}"'
    # Asked about each time: a story that is taken back takes its picture along.
    headers = {"cache-control": "no-cache", "etag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return _jpeg(shown.jpeg, headers)


async def photo_of_edit(request: Request) -> Response:
    """The picture of an edit that waits."""
    jpeg = await read(request, edited_photo, request.path_params["id"], **_who(request))
    return _jpeg(jpeg, PRIVATE)


async def sent_photo(request: Request) -> Response:
    """A picture that came with a form, for the form's own pages."""
    token = request.path_params["token"]
    picture = await read(request, sent_picture, board_of(request).keys, token, clock.now())
    if picture is None:
        raise NotFound(no_picture())
    return _jpeg(picture.jpeg, PRIVATE)


def _who(request: Request) -> dict[str, Any]:
    viewer = viewer_of(request)
    return {
        "viewer_id": viewer.id if viewer else None,
        "may_moderate": bool(viewer and viewer.may_moderate),
    }


def _jpeg(jpeg: bytes, headers: dict[str, str]) -> Response:
    return Response(jpeg, media_type="image/jpeg", headers=headers)
