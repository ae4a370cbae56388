"""One's own page: what I said and offered, who used my contact, which browsers know me."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.core.limits import network_of
from board.digests.audience_actions import stop_following as no_longer_follow
from board.follows.actions import change_pace
from board.people.browser import clear_cookie, new_secret
from board.people.rules import email_reach
from board.taking_part.rules import terms_of
from board.taking_part.signs import TRAP
from board.taking_part.you_actions import (
    ask_link,
    forget_browser,
    forget_other_browsers,
    rename,
)
from board.taking_part.you_forms import AskForm, FollowedForm, NameForm, PaceForm
from board.taking_part.you_queries import you_page

SAID = ("named", "forgotten", "kept")


async def you(request: Request) -> Response:
    """My own page; for somebody we don't know here, the ways to it."""
    if viewer_of(request) is None:
        return await _ask_page(request, typed_values(AskForm, {}), {})
    return await _own_page(request, {}, {})


async def _own_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    viewer, now = viewer_of(request), clock.now()
    shown = await read(
        request,
        you_page,
        board_of(request).keys,
        viewer.id,
        viewer.key,
        session=viewer.session,
        now=now,
    )
    if shown is None:
        return see_other("/you")
    said = request.query_params.get("said", "")
    values = {
        "you": shown,
        "typed": typed or {"name": viewer.name, "language": shown.language, "everywhere": ""},
        "errors": errors,
        "said": said if said in SAID else "",
        "spoken": list(language.NAMES.items()),
    }
    return await page(request, "taking_part/you.html", values, status=status, private=True)


# --- for somebody we don't know here --------------------------------------------------------


async def _ask_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    values = {"typed": typed, "errors": errors}
    return await page(request, "taking_part/you_ask.html", values, status=status, private=True)


async def ask(request: Request) -> Response:
    """Mail a code and a link; the page never tells whether anybody knows the address."""
    board = board_of(request)
    values = await form_of(request)
    secret = new_secret()
    try:
        reach = email_reach(read_form(AskForm, values).email)
        if reach is None:
            sentence = _("Something is missing or odd in this address. Like name@example.org")
            raise Mistake({"email": sentence})
        await write(
            request,
            ask_link,
            board.keys,
            reach,
            secret,
            language=language.current(),
            network=network_of(request.client.host) if request.client else "",
            odd=bool(values.get(TRAP)),
            terms=terms_of(board.settings),
            now=clock.now(),
        )
    except Mistake as mistake:
        typed = typed_values(AskForm, values)
        return await _ask_page(request, typed, mistake.fields, status=422)
    return see_other(f"/you/wait/{secret}")


# --- what one changes -----------------------------------------------------------------------


async def save_name(request: Request) -> Response:
    """Another name or language."""
    values, viewer = await form_of(request), viewer_of(request)
    if viewer is None:
        return see_other("/you")
    try:
        form = read_form(NameForm, values)
        if viewer.name and not form.name:
            raise Mistake({"name": _("Tell us what people call you. A first name is enough.")})
        await write(
            request,
            rename,
            viewer.id,
            viewer.key,
            form.name,
            form.known_language or language.current(),
            everywhere=form.everywhere,
        )
    except Mistake as mistake:
        typed = typed_values(NameForm, values)
        return await _own_page(request, typed, mistake.fields, status=422)
    return see_other("/you?said=named")


async def forget_browsers(request: Request) -> Response:
    """Forget one remembered browser, or all but this one; this one is forgotten whole."""
    values, viewer = await form_of(request), viewer_of(request)
    if viewer is None:
        return see_other("/you")
    if "others" in values:
        await write(request, forget_other_browsers, viewer.id, viewer.session)
        return see_other("/you?said=forgotten")
    browser = _hash_in(values.get("browser", ""))
    await write(request, forget_browser, viewer.id, browser)
    if browser != viewer.session:
        return see_other("/you?said=forgotten")
    response = see_other("/you")
    clear_cookie(response, secure=board_of(request).settings.secure)
    return response


async def stop_following(request: Request) -> Response:
    """No longer follow something; somebody else's isn't found."""
    values, viewer = await form_of(request), viewer_of(request)
    if viewer is None:
        return see_other("/you")
    form = read_form(FollowedForm, values)
    await write(request, no_longer_follow, viewer.id, form.follow or 0)
    return see_other("/you?said=kept#follows-title")


async def choose_pace(request: Request) -> Response:
    """Hear of what is followed at once, or once a week; somebody else's isn't found."""
    values, viewer = await form_of(request), viewer_of(request)
    if viewer is None:
        return see_other("/you")
    form = read_form(PaceForm, values)
    await write(request, change_pace, viewer.id, form.follow or 0, form.pace)
    return see_other("/you?said=kept#follows-title")


def _hash_in(text: str) -> bytes:
    """The hash of a session as the page wrote it; nothing for anything else."""
    try:
        return bytes.fromhex(text[:64])
    except ValueError:
        return b""
