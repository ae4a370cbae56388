"""Merging a town into the one it really is: choose it, see what would happen, do it, undo it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, read, see_other, viewer_of, write
from board.desk.desk_page import desk_page
from board.desk.merge_actions import merge_towns, undo_merge
from board.desk.merge_queries import foresee, perhaps_same
from board.taking_part.actions import find_or_found
from board.taking_part.forms import TownFields
from board.taking_part.rules import Terms, Where, terms_of
from board.taking_part.where import Meant, town_meant
from board.towns.queries import TownRow, get_town


async def choose(request: Request) -> Response:
    """Which town is it really? With the choice made, what would move."""
    source = await read(request, get_town, request.path_params["id"])
    given = dict(request.query_params)
    if not given:
        return await _merge_page(request, source, {}, Meant(None), {})
    form = read_form(TownFields, given)
    meant = await read(request, town_meant, form)
    errors = {} if meant.where else {"town": meant.sentence}
    return await _merge_page(request, source, given, meant, errors)


async def merge(request: Request) -> Response:
    """Do it; the target's dossier says what moved."""
    values = await form_of(request)
    board, now = board_of(request), clock.now()
    source = await read(request, get_town, request.path_params["id"])
    meant = await read(request, town_meant, read_form(TownFields, values))
    try:
        if meant.where is None:
            raise Mistake({"town": meant.sentence})
        target_id = await write(
            request,
            _merge_into,
            source.id,
            meant.where,
            actor_id=viewer_of(request).id,
            terms=terms_of(board.settings),
            now=now,
        )
    except Mistake as mistake:
        return await _merge_page(request, source, values, meant, mistake.fields, status=422)
    except Conflict as conflict:
        errors = {"town": str(conflict)}
        return await _merge_page(request, source, values, meant, errors, status=409)
    return see_other(f"/staff/towns/{target_id}#merges")


def _merge_into(
    conn: Connection, source_id: int, where: Where, *, actor_id: int, terms: Terms, now: datetime
) -> int:
    target_id = find_or_found(conn, where, now)
    merge_towns(conn, source_id, target_id, actor_id=actor_id, need=terms.need, now=now)
    return target_id


async def undo(request: Request) -> Response:
    """Take a merge apart; its town has its own dossier again."""
    source_id = await write(
        request,
        undo_merge,
        request.path_params["id"],
        actor_id=viewer_of(request).id,
        need=terms_of(board_of(request).settings).need,
        now=clock.now(),
    )
    return see_other(f"/staff/towns/{source_id}")


async def _merge_page(
    request: Request,
    source: TownRow,
    given: Mapping[str, str],
    meant: Meant,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    target = meant.town
    values = {
        "town": source,
        "typed": typed_values(TownFields, given),
        "meant": meant,
        "errors": errors,
        "foreseen": await read(request, foresee, source.id, target.id) if target else None,
        "similar": await read(request, perhaps_same, source),
    }
    return await desk_page(request, "desk/merge.html", values, status=status)
