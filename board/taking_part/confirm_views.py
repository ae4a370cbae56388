"""Confirming: the page with the code, the page of a mailed link, take back, be forgotten.

A GET or HEAD changes nothing here, however often a mail scanner sends it.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Gone, Refused
from board.core.forms import read_form
from board.core.http import board_of, local_path, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.mail.queries import suppression_of
from board.people.actions import close_session
from board.people.browser import REMEMBER_FOR, clear_cookie, new_secret, set_cookie
from board.people.queries import WaitingForm, also_waiting, waiting_by_link, waiting_on_page
from board.people.waiting_actions import REFUSED
from board.taking_part.confirm_actions import Browser, confirm_by_code, confirm_ticked
from board.taking_part.forms import CodeForm, TakeBackForm
from board.taking_part.mail_queries import is_withdrawn
from board.taking_part.outcome import waiting_lines, waiting_view
from board.taking_part.rules import terms_of
from board.taking_part.street import short_street
from board.taking_part.waiting_actions import send_again, too_many_mails
from board.towns.queries import get_town
from board.votes.actions import take_back_vote


async def waiting(request: Request) -> Response:
    """Now your code; or we'll call you; or it is done. The page survives a closed tab."""
    form = await _form_on_page(request)
    notice = _notice(request.query_params.get("again", ""))
    return await _waiting_page(request, form, {}, notice=notice)


async def type_code(request: Request) -> Response:
    """A typed code confirms what was made in the form behind this page."""
    board, now = board_of(request), clock.now()
    typed = read_form(CodeForm, await form_of(request))
    browser = None if typed.shared else _new_browser()
    answer = await write(
        request,
        confirm_by_code,
        board.keys,
        request.path_params["page"],
        typed.digits,
        browser=browser,
        terms=terms_of(board.settings),
        now=now,
    )
    if answer.done is None:
        form = await _form_on_page(request)
        if form.outcome:
            return see_other(f"/confirm/wait/{request.path_params['page']}")
        errors = {"code": _code_sentence(answer.tries_left)}
        return await _waiting_page(
            request, form, errors, status=422, shared=typed.shared, typed_code=typed.code
        )
    response = see_other(f"/confirm/wait/{request.path_params['page']}")
    _remember(response, browser, secure=board.settings.secure)
    return response


def _code_sentence(tries_left: int) -> str:
    if tries_left > 0:
        return _("Not quite. Check the digits once more, you have %(left)s tries left.") % {
            "left": tries_left
        }
    return _("This code is over. Press “send it again” and we'll mail you a new one.")


async def resend(request: Request) -> Response:
    """Mail the code once more."""
    board = board_of(request)
    form = await _form_on_page(request)
    queued = await write(
        request, send_again, board.keys, form, terms=terms_of(board.settings), now=clock.now()
    )
    said = "limited" if queued == "limited" else "sent"
    return see_other(f"/confirm/wait/{request.path_params['page']}?again={said}")


def _notice(said: str) -> str:
    """What the page says after another mail was asked for."""
    return {"limited": too_many_mails(), "sent": _("It is on its way again.")}.get(said, "")


async def _form_on_page(request: Request) -> WaitingForm:
    form = await read(request, waiting_on_page, request.path_params["page"], clock.now())
    if form is None or form.outcome == REFUSED:
        raise Gone(_("This page had its time. What you sent wasn't confirmed, so nothing is kept."))
    return form


async def _waiting_page(
    request: Request,
    form: WaitingForm,
    errors: Mapping[str, str],
    *,
    status: int = 200,
    shared: bool = False,
    notice: str = "",
    typed_code: str = "",
    more: Mapping[str, object] | None = None,
) -> Response:
    board = board_of(request)
    shown = await read(
        request, waiting_view, board.keys, form, code_tries=board.settings.code_tries
    )
    values = {
        "waiting": shown,
        "street": short_street(shown.town),
        "page_secret": request.path_params.get("page", ""),
        "errors": errors,
        "shared": shared,
        "notice": notice,
        "typed_code": typed_code,
        "link_token": "",
        "withdrawn": await read(request, is_withdrawn, form),
        **(more or {}),
    }
    return await page(request, "taking_part/waiting.html", values, status=status, private=True)


# --- the mailed link ------------------------------------------------------------------------


async def link(request: Request) -> Response:
    """What waits under this address, with one plain button."""
    form, forms = await _forms_of_link(request)
    if form.outcome == REFUSED:
        values = await _link_values(request, form)
        return await page(request, "taking_part/mail_never.html", values, private=True)
    if form.outcome:
        return await _waiting_page(request, form, {}, more=await _link_values(request, form))
    board = board_of(request)
    lines = await read(request, waiting_lines, board.keys, forms, ticked=form.id)
    values = {"lines": lines, "errors": {}, **await _link_values(request, form)}
    return await page(request, "taking_part/link.html", values, private=True)


async def confirm_link(request: Request) -> Response:
    """Confirm what is ticked, and nothing else."""
    board = board_of(request)
    values = await form_of(request)
    form, forms = await _forms_of_link(request)
    ticked = [one for one in forms if values.get(f"form-{one.id}")]
    here = f"/confirm/{request.path_params['token']}"
    if form.outcome:
        return see_other(here)
    if not ticked:
        lines = await read(request, waiting_lines, board.keys, forms, ticked=form.id)
        errors = {"forms": _("Tick what is yours. What isn't, leave: it will vanish by itself.")}
        shown = {"lines": lines, "errors": errors, **await _link_values(request, form)}
        return await page(request, "taking_part/link.html", shown, status=422)
    browser = None if values.get("shared") else _new_browser()
    await write(
        request,
        confirm_ticked,
        board.keys,
        ticked,
        browser=browser,
        terms=terms_of(board.settings),
        now=clock.now(),
    )
    response = see_other(here)
    _remember(response, browser, secure=board.settings.secure)
    return response


async def _link_values(request: Request, form: WaitingForm) -> dict[str, object]:
    """What only the page of a mailed link shows: the ways to take back and to be left alone."""
    return {
        "link_token": request.path_params["token"],
        "suppressed": await read(request, suppression_of, form.key),
        "withdrawn": await read(request, is_withdrawn, form),
        "said": request.query_params.get("said", ""),
    }


async def _forms_of_link(request: Request) -> tuple[WaitingForm, list[WaitingForm]]:
    now = clock.now()
    form = await read(request, waiting_by_link, request.path_params["token"], now)
    if form is None:
        raise Gone(_("This link had its time, or a newer one was sent. Look for the newest mail."))
    return form, await read(request, also_waiting, form.key, now)


# --- taking back, being forgotten -----------------------------------------------------------


async def take_back(request: Request) -> Response:
    """Take a vote back: as a remembered person, or from the page that confirmed it."""
    form = read_form(TakeBackForm, await form_of(request))
    town = await read(request, get_town, form.town_id or 0)
    key = await _key_for(request, form.page, town.id)
    terms = terms_of(board_of(request).settings)
    await write(request, take_back_vote, town.id, key, need=terms.need, now=clock.now())
    return see_other(f"/confirm/wait/{form.page}" if form.page else f"{town.path}#vote")


async def _key_for(request: Request, secret: str, town_id: int) -> bytes:
    """The page first: a slip may have been used where somebody else is remembered."""
    form = await read(request, waiting_on_page, secret, clock.now()) if secret else None
    if form is not None and form.outcome and form.town_id == town_id:
        return form.key
    viewer = viewer_of(request)
    if viewer is None:
        raise Refused(_("We can't tell whose vote this is. Vote again, then take it back there."))
    return bytes(viewer.key)


async def forget(request: Request) -> Response:
    """Forget me on this computer: the session and its cookie go."""
    viewer = viewer_of(request)
    values = await form_of(request)
    response = see_other(local_path(values.get("back", "/")))
    if viewer is not None:
        await write(request, close_session, viewer.session)
    clear_cookie(response, secure=board_of(request).settings.secure)
    return response


def _new_browser() -> Browser:
    return Browser(new_secret(), clock.now() + REMEMBER_FOR)


def _remember(response: Response, browser: Browser | None, *, secure: bool) -> None:
    if browser is not None:
        set_cookie(response, browser.cookie, browser.until, secure=secure)
