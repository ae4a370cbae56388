"""The pages behind two mails' links: how did it go, and are you still in. No sign-in, no cookie.

The token in the address is the authority. A GET changes nothing, however often a scanner sends it.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Gone, Mistake, NotFound
from board.core.forms import Form, Line, read_form
from board.core.http import board_of, page, read, see_other, write
from board.core.language import gettext as _
from board.digests.asking_actions import answer_launch
from board.digests.queries import has_voted, own_answer, own_stay
from board.digests.rules import terms_of
from board.mail.values import PURPOSE
from board.people.actions import extend_contact
from board.towns.queries import get_town


class AnswerForm(Form):
    """How it went: one of digests.rules.ANSWERS."""

    answer: Line = ""


def _person_of(request: Request) -> int:
    """The person whom the link names; raises Gone for one that isn't ours."""
    person_id = board_of(request).keys.row_of(PURPOSE, request.path_params["token"])
    if person_id is None:
        raise Gone(_("This link isn't whole. Copy it from the mail once more, to its end."))
    return person_id


# --- after a launch -------------------------------------------------------------------------


async def launch(request: Request) -> Response:
    """The one question after a launch, with what was answered before."""
    person_id, town_id = _person_of(request), request.path_params["town"]
    said = await read(request, own_answer, person_id, town_id)
    return await _launch_page(request, said, {})


async def answer(request: Request) -> Response:
    """Keep the answer; a new one takes the place of the old."""
    person_id, town_id = _person_of(request), request.path_params["town"]
    form = read_form(AnswerForm, await form_of(request))
    try:
        await write(request, answer_launch, person_id, town_id, form.answer, clock.now())
    except Mistake as mistake:
        return await _launch_page(request, form.answer, mistake.fields, status=422)
    return see_other(f"/launch/{request.path_params['token']}/{town_id}?kept=1")


async def _launch_page(
    request: Request, said: str, errors: Mapping[str, str], *, status: int = 200
) -> Response:
    person_id, town_id = _person_of(request), request.path_params["town"]
    town = await read(request, get_town, town_id)
    if not await read(request, has_voted, person_id, town_id):
        raise NotFound(_("There is no such town."))
    values = {
        "town": town,
        "said": said,
        "errors": errors,
        "kept": "kept" in request.query_params,
    }
    return await page(request, "digests/launch.html", values, status=status, private=True)


# --- still in? ------------------------------------------------------------------------------


async def still_in(request: Request) -> Response:
    """What ends with the contact, and one button that keeps it."""
    person_id = _person_of(request)
    stay_of = await read(request, own_stay, person_id, clock.now())
    values = {"stay": stay_of, "kept": "kept" in request.query_params}
    return await page(request, "digests/still_in.html", values, private=True)


async def stay(request: Request) -> Response:
    """Keep the contact, and what hangs on it, for another while."""
    person_id, now = _person_of(request), clock.now()
    await form_of(request)
    until = now + terms_of(board_of(request).settings).contact_for
    if not await write(request, extend_contact, person_id, now=now, expires_at=until):
        sentence = _("The time was over, and your address is deleted. You can offer again.")
        raise Gone(sentence)
    return see_other(f"/still-in/{request.path_params['token']}?kept=1")
