"""The baseline of everything over HTTP: a bare Starlette application that says hello."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def hello(_request: Request) -> PlainTextResponse:
    """A few bytes."""
    return PlainTextResponse("Hello!")


app = Starlette(routes=[Route("/", hello)])
