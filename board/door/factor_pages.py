"""What the door's pages and those of one's seat share: offers and answers of apps and passkeys."""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Mistake, NotFound
from board.core.forms import read_form
from board.core.http import board_of, page, write
from board.core.language import gettext as _
from board.door.factor_forms import AppForm, KeyForm
from board.door.offers import seed_in
from board.people.factor_queries import Factors
from board.people.passkeys import Site, making, showing, site_of
from board.people.queries import Viewer
from board.people.session_actions import new_challenge


def own_site(request: Request) -> Site | None:
    """To whom passkeys of this board belong; None where browsers know none."""
    settings = board_of(request).settings
    return site_of(settings.base_url, settings.site_name)


async def key_form(request: Request) -> KeyForm:
    """What a browser sent of a passkey; whatever can't be read is an answer that doesn't fit."""
    values = await form_of(request)
    try:
        return read_form(KeyForm, values)
    except Mistake:
        return KeyForm()


async def key_question(request: Request, viewer: Viewer, found: Factors, *, show: bool) -> Response:
    """A new challenge for this browser, in the words of WebAuthn."""
    site = own_site(request)
    challenge = await write(request, new_challenge, viewer.session, clock.now())
    if site is None or challenge is None:
        raise NotFound(_("Passkeys don't work at this address of the board."))
    known = [key.credential for key in found.keys]
    if show:
        asked = showing(site, challenge, known=known)
    else:
        asked = making(site, challenge, person_id=viewer.id, name=viewer.name, known=known)
    return Response(asked, media_type="application/json")


def wrong_first_code() -> dict[str, str]:
    """Said beside the field when an app's first code is wrong."""
    return {"code": _("Not quite. Is the phone's clock right? Type the digits it shows now.")}


async def app_form(request: Request, viewer: Viewer) -> tuple[str, str]:
    """The seed that this browser was offered, and the code that was typed."""
    values = await form_of(request)
    try:
        form = read_form(AppForm, values)
    except Mistake:
        return "", ""
    return seed_in(board_of(request).keys, viewer.session, form.offer), form.code


async def codes_page(request: Request, codes: tuple[str, ...], onwards: str) -> Response:
    """The codes for the paper: shown in this one answer, and never again."""
    values = {"codes": codes, "onwards": onwards}
    return await page(request, "door/factor_codes.html", values, private=True)
