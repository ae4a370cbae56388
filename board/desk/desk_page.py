"""What the desk's pages share: being private, the number of what waits, and how one looks."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.http import board_of, page, read, viewer_of
from board.desk.remits import size_for
from board.desk.table_conditions import Look
from board.desk.tasks_queries import Terms, tasks_size
from board.people.rules import is_staff
from board.taking_part.rules import terms_of


async def desk_page(
    request: Request, template: str, values: Mapping[str, object], *, status: int = 200
) -> Response:
    """Answer with a page of the desk."""
    viewer, keys = viewer_of(request), board_of(request).keys
    waiting = await read(request, size_for, keys, viewer.id, viewer.role, clock.now())
    due = await _due(request) if is_staff(viewer.role) else 0
    shown = {**values, "queue_size": waiting, "tasks_size": due}
    return await page(request, template, shown, status=status, private=True)


async def _due(request: Request) -> int:
    settings = board_of(request).settings
    terms = Terms(settings.answer_votes, settings.answer_days)
    return await read(request, tasks_size, terms, clock.now())


def look_of(request: Request) -> Look:
    """How this person looks at the table now."""
    settings = board_of(request).settings
    return Look(
        viewer_id=viewer_of(request).id,
        need=terms_of(settings).need,
        answer_votes=settings.answer_votes,
        answer_days=settings.answer_days,
        join_km=settings.join_km,
        now=clock.now(),
    )
