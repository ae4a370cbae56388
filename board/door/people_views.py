"""Who sits at the desk: colleagues, invitations, and one colleague's page. For admins."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.desk.desk_page import desk_page
from board.door.people_actions import INVITED_DAYS, change_seat, invite_colleague, withdraw
from board.door.people_forms import InviteForm, PersonForm, WithdrawForm
from board.people.rules import ROLES
from board.people.seat_queries import get_seat, open_invitations, seats
from board.taking_part.rules import STORY_LANGUAGES, terms_of
from board.taking_part.where import Meant, town_meant
from board.towns.queries import names_of_towns


async def index(request: Request) -> Response:
    """Everybody with a role, who is invited, and a form to invite."""
    typed = typed_values(InviteForm, {"role": "moderator", "language": language.current()})
    return await _index_page(request, typed, {})


async def _index_page(
    request: Request,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    board, now = board_of(request), clock.now()
    found = await read(request, seats)
    looked_after = {town_id for seat in found for town_id in seat.towns}
    values = {
        "seats": found,
        "towns": await read(request, names_of_towns, looked_after),
        "invitations": await read(request, open_invitations, board.keys, now),
        "roles": ROLES,
        "languages_on_offer": list(language.NAMES.items()),
        "days": INVITED_DAYS,
        "typed": typed,
        "errors": errors,
        "problem": problem,
    }
    return await desk_page(request, "door/people.html", values, status=status)


async def settle(request: Request) -> Response:
    """Invite somebody, or take an invitation back."""
    board, values, now = board_of(request), await form_of(request), clock.now()
    actor_id = viewer_of(request).id
    typed = typed_values(InviteForm, values)
    try:
        chosen = read_form(WithdrawForm, values)
        if chosen.act == "withdraw" and chosen.invitation is not None:
            await write(request, withdraw, chosen.invitation, actor_id=actor_id, now=now)
        else:
            form, terms = read_form(InviteForm, values), terms_of(board.settings)
            await write(
                request, invite_colleague, board.keys, form,
                actor_id=actor_id, terms=terms, now=now,
            )  # fmt: skip
    except Mistake as mistake:
        return await _index_page(request, typed, mistake.fields, status=422)
    except Conflict as conflict:
        return await _index_page(request, typed, {}, problem=str(conflict), status=409)
    return see_other("/staff/people")


# --- one colleague --------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """A colleague's role, what they look after, and their ways in."""
    return await _show_page(request, typed_values(PersonForm, {}), Meant(None), {})


async def _show_page(
    request: Request,
    typed: Mapping[str, str],
    meant: Meant,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    seat = await read(request, get_seat, request.path_params["id"])
    values = {
        "colleague": seat,
        "towns": await read(request, names_of_towns, seat.towns),
        "roles": ROLES,
        "story_languages": STORY_LANGUAGES,
        "typed": typed,
        "meant": meant,
        "errors": errors,
    }
    return await desk_page(request, "door/people_show.html", values, status=status)


async def change(request: Request) -> Response:
    """One act with a colleague."""
    values = await several_ticks(request)
    meant, person_id = Meant(None), request.path_params["id"]
    try:
        form = read_form(PersonForm, values)
        if form.act == "town":
            meant = await read(request, town_meant, form)
            if meant.where is None:
                raise Mistake({"town": meant.sentence or _("Which town?")})
        await write(
            request, change_seat, person_id, form, meant.where, actor_id=viewer_of(request).id,
            terms=terms_of(board_of(request).settings), now=clock.now(),
        )  # fmt: skip
    except Mistake as mistake:
        typed = typed_values(PersonForm, values)
        return await _show_page(request, typed, meant, mistake.fields, status=422)
    except Conflict as conflict:
        typed = typed_values(PersonForm, values)
        return await _show_page(request, typed, meant, {"act": str(conflict)}, status=409)
    gone = form.act == "remove"
    return see_other("/staff/people" if gone else f"/staff/people/{person_id}")


async def several_ticks(request: Request) -> dict[str, str]:
    """The form's fields, and under `languages` all languages that are ticked."""
    values = await form_of(request)
    ticked = [name[5:] for name in values if name.startswith("lang-")]
    return {**values, "languages": " ".join(ticked)}
