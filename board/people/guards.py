"""Who may use an address: the guard stands in the route line, the view need not ask again."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from board.core.errors import Refused
from board.core.http import see_other, viewer_of
from board.core.language import gettext as _
from board.people.queries import Viewer
from board.people.rules import ADMIN_ROLES, CODES_ROLES, DESK_ROLES, QUEUE_ROLES, ROLES

View = Callable[[Request], Awaitable[Response]]


def door_of(request: Request) -> Viewer | None:
    """Who stands at the door in this browser: the mailed code was right, the rest is to come."""
    found: Viewer | None = request.scope.get("door")
    return found


def guarded_by(roles: tuple[str, ...], view: View) -> View:
    """A view that only signed-in people of these roles reach; strangers are led to sign in."""

    @wraps(view)
    async def guarded(request: Request) -> Response:
        viewer = viewer_of(request)
        if viewer is None or not viewer.desk:
            return see_other("/staff/door" if door_of(request) else "/staff/sign-in")
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


def organiser(view: View) -> View:
    """Who prints slips and keys sheets in: organisers for their own towns, and staff."""
    return guarded_by(CODES_ROLES, view)


def seated(view: View) -> View:
    """Everybody with a role; what they see is theirs to look after (`remit_queries`)."""
    return guarded_by(ROLES, view)


def admin(view: View) -> View:
    """Who says who sits at the desk."""
    return guarded_by(ADMIN_ROLES, view)


def at_door(view: View) -> View:
    """Between the mailed code and the second factor; others are led to where they belong."""

    @wraps(view)
    async def guarded(request: Request) -> Response:
        if door_of(request) is not None:
            return await view(request)
        viewer = viewer_of(request)
        at_desk = viewer is not None and viewer.desk
        return see_other("/staff/seat" if at_desk else "/staff/sign-in")

    return guarded
