"""An official word that is out, changed or taken back; and the templates words begin with."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import read, see_other, viewer_of, write
from board.desk.desk_page import desk_page
from board.desk.word_forms import RewordForm, TemplateForm
from board.taking_part.rules import STORY_LANGUAGES
from board.towns.queries import get_town
from board.updates.change_actions import change_update, mark_of, take_back_untold
from board.updates.queries import get_update, templates
from board.updates.rules import NAMES
from board.updates.template_actions import drop_template, keep_template


async def update(request: Request) -> Response:
    """The words of an update, to be changed."""
    said = await read(request, get_update, request.path_params["id"])
    typed = {"text": said.text, "language": said.language, "seen": mark_of(said.edited_at)}
    return await _update_page(request, typed, {})


async def change(request: Request) -> Response:
    """Another wording, or take it off the page while nobody was told."""
    values = await form_of(request)
    update_id, viewer, now = request.path_params["id"], viewer_of(request), clock.now()
    try:
        form = read_form(RewordForm, values)
        if form.act == "take_back":
            town_id = await write(
                request, take_back_untold, update_id, person_id=viewer.id, now=now
            )
        else:
            town_id = await write(
                request,
                change_update,
                update_id,
                text=form.text,
                language=form.language,
                seen=form.seen,
                person_id=viewer.id,
                now=now,
            )
    except Mistake as mistake:
        return await _update_page(
            request, typed_values(RewordForm, values), mistake.fields, status=422
        )
    except Conflict as conflict:
        errors = {"text": str(conflict)}
        return await _update_page(request, typed_values(RewordForm, values), errors, status=409)
    return see_other(f"/staff/towns/{town_id}#said")


async def _update_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    said = await read(request, get_update, request.path_params["id"])
    values = {
        "said": said,
        "town": await read(request, get_town, said.town_id),
        "mark": mark_of(said.edited_at),
        "typed": typed,
        "errors": errors,
        "story_languages": STORY_LANGUAGES,
    }
    return await desk_page(request, "desk/update.html", values, status=status)


async def replies(request: Request) -> Response:
    """All templates, and a form for another one."""
    return await _replies_page(request, typed_values(TemplateForm, {"language": "en"}), {})


async def settle_reply(request: Request) -> Response:
    """Keep a template, or throw it away."""
    values = await form_of(request)
    try:
        form = read_form(TemplateForm, values)
        if form.act == "drop" and form.template_id:
            await write(request, drop_template, form.template_id)
        else:
            await write(
                request,
                keep_template,
                name=form.name,
                language=form.language,
                text=form.text,
                person_id=viewer_of(request).id,
                now=clock.now(),
                template_id=form.template_id,
            )
    except Mistake as mistake:
        typed = typed_values(TemplateForm, values)
        return await _replies_page(request, typed, mistake.fields, status=422)
    return see_other("/staff/replies")


async def _replies_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    values = {
        "templates": await read(request, templates),
        "names": NAMES,
        "typed": typed,
        "errors": errors,
        "story_languages": STORY_LANGUAGES,
    }
    return await desk_page(request, "desk/replies.html", values, status=status)
