"""My offer, anew: what I'd come for, whether I could facilitate, have a space, help."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.people.queries import Viewer, has_contact
from board.people.rules import Reach
from board.taking_part.forms import contact_mistakes
from board.taking_part.offer_actions import change_offer
from board.taking_part.rules import terms_of
from board.taking_part.sending import at_of
from board.taking_part.where import Meant, where_at
from board.taking_part.wishes_forms import OfferForm
from board.votes.queries import OwnVote, own_vote


async def offer(request: Request) -> Response:
    """What I offer in this town; who has no vote here is led to voting."""
    meant, own = await _own(request)
    if own is None:
        return see_other(f"{meant.path}/vote")
    ticks = {"nearby": own.nearby, **own.offer._asdict()}
    typed = typed_values(OfferForm, {kind: "1" for kind, on in ticks.items() if on})
    return await _offer_page(request, meant, typed, {})


async def _own(request: Request) -> tuple[Meant, OwnVote | None]:
    """The town, and the viewer's counted vote in it, if there is one."""
    meant, viewer = await read(request, where_at, at_of(request)), viewer_of(request)
    if viewer is None or meant.town is None:
        return meant, None
    own = await read(request, own_vote, meant.town.id, viewer.key)
    return meant, own if own is not None and own.state == "counted" else None


async def _offer_page(
    request: Request,
    meant: Meant,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    reachable = await read(request, has_contact, viewer_of(request).id, clock.now())
    values = {"meant": meant, "typed": typed, "errors": errors, "reachable": reachable}
    return await page(request, "taking_part/offer.html", values, status=status, private=True)


async def send_offer(request: Request) -> Response:
    """Put my offer in place of the one before."""
    values, viewer = await form_of(request), viewer_of(request)
    meant, own = await _own(request)
    if viewer is None or meant.town is None or own is None:
        return see_other(f"{meant.path}/vote")
    board = board_of(request)
    try:
        # Who is remembered by name needs to type it only once.
        form = read_form(OfferForm, {**values, "name": values.get("name") or viewer.name})
        reaches = await _reaches(request, form, meant, viewer)
    except Mistake as mistake:
        typed = typed_values(OfferForm, values)
        return await _offer_page(request, meant, typed, mistake.fields, status=422)
    await write(
        request,
        change_offer,
        board.keys,
        meant.town.id,
        form.offer,
        nearby=form.nearby,
        person_id=viewer.id,
        key=viewer.key,
        name=form.name if form.name != viewer.name else "",
        language=language.current(),
        reaches=reaches,
        terms=terms_of(board.settings),
        now=clock.now(),
    )
    return see_other(f"{meant.path}#vote")


async def _reaches(request: Request, form: OfferForm, meant: Meant, viewer: Viewer) -> list[Reach]:
    """How to reach who offers; asked for again where we keep nothing (DECISIONS 16)."""
    given = bool(form.email or form.phone)
    if not form.offer.any:
        return []
    if not given and await read(request, has_contact, viewer.id, clock.now()):
        return []
    said = contact_mistakes(form, meant.country)
    if said:
        raise Mistake(said)
    reaches = form.reaches(meant.country)
    keys = board_of(request).keys
    for reach in reaches:
        if reach.channel == "email" and keys.person_key(reach.canonical) != viewer.key:
            raise Mistake({"email": _not_yours()})
    return reaches


def _not_yours() -> str:
    return _("This isn't the address that you confirmed with here. Type that one, or a number.")
