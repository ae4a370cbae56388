"""The outbox at the desk: what went, what didn't and why; never to whom, never what was said."""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.http import board_of, read, see_other, write
from board.desk.desk_page import desk_page
from board.mail.delivery_actions import try_again_now
from board.mail.queries import mail_counts, mails
from board.mail.rules import STATES, tries_for

MAILS_SHOWN = 50


async def index(request: Request) -> Response:
    """Each mail's state and the mail server's last words, the newest first."""
    asked = request.query_params.get("state", "")
    state = asked if asked in STATES else ""
    rows = await read(request, mails, state=state, before=_before(request), limit=MAILS_SHOWN + 1)
    values = {
        "mails": rows[:MAILS_SHOWN],
        "older": rows[MAILS_SHOWN - 1].id if len(rows) > MAILS_SHOWN else None,
        "state": state,
        "states": STATES,
        "counts": await read(request, mail_counts),
        "tries_for": tries_for,
        "into_folder": not board_of(request).settings.smtp_host,
        "tried": request.query_params.get("tried", "") == "1",
    }
    return await desk_page(request, "desk/mail.html", values)


def _before(request: Request) -> int | None:
    """The mail below which this page begins; anything odd is the first page."""
    text = request.query_params.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


async def try_again(request: Request) -> Response:
    """Send at once what waits for another try, as after mending the mail server."""
    await form_of(request)
    await write(request, try_again_now, clock.now())
    return see_other("/staff/mail?tried=1")
