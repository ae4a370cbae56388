"""The picker's suggestions, for the keystrokes of a browser with JavaScript."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from board.core.http import read
from board.towns.place_queries import find_places
from board.towns.suggestions import how_many_fit, suggestion_of

# With the line for a town that isn't listed, this fills the list without scrolling.
_SHOWN = 6
# A count that is a few minutes old does no harm in a list to choose from.
_KEPT = {"cache-control": "public, max-age=300"}


async def suggest(request: Request) -> Response:
    """The places that `q` may mean; `country` is where the visitor probably is."""
    asked = request.query_params
    text, country = asked.get("q", ""), asked.get("country", "")
    found = await read(request, find_places, text, country=country, limit=_SHOWN)
    answer = {
        "said": how_many_fit(len(found)),
        "places": [suggestion_of(place)._asdict() for place in found],
    }
    return JSONResponse(answer, headers=_KEPT)
