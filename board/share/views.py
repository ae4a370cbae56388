"""The short address on flyers."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from board.core.errors import NotFound
from board.core.http import read
from board.core.language import gettext as _
from board.core.rendering import url
from board.towns.queries import path_of_code
from board.towns.rules import is_code


async def short_address(request: Request) -> Response:
    """`/t/{code}` leads to the town's page; typed capitals are forgiven."""
    code = request.path_params["code"].lower()
    if not is_code(code):
        raise NotFound(_("No town has this short address. Check it letter by letter."))
    return RedirectResponse(url(await read(request, path_of_code, code)), 302)
