"""From a mail, without signing in: one click stops it, one page shows all that somebody can undo.

A GET or HEAD changes nothing here, however often a mail scanner sends it. The POST of one-click
unsubscribe (RFC 8058) comes from the mail provider's own servers, by design from another site and
without a cookie: the token in its address is the authority. It is therefore exempt from the check
for other sites' forms (board.app), and not counted towards a network's limit, as one provider's
few addresses speak for all of its readers; all that anybody gains by it is fewer mails.
"""

from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, Gone, NotFound
from board.core.forms import read_form
from board.core.http import board_of, page, read, see_other, write
from board.core.language import gettext as _
from board.mail.rules import STREAMS
from board.mail.values import NEVER, PURPOSE
from board.people.queries import WaitingForm, waiting_by_id, waiting_by_link
from board.people.waiting_actions import REFUSED, TAKE_BACK_FOR
from board.taking_part import mail_actions as acts
from board.taking_part.mail_forms import PressForm
from board.taking_part.mail_queries import Reader, reader_of, reader_page
from board.taking_part.rules import terms_of

SAID = ("chosen", "stopped", "silent", "again", "back", "late", "spam")


async def _reader(request: Request) -> Reader:
    """The person whom the address names, or 404 for any address we never made."""
    person_id = board_of(request).keys.row_of(PURPOSE, request.path_params["token"])
    reader = None if person_id is None else await read(request, reader_of, person_id)
    if reader is None:
        raise NotFound(_("This link isn't whole. Copy all of it from our mail, to the last sign."))
    return reader


def _here(request: Request, said: str) -> str:
    return f"/mail/{request.path_params['token']}?said={said}"


# --- one kind of mail -----------------------------------------------------------------------


async def _form_of_mail(request: Request) -> WaitingForm:
    """The form that a mail with a code or a draft was sent for."""
    row = board_of(request).keys.row_of(NEVER, request.path_params["token"])
    form = None if row is None else await read(request, waiting_by_id, row, clock.now())
    if form is None:
        raise Gone(_("This link had its time. What it belonged to is gone."))
    return form


def _stream(request: Request) -> str:
    stream = str(request.path_params["stream"])
    if stream not in STREAMS:
        raise NotFound(_("There are no such mails."))
    return stream


async def stop_page(request: Request) -> Response:
    """Stop these mails? One button, nothing happens before it."""
    if request.path_params["stream"] == NEVER:
        form = await _form_of_mail(request)
        values = {"token": request.path_params["token"], "stopped": form.outcome == REFUSED}
        return await page(request, "taking_part/mail_never_again.html", values, private=True)
    stream, reader = _stream(request), await _reader(request)
    shown = await read(request, reader_page, reader)
    values = {"stream": stream, "stopped": stream in shown.stopped or bool(shown.suppressed)}
    values["token"] = request.path_params["token"]
    return await page(request, "taking_part/mail_stop.html", values, private=True)


async def stop(request: Request) -> Response:
    """Stop one kind of mail: pressed by a mail provider in its reader's name, or on our page."""
    if request.path_params["stream"] == NEVER:
        now, form = clock.now(), await _form_of_mail(request)
        if form.outcome != REFUSED:
            await write(request, acts.never_write, form, until=now + TAKE_BACK_FOR, now=now)
        here = f"/mail/stop/{request.path_params['token']}/{NEVER}"
    else:
        stream, reader = _stream(request), await _reader(request)
        await write(request, acts.stop_one, reader, stream, clock.now())
        here = _here(request, "stopped")
    if await _pressed_here(request):
        return see_other(here)
    said = _("Done. These mails stop now.")
    return PlainTextResponse(said + "\n", headers={"cache-control": "private, no-store"})


async def _pressed_here(request: Request) -> bool:
    """Whether our own page sent this; whatever a provider sends is read in good faith."""
    try:
        return "here" in await request.form(max_files=0, max_fields=10)
    except (HTTPException, UnicodeError):
        return False


# --- all mails, and what somebody said ------------------------------------------------------


async def show(request: Request) -> Response:
    """Which mails somebody gets, and what they said here."""
    shown = await read(request, reader_page, await _reader(request))
    said = request.query_params.get("said", "")
    values = {
        "shown": shown,
        "token": request.path_params["token"],
        "said": said if said in SAID else "",
    }
    return await page(request, "taking_part/mail.html", values, private=True)


async def change(request: Request) -> Response:
    """Choose mails, stop or allow all of them, or take one's own words back."""
    values = await form_of(request)
    form, reader = read_form(PressForm, values), await _reader(request)
    now = clock.now()
    if form.act == "choose":
        wanted = {name for name in STREAMS if values.get(f"stream-{name}")}
        await write(request, acts.choose_streams, reader, wanted, now)
        return see_other(_here(request, "chosen"))
    if form.act == "silence":
        await write(request, acts.stop_all, reader.key, now)
        return see_other(_here(request, "silent"))
    if form.act == "again":
        return see_other(_here(request, await _let_mail_come(request, reader.key)))
    need = terms_of(board_of(request).settings).need
    try:
        number = form.number or 0
        await write(request, acts.take_back, reader, form.what, number, need=need, now=now)
    except Gone:
        return see_other(_here(request, "late"))
    return see_other(_here(request, "back"))


async def _let_mail_come(request: Request, key: bytes) -> str:
    """Let mail come again; what the page says then."""
    try:
        await write(request, acts.let_mail_come, key)
    except Conflict:
        return "spam"
    return "again"


# --- the link of a mail with a code ---------------------------------------------------------


async def _form_of_link(request: Request) -> WaitingForm:
    form = await read(request, waiting_by_link, request.path_params["token"], clock.now())
    if form is None:
        raise Gone(_("This link had its time, or a newer one was sent. Look for the newest mail."))
    return form


async def take_back_by_link(request: Request) -> Response:
    """Take back what was confirmed with this link's form, on any computer."""
    asked = read_form(PressForm, await form_of(request))
    form = await _form_of_link(request)
    need = terms_of(board_of(request).settings).need
    # Pressed twice, or here and in another window: it is gone either way, as was asked.
    with suppress(Gone):
        await write(request, acts.take_back_by_link, form, asked.what, need=need, now=clock.now())
    return see_other(f"/confirm/{request.path_params['token']}")


async def never_write(request: Request) -> Response:
    """This wasn't me: never write to this address again; or let mail come again."""
    asked = read_form(PressForm, await form_of(request))
    form, now = await _form_of_link(request), clock.now()
    if asked.act == "again":
        said = await _let_mail_come(request, form.key)
    else:
        await write(request, acts.never_write, form, until=now + TAKE_BACK_FOR, now=now)
        said = "silent"
    return see_other(f"/confirm/{request.path_params['token']}?said={said}#never")
