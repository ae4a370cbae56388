"""The desk: top requests, the queue, a town and P2PU's word on it; and the partners' door."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.errors import Conflict, Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, form_of, page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.core.rendering import country_name
from board.desk import queries
from board.desk.actions import handle, take_partner_message
from board.desk.forms import PartnerForm, QueueForm, WordForm
from board.desk.rules import SORTS
from board.drawing.ring import ring
from board.pages.content import Content
from board.people.rules import is_staff
from board.stories.rules import REASONS as REMOVAL_REASONS
from board.taking_part.forms import contact_mistakes
from board.taking_part.rules import STORY_LANGUAGES, terms_of
from board.taking_part.where import Meant, town_meant, where_at
from board.towns.queries import TownRow, asking_countries, get_town
from board.towns.rules import STATUSES, may_become
from board.updates.actions import Word, publish
from board.updates.queries import updates_of_town
from board.updates.rules import REASONS as STATUS_REASONS


async def index(request: Request) -> Response:
    """Where next? The table of towns that ask."""
    settings, now = board_of(request).settings, clock.now()
    asked = _table_question(request.query_params)
    table = await read(
        request,
        queries.top_requests,
        asked,
        answer_votes=settings.answer_votes,
        answer_days=settings.answer_days,
        now=now,
    )
    need = terms_of(settings).need
    rows = [
        {
            "town": town,
            "ring": _ring(town, request),
            "readiness": town.readiness(need),
            "overdue": _overdue(town, request),
        }
        for town in table.rows
    ]
    values = {
        "table": table,
        "rows": rows,
        "asked": asked,
        "sorts": SORTS,
        "statuses": STATUSES,
        "countries": sorted(await read(request, asking_countries), key=country_name),
        "answer_days": settings.answer_days,
    }
    return await _desk_page(request, "desk/index.html", values)


def _table_question(given: Mapping[str, str]) -> queries.TableQuestion:
    page_text = given.get("page", "1")
    sort = given.get("sort", "votes")
    return queries.TableQuestion(
        sort=sort if sort in SORTS else "votes",
        down=given.get("order", "down") != "up",
        country=given.get("country", "")[:2].upper(),
        status=given.get("status", "") if given.get("status", "") in STATUSES else "",
        q=given.get("q", "")[:80],
        page=max(1, int(page_text)) if page_text.isdecimal() and len(page_text) < 6 else 1,
    )


def _ring(town: TownRow, request: Request) -> object:
    ready = town.readiness(terms_of(board_of(request).settings).need)
    return ring(ready.learners, ready.need.learners, ready.facilitators, ready.spaces)


def _overdue(town: TownRow, request: Request) -> bool:
    settings = board_of(request).settings
    return queries.is_overdue(
        town,
        answer_votes=settings.answer_votes,
        answer_days=settings.answer_days,
        now=clock.now(),
    )


async def _desk_page(
    request: Request, template: str, values: Mapping[str, object], *, status: int = 200
) -> Response:
    staff = is_staff(viewer_of(request).role)
    waiting = await read(request, queries.queue_size, clock.now(), with_contacts=staff)
    return await page(
        request, template, {**values, "queue_size": waiting}, status=status, private=True
    )


# --- the queue ------------------------------------------------------------------------------


async def queue(request: Request) -> Response:
    """Held stories and comments, people to call, towns typed by hand, partners' messages."""
    return await _queue_page(request, {})


async def _queue_page(
    request: Request, errors: Mapping[str, str], *, status: int = 200, subject: str = ""
) -> Response:
    viewer = viewer_of(request)
    waiting = await read(
        request,
        queries.queue,
        board_of(request).keys,
        with_contacts=is_staff(viewer.role),
        now=clock.now(),
    )
    values = {"queue": waiting, "errors": errors, "subject": subject, "reasons": REMOVAL_REASONS}
    return await _desk_page(request, "desk/queue.html", values, status=status)


async def decide(request: Request) -> Response:
    """One act with one thing in the queue."""
    board = board_of(request)
    form = read_form(QueueForm, await form_of(request))
    here = f"{form.subject}-{form.subject_id}"
    viewer = viewer_of(request)
    if form.subject in ("call", "partner") and not is_staff(viewer.role):
        return await _queue_page(
            request, {"act": _("Calling people is for staff.")}, status=403, subject=here
        )
    try:
        await write(
            request,
            handle,
            board.keys,
            form,
            actor_id=viewer.id,
            terms=terms_of(board.settings),
            now=clock.now(),
        )
    except Mistake as mistake:
        return await _queue_page(request, mistake.fields, status=422, subject=here)
    except Conflict as conflict:
        return await _queue_page(request, {"act": str(conflict)}, status=409, subject=here)
    return see_other("/staff/queue")


# --- a town ---------------------------------------------------------------------------------


async def town(request: Request) -> Response:
    """A town at the desk: where it stands, and the box for P2PU's word."""
    shown = await read(request, get_town, request.path_params["id"])
    typed = typed_values(WordForm, {"seen": shown.status, "status": shown.status, "language": "en"})
    return await _town_page(request, shown, typed, {})


async def publish_word(request: Request) -> Response:
    """Publish an update; the town's page shows it at once."""
    values = await form_of(request)
    shown = await read(request, get_town, request.path_params["id"])
    viewer = viewer_of(request)
    try:
        form = read_form(WordForm, values)
        word = Word(
            shown.id, form.seen, form.status or form.seen, form.reason, form.text, form.language
        )
        await write(request, publish, word, person_id=viewer.id, name=viewer.name, now=clock.now())
    except Mistake as mistake:
        typed = typed_values(WordForm, values)
        return await _town_page(request, shown, typed, mistake.fields, status=422)
    except Conflict as conflict:
        fresh = await read(request, get_town, shown.id)
        typed = {**typed_values(WordForm, values), "seen": fresh.status}
        return await _town_page(request, fresh, typed, {"status": str(conflict)}, status=409)
    return see_other(f"/staff/towns/{shown.id}")


async def _town_page(
    request: Request,
    shown: TownRow,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {
        "town": shown,
        "ring": _ring(shown, request),
        "readiness": shown.readiness(terms_of(board_of(request).settings).need),
        "overdue": _overdue(shown, request),
        "updates": await read(request, updates_of_town, shown.id),
        "typed": typed,
        "errors": errors,
        "open_steps": [s for s in STATUSES if s == shown.status or may_become(shown.status, s)],
        "statuses": STATUSES,
        "reasons": STATUS_REASONS,
        "story_languages": STORY_LANGUAGES,
    }
    return await _desk_page(request, "desk/town.html", values, status=status)


# --- partners -------------------------------------------------------------------------------


async def partner(request: Request) -> Response:
    """Partner with us: why, and a form."""
    at = request.query_params.get("town", "")
    meant = await read(request, where_at, at) if at else Meant(None)
    return await _partner_page(request, typed_values(PartnerForm, {"at": at}), meant, {})


async def send_partner(request: Request) -> Response:
    """A partner's message goes to the desk."""
    values = await form_of(request)
    meant = Meant(None)
    try:
        form = read_form(PartnerForm, values)
        named = bool(form.town or form.at or form.geonames_id)
        meant = await read(request, town_meant, form) if named else meant
        said = _partner_mistakes(form, meant)
        if said:
            raise Mistake(said)
    except Mistake as mistake:
        typed = typed_values(PartnerForm, values)
        return await _partner_page(request, typed, meant, mistake.fields, status=422)
    board = board_of(request)
    await write(
        request,
        take_partner_message,
        board.keys,
        form,
        town_id=meant.where.town_id if meant.where else None,
        town=meant.name or form.town,
        language=language.current(),
        keep_for=terms_of(board.settings).contact_for,
        now=clock.now(),
    )
    return see_other("/partner?sent=1")


def _partner_mistakes(form: PartnerForm, meant: Meant) -> dict[str, str]:
    said: dict[str, str] = {}
    if not form.organisation:
        said["organisation"] = _("Who are you? A library, a school, a group of neighbours?")
    if not form.message:
        said["message"] = _("Tell us in a sentence what you have in mind.")
    if not form.name:
        said["name"] = _("Tell us whom to ask for.")
    if meant.sentence and meant.choices:
        said["town"] = meant.sentence
    return said | contact_mistakes(form, meant.country)


async def _partner_page(
    request: Request,
    typed: Mapping[str, str],
    meant: Meant,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    content: Content = board_of(request).content
    values = {
        "page": content.page("partner", language.current()),
        "typed": typed,
        "meant": meant,
        "errors": errors,
        "sent": "sent" in request.query_params,
    }
    return await page(request, "desk/partner.html", values, status=status)
