"""Coming to `/you` with a mailed code or link. A GET or HEAD changes nothing here."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Gone
from board.core.forms import read_form
from board.core.http import board_of, page, read, see_other, write
from board.core.language import gettext as _
from board.people.browser import new_secret, set_cookie
from board.people.queries import WaitingForm, waiting_by_link, waiting_on_page
from board.people.rules import masked
from board.taking_part.forms import CodeForm
from board.taking_part.rules import terms_of
from board.taking_part.you_actions import Browser, Entered, enter, enter_by_code


async def waiting(request: Request) -> Response:
    """Now your code."""
    return await _code_page(request, await _form_on_page(request), {})


async def _form_on_page(request: Request) -> WaitingForm:
    form = await read(request, waiting_on_page, request.path_params["page"], clock.now(), you=True)
    if form is None:
        raise Gone(
            _(
                "This page had its time. Ask for a new code at “What we know of you”, at the foot "
                "of the page."
            )
        )
    return form


async def _code_page(
    request: Request, form: WaitingForm, errors: Mapping[str, str], *, status: int = 200
) -> Response:
    address = masked(board_of(request).keys.open("waiting.contact", form.contact))
    values = {"address": address, "errors": errors}
    return await page(request, "taking_part/you_code.html", values, status=status, private=True)


async def type_code(request: Request) -> Response:
    """The right code lets somebody in; a wrong one costs a try."""
    board, now = board_of(request), clock.now()
    values = await form_of(request)
    form = await _form_on_page(request)
    browser = _browser(values)
    entered = await write(
        request,
        enter_by_code,
        board.keys,
        request.path_params["page"],
        read_form(CodeForm, values).digits,
        browser,
        terms=terms_of(board.settings),
        now=now,
    )
    if not entered.right:
        errors = {"code": _wrong(entered.tries_left)}
        return await _code_page(request, form, errors, status=422)
    return await _let_in(request, entered, browser)


def _wrong(tries_left: int) -> str:
    if tries_left > 0:
        return _("Not quite. Check the digits once more, you have %(left)s tries left.") % {
            "left": tries_left
        }
    return _("This code is over. Ask for a new one.")


async def link(request: Request) -> Response:
    """Behind a mailed link: one plain button."""
    await _form_of_link(request)
    return await page(request, "taking_part/you_link.html", {}, private=True)


async def follow_link(request: Request) -> Response:
    """The button was pressed."""
    values = await form_of(request)
    form = await _form_of_link(request)
    browser = _browser(values)
    entered = await write(request, enter, form, browser, clock.now())
    return await _let_in(request, entered, browser)


async def _form_of_link(request: Request) -> WaitingForm:
    form = await read(request, waiting_by_link, request.path_params["token"], clock.now(), you=True)
    if form is None:
        raise Gone(_("This link had its time, or was used. Ask for a new one."))
    return form


def _browser(values: Mapping[str, str]) -> Browser:
    return Browser(new_secret(), lasting=bool(values.get("remember")))


async def _let_in(request: Request, entered: Entered, browser: Browser) -> Response:
    if entered.person_id is None:
        return await page(request, "taking_part/you_nobody.html", {}, private=True)
    response = see_other("/you")
    secure, now = board_of(request).settings.secure, clock.now()
    set_cookie(response, browser.cookie, browser.until(now), secure=secure)
    return response
