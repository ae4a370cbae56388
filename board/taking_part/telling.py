"""The form of a story, on `/tell` and on the page of a draft: look, keep for later, send.

Every POST answers 303, or 422 with everything kept.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_and_file
from board.core.errors import Mistake, TooMuch
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, write
from board.core.language import gettext as _
from board.core.limits import network_of
from board.core.stamps import FIELD, age_of
from board.people.browser import new_secret
from board.people.rules import email_reach
from board.stories.photo_actions import drop_upload, keep_upload_until
from board.stories.photo_queries import was_sent
from board.stories.rules import Telling, rendered, title_of
from board.taking_part.draft_actions import DRAFT_FOR, Draft, save_draft, sent_on
from board.taking_part.forms import TellForm, TownFields, tell_mistakes
from board.taking_part.photo_desk import WAITS_FOR, take_picture
from board.taking_part.rules import STORY_LANGUAGES, StoryWish, terms_of
from board.taking_part.sending import second_phone, send, written_in
from board.taking_part.signs import signs_of_form
from board.taking_part.street import short_street
from board.taking_part.waiting_actions import Sender
from board.taking_part.where import Meant, town_meant

# A picture waits a little longer than the form it came with, whoever confirms at the last minute.
GRACE = timedelta(days=1)


class Place(NamedTuple):
    """Where the form stands: at `/tell`, or on the page of a draft."""

    action: str = "/tell"
    draft: Draft | None = None


async def told(request: Request, place: Place) -> Response:
    """A filled form: look at it first, keep it for later, send it, or hear what is missing."""
    values, file = await form_and_file(request, "picture")
    meant = Meant(None)
    try:
        values = await _with_picture(request, values, file, place)
        if "another" in values:
            typed = typed_values(TellForm, {**values, "at": "", "geonames_id": "", "town": ""})
            return await tell_page(request, typed, meant, {}, place)
        form = read_form(TellForm, values)
        if "save" in values:
            return await _save(request, form, values, place)
        meant = await read(request, town_meant, form)
        said = _mistakes(form, meant)
        if said:
            raise Mistake(said)
        if "preview" in values:
            return await _preview(request, form, meant, values, place)
        if "change" in values:
            return await tell_page(request, typed_values(TellForm, values), meant, {}, place)
        return await _send(request, form, meant, values, place)
    except Mistake as mistake:
        if meant.where is None and not meant.sentence:
            meant = await read(request, town_meant, town_fields(values))
        typed = typed_values(TellForm, values)
        return await tell_page(request, typed, meant, mistake.fields, place, status=422)
    except TooMuch as refusal:
        typed = typed_values(TellForm, values)
        return await tell_page(request, typed, meant, {"why": str(refusal)}, place, status=429)


async def _with_picture(
    request: Request, values: dict[str, str], file: UploadFile | None, place: Place
) -> dict[str, str]:
    """The fields, with the token of the picture that was sent now, or before, or none.

    A draft's own picture stays where it is until the draft is saved anew.
    """
    before = values.get("photo", "")[:64]
    if not await read(request, was_sent, before, clock.now()):
        before = values["photo"] = ""
    goes = before if place.draft is None else ""
    if file is not None:
        keep_for = WAITS_FOR if place.draft is None else DRAFT_FOR
        values["photo"] = await take_picture(request, file, replaces=goes, keep_for=keep_for)
    elif before and "without_photo" in values:
        values["photo"] = values["alt"] = ""
        if goes:
            await write(request, drop_upload, goes)
    return values


def _mistakes(form: TellForm, meant: Meant) -> dict[str, str]:
    said = {"town": meant.sentence} if meant.where is None else {}
    said |= tell_mistakes(form, meant.country)
    if meant.where is None:
        # Until the town is clear nobody can tell what its numbers look like.
        said.pop("phone", None)
    return said


def town_fields(values: Mapping[str, str]) -> TownFields:
    """The town of a form whose other fields can't be read."""
    try:
        return read_form(TownFields, values)
    except Mistake:
        return TownFields()


async def _send(
    request: Request, form: TellForm, meant: Meant, values: Mapping[str, str], place: Place
) -> Response:
    if form.photo:
        terms = terms_of(board_of(request).settings)
        longest = max(terms.call_for, terms.link_for) + GRACE
        await write(request, keep_upload_until, form.photo, clock.now() + longest)
    wish = _story_wish(form, meant)
    response = await send(request, wish, form.reaches(meant.country), values)
    if place.draft is not None and response.status_code == 303:
        await write(request, sent_on, place.draft)
    return response


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
        tell_me=form.tell_me,
        title=form.title,
        why=form.why,
        how=form.how,
        own=form.own,
        photo=form.photo,
        alt=form.alt,
    )


async def _save(
    request: Request, form: TellForm, values: Mapping[str, str], place: Place
) -> Response:
    """Keep it for later. An address is all it takes; the rest may still be missing."""
    reach = email_reach(form.email) if form.email else None
    if reach is None:
        raise Mistake({"email": _("Leave an e-mail address: we mail you the way back to this.")})
    board, now = board_of(request), clock.now()
    sender = Sender(
        reach,
        board.keys.person_key(reach.canonical),
        new_secret(),
        language.current(),
        network=network_of(request.client.host) if request.client else "",
        signs=signs_of_form(values, age_of(board.keys, values.get(FIELD, ""))),
    )
    await write(
        request,
        save_draft,
        board.keys,
        typed_values(TellForm, values),
        sender,
        terms=terms_of(board.settings),
        now=now,
        earlier=place.draft.form if place.draft else None,
    )
    return see_other("/tell/saved")


async def tell_page(
    request: Request,
    typed: Mapping[str, str],
    meant: Meant,
    errors: Mapping[str, str],
    place: Place,
    *,
    status: int = 200,
) -> Response:
    """The form as it was typed, with a sentence for each field that needs a change."""
    values = {
        "typed": typed,
        "meant": meant,
        "street": short_street(meant.town),
        "errors": errors,
        "story_languages": STORY_LANGUAGES,
        "action": place.action,
        "draft_until": place.draft.form.expires_at if place.draft else None,
    }
    private = place.draft is not None
    return await page(request, "taking_part/tell.html", values, status=status, private=private)


async def _preview(
    request: Request, form: TellForm, meant: Meant, values: Mapping[str, str], place: Place
) -> Response:
    telling = Telling(form.name, form.title, form.language, form.why, form.how, form.own)
    shown = {
        "form": form,
        "meant": meant,
        "typed": typed_values(TellForm, values),
        "title": title_of(telling),
        "html": rendered(telling),
        "story_languages": STORY_LANGUAGES,
        "action": place.action,
    }
    return await page(request, "taking_part/preview.html", shown, private=True)
