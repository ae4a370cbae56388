"""Slips at the desk: the batches, a new one with its sheet, calling one back."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.core.rendering import url
from board.desk.codes_actions import Order, make_codes, recall_codes, restore_codes
from board.desk.codes_forms import CodesForm, RecallForm
from board.desk.codes_queries import batch_lines, dossier
from board.desk.codes_rules import REASONS
from board.desk.codes_sheet import Sheet, draw_sheet
from board.desk.desk_page import desk_page
from board.desk.remits import check_where
from board.people.remit_queries import check_town, remit_of
from board.people.slip_actions import MOST_SLIPS, NewBatch
from board.people.slip_queries import get_batch, newest_batch_by
from board.taking_part.rules import terms_of
from board.taking_part.where import Meant, town_meant, where_at


async def index(request: Request) -> Response:
    """The batches, and the form for a new one; `town` fills its town in."""
    at = request.query_params.get("town", "")
    meant = await read(request, where_at, at) if at else Meant(None)
    typed = typed_values(CodesForm, {"at": at, "count": "60", "language": language.current()})
    return await _index_page(request, typed, meant, {})


async def make(request: Request) -> Response:
    """Make a batch and show its sheet: this answer is the only place where the codes ever stand.

    Not a redirect, as every other form: there would be nothing left to show behind it.
    """
    values, meant = await form_of(request), Meant(None)
    if "another" in values:
        typed = typed_values(CodesForm, {**values, "at": "", "geonames_id": "", "town": ""})
        return await _index_page(request, typed, meant, {})
    try:
        form = read_form(CodesForm, values)
        meant = await read(request, town_meant, form)
        order = _order(request, form, meant)
        viewer = viewer_of(request)
        await read(request, check_where, viewer.id, viewer.role, order.where)
        batch = await write(
            request,
            make_codes,
            board_of(request).keys,
            order,
            actor_id=viewer_of(request).id,
            seen=form.seen,
            now=clock.now(),
        )
    except Mistake as mistake:
        typed = typed_values(CodesForm, values)
        return await _index_page(request, typed, meant, mistake.fields, status=422)
    except Conflict as conflict:
        typed = typed_values(CodesForm, values)
        return await _index_page(request, typed, meant, {"count": str(conflict)}, status=409)
    return await _sheet_page(request, batch, form, meant.name)


def _order(request: Request, form: CodesForm, meant: Meant) -> Order:
    if meant.where is None:
        raise Mistake({"town": meant.sentence})
    if form.count is None:
        sentence = _("Between 1 and %(most)s slips at a time, please.") % {"most": MOST_SLIPS}
        raise Mistake({"count": sentence})
    lives = terms_of(board_of(request).settings).slips_live
    return Order(meant.where, form.label, form.count, lives)


async def _index_page(
    request: Request,
    typed: Mapping[str, str],
    meant: Meant,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    viewer = viewer_of(request)
    own = await read(request, remit_of, viewer.id, viewer.role)
    lines = await read(request, batch_lines)
    values = {
        "lines": [line for line in lines if own.holds(line.batch.town_id)],
        "now": clock.now(),
        "typed": typed,
        "meant": meant,
        "errors": errors,
        "most": MOST_SLIPS,
        "languages_on_offer": list(language.NAMES.items()),
        "newest": await read(request, newest_batch_by, viewer_of(request).id),
    }
    return await desk_page(request, "desk/codes.html", values, status=status)


async def _sheet_page(request: Request, batch: NewBatch, form: CodesForm, town: str) -> Response:
    board = board_of(request)
    kept = await read(request, get_batch, batch.id)
    # Five hundred squares take seconds to compute: beside the loop.
    sheet: Sheet = await run_in_threadpool(
        draw_sheet,
        batch.id,
        batch.codes,
        town=town,
        label=form.label,
        spoken=form.language,
        base_url=board.settings.base_url,
        until=kept.expires_at,
    )
    values = {
        "sheet": sheet,
        "style": f"/static/{board.pages.globals['build']}/css/sheets.css",
        "site_name": board.settings.site_name,
        "notes": _notes(batch),
    }
    with language.speaking(sheet.language):
        return await page(request, "desk/codes_sheet.html", values, private=True)


def _notes(batch: NewBatch) -> dict[str, str]:
    """What the maker reads above the sheet, in the language of the desk."""
    return {
        "language": language.current(),
        "title": _("%(count)s slips, batch %(id)s") % {"count": len(batch.codes), "id": batch.id},
        "once": _("Print this page now: these codes are shown once and kept nowhere."),
        "lost": _("If the sheet gets lost, call the batch back and make a new one."),
        "how": _("A4 or Letter, twelve to a page, at full size. Cut along the dashes."),
        "back": _("Done, back to the batches"),
    }


# --- one batch ------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """What a batch brought, and calling it back."""
    return await _batch_page(request, {})


async def settle(request: Request) -> Response:
    """Call a batch back, or make it good again."""
    form = read_form(RecallForm, await form_of(request))
    batch_id, now = request.path_params["id"], clock.now()
    actor, need = viewer_of(request).id, terms_of(board_of(request).settings).need
    try:
        if form.act == "restore":
            await write(request, restore_codes, batch_id, actor_id=actor, need=need, now=now)
        else:
            await write(
                request, recall_codes, batch_id, form.reason, actor_id=actor, need=need, now=now
            )
    except Mistake as mistake:
        return await _batch_page(request, mistake.fields, status=422)
    except Conflict as conflict:
        return await _batch_page(request, {"reason": str(conflict)}, status=409)
    return see_other(f"/staff/codes/{batch_id}")


async def _batch_page(
    request: Request, errors: Mapping[str, str], *, status: int = 200
) -> Response:
    viewer, found = viewer_of(request), await read(request, dossier, request.path_params["id"])
    await read(request, check_town, viewer.id, viewer.role, found.batch.town_id)
    values = {
        "dossier": found,
        "now": clock.now(),
        "errors": errors,
        "reasons": REASONS,
        "slip_address": board_of(request).settings.base_url.rstrip("/") + url("/slip"),
    }
    return await desk_page(request, "desk/codes_batch.html", values, status=status)
