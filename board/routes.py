"""Every address of the board, one line each, with who may use it.

One Route per path: two would answer 405 with only the first one's methods in `Allow`.
"""

from collections.abc import Awaitable, Callable

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from board.desk import sign_in_views
from board.desk import views as desk
from board.dev import views as dev
from board.explore import views as explore
from board.health import views as health
from board.pages import views as pages
from board.people.guards import moderator, staff
from board.share import views as share
from board.taking_part import comment_views, tell_views, vote_views
from board.taking_part import confirm_views as confirm
from board.towns import views as towns

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


TOWN = "/towns/{country:str}/{slug:str}"

PUBLIC: list[BaseRoute] = [
    Route("/", explore.home),
    Route("/towns", explore.towns),
    Route("/towns/suggest", towns.suggest),
    Route(TOWN, explore.town),
    both(TOWN + "/vote", vote_views.vote, vote_views.cast),
    post(TOWN + "/comments", comment_views.say_in_town),
    Route("/stories", explore.stories),
    Route("/stories/{id:id}", explore.story),
    post("/stories/{id:id}/comments", comment_views.say_under_story),
    both("/tell", tell_views.tell, tell_views.send_story),
    both("/confirm/wait/{page:str}", confirm.waiting, confirm.type_code),
    post("/confirm/wait/{page:str}/again", confirm.resend),
    both("/confirm/{token:str}", confirm.link, confirm.confirm_link),
    post("/take-back", confirm.take_back),
    post("/forget", confirm.forget),
    both("/partner", desk.partner, desk.send_partner),
    Route("/about", pages.about),
    Route("/start", pages.start),
    Route("/guidelines", pages.guidelines),
    Route("/privacy", pages.privacy),
    Route("/how-we-count", pages.how_we_count),
    Route("/news", pages.news_index),
    Route("/news/{slug:str}", pages.news_show),
    Route("/events", pages.events_index),
    Route("/events/{slug:str}", pages.events_show),
    Route("/t/{code:str}", share.short_address),
    Route("/healthz", health.alive),
    Route("/readyz", health.ready),
]

DESK: list[BaseRoute] = [
    both("/staff/sign-in", sign_in_views.door, sign_in_views.knock),
    both("/staff/sign-in/{page:str}", sign_in_views.code_page, sign_in_views.enter),
    both("/staff/invitation/{token:str}", sign_in_views.invitation, sign_in_views.accept),
    post("/staff/sign-out", sign_in_views.sign_out),
    Route("/staff", staff(desk.index)),
    both("/staff/queue", moderator(desk.queue), moderator(desk.decide)),
    both("/staff/towns/{id:id}", staff(desk.town), staff(desk.publish_word)),
]

DEVELOPMENT: list[BaseRoute] = [
    Route("/dev/mail", dev.mails),
    Route("/dev/mail/{name:str}", dev.mail),
    Route("/dev/parts", dev.parts),
]


def routes(*, production: bool) -> list[BaseRoute]:
    """All addresses; those for developers don't exist in production."""
    return PUBLIC + DESK + ([] if production else DEVELOPMENT)
