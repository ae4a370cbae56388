"""Whose vote a form is about: a remembered person's, or theirs who confirmed on a page."""

from starlette.requests import Request

from board.core import clock
from board.core.errors import Refused
from board.core.http import read, viewer_of
from board.core.language import gettext as _
from board.people.queries import waiting_on_page


async def voter_key(request: Request, secret: str, town_id: int) -> bytes:
    """The key of who votes in this town.

    The page's secret goes before the cookie: at a shared computer the one who confirmed just now
    may be somebody else than the one whom the browser remembers. Raises Refused for anybody else.
    """
    form = await read(request, waiting_on_page, secret, clock.now()) if secret else None
    if form is not None and form.outcome and form.town_id == town_id:
        return form.key
    viewer = viewer_of(request)
    if viewer is None or secret:
        raise Refused(_("We can't tell whose vote this is. Vote again, then go on from there."))
    return bytes(viewer.key)
