"""An author's story: change it, see how it read before, take it back."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_and_file, form_of
from board.core.errors import Conflict, Mistake, NotFound
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.people.queries import Viewer, person_by_key, waiting_on_page
from board.stories.photo_queries import was_sent
from board.stories.rules import Telling
from board.taking_part.edit_forms import EditForm
from board.taking_part.forms import alt_mistakes
from board.taking_part.photo_desk import take_picture
from board.taking_part.rules import STORY_LANGUAGES, terms_of
from board.taking_part.sending import written_in
from board.taking_part.story_actions import Edit, edit_story, withdraw
from board.taking_part.story_queries import (
    Editing,
    history_of,
    story_to_edit,
    story_to_withdraw,
)
from board.votes.queries import own_vote


async def edit(request: Request) -> Response:
    """The form with the story's words, or with those of the edit that waits."""
    shown = await read(request, story_to_edit, request.path_params["id"], _author(request).id)
    telling = shown.telling
    typed = {
        **typed_values(EditForm, telling._asdict()),
        "seen": shown.seen,
        "alt": shown.alt,
    }
    return await _edit_page(request, shown, typed, {})


async def send_edit(request: Request) -> Response:
    """Change one's own story: at once, or once a moderator saw it."""
    author, board = _author(request), board_of(request)
    values, file = await form_and_file(request, "picture")
    shown = await read(request, story_to_edit, request.path_params["id"], author.id)
    try:
        if not await read(request, was_sent, values.get("photo", "")[:64], clock.now()):
            values["photo"] = ""
        if file is not None:
            values["photo"] = await take_picture(request, file, replaces=values["photo"])
            values.pop("without_photo", None)
        form = read_form(EditForm, values)
        said = _mistakes(form, shown)
        if said:
            raise Mistake(said)
        became = await write(
            request,
            edit_story,
            board.keys,
            _edit_of(form, shown),
            person_id=author.id,
            key=author.key,
            terms=terms_of(board.settings),
            now=clock.now(),
        )
    except Mistake as mistake:
        typed = typed_values(EditForm, values)
        return await _edit_page(request, shown, typed, mistake.fields, status=422)
    except Conflict as conflict:
        fresh = await read(request, story_to_edit, shown.story.id, author.id)
        typed = {**typed_values(EditForm, values), "seen": fresh.seen}
        return await _edit_page(request, fresh, typed, {"why": str(conflict)}, status=409)
    held = "?edit=held" if became == "held" else ""
    return see_other(f"/stories/{shown.story.id}{held}")


def _mistakes(form: EditForm, shown: Editing) -> dict[str, str]:
    said: dict[str, str] = {}
    if not (form.why or form.how or form.own):
        said["why"] = _("We need a few words under at least one of these.")
    return said | alt_mistakes("1" if _shows_picture(form, shown) else "", form.alt)


def _shows_picture(form: EditForm, shown: Editing) -> bool:
    """Whether the story has a picture once this edit stands."""
    had = shown.story.photo_id is not None or bool(shown.waiting and shown.waiting.has_photo)
    return bool(form.photo) or (had and not form.without_photo)


def _edit_of(form: EditForm, shown: Editing) -> Edit:
    telling = Telling(
        shown.story.name, form.title, written_in(form.language), form.why, form.how, form.own
    )
    alt = form.alt if _shows_picture(form, shown) else ""
    return Edit(shown.story.id, form.seen, telling, alt, form.photo, form.without_photo)


async def _edit_page(
    request: Request,
    shown: Editing,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {
        "shown": shown,
        "story": shown.story,
        "typed": typed,
        "errors": errors,
        "story_languages": STORY_LANGUAGES,
    }
    return await page(request, "taking_part/edit.html", values, status=status, private=True)


async def history(request: Request) -> Response:
    """How a story read before, for everybody who may read it now."""
    viewer = viewer_of(request)
    shown = await read(
        request,
        history_of,
        request.path_params["id"],
        viewer_id=viewer.id if viewer else None,
        may_moderate=bool(viewer and viewer.may_moderate),
    )
    values = {"history": shown, "story": shown.story}
    return await page(
        request, "taking_part/history.html", values, private=not shown.story.is_public
    )


async def leaving(request: Request) -> Response:
    """Take it back? What goes, what stays, and one button; afterwards, that it is gone."""
    author = _author(request)
    shown = await read(request, story_to_withdraw, request.path_params["id"], author.id)
    vote = await read(request, own_vote, shown.story.town_id, author.key)
    values = {
        "leaving": shown,
        "story": shown.story,
        "vote_counts": vote is not None and vote.state == "counted",
    }
    return await page(request, "taking_part/withdraw_story.html", values, private=True)


async def leave(request: Request) -> Response:
    """Take a story back, as a remembered person or from the page that confirmed it."""
    values = await form_of(request)
    secret = values.get("page", "")[:100]
    person_id = await _sender_of(request, secret) if secret else _author(request).id
    await write(request, withdraw, request.path_params["id"], person_id, clock.now())
    here = f"/stories/{request.path_params['id']}/withdraw"
    return see_other(f"/confirm/wait/{secret}" if secret else here)


async def _sender_of(request: Request, secret: str) -> int:
    """Who confirmed this very story on the page of this secret, without being remembered."""
    form = await read(request, waiting_on_page, secret, clock.now())
    if form is None or form.kind != "story" or form.outcome_id != request.path_params["id"]:
        raise NotFound(_nobodys())
    person_id = await read(request, person_by_key, form.key)
    if person_id is None:
        raise NotFound(_nobodys())
    return person_id


def _author(request: Request) -> Viewer:
    """The remembered person of this browser; whether the story is theirs is asked with it."""
    viewer: Viewer | None = viewer_of(request)
    if viewer is None:
        raise NotFound(_nobodys())
    return viewer


def _nobodys() -> str:
    return _("We can't tell whether this story is yours. Open it from one of our mails.")
