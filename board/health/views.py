"""Answers for machines that watch the board; they tell nothing about anybody."""

from sqlalchemy import Connection, text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from board.core.http import read


async def alive(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """The database answers too."""
    try:
        await read(request, _ask)
    except Exception:  # noqa: BLE001 - whatever it is, the answer is that we aren't ready
        return PlainTextResponse("the database does not answer\n", 503)
    return PlainTextResponse("ok\n")


def _ask(conn: Connection) -> None:
    conn.execute(text("SELECT 1"))
