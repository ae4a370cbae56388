"""Slips on the way of taking part: the page behind the square, and what was said with a slip.

A GET tells nothing about a code, only of its batch: phones look at addresses before people do,
and nobody shall try codes out by looking.
"""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Refused
from board.core.forms import read_form
from board.core.http import board_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.people.browser import new_secret, set_cookie
from board.people.slip_queries import State, find_batch
from board.people.slips import Code, batch_of, normalise, show
from board.taking_part.forms import SlipForm
from board.taking_part.rules import STORY_LANGUAGES
from board.taking_part.slip_actions import SESSION_FOR, Verdict, open_with_slip
from board.taking_part.slip_sending import slip_sentence, typed_slip
from board.towns.queries import TownRow, town_by_id

LAPSED: tuple[State, ...] = ("expired", "revoked")


async def entry(request: Request) -> Response:
    """Where a code is typed by hand."""
    return await _entry_page(request, "")


async def open_slip(request: Request) -> Response:
    """A typed code: on to what can be done with it, or to what was said with it."""
    viewer = viewer_of(request)
    if viewer is not None and viewer.desk:
        raise Refused(_("You sit at the desk in this browser. Sign out first, or use another one."))
    board, cookie, now = board_of(request), new_secret(), clock.now()
    form = read_form(SlipForm, await form_of(request))
    typed = typed_slip(request, form.slip)
    answer = await write(request, open_with_slip, board.keys, typed, cookie, now=now)
    code = normalise(form.slip)
    if answer.verdict == "open" and code is not None:
        return see_other(f"/slip/{show(code)}")
    if answer.verdict == "opened":
        response = see_other("/you")
        # Gone with the window: a slip is typed on other people's computers.
        set_cookie(response, cookie, now + SESSION_FOR, secure=board.settings.secure, lasting=False)
        return response
    status = 429 if answer.verdict == "over" else 422
    return await _entry_page(request, form.slip, answer.verdict, status=status)


async def _entry_page(
    request: Request, typed: str, verdict: Verdict | None = None, *, status: int = 200
) -> Response:
    errors = {"slip": _entry_sentence(verdict)} if verdict else {}
    values = {"typed": {"slip": typed}, "errors": errors}
    return await page(request, "taking_part/slip.html", values, status=status, private=True)


def _entry_sentence(verdict: Verdict) -> str:
    if verdict == "erased":
        return _("What was said with this slip was deleted. Nothing is left of it.")
    return slip_sentence(verdict)


async def slip(request: Request) -> Response:
    """What the square leads to: the town, and three ways to take part, the code filled in."""
    code = normalise(request.path_params["code"])
    batch = await read(request, find_batch, batch_of(code)) if code else None
    if code is None or batch is None:
        return await _entry_page(request, request.path_params["code"], "wrong", status=404)
    town = await read(request, town_by_id, batch.town_id) if batch.town_id else None
    if town is not None and town.standing == "dropped":
        town = None
    return await _ways_page(request, code, batch.state(clock.now()), town)


async def _ways_page(request: Request, code: Code, state: State, town: TownRow | None) -> Response:
    values = {
        "code": show(code),
        "lapsed": slip_sentence(state) if state in LAPSED else "",
        "town": town,
        "story_languages": STORY_LANGUAGES,
    }
    return await page(request, "taking_part/slip_ways.html", values, private=True)
