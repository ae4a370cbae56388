"""The queue: everything that waits for a person's eyes."""

from asyncio import gather
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.bodies import form_of
from board.core.errors import Conflict, Mistake, Refused
from board.core.forms import read_form, typed_values
from board.core.http import STATUS, board_of, read, see_other, viewer_of, write
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.bulk_actions import decide_on, try_act_on
from board.desk.desk_page import desk_page
from board.desk.forms import BulkForm, DecisionForm, QueueForm, ticked_things
from board.desk.queue_queries import Queue, open_queue
from board.desk.queue_rules import Part, QueueLook, beside, part
from board.desk.remits import Actor, may_call, part_of, places_of
from board.desk.rules import BULK_ACTS, NEED_REASON
from board.desk.undo_actions import undo_act
from board.desk.undo_queries import Step, steps_back, steps_named
from board.desk.waiting_queries import all_waiting
from board.people.queries import held_count
from board.people.remit_queries import languages_of, remit_of
from board.stories.rules import REASONS as REMOVAL_REASONS
from board.taking_part.rules import terms_of

T = TypeVar("T")


class Shown(NamedTuple):
    """Everything the page shows, read from one snapshot. `done` are the steps just taken."""

    part: Part
    queue: Queue
    done: list[Step]
    back: list[Step]


async def queue(request: Request) -> Response:
    """What waits, as the address asks for it; after an act it says what was done."""
    return await _queue_page(request, QueueLook.read(request.query_params), {})


async def decide(request: Request) -> Response:
    """One act with one thing in the queue."""
    values = await form_of(request)
    look = _look(values)
    here = f"{values.get('subject', '')}-{values.get('subject_id', '')}"[:30]
    typed = typed_values(DecisionForm, values)
    try:
        form = read_form(DecisionForm, values)
        others = ticked_things(values, "also") if form.also else []
        steps = await _act(request, decide_on, form, others)
    except (Refused, Mistake, Conflict) as refusal:
        errors = refusal.fields if isinstance(refusal, Mistake) else {"act": str(refusal)}
        status = STATUS[type(refusal)]
        return await _queue_page(request, look, errors, status=status, subject=here, typed=typed)
    return see_other(_after(look, steps.entries, steps.missed))


async def decide_many(request: Request) -> Response:
    """One act with all that is ticked: each its own outcome."""
    values = await form_of(request)
    look = _look(values)
    form = read_form(BulkForm, values)
    ticked = ticked_things(values)
    sentence = _bulk_mistake(form, ticked)
    if sentence:
        return await _queue_page(request, look, {"many": sentence}, status=422)
    asked = {"act": form.act, "reason": form.reason}
    # All at once, so that they share their commits; each is its own all the same.
    entries = await gather(
        *(_act(request, try_act_on, thing.model_copy(update=asked)) for thing in ticked)
    )
    done = [entry for entry in entries if entry is not None]
    return see_other(_after(look, done, len(entries) - len(done)))


async def _act(request: Request, action: Callable[..., T], *given: object) -> T:
    board = board_of(request)
    terms, now = terms_of(board.settings), clock.now()
    actor = _actor(request)
    return await write(request, action, board.keys, *given, actor=actor, terms=terms, now=now)


def _bulk_mistake(form: BulkForm, ticked: list[QueueForm]) -> str:
    if form.act not in BULK_ACTS or not ticked:
        return _("Tick some stories or comments in the list first.")
    if form.act in NEED_REASON and form.reason not in REMOVAL_REASONS:
        return _("Choose one of the four reasons.")
    return ""


async def undo(request: Request) -> Response:
    """Take one step back, or several: the last one first."""
    values = await form_of(request)
    look, terms = _look(values), terms_of(board_of(request).settings)
    done: list[int] = []
    for entry_id in sorted(_ids(values.get("step", "")), reverse=True):
        try:
            step = await write(
                request, undo_act, entry_id, actor=_actor(request), terms=terms, now=clock.now()
            )
            done.append(step)
        except Refused as refusal:
            return await _queue_page(request, look, {"undo": str(refusal)}, status=403, done=done)
        except Conflict as conflict:
            return await _queue_page(request, look, {"undo": str(conflict)}, status=409, done=done)
    return see_other(_after(look, done))


async def _queue_page(
    request: Request,
    look: QueueLook,
    errors: Mapping[str, str],
    *,
    status: int = 200,
    subject: str = "",
    typed: Mapping[str, str] | None = None,
    done: list[int] | None = None,
) -> Response:
    viewer, now = viewer_of(request), clock.now()
    just_done = _ids(request.query_params.get("did", "")) if done is None else done
    shown = await read(
        request, _shown, board_of(request).keys, look, just_done, actor=_actor(request), now=now
    )
    missed = request.query_params.get("missed", "")
    values = {
        **shown._asdict(),
        "look": look._replace(page=shown.part.page),
        "missed": int(missed) if missed.isascii() and missed.isdigit() and len(missed) < 4 else 0,
        "held": await read(request, held_count, now) if viewer.may_moderate else 0,
        "errors": errors,
        "conflict": status == 409,
        "subject": subject,
        "typed": typed or {},
        "reasons": REMOVAL_REASONS,
    }
    return await desk_page(request, "desk/queue.html", values, status=status)


def _shown(
    conn: Connection,
    keys: Keys,
    look: QueueLook,
    done: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
) -> Shown:
    remit = remit_of(conn, actor.id, actor.role)
    waiting = all_waiting(conn, now, with_contacts=may_call(actor.role))
    theirs = part_of(waiting, remit, actor.role, places_of(conn, remit))
    shown = part(theirs, look, languages_of(conn, actor.id))
    return Shown(
        shown,
        open_queue(conn, keys, shown.heads, now, beside(shown.heads, theirs)),
        steps_named(conn, done, remit, actor.role),
        steps_back(conn, remit, actor.role, now),
    )


def _look(values: Mapping[str, str]) -> QueueLook:
    """The look that a form came from."""
    return QueueLook.parse(values.get("look", ""))


def _ids(text: str) -> list[int]:
    return [int(n) for n in text.split(",")[:100] if n.isascii() and n.isdigit() and len(n) < 10]


def _after(look: QueueLook, done: list[int], missed: int = 0) -> str:
    """Where to go on after a step: the same look, which says what was done."""
    said = [f"did={','.join(map(str, done))}"] if done else []
    said += [f"missed={missed}"] if missed else []
    query = "&".join(filter(None, [look.query, *said]))
    return f"/staff/queue?{query}" if query else "/staff/queue"


def _actor(request: Request) -> Actor:
    viewer = viewer_of(request)
    return Actor(viewer.id, viewer.role)
