"""Reporting a story or comment: anybody may, with a reason; the answer is always the same."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from board.comments.queries import get_placed
from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Gone, Mistake, NotFound, TooMuch
from board.core.forms import read_form, typed_values
from board.core.http import STATUS, board_of, page, read, see_other, viewer_of, write
from board.core.limits import network_of
from board.moderation.actions import Flagger, Flagging, flag
from board.moderation.forms import FlagForm
from board.moderation.rules import Subject
from board.stories.queries import get_story

# The field that people don't see (_ui/forms.html honeypot).
_TRAP = "website"


class Reported(NamedTuple):
    """A story or comment as the page of its report shows it."""

    subject: Subject
    id: int
    name: str
    text: str
    language: str
    path: str


Finder = Callable[[Request], Awaitable[Reported]]


async def _story(request: Request) -> Reported:
    shown = await read(request, get_story, request.path_params["id"], viewer_id=None)
    path = f"/stories/{shown.id}"
    return Reported("story", shown.id, shown.name, shown.title, shown.language, path)


async def _comment(request: Request) -> Reported:
    shown = await read(request, get_placed, request.path_params["id"], viewer_id=None)
    said = shown.comment
    path = f"/comments/{said.id}"
    return Reported("comment", said.id, said.name, said.text, said.language, path)


async def report_story(request: Request) -> Response:
    """What is wrong with this story?"""
    return await _form(request, _story)


async def report_comment(request: Request) -> Response:
    """What is wrong with this comment?"""
    return await _form(request, _comment)


async def send_story_report(request: Request) -> Response:
    """Somebody looks at this story."""
    return await _take(request, _story, "story")


async def send_comment_report(request: Request) -> Response:
    """Somebody looks at this comment."""
    return await _take(request, _comment, "comment")


async def _form(request: Request, find: Finder) -> Response:
    if "sent" in request.query_params:
        try:
            path = (await find(request)).path
        except (NotFound, Gone):
            # Flags may have hidden it by now; the thanks are the same.
            path = "/"
        return await page(request, "moderation/reported.html", {"path": path}, private=True)
    return await _page(request, await find(request), {}, {})


async def _take(request: Request, find: Finder, subject: Subject) -> Response:
    values = await form_of(request)
    thanks = see_other(f"/report/{subject}/{request.path_params['id']}?sent=1")
    try:
        thing = await find(request)
    except Gone:
        # Hidden between the page and the button: somebody looks at it already.
        return thanks
    try:
        form = read_form(FlagForm, values)
        flagging = Flagging(subject, thing.id, form.reason, form.note)
        if not values.get(_TRAP):
            await write(
                request,
                flag,
                flagging,
                _flagger(request),
                an_hour=board_of(request).settings.flags_per_hour,
                now=clock.now(),
            )
    except (Mistake, TooMuch) as refusal:
        errors = refusal.fields if isinstance(refusal, Mistake) else {"reason": str(refusal)}
        typed = typed_values(FlagForm, values)
        return await _page(request, thing, typed, errors, status=STATUS[type(refusal)])
    return thanks


def _flagger(request: Request) -> Flagger:
    viewer = viewer_of(request)
    network = network_of(request.client.host if request.client else "")
    if viewer is None or viewer.blocked:
        return Flagger(network)
    return Flagger(network, viewer.id, viewer.key)


async def _page(
    request: Request,
    thing: Reported,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {"thing": thing, "typed": typed, "errors": errors}
    return await page(request, "moderation/report.html", values, status=status, private=True)
