"""Saying something in a talk. Every POST answers 303, or 4xx with everything kept."""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from board.comments.queries import CommentView, get_comment, lock_reason
from board.comments.rules import ORDERS
from board.core.bodies import form_of
from board.core.errors import BoardError, Conflict, Gone, Mistake, NotFound, TooMuch
from board.core.forms import read_form, typed_values
from board.core.http import STATUS, page, read, viewer_of
from board.stories.queries import get_story
from board.taking_part.forms import CommentForm, comment_mistakes
from board.taking_part.rules import STORY_LANGUAGES, CommentWish, Where
from board.taking_part.sending import at_of, send, written_in
from board.taking_part.talk_actions import closed
from board.taking_part.where import Meant, where_at


class Place(NamedTuple):
    """Where somebody speaks: under a town or story, or in the open talk, and the page of that."""

    meant: Meant
    path: str
    story_id: int | None = None


async def say_in_town(request: Request) -> Response:
    """A word in the talk under a town."""
    meant = await read(request, where_at, at_of(request))
    return await _say(request, Place(meant, meant.path))


async def say_under_story(request: Request) -> Response:
    """A word in the talk under a story."""
    viewer = viewer_of(request)
    story = await read(
        request,
        get_story,
        request.path_params["id"],
        viewer_id=viewer.id if viewer else None,
    )
    meant = await read(request, where_at, story.town_path)
    return await _say(request, Place(meant, f"/stories/{story.id}", story.id))


async def say_in_open_talk(request: Request) -> Response:
    """A word about where to launch next, under no town."""
    return await _say(request, Place(Meant(Where(), path="/talk"), "/talk"))


async def _say(request: Request, place: Place) -> Response:
    values = await form_of(request)
    try:
        form = read_form(CommentForm, values)
        await _ensure_open(request, place)
        wish = _wish(request, form, place)
        order = f"?talk={form.talk}" if form.talk in ORDERS[1:] else ""
        back = "/comments/{id}" + order
        return await send(request, wish, form.reaches(place.meant.country), values, back=back)
    except (Mistake, Conflict, TooMuch) as refusal:
        return await _ask_again(request, place, values, refusal)


async def _ensure_open(request: Request, place: Place) -> None:
    """Say at once that a talk is closed, before anybody waits for a code."""
    where = place.meant.where
    if where is None or (where.town_id is None and not where.nowhere):
        return
    reason = await read(request, lock_reason, where.town_id)
    if reason:
        raise Conflict(closed(reason))


def _wish(request: Request, form: CommentForm, place: Place) -> CommentWish:
    viewer = viewer_of(request)
    named = viewer is not None and bool(form.name or viewer.name)
    said = comment_mistakes(form, place.meant.country)
    if named:
        said = {"text": said["text"]} if "text" in said else {}
    if said:
        raise Mistake(said)
    if place.meant.where is None:
        raise Mistake({"town": place.meant.sentence})
    return CommentWish(
        where=place.meant.where,
        name=form.name or (viewer.name if viewer else ""),
        language=written_in(form.language),
        story_id=place.story_id,
        reply_to=form.reply_to,
        text=form.text,
    )


async def _ask_again(
    request: Request, place: Place, values: Mapping[str, str], refusal: BoardError
) -> Response:
    """The form once more with all that was typed: what is missing, or why not now."""
    errors = refusal.fields if isinstance(refusal, Mistake) else {"text": str(refusal)}
    # The first post brings the words; who isn't remembered is asked for name and address next.
    asked = any(name in values for name in ("email", "phone", "slip"))
    if not asked and "text" not in errors:
        errors = {}
    typed = typed_values(CommentForm, values)
    shown = {
        "meant": place.meant,
        "story_id": place.story_id,
        "back": f"{place.path}#talk",
        "typed": typed,
        "errors": errors,
        "ask_contact": viewer_of(request) is None,
        "replied": await _replied(request, typed["reply_to"]),
        "story_languages": STORY_LANGUAGES,
    }
    status = STATUS[type(refusal)] if errors else 200
    response = await page(request, "taking_part/comment.html", shown, status=status, private=True)
    if isinstance(refusal, TooMuch):
        response.headers["retry-after"] = str(refusal.retry_after)
    return response


async def _replied(request: Request, reply_to: str) -> CommentView | None:
    """The comment that is being answered, unless it went away meanwhile."""
    if not (reply_to.isascii() and reply_to.isdecimal() and len(reply_to) < 10):
        return None
    viewer = viewer_of(request)
    try:
        return await read(
            request, get_comment, int(reply_to), viewer_id=viewer.id if viewer else None
        )
    except (NotFound, Gone):
        return None
