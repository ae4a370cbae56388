"""The page of forms that were held back."""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.http import board_of, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.desk.desk_page import desk_page
from board.desk.held_actions import settle_held
from board.desk.held_queries import held_groups
from board.taking_part.rules import terms_of

ACTS = ("let_go", "drop")
MOST = 500


async def held(request: Request) -> Response:
    """What was held back, by network, with the signs in words."""
    return await _held_page(request, "")


async def settle(request: Request) -> Response:
    """Let the ticked forms go, or drop them."""
    values = await form_of(request)
    board = board_of(request)
    ids = [int(n) for n in values.get("ids", "").split(",") if n.isdecimal() and len(n) < 10]
    act = values.get("act", "")
    if act not in ACTS or not ids:
        return await _held_page(request, _("Choose what to do with which of them."), status=422)
    settled = await write(
        request,
        settle_held,
        board.keys,
        act,
        ids[:MOST],
        actor_id=viewer_of(request).id,
        terms=terms_of(board.settings),
        now=clock.now(),
    )
    if not settled.done:
        sentence = _("Somebody else was faster: this is done already.")
        return await _held_page(request, sentence, status=409)
    return see_other("/staff/held")


async def _held_page(request: Request, error: str, *, status: int = 200) -> Response:
    groups = await read(request, held_groups, board_of(request).keys, clock.now())
    values = {"groups": groups, "error": error}
    return await desk_page(request, "desk/held.html", values, status=status)
