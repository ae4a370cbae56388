"""The record: all of it for staff, and its public part for everybody."""

from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from board.core.http import page, read
from board.core.kept_pages import Depends
from board.core.page_cache import keep
from board.desk.desk_page import desk_page
from board.people.queries import names_of_people
from board.record.queries import PAGE, Entry, entries
from board.towns.queries import names_of_listed, names_of_towns


async def public(request: Request) -> Response:
    """What was done with what is public, and why; not by whom."""
    found = await read(request, entries, public=True, before=_before(request))
    shown = await _shown(request, found, names_of_listed)
    keep(request, Depends(frozenset({"record", "facts"})))
    return await page(request, "desk/record_public.html", shown)


async def record(request: Request) -> Response:
    """Every act of staff and moderators, with who it was."""
    town = request.query_params.get("town", "")
    town_id = int(town) if town.isdecimal() and len(town) < 10 else None
    found = await read(request, entries, before=_before(request), town_id=town_id)
    actors = {entry.actor_id for entry in found if entry.actor_id is not None}
    values = {
        **await _shown(request, found, names_of_towns),
        "actors": await read(request, names_of_people, actors),
        "town": town_id,
    }
    return await desk_page(request, "desk/record.html", values)


async def _shown(
    request: Request, found: Sequence[Entry], names: Callable[..., Mapping[int, str]]
) -> Mapping[str, object]:
    ids = {entry.town_id for entry in found if entry.town_id is not None}
    merged = {entry.subject_id for entry in found if entry.act in ("merge", "unmerge")}
    return {
        "entries": found[:PAGE],
        "next": found[PAGE - 1].id if len(found) > PAGE else None,
        "towns": await read(request, names, ids | merged),
    }


def _before(request: Request) -> int | None:
    text = request.query_params.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
