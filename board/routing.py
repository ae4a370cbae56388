"""What addresses are made of: ids, pages with a form, and wings that are opened when asked for."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

View = Callable[[Request], Awaitable[Response]]


class IdConvertor(Convertor[int]):
    """A number that fits a database id; `{x:int}` would take thirty digits and end in a crash."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The digits."""
        return str(value)


register_url_convertor("id", IdConvertor())


def either(*, get: View, post: View) -> View:
    """One address with a page and a form: GET shows, POST acts."""

    async def answer(request: Request) -> Response:
        return await (post if request.method == "POST" else get)(request)

    answer.get, answer.post = get, post  # type: ignore[attr-defined]
    return answer


def both(path: str, get: View, post: View) -> Route:
    """The route of an address with a page and a form."""
    return Route(path, either(get=get, post=post), methods=["GET", "POST"])


def post(path: str, view: View) -> Route:
    """The route of an address that only acts."""
    return Route(path, view, methods=["POST"])


class Wing(BaseRoute):
    """All addresses that begin alike, read when somebody first asks for one of them."""

    def __init__(self, beginning: str, rooms: Callable[[], Sequence[BaseRoute]]) -> None:
        self.beginning, self.rooms = beginning, rooms

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """What the best of its routes says, and which one that is."""
        best, found = Match.NONE, {}
        if scope["type"] == "http" and scope["path"].startswith(self.beginning):
            for route in self.rooms():
                match, child = route.matches(scope)
                if match.value > best.value:
                    best, found = match, {**child, "route": route}
        return best, found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let that one answer."""
        await scope["route"].handle(scope, receive, send)
