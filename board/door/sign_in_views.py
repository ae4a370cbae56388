"""Signing in at the desk, and out again."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Gone, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.door.sign_in import ask_code, sign_in, take_up
from board.people.actions import close_session
from board.people.browser import clear_cookie, new_secret, set_cookie
from board.people.forms import InvitationForm, SignInForm
from board.people.guards import door_of
from board.people.queries import open_invitation
from board.people.rules import email_reach
from board.people.session_actions import DOOR_FOR
from board.taking_part.forms import CodeForm
from board.taking_part.rules import terms_of


async def door(request: Request) -> Response:
    """Where staff give their mailbox."""
    return await _door_page(request, typed_values(SignInForm, {}), {})


async def _door_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    values = {"typed": typed, "errors": errors}
    return await page(request, "door/sign_in.html", values, status=status, private=True)


async def knock(request: Request) -> Response:
    """Mail a code, if there is somebody to mail it to; the page never tells."""
    board = board_of(request)
    values = await form_of(request)
    try:
        reach = email_reach(read_form(SignInForm, values).email)
    except Mistake:
        reach = None
    if reach is None:
        errors = {"email": _("Something is missing or odd in this address. Like name@example.org")}
        return await _door_page(request, typed_values(SignInForm, values), errors, status=422)
    secret = new_secret()
    await write(
        request,
        ask_code,
        board.keys,
        reach,
        secret,
        language=language.current(),
        terms=terms_of(board.settings),
        now=clock.now(),
    )
    return see_other(f"/staff/sign-in/{secret}")


async def code_page(request: Request) -> Response:
    """Where staff type the code."""
    return await page(request, "door/sign_in_code.html", {"errors": {}}, private=True)


async def enter(request: Request) -> Response:
    """The right code leads to the door, where the second factor is asked for."""
    board, now = board_of(request), clock.now()
    typed, cookie = read_form(CodeForm, await form_of(request)), new_secret()
    right = await write(
        request,
        sign_in,
        board.keys,
        request.path_params["page"],
        typed.digits,
        cookie,
        replaces=_session_of(request),
        terms=terms_of(board.settings),
        now=now,
    )
    if not right:
        errors = {"code": _("Not quite, or too late. Check the digits, or ask for a new code.")}
        return await page(
            request, "door/sign_in_code.html", {"errors": errors}, status=422, private=True
        )
    return _to_door(request, cookie)


def _session_of(request: Request) -> bytes | None:
    """The session that this browser's cookie stands for until now."""
    viewer = viewer_of(request) or door_of(request)
    return None if viewer is None else viewer.session


def _to_door(request: Request, cookie: str) -> Response:
    """On to the second factor, under a cookie that nobody knew before."""
    response = see_other("/staff/door")
    until = clock.now() + DOOR_FOR
    set_cookie(response, cookie, until, secure=board_of(request).settings.secure)
    return response


async def invitation(request: Request) -> Response:
    """A one-time link: who is invited says what they are called."""
    found = await read(request, open_invitation, request.path_params["token"], clock.now())
    if found is None:
        raise Gone(_("This invitation was used or has lapsed. Ask for a new one."))
    values = {"role": found.role, "typed": {"name": ""}, "errors": {}}
    return await page(request, "door/invitation.html", values, private=True)


async def accept(request: Request) -> Response:
    """Take up an invitation."""
    board, now = board_of(request), clock.now()
    values = await form_of(request)
    try:
        name = read_form(InvitationForm, values).name
        errors = {} if name else {"name": _("Tell us what to call you.")}
    except Mistake as mistake:
        name, errors = "", mistake.fields
    if errors:
        shown = {"role": "", "typed": typed_values(InvitationForm, values), "errors": errors}
        return await page(request, "door/invitation.html", shown, status=422, private=True)
    cookie = new_secret()
    await write(
        request,
        take_up,
        board.keys,
        request.path_params["token"],
        cookie,
        name=name,
        language=language.current(),
        replaces=_session_of(request),
        now=now,
    )
    return _to_door(request, cookie)


async def sign_out(request: Request) -> Response:
    """Leave the desk: the session and its cookie go."""
    session = _session_of(request)
    response = see_other("/staff/sign-in")
    if session is not None:
        await write(request, close_session, session)
    clear_cookie(response, secure=board_of(request).settings.secure)
    return response
