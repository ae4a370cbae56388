"""How often town pages and their forms are looked at: counted, not followed.

Nothing of a visitor is looked at or kept: no cookie, no address, no session; a day, a country and
one more. Machines that say what they are (a HEAD, an address fetched ahead, anything that doesn't
ask for a page) aren't counted; others are, so the number is a little too high, and somebody who
looks twice is counted twice.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from board.core import clock, language
from board.core.tallies import Pending, tallied

TOWN: Final = "visit_town"
FORM: Final = "visit_form"
_TOWN: Final = re.compile(r"/towns/([a-z]{2})/[^/]+")
_VOTE: Final = re.compile(r"/towns/([a-z]{2})/[^/]+/vote")
# The country of this form is in its query.
_TELL: Final = (FORM, "")
_AT: Final = re.compile(r"([a-z]{2})/[^/]+")


class VisitLayer:
    """Counts the pages that were made and shown, in memory; kept ones are told to `count_visit`."""

    def __init__(self, app: ASGIApp, *, visits: Pending) -> None:
        self.app = app
        self.visits = visits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = page_of(scope) if scope["type"] == "http" else None
        if page is None:
            await self.app(scope, receive, send)
            return
        kind, country = page

        async def send_counted(message: Message) -> None:
            # 304: the browser shows the page that it has. Who sits at the desk looks at towns all
            # day; who it is was found out further in.
            shown = message["type"] == "http.response.start" and message["status"] in (200, 304)
            if shown and not getattr(scope.get("viewer"), "desk", False):
                self.visits.count(tallied(kind, country, clock.now()))
            await send(message)

        await self.app(scope, receive, send_counted)


def count_visit(visits: Pending, scope: Scope) -> None:
    """Count a page that was shown without being made."""
    if page := page_of(scope):
        visits.count(tallied(*page, clock.now()))


def page_of(scope: Scope) -> tuple[str, str] | None:
    """Which page a request would show somebody, and of which country; None: it isn't counted."""
    found = _page_at(scope["path"]) if scope["method"] == "GET" else None
    if found is None:
        return None
    headers = dict(scope["headers"])
    ahead = headers.get(b"sec-purpose") or headers.get(b"purpose")
    if b"text/html" not in headers.get(b"accept", b"") or ahead:
        return None
    return (FORM, _asked_country(scope)) if found == _TELL else found


@lru_cache(maxsize=4_096)
def _page_at(path: str) -> tuple[str, str] | None:
    """The kind and country of an address, in any language."""
    _code, plain = language.split_path(path)
    if plain == "/tell":
        return _TELL
    if found := _TOWN.fullmatch(plain):
        return TOWN, found[1].upper()
    if found := _VOTE.fullmatch(plain):
        return FORM, found[1].upper()
    return None


def _asked_country(scope: Scope) -> str:
    """The country of /tell?town=si/velenje (one that isn't is answered 404, and not counted)."""
    at = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20).get("town", [""])
    found = _AT.fullmatch(at[0])
    return found[1].upper() if found else ""
