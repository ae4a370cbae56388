"""What authors do with their own comments: mend them for a while, take them away."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.comments.own_actions import Wording, not_yours, too_late_to_edit, withdraw_comment
from board.comments.queries import PlacedComment, get_placed
from board.comments.rules import may_edit
from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake, Refused
from board.core.forms import read_form, typed_values
from board.core.http import page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.people.queries import person_by_key, waiting_on_page
from board.taking_part.forms import OwnCommentForm
from board.taking_part.rules import STORY_LANGUAGES
from board.taking_part.sending import written_in
from board.taking_part.talk_actions import Speaker, edit_own


async def edit(request: Request) -> Response:
    """One's own comment in a form, while its quarter of an hour lasts."""
    own = await _own(request)
    typed = {"text": own.comment.text, "language": own.comment.language}
    errors = {} if _editable(own) else {"text": too_late_to_edit()}
    return await _edit_page(request, own, typed, errors, status=409 if errors else 200)


async def save(request: Request) -> Response:
    """Keep the new wording."""
    values = await form_of(request)
    own, viewer = await _own(request), viewer_of(request)
    try:
        form = read_form(OwnCommentForm, values)
        if not form.text:
            raise Mistake({"text": _("Say a word or two, or take the comment away.")})
        await write(
            request,
            edit_own,
            own.comment.id,
            Wording(form.text, written_in(form.language)),
            Speaker(viewer.id, viewer.key, viewer.is_staff),
            now=clock.now(),
        )
    except (Mistake, Conflict) as refusal:
        late = isinstance(refusal, Conflict)
        errors = refusal.fields if isinstance(refusal, Mistake) else {"text": str(refusal)}
        typed = typed_values(OwnCommentForm, values)
        return await _edit_page(request, own, typed, errors, status=409 if late else 422)
    return see_other(f"/comments/{own.comment.id}")


async def _own(request: Request) -> PlacedComment:
    """The viewer's own comment; raises Refused for anybody else's."""
    viewer = viewer_of(request)
    found = await read(
        request,
        get_placed,
        request.path_params["id"],
        viewer_id=viewer.id if viewer else None,
    )
    if viewer is None or viewer.blocked or found.comment.person_id != viewer.id:
        raise Refused(not_yours())
    return found


def _editable(own: PlacedComment) -> bool:
    return may_edit(own.comment.visibility, own.comment.created_at, clock.now())


async def _edit_page(
    request: Request,
    own: PlacedComment,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {
        "own": own,
        "editable": _editable(own),
        "typed": typed,
        "errors": errors,
        "story_languages": STORY_LANGUAGES,
    }
    return await page(request, "taking_part/comment_edit.html", values, status=status, private=True)


async def ask_to_withdraw(request: Request) -> Response:
    """Take it away? One plain button."""
    values = {"own": await _own(request)}
    return await page(request, "taking_part/comment_withdraw.html", values, private=True)


async def withdraw(request: Request) -> Response:
    """Take one's own comment away: as a remembered person, or from the page that confirmed it."""
    secret = (await form_of(request)).get("page", "")[:100]
    comment_id = request.path_params["id"]
    person_id = await _author(request, comment_id, secret)
    path = "" if secret else (await _own(request)).path
    await write(request, withdraw_comment, comment_id, person_id=person_id, now=clock.now())
    return see_other(f"/confirm/wait/{secret}" if secret else f"{path}#talk")


async def _author(request: Request, comment_id: int, secret: str) -> int:
    """Who asks; whether the comment is theirs is asked with its row locked."""
    if secret:
        form = await read(request, waiting_on_page, secret, clock.now())
        if form is not None and form.kind == "comment" and form.outcome_id == comment_id:
            person_id = await read(request, person_by_key, form.key)
            if person_id is not None:
                return person_id
        raise Refused(not_yours())
    viewer = viewer_of(request)
    if viewer is None:
        raise Refused(not_yours())
    return int(viewer.id)
