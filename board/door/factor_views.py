"""At the door, after the mailed code: the second factor, or setting one up the first time."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Mistake, NotFound
from board.core.forms import read_form
from board.core.http import board_of, page, read, see_other, write
from board.core.language import gettext as _
from board.desk.rules import first_page
from board.door.factor_actions import (
    WRONG,
    Cookie,
    Entry,
    begin_with_app,
    begin_with_key,
    enter_by_app,
    enter_by_key,
    enter_by_paper,
)
from board.door.factor_forms import DoorForm
from board.door.factor_pages import (
    app_form,
    codes_page,
    key_form,
    key_question,
    own_site,
    wrong_first_code,
)
from board.door.offers import offer_app
from board.people.browser import DESK_FOR, clear_cookie, new_secret, set_cookie
from board.people.factor_queries import Factors, factors_of
from board.people.guards import door_of
from board.people.queries import Viewer


def _standing(request: Request) -> Viewer:
    """Who stands at the door; the guard made sure that somebody does."""
    found = door_of(request)
    if found is None:
        raise NotFound(_("Nobody stands at the door in this browser."))
    return found


def _new_cookie() -> Cookie:
    return Cookie(new_secret(), clock.now() + DESK_FOR)


def _let_in(request: Request, entry: Entry, cookie: Cookie, path: str) -> Response:
    response = see_other(path or first_page(entry.role))
    set_cookie(response, cookie.value, cookie.until, secure=board_of(request).settings.secure)
    return response


async def _sent_away(request: Request) -> Response:
    """No more tries: a new mailed code is needed first."""
    response = await page(request, "door/factor_over.html", {}, status=429, private=True)
    clear_cookie(response, secure=board_of(request).settings.secure)
    return response


# --- with what one has ----------------------------------------------------------------------


async def second(request: Request) -> Response:
    """Where the second factor is asked for; who has none yet goes on to set one up."""
    found = await read(request, factors_of, _standing(request).id)
    if not found.number:
        return see_other("/staff/door/set-up")
    return await _second_page(request, found, {})


async def _second_page(
    request: Request, found: Factors, errors: Mapping[str, str], *, status: int = 200
) -> Response:
    values = {
        "factors": found,
        "keys_work": bool(found.keys) and own_site(request) is not None,
        "errors": errors,
    }
    return await page(request, "door/factor.html", values, status=status, private=True)


async def enter(request: Request) -> Response:
    """The digits of the app, or a code from the paper."""
    board, door, cookie = board_of(request), _standing(request), _new_cookie()
    values = await form_of(request)
    try:
        form = read_form(DoorForm, values)
    except Mistake:
        form = DoorForm()
    by_paper = bool(form.paper)
    entry = await write(
        request,
        enter_by_paper if by_paper else enter_by_app,
        board.keys,
        door,
        form.paper or form.code,
        cookie,
        now=clock.now(),
    )
    if entry.verdict == "over":
        return await _sent_away(request)
    if entry.verdict == "wrong":
        found = await read(request, factors_of, door.id)
        return await _second_page(request, found, _wrong(by_paper), status=422)
    # Who had to take the paper most likely has to set up something new.
    return _let_in(request, entry, cookie, "/staff/seat" if by_paper else "")


def _wrong(by_paper: bool) -> dict[str, str]:
    if by_paper:
        return {"paper": _("Not quite, or used before. Check the letters, or take another one.")}
    return {"code": _("Not quite. Wait for the next six digits, then type those.")}


async def enter_key(request: Request) -> Response:
    """A passkey's answer; for who has nothing set up yet, a new passkey."""
    board, door, cookie = board_of(request), _standing(request), _new_cookie()
    form, site = await key_form(request), own_site(request)
    if site is None:
        raise NotFound(_("Passkeys don't work at this address of the board."))
    found, now = await read(request, factors_of, door.id), clock.now()
    if found.number:
        entry = await write(request, enter_by_key, site, door, form.credential, cookie, now=now)
    else:
        entry = await write(
            request, begin_with_key, board.keys, site, door, form.credential, form.name, cookie,
            now=now,
        )  # fmt: skip
    if entry.verdict == "over":
        return await _sent_away(request)
    if entry.verdict == "in":
        return await _begun_or_in(request, entry, cookie)
    errors = {"key": _("The passkey's answer didn't fit. Try once more.")}
    if found.number:
        return await _second_page(request, found, errors, status=422)
    return await _set_up_page(request, door, errors, status=422)


async def ask_key(request: Request) -> Response:
    """What the browser's passkey dialogue needs: to show a key, or to make the first one."""
    door = _standing(request)
    found = await read(request, factors_of, door.id)
    return await key_question(request, door, found, show=bool(found.number))


# --- for the first time ---------------------------------------------------------------------


async def set_up(request: Request) -> Response:
    """A square to scan, or a passkey to make."""
    door = _standing(request)
    if (await read(request, factors_of, door.id)).number:
        return see_other("/staff/door")
    return await _set_up_page(request, door, {})


async def _set_up_page(
    request: Request,
    door: Viewer,
    errors: Mapping[str, str],
    *,
    seed: str = "",
    status: int = 200,
) -> Response:
    board = board_of(request)
    site = board.settings.site_name
    values = {
        "offer": offer_app(board.keys, door.session, name=door.name, site=site, seed=seed),
        "keys_work": own_site(request) is not None,
        "first": True,
        "errors": errors,
    }
    return await page(request, "door/factor_set_up.html", values, status=status, private=True)


async def begin(request: Request) -> Response:
    """The first code of a new app opens the desk."""
    board, door, cookie = board_of(request), _standing(request), _new_cookie()
    seed, typed = await app_form(request, door)
    entry = WRONG
    if seed:
        entry = await write(
            request, begin_with_app, board.keys, door, seed, typed, cookie, now=clock.now()
        )
    if entry.verdict == "over":
        return await _sent_away(request)
    if entry.verdict == "wrong":
        return await _set_up_page(request, door, wrong_first_code(), seed=seed, status=422)
    return await _begun_or_in(request, entry, cookie)


async def _begun_or_in(request: Request, entry: Entry, cookie: Cookie) -> Response:
    if not entry.codes:
        return _let_in(request, entry, cookie, "")
    response = await codes_page(request, entry.codes, first_page(entry.role))
    set_cookie(response, cookie.value, cookie.until, secure=board_of(request).settings.secure)
    return response
