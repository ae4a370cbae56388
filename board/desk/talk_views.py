"""Closing a talk and opening it again, with a reason that everybody reads."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.comments.lock_actions import lock_talk, unlock_talk
from board.comments.queries import lock_reason
from board.core import clock
from board.core.bodies import form_of
from board.core.errors import BoardError, Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import STATUS, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.desk.desk_page import desk_page
from board.desk.forms import LockForm
from board.towns.queries import TownRow, get_town


async def lock(request: Request) -> Response:
    """The page of one talk's lock: of a town (`?town=12`), or of `/talk`."""
    town = await _town(request, request.query_params)
    return await _lock_page(request, town, {}, {})


async def decide(request: Request) -> Response:
    """Close a talk, change the reason, or open it again."""
    values = await form_of(request)
    town, viewer = await _town(request, values), viewer_of(request)
    town_id = town.id if town else None
    try:
        form = read_form(LockForm, values)
        if form.act == "unlock":
            await write(request, unlock_talk, town_id, actor_id=viewer.id, now=clock.now())
        elif form.reason:
            await write(
                request, lock_talk, town_id, form.reason, actor_id=viewer.id, now=clock.now()
            )
        else:
            raise Mistake({"reason": _("Say why: everybody reads it where the form was.")})
    except (Mistake, Conflict) as refusal:
        return await _lock_page(request, town, values, _errors(refusal), refusal=refusal)
    return see_other(f"{town.path if town else '/talk'}#talk")


def _errors(refusal: BoardError) -> Mapping[str, str]:
    return refusal.fields if isinstance(refusal, Mistake) else {"reason": str(refusal)}


async def _town(request: Request, given: Mapping[str, str]) -> TownRow | None:
    """The town that is meant, or None for the open talk; raises NotFound."""
    number = given.get("town", "")
    if not number:
        return None
    known = number.isascii() and number.isdecimal() and len(number) < 10
    return await read(request, get_town, int(number) if known else 0)


async def _lock_page(
    request: Request,
    town: TownRow | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusal: BoardError | None = None,
) -> Response:
    reason = await read(request, lock_reason, town.id if town else None)
    typed = typed_values(LockForm, values) if values else {"reason": reason}
    shown = {
        "town": town,
        "locked": bool(reason),
        "typed": typed,
        "errors": errors,
    }
    status = STATUS[type(refusal)] if refusal else 200
    return await desk_page(request, "desk/lock.html", shown, status=status)
