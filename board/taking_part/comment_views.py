"""Saying something in the talk. Every POST answers 303, or 422 with everything kept."""

from starlette.requests import Request
from starlette.responses import Response

from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import form_of, page, read, viewer_of
from board.stories.queries import get_story
from board.taking_part.forms import (
    CommentForm,
    comment_mistakes,
)
from board.taking_part.rules import (
    STORY_LANGUAGES,
    CommentWish,
)
from board.taking_part.sending import at_of, send, written_in
from board.taking_part.where import Meant, where_at


async def say_in_town(request: Request) -> Response:
    """A word in the talk under a town."""
    meant = await read(request, where_at, at_of(request))
    return await _say(request, meant, story_id=None, back=f"{meant.path}#talk")


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
    return await _say(request, meant, story_id=story.id, back=f"/stories/{story.id}#talk")


async def _say(request: Request, meant: Meant, *, story_id: int | None, back: str) -> Response:
    values = await form_of(request)
    viewer = viewer_of(request)
    # The first post brings the words; who isn't remembered is asked for name and address next.
    asked = "email" in values or "phone" in values
    try:
        form = read_form(CommentForm, values)
        named = viewer is not None and bool(form.name or viewer.name)
        if named:
            said = {} if form.text else comment_mistakes(form, meant.country)
            said = {"text": said["text"]} if said else {}
        else:
            said = comment_mistakes(form, meant.country)
        if said:
            raise Mistake(said)
        if meant.where is None:
            raise Mistake({"town": meant.sentence})
        wish = CommentWish(
            where=meant.where,
            name=form.name or (viewer.name if viewer else ""),
            language=written_in(form.language),
            story_id=story_id,
            text=form.text,
        )
        return await send(request, wish, form.reaches(meant.country), back=back)
    except Mistake as mistake:
        errors = mistake.fields
        if not asked and "text" not in errors:
            errors = {}
        shown = {
            "meant": meant,
            "story_id": story_id,
            "back": back,
            "typed": typed_values(CommentForm, values),
            "errors": errors,
            "ask_contact": viewer is None,
            "story_languages": STORY_LANGUAGES,
        }
        status = 422 if errors else 200
        return await page(request, "taking_part/comment.html", shown, status=status, private=True)
