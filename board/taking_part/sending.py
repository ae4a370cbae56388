"""Sending a filled form: done at once for a remembered person, put away for anybody else."""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.errors import Mistake
from board.core.http import board_of, read, see_other, viewer_of, write
from board.people.browser import new_secret
from board.people.rules import Reach
from board.taking_part.actions import AnyWish, Done, Sender, act_as, wait
from board.taking_part.forms import (
    ContactFields,
    contact_mistakes,
)
from board.taking_part.rules import (
    STORY_LANGUAGES,
    terms_of,
)
from board.towns.queries import get_town


async def send(
    request: Request, wish: AnyWish, reaches: list[Reach], *, back: str = ""
) -> Response:
    """Do it at once for a remembered person; put it away until the code comes for anybody else."""
    board, now, viewer = board_of(request), clock.now(), viewer_of(request)
    terms = terms_of(board.settings)
    reach = reaches[0] if reaches else None
    key = board.keys.person_key(reach.canonical) if reach else None
    # A number given by somebody we remember is another way to reach them, not another person.
    by_phone = reach is not None and reach.channel == "phone"
    if viewer is not None and (by_phone or key is None or key == viewer.key):
        done = await write(
            request,
            act_as,
            board.keys,
            wish,
            person_id=viewer.id,
            key=viewer.key,
            reach=reach,
            staff=viewer.is_staff,
            terms=terms,
            now=now,
        )
        return see_other(back or _place_of(done, await _path_of(request, done)))
    if reach is None or key is None:
        raise Mistake(contact_mistakes(ContactFields(), ""))
    secret = new_secret()
    sender = Sender(reach, key, secret, language.current())
    await write(request, wait, board.keys, wish, sender, terms=terms, now=now)
    return see_other(f"/confirm/wait/{secret}")


async def _path_of(request: Request, done: Done) -> str:
    return (await read(request, get_town, done.town_id)).path


def _place_of(done: Done, path: str) -> str:
    """Where a remembered person looks after their act."""
    if done.kind == "story":
        return f"/stories/{done.thing_id}"
    return f"{path}#vote"


def at_of(request: Request) -> str:
    return f"{request.path_params['country']}/{request.path_params['slug']}"


def written_in(code: str) -> str:
    """The language that was chosen; the page's own for one that isn't on offer."""
    return code if code in STORY_LANGUAGES else language.current()


def second_phone(form: ContactFields, country: str) -> str:
    """The number given beside an e-mail; alone it is the way to reach somebody itself."""
    ways = form.reaches(country)
    return ways[1].address if len(ways) == 2 else ""
