"""What the live map asks for: tiles of numbers, and a card for whatever somebody chooses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.errors import NotFound
from board.core.http import board_of, context, read_shown, shareable
from board.core.language import gettext as _
from board.core.page_cache import keep
from board.drawing.clusters import Cell
from board.drawing.ring import ring
from board.explore.facets import facets_of
from board.explore.freshness import of_popup, of_tile
from board.explore.map_queries import things_in
from board.explore.popup_queries import circle_shown, library_shown, town_shown
from board.explore.rules import Question
from board.explore.tiles import is_tile, tile_of, windows_of, written
from board.taking_part.rules import terms_of
from board.towns.cells import TILE_LEVELS, tile_window


async def tile(request: Request) -> Response:
    """What lies in one tile of the world, as numbers; without words, so the same for everybody."""
    request.scope["wants_json"] = True
    z, x, y = (int(request.path_params[name]) for name in "zxy")
    if not is_tile(z, x, y):
        raise NotFound(_("There is no such part of the map."))
    question = Question.read(request.query_params)
    join_km = board_of(request).settings.join_km
    cells = await read_shown(
        request, _cells_of, question, z, x, y, join_km=join_km, now=clock.minute()
    )
    if facets_of(question) is not None:
        keep(request, of_tile(cell.town_id for cell in cells if cell.town_id))
    body = written(tile_of(cells, tile_window(z, x, y), z))
    return shareable(request, body, "application/json")


def _cells_of(
    conn: Connection, question: Question, z: int, x: int, y: int, *, join_km: int, now: datetime
) -> list[Cell]:
    """All kinds of things, unless the address names a layer: whoever shows them may hide some."""
    asked = question.but(libraries="" if question.layer == "towns" else "1")
    windows = windows_of(tile_window(z, x, y))
    return things_in(conn, asked, windows, z + TILE_LEVELS, join_km=join_km, now=now)


async def town_popup(request: Request) -> Response:
    """A town in a few words, with the way to its page and to the vote."""
    town = await read_shown(request, town_shown, request.path_params["id"])
    ready = town.readiness(terms_of(board_of(request).settings).need)
    drawn = ring(ready.learners, ready.need.learners, ready.has_facilitator, ready.has_space)
    return _piece(request, {"kind": "town", "town": town, "ring": drawn}, town.id)


async def circle_popup(request: Request) -> Response:
    """A circle in a few words, with the way to sign up while that is open."""
    circle = await read_shown(request, circle_shown, request.path_params["id"], clock.now())
    return _piece(request, {"kind": "circle", "circle": circle})


async def library_popup(request: Request) -> Response:
    """A library in a few words, and since when we know of it."""
    library, imported = await read_shown(request, library_shown, request.path_params["id"])
    return _piece(request, {"kind": "library", "library": library, "imported": imported})


def _piece(request: Request, values: Mapping[str, Any], town_id: int | None = None) -> Response:
    """A piece of a page; alone it is nothing to find in a search engine."""
    template = board_of(request).pages.get_template("explore/popup.html")
    html = template.render({**context(request), **values})
    keep(request, of_popup(town_id))
    answer = shareable(request, html.encode(), "text/html; charset=utf-8")
    answer.headers["x-robots-tag"] = "noindex"
    return answer
