"""The pages behind two mails' links: may your contact be passed on, and here is the bundle.

No sign-in, no cookie: the token in the address is the authority. A GET changes and opens nothing,
however often a mail scanner sends it.
"""

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, Gone
from board.core.http import board_of, page, read, see_other, write
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.hand_over_actions import open_bundle, used_link
from board.desk.hand_over_bundle import Bundle, bundle_around
from board.desk.hand_over_files import FILES, bundle_file
from board.desk.hand_over_links import BundleLink, may_save, read_bundle_link, save_secret
from board.desk.hand_over_queries import bundle_of, get_hand_over, offers_there, own_yes
from board.desk.pass_on_actions import say_yes, take_back_yes
from board.mail.values import PURPOSE
from board.taking_part.rules import Terms, terms_of
from board.towns.queries import get_town


def _person_of(request: Request) -> int:
    person_id = board_of(request).keys.row_of(PURPOSE, request.path_params["token"])
    if person_id is None:
        raise Gone(_("This link isn't whole. Copy it from the mail once more, to its end."))
    return person_id


# --- may it be passed on --------------------------------------------------------------------


async def ask(request: Request) -> Response:
    """Who will facilitate, and one button."""
    return await _ask_page(request, "")


async def answer(request: Request) -> Response:
    """Yes, or rather not after all."""
    person_id, hand_over_id = _person_of(request), request.path_params["hand_over"]
    act = (await form_of(request)).get("act", "")
    if act not in ("yes", "no"):
        return await _ask_page(request, _("Choose one of the two."), status=422)
    try:
        does = say_yes if act == "yes" else take_back_yes
        await write(request, does, hand_over_id, person_id, clock.now())
    except Conflict as conflict:
        return await _ask_page(request, str(conflict), status=409)
    return see_other(f"/pass-on/{request.path_params['token']}/{hand_over_id}")


async def _ask_page(request: Request, problem: str, *, status: int = 200) -> Response:
    person_id = _person_of(request)
    found = await read(request, get_hand_over, request.path_params["hand_over"])
    offers = await read(request, offers_there, found.town_id, person_id, clock.now())
    said = await read(request, own_yes, found.id, person_id)
    if not offers and said is None:
        raise Gone(_("You offer nothing there any more, so there's nothing to pass on."))
    values = {
        "town": await read(request, get_town, found.town_id),
        "leads": found.name,
        "closed": found.closed_at is not None or not offers,
        "said": said,
        "problem": problem,
    }
    return await page(request, "desk/pass_on.html", values, status=status, private=True)


# --- the bundle -----------------------------------------------------------------------------


def _link_of(request: Request) -> BundleLink:
    link = read_bundle_link(board_of(request).keys, request.path_params["token"])
    if link is None:
        raise Gone(_("This link isn't whole. Copy it from the mail once more, to its end."))
    return link


async def bundle(request: Request) -> Response:
    """What is behind the link, and one button that opens it."""
    link, now = _link_of(request), clock.now()
    found = await read(request, get_hand_over, link.hand_over_id)
    lives = found.sent_at is not None and (
        now < found.sent_at + terms_of(board_of(request).settings).link_for
    )
    if found.issue != link.issue or found.closed_at or found.opened_at or not lives:
        raise Gone(used_link())
    values = {
        "town": await read(request, get_town, found.town_id),
        "bundle": None,
    }
    return await page(request, "desk/bundle.html", values, private=True)


async def open_it(request: Request) -> Response:
    """Open the bundle, once; the page that shows it can save it as a file for an hour."""
    values, link, board = await form_of(request), _link_of(request), board_of(request)
    if typed := values.get("save", ""):
        saved = await read(request, _saved, board.keys, link, typed)
        kind = values.get("act", "")
        return bundle_file(board.pages, saved, kind if kind in FILES else "csv")
    opened = await write(request, _opened, board.keys, link, terms_of(board.settings))
    shown = {"town": opened.town, "bundle": opened, "save": save_secret(board.keys, link)}
    return await page(request, "desk/bundle.html", shown, private=True)


def _opened(conn: Connection, keys: Keys, link: BundleLink, terms: Terms) -> Bundle:
    found, passed = open_bundle(conn, keys, link, terms=terms, now=clock.now())
    return bundle_around(conn, found, passed)


def _saved(conn: Connection, keys: Keys, link: BundleLink, typed: str) -> Bundle:
    """The people who were passed on, once more; nobody who said yes since."""
    found, now = get_hand_over(conn, link.hand_over_id), clock.now()
    if found.issue != link.issue or found.closed_at is not None or found.opened_at is None:
        raise Gone(used_link())
    if not may_save(keys, link, typed, found.opened_at, now):
        raise Gone(used_link())
    return bundle_around(conn, found, bundle_of(conn, keys, found, now, passed=True))
