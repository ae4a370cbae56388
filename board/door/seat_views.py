"""Your seat: the browsers that are signed in for you, and your ways in."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, NotFound, Refused
from board.core.forms import read_form
from board.core.http import board_of, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.desk.desk_page import desk_page
from board.door.factor_actions import add_app, add_key, is_fresh, renew_codes, take_away
from board.door.factor_forms import SeatForm
from board.door.factor_pages import (
    app_form,
    codes_page,
    key_form,
    key_question,
    own_site,
    wrong_first_code,
)
from board.door.offers import offer_app
from board.people.browser import clear_cookie
from board.people.factor_queries import factors_of
from board.people.queries import Viewer
from board.people.session_actions import close_all, close_named
from board.people.session_queries import browsers_of


async def seat(request: Request) -> Response:
    """Where somebody is signed in, and how they come in."""
    return await _seat_page(request, {})


async def _seat_page(request: Request, errors: Mapping[str, str], *, status: int = 200) -> Response:
    viewer, now = viewer_of(request), clock.now()
    values = {
        "browsers": await read(request, browsers_of, viewer.id, now),
        "factors": await read(request, factors_of, viewer.id),
        "fresh": is_fresh(viewer, now),
        "keys_work": own_site(request) is not None,
        "errors": errors,
    }
    return await desk_page(request, "door/sessions.html", values, status=status)


async def settle(request: Request) -> Response:
    """One act from one's seat."""
    viewer, now = viewer_of(request), clock.now()
    form = read_form(SeatForm, await form_of(request))
    try:
        if form.act == "everywhere":
            return await _leave_everywhere(request, viewer)
        if form.act == "browser":
            await write(request, close_named, viewer.id, form.browser, now)
        elif form.act == "app":
            await write(request, take_away, viewer, None, now=now)
        elif form.act == "key" and form.key is not None:
            await write(request, take_away, viewer, form.key, now=now)
        elif form.act == "codes":
            codes = await write(request, renew_codes, board_of(request).keys, viewer, now=now)
            return await codes_page(request, tuple(codes), "/staff/seat")
        else:
            raise NotFound(_("That can't be done with this."))
    except (Conflict, Refused) as error:
        status = 409 if isinstance(error, Conflict) else 403
        return await _seat_page(request, {"act": str(error)}, status=status)
    return see_other("/staff/seat")


async def _leave_everywhere(request: Request, viewer: Viewer) -> Response:
    await write(request, close_all, viewer.id)
    response = see_other("/staff/sign-in")
    clear_cookie(response, secure=board_of(request).settings.secure)
    return response


# --- another way in -------------------------------------------------------------------------


async def app(request: Request) -> Response:
    """A square to scan with another phone."""
    if not is_fresh(viewer_of(request), clock.now()):
        return see_other("/staff/seat")
    return await _app_page(request, {})


async def _app_page(
    request: Request, errors: Mapping[str, str], *, seed: str = "", status: int = 200
) -> Response:
    board, viewer = board_of(request), viewer_of(request)
    site = board.settings.site_name
    values = {
        "offer": offer_app(board.keys, viewer.session, name=viewer.name, site=site, seed=seed),
        "keys_work": False,
        "first": False,
        "errors": errors,
    }
    return await desk_page(request, "door/factor_set_up.html", values, status=status)


async def keep_app(request: Request) -> Response:
    """The first code of another app."""
    viewer = viewer_of(request)
    seed, typed = await app_form(request, viewer)
    keys, now, right = board_of(request).keys, clock.now(), False
    if seed:
        right = await write(request, add_app, keys, viewer, seed, typed, now=now)
    if not right:
        return await _app_page(request, wrong_first_code(), seed=seed, status=422)
    return see_other("/staff/seat")


async def ask_key(request: Request) -> Response:
    """What the browser needs to make one more passkey."""
    viewer = viewer_of(request)
    found = await read(request, factors_of, viewer.id)
    return await key_question(request, viewer, found, show=False)


async def keep_key(request: Request) -> Response:
    """One more passkey."""
    form, site, viewer = await key_form(request), own_site(request), viewer_of(request)
    if site is None:
        raise NotFound(_("Passkeys don't work at this address of the board."))
    now = clock.now()
    if not await write(request, add_key, site, viewer, form.credential, form.name, now=now):
        errors = {"act": _("The passkey's answer didn't fit. Try once more.")}
        return await _seat_page(request, errors, status=422)
    return see_other("/staff/seat")
