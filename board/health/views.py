"""Answers for machines that watch the board; they tell nothing about anybody."""

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from board.circles.import_queries import import_troubles
from board.core.http import read


async def alive(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """The database answers too; and which imports fail, since when and why, if any do.

    A board with old circles serves as well as ever, so that is no reason to take it out of service.
    """
    try:
        failing = await read(request, _failing_imports)
    except Exception:  # noqa: BLE001 - whatever it is, the answer is that we aren't ready
        return PlainTextResponse("the database does not answer\n", 503)
    return PlainTextResponse("".join(["ok\n", *failing]))


def _failing_imports(conn: Connection) -> list[str]:
    """A line for each kind of import that fails."""
    return [
        f"{trouble.kind}: import fails since {trouble.since:%Y-%m-%d %H:%M} UTC"
        f" ({trouble.tries} times),"
        f" last {trouble.last_at:%Y-%m-%d %H:%M} UTC: {trouble.error}\n"
        for trouble in import_troubles(conn)
    ]
