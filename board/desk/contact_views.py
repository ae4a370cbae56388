"""Who offered what in a town, and showing the contact of one of them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.http import board_of, read, viewer_of, write
from board.desk.contact_actions import PURPOSES, open_contact
from board.desk.contact_queries import get_offering, people_offering
from board.desk.desk_page import desk_page
from board.towns.queries import get_town
from board.votes.rules import OFFERS


async def people(request: Request) -> Response:
    """Everybody who offers something there, without contacts."""
    town = await read(request, get_town, request.path_params["id"])
    found = await read(request, people_offering, town.id, clock.now())
    kind = request.query_params.get("offer", "")
    shown = [one for one in found if kind not in OFFERS or kind in one.offers]
    values = {
        "town": town,
        "people": shown,
        "all": found,
        "kind": kind,
        "kinds": OFFERS,
        "counts": {offer: sum(offer in one.offers for one in found) for offer in OFFERS},
    }
    return await desk_page(request, "desk/people_offered.html", values)


async def ask(request: Request) -> Response:
    """What do you need this contact for?"""
    return await _ask_page(request, "", {})


async def show(request: Request) -> Response:
    """The contact, this once. It is no page of its own: going back to it asks again."""
    values, board = await form_of(request), board_of(request)
    town = await read(request, get_town, request.path_params["id"])
    purpose = values.get("purpose", "")
    try:
        opened = await write(
            request,
            open_contact,
            board.keys,
            town.id,
            request.path_params["person"],
            purpose,
            actor_id=viewer_of(request).id,
            per_day=board.settings.contacts_per_day,
            now=clock.now(),
        )
    except Mistake as mistake:
        return await _ask_page(request, purpose, mistake.fields, status=422)
    shown = {"town": town, "person": opened.person, "ways": opened.ways, "purpose": purpose}
    return await desk_page(request, "desk/contact_open.html", shown)


async def _ask_page(
    request: Request, purpose: str, errors: Mapping[str, str], *, status: int = 200
) -> Response:
    town = await read(request, get_town, request.path_params["id"])
    person_id = request.path_params["person"]
    person = await read(request, get_offering, town.id, person_id, clock.now())
    values = {
        "town": town,
        "person": person,
        "purposes": PURPOSES,
        "purpose": purpose,
        "errors": errors,
    }
    return await desk_page(request, "desk/contact.html", values, status=status)
