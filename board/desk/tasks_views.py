"""What is due at the desk, and whether a circle that appeared is the one."""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.http import board_of, read, see_other, viewer_of, write
from board.desk.desk_page import desk_page
from board.desk.launch_actions import dismiss_launch
from board.desk.tasks_queries import Terms, tasks_of


async def tasks(request: Request) -> Response:
    """Everything that is due, one's own towns first."""
    board, viewer = board_of(request), viewer_of(request)
    terms = Terms(board.settings.answer_votes, board.settings.answer_days)
    due = await read(request, tasks_of, board.keys, viewer.id, terms, clock.now())
    return await desk_page(request, "desk/tasks.html", {"tasks": due})


async def not_it(request: Request) -> Response:
    """The circle that appeared is another one."""
    back = (await form_of(request)).get("back", "")
    town_id = await write(
        request,
        dismiss_launch,
        request.path_params["id"],
        actor_id=viewer_of(request).id,
        now=clock.now(),
    )
    return see_other(f"/staff/towns/{town_id}" if back == "town" else "/staff/tasks")
