"""A town's votes at the desk, with what is odd about them; and all towns with something odd."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.errors import Mistake
from board.core.http import board_of, read, see_other, viewer_of, write
from board.desk.desk_page import desk_page
from board.desk.hint_rules import VOID_REASONS
from board.desk.vote_actions import judge_votes
from board.desk.vote_queries import PAGE, hints_of_town, odd_towns, votes_of_town
from board.taking_part.rules import terms_of
from board.towns.queries import get_town

STATES = ("counted", "voided", "taken_back")


async def hints(request: Request) -> Response:
    """Where staff may want to look twice."""
    found = await read(request, odd_towns, clock.now())
    return await desk_page(request, "desk/hints.html", {"towns": found})


async def votes(request: Request) -> Response:
    """A town's votes, the newest first."""
    return await _votes_page(request, {}, frozenset())


async def judge(request: Request) -> Response:
    """Void or restore the ticked ones."""
    data = await request.form(max_files=0, max_fields=PAGE + 20)
    ticked = frozenset(
        int(value)
        for value in map(str, data.getlist("vote"))
        if value.isdecimal() and len(value) < 10
    )
    town_id = request.path_params["id"]
    town = await read(request, get_town, town_id)
    try:
        await write(
            request,
            judge_votes,
            town.id,
            str(data.get("act", "")),
            sorted(ticked),
            str(data.get("reason", "")),
            actor_id=viewer_of(request).id,
            need=terms_of(board_of(request).settings).need,
            now=clock.now(),
        )
    except Mistake as mistake:
        return await _votes_page(request, mistake.fields, ticked, status=422)
    return see_other(f"/staff/towns/{town.id}/votes")


async def _votes_page(
    request: Request, errors: Mapping[str, str], ticked: frozenset[int], *, status: int = 200
) -> Response:
    town = await read(request, get_town, request.path_params["id"])
    given = request.query_params
    state = given.get("state", "") if given.get("state", "") in STATES else ""
    rows = await read(
        request, votes_of_town, town.id, state=state, after=_after(given.get("after", ""))
    )
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    values = {
        "town": town,
        "rows": rows[:PAGE],
        "next": f"{last.cast_at.timestamp()}~{last.id}" if last else "",
        "state": state,
        "states": STATES,
        "hints": await read(request, hints_of_town, town.id),
        "picked": given.get("hint", ""),
        "ticked": ticked,
        "errors": errors,
        "reasons": VOID_REASONS,
    }
    return await desk_page(request, "desk/votes.html", values, status=status)


def _after(text: str) -> tuple[datetime, int] | None:
    """Where the next page begins ("1763806200.25~812"), or None for what isn't one of ours."""
    moment, _tilde, vote_id = text.partition("~")
    try:
        return datetime.fromtimestamp(float(moment), tz=UTC), int(vote_id)
    except (ValueError, OverflowError, OSError):
        return None
