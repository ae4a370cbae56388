"""Erasing oneself: what happens is said first, one tick and one button do it."""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form
from board.core.http import board_of, page, see_other, viewer_of, write
from board.core.language import gettext as _
from board.people.browser import clear_cookie
from board.taking_part.erase_actions import erase_person
from board.taking_part.rules import terms_of
from board.taking_part.you_forms import EraseForm


async def ask(request: Request) -> Response:
    """What erasing does, and the choice about one's votes."""
    if viewer_of(request) is None:
        return see_other("/you")
    return await _erase_page(request, {}, {})


async def _erase_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    values = {"typed": typed, "errors": errors}
    return await page(request, "taking_part/erase.html", values, status=status, private=True)


async def erase(request: Request) -> Response:
    """Erase everything about this person, in one transaction, and from the file."""
    board, viewer = board_of(request), viewer_of(request)
    values = await form_of(request)
    if viewer is None:
        return see_other("/you")
    try:
        form = _meant(values)
    except Mistake as mistake:
        return await _erase_page(request, values, mistake.fields, status=422)
    await write(
        request,
        erase_person,
        board.keys,
        viewer.id,
        viewer.key,
        take_back=form.votes == "take_back",
        need=terms_of(board.settings).need,
        now=clock.now(),
    )
    # What was overwritten stands in the database's log until it is written back.
    await asyncio.to_thread(board.database.wipe)
    response = see_other("/you/erased")
    clear_cookie(response, secure=board.settings.secure)
    return response


def _meant(values: Mapping[str, str]) -> EraseForm:
    form = read_form(EraseForm, values)
    said: dict[str, str] = {}
    if not form.votes:
        said["votes"] = _("Choose what becomes of your votes.")
    if not form.sure:
        said["sure"] = _("Tick this: nobody can bring it back afterwards, we neither.")
    if said:
        raise Mistake(said)
    return form


async def erased(request: Request) -> Response:
    """It is done."""
    return await page(request, "taking_part/erased.html", {}, private=True)
