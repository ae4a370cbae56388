"""A resident's way: tell, vote, comment. Every POST answers 303, or 422 with everything kept."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, form_of, page, read, see_other, viewer_of, write
from board.people.browser import new_secret
from board.people.queries import Viewer, has_contact
from board.people.rules import Reach
from board.stories.queries import get_story
from board.stories.rules import Telling, rendered, title_of
from board.taking_part.actions import AnyWish, Done, Sender, act_as, wait
from board.taking_part.forms import (
    CommentForm,
    ContactFields,
    TellForm,
    TownFields,
    VoteForm,
    comment_mistakes,
    contact_mistakes,
    tell_mistakes,
)
from board.taking_part.rules import (
    STORY_LANGUAGES,
    CommentWish,
    StoryWish,
    VoteWish,
    terms_of,
)
from board.taking_part.street import short_street
from board.taking_part.where import Meant, town_meant, where_at
from board.towns.queries import get_town

# --- telling --------------------------------------------------------------------------------


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
        return await _send(request, _story_wish(form, meant), form.reaches(meant.country))
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
        language=_written_in(form.language),
        phone=_second_phone(form, meant.country),
        nearby=form.nearby,
        offer=form.offer,
        title=form.title,
        why=form.why,
        how=form.how,
        own=form.own,
    )


def _written_in(code: str) -> str:
    """The language that was chosen; the page's own for one that isn't on offer."""
    return code if code in STORY_LANGUAGES else language.current()


def _second_phone(form: ContactFields, country: str) -> str:
    """The number given beside an e-mail; alone it is the way to reach somebody itself."""
    ways = form.reaches(country)
    return ways[1].address if len(ways) == 2 else ""


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


# --- voting ---------------------------------------------------------------------------------


async def vote(request: Request) -> Response:
    """The vote's own page, for who comes without JavaScript or from a flyer."""
    meant = await read(request, where_at, _at(request))
    return await _vote_page(request, meant, typed_values(VoteForm, {}), {})


async def cast(request: Request) -> Response:
    """A vote: at once for who is remembered, otherwise after the code."""
    values = await form_of(request)
    meant = await read(request, where_at, _at(request))
    viewer = viewer_of(request)
    try:
        form = read_form(VoteForm, values)
        if viewer is None or form.offer.any:
            said = await _vote_contact_mistakes(request, form, meant, viewer)
            if said:
                raise Mistake(said)
        return await _send(request, _vote_wish(form, meant), form.reaches(meant.country))
    except Mistake as mistake:
        # The button on a cached page sends nothing yet: that is a beginning, not a mistake.
        first = not values
        errors = {} if first else mistake.fields
        typed = typed_values(VoteForm, values)
        return await _vote_page(request, meant, typed, errors, status=200 if first else 422)


async def _vote_contact_mistakes(
    request: Request, form: VoteForm, meant: Meant, viewer: Viewer | None
) -> dict[str, str]:
    known = viewer is not None and await read(request, has_contact, viewer.id, clock.now())
    if known and not (form.email or form.phone):
        return {}
    return contact_mistakes(form, meant.country)


def _vote_wish(form: VoteForm, meant: Meant) -> VoteWish:
    if meant.where is None:
        raise Mistake({"town": meant.sentence})
    return VoteWish(
        where=meant.where,
        name=form.name,
        language=language.current(),
        phone=_second_phone(form, meant.country),
        nearby=form.nearby,
        offer=form.offer,
    )


async def _vote_page(
    request: Request,
    meant: Meant,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {"meant": meant, "typed": typed, "errors": errors}
    return await page(request, "taking_part/vote.html", values, status=status)


# --- commenting -----------------------------------------------------------------------------


async def say_in_town(request: Request) -> Response:
    """A word in the talk under a town."""
    meant = await read(request, where_at, _at(request))
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
            language=_written_in(form.language),
            story_id=story_id,
            text=form.text,
        )
        return await _send(request, wish, form.reaches(meant.country), back=back)
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


# --- sending --------------------------------------------------------------------------------


async def _send(
    request: Request, wish: AnyWish, reaches: list[Reach], *, back: str = ""
) -> Response:
    """Do it at once for a remembered person; put it away until the code comes for anybody else."""
    board, now, viewer = board_of(request), clock.now(), viewer_of(request)
    terms = terms_of(board.settings)
    reach = reaches[0] if reaches else None
    key = board.keys.person_key(reach.canonical) if reach else None
    if viewer is not None and (key is None or key == viewer.key):
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


def _at(request: Request) -> str:
    return f"{request.path_params['country']}/{request.path_params['slug']}"
