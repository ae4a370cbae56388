"""Handing a town over: who facilitates, whose contact may go to them, and passing them on."""

from collections.abc import Mapping

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, read, see_other, viewer_of, write
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.rendering import country_name
from board.desk.contact_queries import people_offering, reach_of
from board.desk.desk_page import desk_page
from board.desk.hand_over_actions import (
    begin_hand_over,
    close_hand_over,
    send_bundle,
    take_bundle,
)
from board.desk.hand_over_bundle import Bundle, bundle_around
from board.desk.hand_over_files import FILES, bundle_file
from board.desk.hand_over_forms import FacilitatorForm, HandOverForm
from board.desk.hand_over_links import create_circle_link
from board.desk.hand_over_queries import get_hand_over, hand_overs_of
from board.digests.rules import terms_of as digest_terms_of
from board.digests.writing import Desk
from board.taking_part.rules import terms_of
from board.towns.queries import get_town
from board.votes.queries import wishes_of_town
from board.votes.rules import OFFERS


async def page(request: Request) -> Response:
    """Begin one, or see how the open one goes."""
    return await _page(request, request.path_params["id"], typed_values(FacilitatorForm, {}), {})


async def begin(request: Request) -> Response:
    """Ask everybody who offered something."""
    values, board = await form_of(request), board_of(request)
    town = await read(request, get_town, request.path_params["id"])
    typed = typed_values(FacilitatorForm, values)
    desk = Desk(board.keys, digest_terms_of(board.settings), clock.now())
    try:
        form = read_form(FacilitatorForm, values)
        await write(request, begin_hand_over, desk, town, form, actor_id=viewer_of(request).id)
    except Mistake as mistake:
        return await _page(request, town.id, typed, mistake.fields, status=422)
    except Conflict as conflict:
        return await _page(request, town.id, typed, {"act": str(conflict)}, status=409)
    return see_other(f"/staff/towns/{town.id}/hand-over")


async def settle(request: Request) -> Response:
    """Send the bundle, show it, save it, or close the hand-over."""
    found = await read(request, get_hand_over, request.path_params["id"])
    typed = typed_values(FacilitatorForm, {})
    try:
        form = read_form(HandOverForm, await form_of(request))
        return await _settled(request, form, found.id, found.town_id)
    except Mistake as mistake:
        return await _page(request, found.town_id, typed, mistake.fields, status=422)
    except Conflict as conflict:
        return await _page(request, found.town_id, typed, {"act": str(conflict)}, status=409)


async def _settled(
    request: Request, form: HandOverForm, hand_over_id: int, town_id: int
) -> Response:
    board, actor_id, now = board_of(request), viewer_of(request).id, clock.now()
    if form.act == "send":
        terms = terms_of(board.settings)
        code = form.language if form.language in language.NAMES else language.DEFAULT
        await write(
            request, send_bundle, board.keys, terms, hand_over_id, code,
            actor_id=actor_id, now=now,
        )  # fmt: skip
    elif form.act == "close":
        await write(request, close_hand_over, hand_over_id, actor_id=actor_id, now=now)
    elif form.act in ("show", *FILES):
        bundle = await write(request, _taken, board.keys, hand_over_id, actor_id)
        if form.act == "show":
            values = {"bundle": bundle, "town": bundle.town, "hand_over": bundle.hand_over}
            return await desk_page(request, "desk/hand_over_bundle.html", values)
        return bundle_file(board.pages, bundle, form.act)
    else:
        raise Mistake({"act": _("Choose what to do.")})
    return see_other(f"/staff/towns/{town_id}/hand-over")


def _taken(conn: Connection, keys: Keys, hand_over_id: int, actor_id: int) -> Bundle:
    passed = take_bundle(conn, keys, hand_over_id, actor_id=actor_id, now=clock.now())
    return bundle_around(conn, get_hand_over(conn, hand_over_id), passed)


async def _page(
    request: Request,
    town_id: int,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    board = board_of(request)
    town = await read(request, get_town, town_id)
    found = await read(request, people_offering, town.id, clock.now())
    past = await read(request, hand_overs_of, town.id)
    link = create_circle_link(
        board.settings.create_circle_url, town, country_name(town.country), "en"
    )
    values = {
        "town": town,
        "now_open": next((one for one in past if one.closed_at is None), None),
        "past": [one for one in past if one.closed_at is not None],
        "could": [one for one in found if "facilitate" in one.offers and one.by_mail],
        "reach": reach_of(found, OFFERS),
        "wishes": await read(request, wishes_of_town, town.id, asked_by=1),
        "create_link": link,
        "typed": typed,
        "errors": errors,
        "languages_on_offer": list(language.NAMES.items()),
        "hours": board.settings.link_hours,
    }
    return await desk_page(request, "desk/hand_over.html", values, status=status)
