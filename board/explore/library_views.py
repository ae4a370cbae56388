"""The libraries and teams that run circles, by country."""

from typing import Any, Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.circles.library_queries import libraries_page, library_counts
from board.circles.queries import latest_import
from board.core.http import page, read_shown
from board.core.kept_pages import Depends
from board.core.page_cache import keep
from board.core.text import tidy_line

LIBRARIES_A_PAGE: Final = 24
_DEPENDS: Final = Depends(frozenset({"libraries", "imports"}))


async def libraries(request: Request) -> Response:
    """The libraries of all countries, or of one, by pages."""
    given = request.query_params
    chosen = tidy_line(given.get("country", ""))[:2].upper()
    values = await read_shown(
        request, _listed, chosen, given.get("after", ""), given.get("before", "")
    )
    keep(request, _DEPENDS)
    return await page(request, "explore/libraries.html", values)


def _listed(conn: Connection, chosen: str, after: str, before: str) -> dict[str, Any]:
    return {
        "libraries": libraries_page(conn, chosen, after, before, LIBRARIES_A_PAGE),
        "counts": library_counts(conn),
        "chosen": chosen,
        "imported": latest_import(conn, "libraries"),
    }
