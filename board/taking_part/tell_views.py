"""Telling a story. Every POST answers 303, or 422 with everything kept."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import language
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import form_of, page, read
from board.stories.rules import Telling, rendered, title_of
from board.taking_part.forms import (
    TellForm,
    TownFields,
    tell_mistakes,
)
from board.taking_part.rules import (
    STORY_LANGUAGES,
    StoryWish,
)
from board.taking_part.sending import second_phone, send, written_in
from board.taking_part.street import short_street
from board.taking_part.where import Meant, town_meant, where_at


async def tell(request: Request) -> Response:
    """The empty form, with the town filled in for who comes from a town's page."""
    at = request.query_params.get("town", "")
    meant = await read(request, where_at, at) if at else Meant(None)
    typed = typed_values(TellForm, {"at": at, "language": language.current()})
    return await _tell_page(request, typed, meant, {})


async def send_story(request: Request) -> Response:
    """A filled form: look at it first, send it, or hear what is missing."""
    values = await form_of(request)
    meant = Meant(None)
    if "another" in values:
        typed = typed_values(TellForm, {**values, "at": "", "geonames_id": "", "town": ""})
        return await _tell_page(request, typed, meant, {})
    try:
        form = read_form(TellForm, values)
        meant = await read(request, town_meant, form)
        said = _town_mistake(meant) | tell_mistakes(form, meant.country)
        if meant.where is None:
            # Until the town is clear nobody can tell what its numbers look like.
            said.pop("phone", None)
        if said:
            raise Mistake(said)
        if "preview" in values:
            return await _preview(request, form, meant, values)
        if "change" in values:
            return await _tell_page(request, typed_values(TellForm, values), meant, {})
        return await send(request, _story_wish(form, meant), form.reaches(meant.country))
    except Mistake as mistake:
        if meant.where is None and not meant.sentence:
            meant = await read(request, town_meant, _town_fields(values))
        typed = typed_values(TellForm, values)
        return await _tell_page(request, typed, meant, mistake.fields, status=422)


def _town_fields(values: Mapping[str, str]) -> TownFields:
    """The town of a form whose other fields can't be read."""
    try:
        return read_form(TownFields, values)
    except Mistake:
        return TownFields()


def _town_mistake(meant: Meant) -> dict[str, str]:
    return {"town": meant.sentence} if meant.where is None else {}


def _story_wish(form: TellForm, meant: Meant) -> StoryWish:
    if meant.where is None:
        raise Mistake({"town": meant.sentence})
    return StoryWish(
        where=meant.where,
        name=form.name,
        language=written_in(form.language),
        phone=second_phone(form, meant.country),
        nearby=form.nearby,
        offer=form.offer,
        title=form.title,
        why=form.why,
        how=form.how,
        own=form.own,
    )


async def _tell_page(
    request: Request,
    typed: Mapping[str, str],
    meant: Meant,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {
        "typed": typed,
        "meant": meant,
        "street": short_street(meant.town),
        "errors": errors,
        "story_languages": STORY_LANGUAGES,
    }
    return await page(request, "taking_part/tell.html", values, status=status)


async def _preview(
    request: Request, form: TellForm, meant: Meant, values: Mapping[str, str]
) -> Response:
    telling = Telling(form.name, form.title, form.language, form.why, form.how, form.own)
    shown = {
        "form": form,
        "meant": meant,
        "typed": typed_values(TellForm, values),
        "title": title_of(telling),
        "html": rendered(telling),
        "story_languages": STORY_LANGUAGES,
    }
    return await page(request, "taking_part/preview.html", shown, private=True)
