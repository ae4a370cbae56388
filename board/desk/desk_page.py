"""What the desk's pages share: being private, the number of what waits, and how one looks."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response

from board.circles.import_queries import failing_imports
from board.core import clock
from board.core.http import board_of, page, read, viewer_of
from board.desk.queries import queue_counts
from board.desk.remits import size_for
from board.desk.table_conditions import Look
from board.desk.tasks_queries import Terms, tasks_counts
from board.people.rules import is_staff
from board.taking_part.rules import terms_of


async def desk_page(
    request: Request, template: str, values: Mapping[str, object], *, status: int = 200
) -> Response:
    """Answer with a page of the desk."""
    viewer, board = viewer_of(request), board_of(request)
    if is_staff(viewer.role):
        terms = Terms(board.settings.answer_votes, board.settings.answer_days)
        waiting, due, failing = await read(request, _sizes, terms, clock.now())
    else:
        waiting = await read(request, size_for, board.keys, viewer.id, viewer.role, clock.now())
        due = failing = 0
    sizes = {"queue_size": waiting, "tasks_size": due, "failing_imports": failing}
    shown = {**values, **sizes}
    return await page(request, template, shown, status=status, private=True)


def _sizes(conn: Connection, terms: Terms, now: datetime) -> tuple[int, int, int]:
    """How much waits in the queue of staff, who see all of it, how much is due, and how many of
    that are lists that can't be brought in; together."""
    queue, tasks = queue_counts(now, with_contacts=True), tasks_counts(terms, now)
    asked = (*queue, *tasks, failing_imports())
    *found, failing = conn.execute(select(*(one.scalar_subquery() for one in asked))).one()
    return sum(found[: len(queue)]), sum(found[len(queue) :]), failing


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
