"""Voting. Every POST answers 303, or 422 with everything kept."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import page, read, viewer_of
from board.people.queries import Viewer, has_contact, has_email
from board.taking_part.forms import (
    VoteForm,
    reach_mistakes,
    start_mistakes,
)
from board.taking_part.rules import (
    VoteWish,
)
from board.taking_part.sending import at_of, second_phone, send
from board.taking_part.where import Meant, where_at


async def vote(request: Request) -> Response:
    """The vote's own page, for who comes without JavaScript or from a flyer."""
    meant = await read(request, where_at, at_of(request))
    return await _vote_page(request, meant, typed_values(VoteForm, {}), {})


async def cast(request: Request) -> Response:
    """A vote: at once for who is remembered, otherwise after the code."""
    values = await form_of(request)
    meant = await read(request, where_at, at_of(request))
    viewer = viewer_of(request)
    try:
        form = read_form(VoteForm, values)
        if viewer is None or form.offer.any or form.tell_me:
            said = await _vote_contact_mistakes(request, form, meant, viewer)
            if said:
                raise Mistake(said)
        return await send(request, _vote_wish(form, meant), form.reaches(meant.country), values)
    except Mistake as mistake:
        # The button on a cached page sends nothing yet: that is a beginning, not a mistake.
        first = not values
        errors = {} if first else mistake.fields
        typed = typed_values(VoteForm, values)
        return await _vote_page(request, meant, typed, errors, status=200 if first else 422)


async def _vote_contact_mistakes(
    request: Request, form: VoteForm, meant: Meant, viewer: Viewer | None
) -> dict[str, str]:
    missing = start_mistakes(form, tell_me=form.tell_me)
    known = viewer is not None and await read(request, has_contact, viewer.id, clock.now())
    if viewer is not None and known and not (form.email or form.phone or form.slip):
        return {} if await read(request, has_email, viewer.id, clock.now()) else missing
    return reach_mistakes(form, meant.country, offering=form.offer.any) | missing


def _vote_wish(form: VoteForm, meant: Meant) -> VoteWish:
    if meant.where is None:
        raise Mistake({"town": meant.sentence})
    return VoteWish(
        where=meant.where,
        name=form.name,
        language=language.current(),
        phone=second_phone(form, meant.country),
        nearby=form.nearby,
        offer=form.offer,
        tell_me=form.tell_me,
    )


async def _vote_page(
    request: Request,
    meant: Meant,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {"meant": meant, "typed": typed, "errors": errors}
    return await page(request, "taking_part/vote.html", values, status=status)
