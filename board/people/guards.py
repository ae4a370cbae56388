"""Who may use an address: the guard stands in the route line, the view need not ask again."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from board.core.errors import Refused
from board.core.http import see_other, viewer_of
from board.core.language import gettext as _
from board.people.rules import DESK_ROLES, QUEUE_ROLES

View = Callable[[Request], Awaitable[Response]]


def guarded_by(roles: tuple[str, ...], view: View) -> View:
    """A view that only signed-in people of these roles reach; strangers are led to sign in."""

    @wraps(view)
    async def guarded(request: Request) -> Response:
        viewer = viewer_of(request)
        if viewer is None or not viewer.desk:
            return see_other("/staff/sign-in")
        if viewer.role not in roles or viewer.blocked:
            raise Refused(_("This part of the desk is for other roles than yours."))
        return await view(request)

    guarded.roles = roles  # type: ignore[attr-defined]
    return guarded


def staff(view: View) -> View:
    """P2PU's staff."""
    return guarded_by(DESK_ROLES, view)


def moderator(view: View) -> View:
    """Who looks through the queue: moderators and staff."""
    return guarded_by(QUEUE_ROLES, view)
