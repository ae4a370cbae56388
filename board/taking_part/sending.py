"""Sending a filled form: done at once for a remembered person, put away for anybody else."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.errors import Mistake
from board.core.http import board_of, see_other, viewer_of, write
from board.core.limits import network_of
from board.core.stamps import FIELD, age_of
from board.people.browser import new_secret
from board.people.rules import Reach
from board.taking_part.actions import Done, act_as
from board.taking_part.forms import (
    ContactFields,
    contact_mistakes,
)
from board.taking_part.rules import (
    STORY_LANGUAGES,
    AnyWish,
    terms_of,
)
from board.taking_part.signs import signs_of_form
from board.taking_part.slip_sending import send_slip
from board.taking_part.waiting_actions import Sender, wait


async def send(
    request: Request,
    wish: AnyWish,
    reaches: list[Reach],
    values: Mapping[str, str],
    *,
    back: str = "",
) -> Response:
    """Do it at once for a remembered person; put it away until the code comes for anybody else.

    `values` are the form's fields as they came: the trap and the stamp are among them. `back` may
    hold `{id}`, that of the thing that was made. With a slip
    it is done at once too, whoever is remembered.
    """
    if values.get("slip", "").strip():
        return await send_slip(request, wish, reaches, values)
    board, now, viewer = board_of(request), clock.now(), viewer_of(request)
    terms = terms_of(board.settings)
    reach = reaches[0] if reaches else None
    key = board.keys.person_key(reach.canonical) if reach else None
    # A number given by somebody we remember is another way to reach them, not another person.
    by_phone = reach is not None and reach.channel == "phone"
    if viewer is not None and (by_phone or key is None or key == viewer.key):
        done = await write(
            request,
            act_as,
            board.keys,
            wish,
            person_id=viewer.id,
            key=viewer.key,
            reach=reach,
            staff=viewer.is_staff,
            terms=terms,
            now=now,
        )
        return see_other(_place_of(done, back))
    if reach is None or key is None:
        raise Mistake(contact_mistakes(ContactFields(), ""))
    secret = new_secret()
    sender = Sender(
        reach,
        key,
        secret,
        language.current(),
        network=network_of(request.client.host) if request.client else "",
        signs=signs_of_form(values, age_of(board.keys, values.get(FIELD, ""))),
    )
    await write(request, wait, board.keys, wish, sender, terms=terms, now=now)
    return see_other(f"/confirm/wait/{secret}")


def _place_of(done: Done, back: str) -> str:
    """Where a remembered person looks after their act."""
    if back:
        return back.format(id=done.thing_id)
    if done.kind == "story":
        return f"/stories/{done.thing_id}"
    return f"/comments/{done.thing_id}" if done.town is None else f"{done.town.path}#vote"


def at_of(request: Request) -> str:
    return f"{request.path_params['country']}/{request.path_params['slug']}"


def written_in(code: str) -> str:
    """The language that was chosen; the page's own for one that isn't on offer."""
    return code if code in STORY_LANGUAGES else language.current()


def second_phone(form: ContactFields, country: str) -> str:
    """The number given beside an e-mail; alone it is the way to reach somebody itself."""
    ways = form.reaches(country)
    return ways[1].address if len(ways) == 2 else ""
