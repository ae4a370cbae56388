"""Telling a story, and going on with one that was kept for later."""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.forms import typed_values
from board.core.http import board_of, page, read, see_other, write
from board.people.slips import MOST_TYPED
from board.taking_part.draft_actions import DRAFT_FOR, find_draft, throw_away
from board.taking_part.forms import TellForm
from board.taking_part.telling import Place, tell_page, told, town_fields
from board.taking_part.where import Meant, town_meant, where_at


async def tell(request: Request) -> Response:
    """The empty form, with what is known filled in: a town's page, a slip's code."""
    at = request.query_params.get("town", "")
    meant = await read(request, where_at, at) if at else Meant(None)
    slip = request.query_params.get("slip", "")[:MOST_TYPED]
    typed = typed_values(TellForm, {"at": at, "language": language.current(), "slip": slip})
    return await tell_page(request, typed, meant, {}, Place())


async def send_story(request: Request) -> Response:
    """A filled form: look at it first, keep it for later, send it, or hear what is missing."""
    return await told(request, Place())


async def draft(request: Request) -> Response:
    """The form again, filled as it was left. A mail scanner may look as often as it likes."""
    place = await _place_of(request)
    fields = place.draft.fields if place.draft else {}
    meant = await read(request, town_meant, town_fields(fields))
    if meant.where is None and not fields.get("town"):
        meant = Meant(None)
    return await tell_page(request, typed_values(TellForm, fields), meant, {}, place)


async def send_draft(request: Request) -> Response:
    """As on `/tell`; sent, the draft is gone."""
    return await told(request, await _place_of(request))


async def drop_draft(request: Request) -> Response:
    """Throw a draft away."""
    await form_of(request)
    place = await _place_of(request)
    if place.draft is not None:
        await write(request, throw_away, place.draft)
    return see_other("/tell/saved?gone=1")


async def saved(request: Request) -> Response:
    """It is kept, or thrown away; the same page whoever it is for."""
    values = {"gone": "gone" in request.query_params, "days": DRAFT_FOR.days}
    return await page(request, "taking_part/draft_saved.html", values, private=True)


async def _place_of(request: Request) -> Place:
    token = request.path_params["token"]
    found = await read(request, find_draft, board_of(request).keys, token, clock.now())
    return Place(f"/tell/draft/{token}", found)
