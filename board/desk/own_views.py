"""An organiser's own towns: the list of them, and a dossier of each, without anybody's contact."""

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.http import board_of, read, viewer_of
from board.desk.desk_page import desk_page
from board.desk.dossier import own_town
from board.drawing.ring import ring
from board.people.remit_queries import check_town, towns_of_organiser
from board.taking_part.rules import terms_of
from board.towns.measures import is_overdue
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow, get_town


async def index(request: Request) -> Response:
    """The towns that this person looks after."""
    need = terms_of(board_of(request).settings).need
    own = await read(request, _own_towns, viewer_of(request).id)
    return await desk_page(request, "desk/own.html", {"towns": own, "need": need})


async def town(request: Request) -> Response:
    """One of them; anybody else's is refused."""
    viewer, settings, now = viewer_of(request), board_of(request).settings, clock.now()
    town_id = request.path_params["id"]
    await read(request, check_town, viewer.id, viewer.role, town_id)
    shown = await read(request, get_town, town_id)
    ready = shown.readiness(terms_of(settings).need)
    file = await read(request, own_town, shown, now=now)
    values = {
        **file._asdict(),
        "file": file,
        "ring": ring(ready.learners, ready.need.learners, ready.has_facilitator, ready.has_space),
        "readiness": ready,
        "overdue": is_overdue(
            shown, answer_votes=settings.answer_votes, answer_days=settings.answer_days, now=now
        ),
    }
    return await desk_page(request, "desk/own_town.html", values)


def _own_towns(conn: Connection, person_id: int) -> list[TownRow]:
    t = towns.c
    own = towns_of_organiser(conn, person_id)
    rows = conn.execute(
        select(*TOWN_COLUMNS).where(t.id.in_(own)).order_by(t.vote_count.desc(), t.id)
    )
    return [TownRow._make(row) for row in rows]
