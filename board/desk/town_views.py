"""A town at the desk: its dossier, and P2PU's word, said now, later, or not yet."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, read, see_other, viewer_of, write
from board.core.rendering import country_name
from board.desk.desk_page import desk_page
from board.desk.dossier import dossier_of
from board.desk.launch_queries import open_launches
from board.desk.launch_words import first_words
from board.desk.note_actions import drop_note, write_note
from board.desk.word_forms import ComposerForm, NoteForm, zone_of
from board.drawing.ring import ring
from board.taking_part.rules import STORY_LANGUAGES, terms_of
from board.towns.measures import is_overdue
from board.towns.queries import TownRow, get_town
from board.towns.rules import STATUSES, may_become
from board.updates.actions import Word
from board.updates.planned_actions import drop_plan, plan_word, publish_now
from board.updates.queries import plan_by_id, template_by_id
from board.updates.rules import REASONS as STATUS_REASONS
from board.updates.rules import filled


async def town(request: Request) -> Response:
    """The dossier; `?plan=` goes on with a draft, `?template=` begins with ready words."""
    shown = await read(request, get_town, request.path_params["id"])
    typed = {"seen": shown.status, "status": shown.status, "language": "en"}
    typed |= await _begun(request, shown)
    return await _town_page(request, shown, typed_values(ComposerForm, typed), {})


async def _begun(request: Request, shown: TownRow) -> dict[str, str]:
    """What a draft or a template puts into the composer."""
    plan_id, template_id = (_number(request.query_params.get(n, "")) for n in ("plan", "template"))
    plan = await read(request, plan_by_id, plan_id, shown.id) if plan_id else None
    if plan is not None:
        due = plan.due_at.astimezone(zone_of(shown.timezone)) if plan.due_at else None
        return {
            "plan": str(plan.id),
            "seen": shown.status,
            "status": plan.status,
            "reason": plan.reason,
            "language": plan.language,
            "text": plan.text,
            "due": due.strftime("%Y-%m-%dT%H:%M") if due else "",
        }
    if launch_id := _number(request.query_params.get("launch", "")):
        return await _launching(request, shown, launch_id)
    template = await read(request, template_by_id, template_id) if template_id else None
    if template is None:
        return {}
    return {"language": template.language, "text": filled(template.text, _facts(request, shown))}


async def _launching(request: Request, shown: TownRow, launch_id: int) -> dict[str, str]:
    """The word that a circle which appeared is the one; nothing once that is settled."""
    waiting = await read(request, open_launches, clock.now(), town_id=shown.id)
    found = next((one for one in waiting if one.id == launch_id), None)
    return {} if found is None else {"status": "launched", "text": first_words(found)}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _facts(request: Request, shown: TownRow) -> dict[str, str]:
    """What the names in a template stand for (updates.rules.NAMES)."""
    ready = shown.readiness(terms_of(board_of(request).settings).need)
    return {
        "town": shown.name,
        "country": country_name(shown.country),
        "votes": str(shown.vote_count),
        "nearby": str(shown.nearby_count),
        "come": str(shown.come_count),
        "facilitate": str(shown.facilitate_count),
        "host": str(shown.host_count),
        "missing": str(ready.seats_missing),
    }


async def send_word(request: Request) -> Response:
    """Publish an update, keep it as a draft, or let it go out at a moment."""
    values = await form_of(request)
    shown = await read(request, get_town, request.path_params["id"])
    try:
        await _say(request, read_form(ComposerForm, values), shown)
    except Mistake as mistake:
        typed = typed_values(ComposerForm, values)
        return await _town_page(request, shown, typed, mistake.fields, status=422)
    except Conflict as conflict:
        fresh = await read(request, get_town, shown.id)
        typed = {**typed_values(ComposerForm, values), "seen": fresh.status}
        return await _town_page(request, fresh, typed, {"status": str(conflict)}, status=409)
    return see_other(f"/staff/towns/{shown.id}#said")


async def _say(request: Request, form: ComposerForm, shown: TownRow) -> None:
    viewer, now = viewer_of(request), clock.now()
    word = Word(
        shown.id, form.seen, form.status or form.seen, form.reason, form.text, form.language
    )
    if form.act == "draft" or form.due:
        due = None if form.act == "draft" else form.due_at(shown.timezone)
        await write(
            request,
            plan_word,
            word,
            person_id=viewer.id,
            due_at=due,
            plan_id=form.plan,
            now=now,
        )
        return
    tell_at = now + terms_of(board_of(request).settings).answer_pause
    await write(
        request,
        publish_now,
        word,
        form.plan,
        person_id=viewer.id,
        name=viewer.name,
        now=now,
        tell_at=tell_at,
    )


async def throw_away(request: Request) -> Response:
    """A draft is thrown away; nobody saw it."""
    town_id = await write(request, drop_plan, request.path_params["id"])
    return see_other(f"/staff/towns/{town_id}" if town_id else "/staff")


async def note(request: Request) -> Response:
    """Write a note to colleagues, or take one's own away."""
    values = await form_of(request)
    shown = await read(request, get_town, request.path_params["id"])
    viewer = viewer_of(request)
    if number := _number(values.get("drop", "")):
        await write(request, drop_note, number, person_id=viewer.id)
        return see_other(f"/staff/towns/{shown.id}#notes")
    try:
        form = read_form(NoteForm, values)
        await write(request, write_note, shown.id, form.note, person_id=viewer.id, now=clock.now())
    except Mistake as mistake:
        typed = {"seen": shown.status, "status": shown.status, "note": values.get("note", "")}
        return await _town_page(request, shown, typed, mistake.fields, status=422)
    return see_other(f"/staff/towns/{shown.id}#notes")


async def _town_page(
    request: Request,
    shown: TownRow,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    settings, now = board_of(request).settings, clock.now()
    ready = shown.readiness(terms_of(settings).need)
    file = await read(request, dossier_of, shown, board_of(request).keys, now=now)
    values = {
        **file._asdict(),
        "file": file,
        "ring": ring(ready.learners, ready.need.learners, ready.has_facilitator, ready.has_space),
        "readiness": ready,
        "overdue": is_overdue(
            shown,
            answer_votes=settings.answer_votes,
            answer_days=settings.answer_days,
            now=now,
        ),
        "now": now,
        "zone": zone_of(shown.timezone),
        "typed": {**typed_values(ComposerForm, {}), "note": "", **typed},
        "errors": errors,
        "open_steps": [s for s in STATUSES if s == shown.status or may_become(shown.status, s)],
        "statuses": STATUSES,
        "reasons": STATUS_REASONS,
        "story_languages": STORY_LANGUAGES,
    }
    return await desk_page(request, "desk/town.html", values, status=status)
