"""Where next? The table of towns, its saved views, and who looks after which town."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import read_long, see_other, viewer_of, write
from board.core.language import gettext as _
from board.core.rendering import country_name
from board.desk.desk_page import desk_page, look_of
from board.desk.owner_actions import give_towns
from board.desk.owner_queries import Colleague, colleagues
from board.desk.saved_actions import change_view, delete_view, save_view
from board.desk.saved_queries import Saved, views_of
from board.desk.table_conditions import Look
from board.desk.table_forms import OwnerForm, ViewForm, ticked_towns
from board.desk.table_queries import TablePage, TableRow, table_page
from board.desk.table_rules import BUILT_IN, COLUMNS, MEASURES, MISSING, TableQuestion
from board.drawing.bars import spark
from board.drawing.ring import ring
from board.towns.queries import asking_countries
from board.towns.rules import STATUSES, WEEK_DAYS


class Shown(NamedTuple):
    """Everything the page shows, read from one snapshot."""

    table: TablePage
    saved: list[Saved]
    countries: list[str]
    colleagues: list[Colleague]


async def index(request: Request) -> Response:
    """The table as the address asks for it."""
    asked = TableQuestion.read(request.query_params.multi_items())
    return await _table_page(request, asked, {}, {})


async def save(request: Request) -> Response:
    """Keep the view that is open under a name."""
    values = await form_of(request)
    asked = TableQuestion.parse(values.get("query", ""))
    try:
        form = read_form(ViewForm, values)
        await write(
            request,
            save_view,
            viewer_of(request).id,
            form.name,
            asked,
            shared=form.shared,
            now=clock.now(),
        )
    except Mistake as mistake:
        typed = typed_values(ViewForm, values)
        return await _table_page(request, asked, typed, mistake.fields, status=422)
    return see_other(asked.address(page=1))


async def change(request: Request) -> Response:
    """Rename, share or delete a view of one's own."""
    values = await form_of(request)
    own = (request.path_params["id"], viewer_of(request).id)
    try:
        form = read_form(ViewForm, values)
        if form.act == "delete":
            await write(request, delete_view, *own)
            return see_other("/staff")
        asked = await write(request, change_view, *own, form.name, shared=form.shared)
    except Mistake as mistake:
        asked = TableQuestion.parse(values.get("query", ""))
        typed = typed_values(ViewForm, values)
        return await _table_page(request, asked, typed, mistake.fields, status=422)
    return see_other(asked.address(page=1))


async def give(request: Request) -> Response:
    """Give the ticked towns to somebody of the staff."""
    values = await form_of(request)
    asked = TableQuestion.parse(values.get("query", ""))
    town_ids = ticked_towns(values)
    try:
        form = read_form(OwnerForm, values)
        if not town_ids:
            raise Mistake({"owner": _("Tick the towns first, then choose who looks after them.")})
        await write(
            request,
            give_towns,
            town_ids,
            form.owner,
            actor_id=viewer_of(request).id,
            now=clock.now(),
        )
    except Mistake as mistake:
        typed = typed_values(OwnerForm, values)
        return await _table_page(request, asked, typed, mistake.fields, status=422, ticked=town_ids)
    to_town = form.back == "town" and len(town_ids) == 1
    return see_other(f"/staff/towns/{town_ids[0]}" if to_town else asked.address(page=asked.page))


def _shown(conn: Connection, asked: TableQuestion, look: Look) -> Shown:
    saved = views_of(conn, look.viewer_id)
    table = table_page(conn, asked, [view.question for view in saved], look)
    owners = {row.owner_id for row in table.rows if row.owner_id is not None}
    if asked.owner.isdigit():
        owners.add(int(asked.owner))
    return Shown(table, saved, asking_countries(conn), colleagues(conn, owners))


async def _table_page(
    request: Request,
    asked: TableQuestion,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
    ticked: list[int] | None = None,
) -> Response:
    look = look_of(request)
    # Beside the event loop: at a hundred thousand towns the counts above the table take a while.
    shown = await read_long(request, _shown, asked, look)
    current = next((view for view in shown.saved if view.question.query == asked.query), None)
    built_in = next((name for name, question in BUILT_IN if question.query == asked.query), "")
    values = {
        "table": shown.table,
        "rows": [_drawn(row) for row in shown.table.rows],
        "asked": asked,
        "views": [
            (name, question, count)
            for (name, question), count in zip(BUILT_IN, shown.table.tabs, strict=False)
        ],
        "saved": list(zip(shown.saved, shown.table.tabs[len(BUILT_IN) :], strict=True)),
        "current": current,
        "built_in": built_in,
        "columns": COLUMNS,
        "measures": MEASURES,
        "missing": MISSING,
        "statuses": STATUSES,
        "countries": sorted(shown.countries, key=country_name),
        "colleagues": shown.colleagues,
        "settings_need": look.need,
        "answer_days": look.answer_days,
        "join_km": look.join_km,
        "typed": typed,
        "errors": errors,
        "ticked": ticked or [],
    }
    return await desk_page(request, "desk/index.html", values, status=status)


def _drawn(row: TableRow) -> dict[str, object]:
    """A row with its two pictures."""
    ready = row.readiness
    return {
        "row": row,
        "town": row.town,
        "ring": ring(ready.learners, ready.need.learners, ready.has_facilitator, ready.has_space),
        "spark": spark(row.momentum.days, latest=WEEK_DAYS),
    }
