"""The sign-up sheet: printing it, and keying in what people wrote on it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.core.rendering import url
from board.core.stamps import FIELD
from board.desk.desk_page import desk_page
from board.desk.remits import check_where
from board.desk.sheet_actions import OUTCOMES, Keyed, Sheet, key_sheet
from board.desk.sheet_forms import ROWS, Row, SheetForm, is_empty, read_row, typed_row
from board.drawing.qr import qr
from board.taking_part.rules import terms_of
from board.taking_part.where import Meant, town_meant, where_at

PRINTED_ROWS = 12


class KeyedRow(NamedTuple):
    """A row of the page: what stands in it, and what to mend."""

    number: int
    typed: Mapping[str, str]
    errors: Mapping[str, str]


# --- on paper -------------------------------------------------------------------------------


async def printed(request: Request) -> Response:
    """The sheet to print for a town; first the question which one."""
    asked = read_form(SheetForm, request.query_params)
    meant = await read(request, _asked_town, asked)
    values: dict[str, object]
    if meant.where is None:
        values = {
            "typed": typed_values(SheetForm, request.query_params),
            "meant": meant,
            "errors": {"town": meant.sentence} if meant.sentence else {},
            "languages_on_offer": list(language.NAMES.items()),
        }
        return await desk_page(request, "desk/sheet_town.html", values)
    settings = board_of(request).settings
    with language.speaking(asked.language):
        address = settings.base_url.rstrip("/") + url(meant.path)
        values = {
            "town": meant.name,
            "address": address,
            "square": qr(address),
            "rows": PRINTED_ROWS,
        }
        return await page(request, "desk/sheet_paper.html", values, private=True)


def _asked_town(conn: Connection, asked: SheetForm) -> Meant:
    """The town of an address ("si/velenje"), or what somebody typed; none is no mistake yet."""
    if "/" in asked.town:
        return where_at(conn, asked.town)
    if not (asked.town or asked.at or asked.geonames_id):
        return Meant(None)
    return town_meant(conn, asked)


# --- keyed in -------------------------------------------------------------------------------


async def index(request: Request) -> Response:
    """Ten empty rows, and what became of those before."""
    at = request.query_params.get("town", "")
    meant = await read(request, where_at, at) if at else Meant(None)
    spoken = request.query_params.get("language", language.current())
    typed = typed_values(SheetForm, {"at": at, "language": spoken})
    done = _counts_of(request.query_params)
    return await _rows_page(request, typed, meant, _rows_of({}), done=done)


def _counts_of(given: Mapping[str, str]) -> dict[str, int]:
    """How many rows were done on the page before: only numbers stand in an address."""
    counts = {name: given.get(name, "") for name in OUTCOMES}
    return {
        name: int(count)
        for name, count in counts.items()
        if count.isascii() and count.isdecimal() and len(count) < 3 and int(count)
    }


def _rows_of(values: Mapping[str, str]) -> list[KeyedRow]:
    return [KeyedRow(number, typed_row(values, number), {}) for number in range(1, ROWS + 1)]


async def key_in(request: Request) -> Response:
    """Handle what was keyed in; rows with mistakes stay as they were typed."""
    values, meant = await form_of(request), Meant(None)
    rows = _rows_of(values)
    if "another" in values:
        fresh = typed_values(SheetForm, {**values, "at": "", "geonames_id": "", "town": ""})
        return await _rows_page(request, fresh, meant, rows)
    try:
        form = read_form(SheetForm, values)
        meant = await read(request, town_meant, form)
        if meant.where is None:
            raise Mistake({"town": meant.sentence})
        viewer = viewer_of(request)
        await read(request, check_where, viewer.id, viewer.role, meant.where)
        if all(is_empty(row.typed) for row in rows):
            raise Mistake({"reach-1": _("Nothing stands in the rows yet.")})
    except Mistake as mistake:
        typed = typed_values(SheetForm, values)
        return await _rows_page(request, typed, meant, rows, mistake.fields, status=422)
    filled = [row for row in rows if not is_empty(row.typed)]
    return await _handle(request, form, meant, filled, values.get(FIELD, ""))


async def _handle(
    request: Request, form: SheetForm, meant: Meant, filled: Sequence[KeyedRow], stamp: str
) -> Response:
    good, wrong = _checked(filled, meant.country)
    keyed: list[Keyed] = []
    if good and meant.where is not None:
        board = board_of(request)
        keyed = await write(
            request,
            key_sheet,
            board.keys,
            Sheet(meant.where, form.language, stamp),
            good,
            actor_id=viewer_of(request).id,
            terms=terms_of(board.settings),
            now=clock.now(),
        )
    refused = {one.number: dict(one.errors) for one in keyed if one.outcome is None}
    wrong += [row._replace(errors=refused[row.number]) for row in filled if row.number in refused]
    at = meant.path.removeprefix("/towns/")
    if not wrong:
        told = {"town": at, "language": form.language}
        told |= {name: str(sum(one.outcome == name for one in keyed)) for name in OUTCOMES}
        return see_other(f"/staff/sheets?{urlencode(told)}")
    errors = {
        f"{field}-{row.number}": sentence
        for row in sorted(wrong)
        for field, sentence in row.errors.items()
    }
    done = [one for one in keyed if one.outcome is not None]
    typed = typed_values(SheetForm, {"at": at, "language": form.language})
    return await _rows_page(request, typed, meant, sorted(wrong), errors, finished=done, status=422)


def _checked(filled: Sequence[KeyedRow], country: str) -> tuple[list[Row], list[KeyedRow]]:
    """The rows that can be handled, and those with something to mend first."""
    good: list[Row] = []
    wrong: list[KeyedRow] = []
    for row in filled:
        try:
            good.append(read_row(row.typed, row.number, country))
        except Mistake as mistake:
            wrong.append(row._replace(errors=mistake.fields))
    return good, wrong


async def _rows_page(
    request: Request,
    typed: Mapping[str, str],
    meant: Meant,
    rows: Sequence[KeyedRow],
    errors: Mapping[str, str] | None = None,
    *,
    done: Mapping[str, int] | None = None,
    finished: Sequence[Keyed] = (),
    status: int = 200,
) -> Response:
    values = {
        "typed": typed,
        "meant": meant,
        "rows": rows,
        "errors": errors or {},
        "done": done or {},
        "finished": finished,
        "languages_on_offer": list(language.NAMES.items()),
    }
    return await desk_page(request, "desk/sheet.html", values, status=status)
