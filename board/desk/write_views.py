"""Writing to the people who offered: choose, write, see the mail, send it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, read, see_other, viewer_of, write
from board.desk.contact_queries import people_offering, reach_of
from board.desk.desk_page import desk_page
from board.desk.write_actions import check_letter, letter_values, write_letter
from board.desk.write_forms import LetterForm
from board.desk.write_queries import letters_to
from board.digests.rules import terms_of
from board.digests.writing import Desk
from board.mail.letters import draw_letter
from board.mail.values import values_of
from board.people.browser import new_secret
from board.taking_part.rules import STORY_LANGUAGES
from board.towns.queries import TownRow, get_town
from board.votes.rules import OFFERS


async def begin(request: Request) -> Response:
    """An empty letter; `?offer=` ticks a kind, `?sent=` says what became of the last one."""
    wanted = request.query_params.getlist("offer")
    ticked = {kind: "1" for kind in OFFERS if kind in wanted or not wanted}
    return await _form_page(request, typed_values(LetterForm, {"language": "en", **ticked}), {})


async def send(request: Request) -> Response:
    """Go on to the mail as it will be, back to the words, or send it."""
    values = await form_of(request)
    typed = typed_values(LetterForm, values)
    try:
        form = read_form(LetterForm, values)
        if form.act == "edit":
            return await _form_page(request, typed, {})
        if form.act != "send" or not form.once:
            check_letter(form)
            return await _preview_page(request, form)
        board = board_of(request)
        town = await read(request, get_town, request.path_params["id"])
        desk = Desk(board.keys, terms_of(board.settings), clock.now())
        sent = await write(request, write_letter, desk, town, form, actor_id=viewer_of(request).id)
    except Mistake as mistake:
        return await _form_page(request, typed, mistake.fields, status=422)
    return see_other(f"/staff/towns/{town.id}/write?sent={sent}#sent")


async def _form_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    town = await read(request, get_town, request.path_params["id"])
    found = await read(request, people_offering, town.id, clock.now())
    letters = await read(request, letters_to, town.id)
    asked = request.query_params.get("sent", "")
    values = {
        "town": town,
        "typed": typed,
        "errors": errors,
        "offers": [(kind, reach_of(found, [kind])) for kind in OFFERS],
        "reach": reach_of(found, OFFERS),
        "letters": letters,
        "sent": next((one for one in letters if str(one.id) == asked), None),
        "languages_on_offer": STORY_LANGUAGES,
    }
    return await desk_page(request, "desk/write.html", values, status=status)


@dataclass(frozen=True)
class Preview:
    """A mail as its readers see it: the subject line and the text."""

    subject: str
    text: str


async def _preview_page(request: Request, form: LetterForm) -> Response:
    town = await read(request, get_town, request.path_params["id"])
    found = await read(request, people_offering, town.id, clock.now())
    values = {
        "town": town,
        "form": form,
        "kinds": form.kinds,
        "once": form.once or new_secret(),
        "reach": reach_of(found, form.kinds),
        "mail": _drawn(request, form, town),
    }
    return await desk_page(request, "desk/write_preview.html", values)


def _drawn(request: Request, form: LetterForm, town: TownRow) -> Preview:
    """The mail in the letter's language, without anybody's name and own links."""
    board = board_of(request)
    payload = {**letter_values(form, town), "name": ""}
    values = values_of("letter", payload, form.language, keys=board.keys, settings=board.settings)
    mail = draw_letter(
        board.pages,
        "letter",
        form.language,
        values,
        sender=(board.settings.site_name, board.settings.mail_from),
        recipient=board.settings.mail_from,
        message_id="<preview@example.org>",
    )
    body = mail.get_body(("plain",))
    return Preview(str(mail["Subject"]), body.get_content() if body else "")
