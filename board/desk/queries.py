"""What the desk reads: top requests, the queue, a town's dossier."""

import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, select

from board.comments.models import comments
from board.comments.queries import HeldComment, held_comments
from board.core.errors import NotFound
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.text import fold
from board.desk.models import partner_messages
from board.people.models import waitings
from board.people.queries import WaitingForm, to_call
from board.stories.models import stories
from board.stories.queries import StoryView, held_stories
from board.taking_part.outcome import WaitingLine, waiting_lines
from board.taking_part.rules import wishes
from board.taking_part.story_cards import with_offers
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow, hand_typed_towns
from board.towns.rules import OPEN_STATUSES, owes_answer

_t = towns.c
_PER_10K = case((_t.population > 0, _t.vote_count * 10_000.0 / _t.population), else_=0.0)
_ORDERS: dict[str, ColumnElement[object]] = {
    "votes": _t.vote_count,
    "name": _t.folded,
    "come": _t.come_count,
    "facilitate": _t.facilitate_count,
    "host": _t.host_count,
    "ready": _t.closeness,
    "near": func.coalesce(_t.nearest_km, 99_999),
    "per10k": _PER_10K,
    "need": _t.need,
    "rising": _t.rising,
    "status": _t.status,
    "answered": func.coalesce(_t.answered_at, datetime(1970, 1, 1, tzinfo=UTC)),
    "asked": _t.asked_at,
}


class TopRequests(NamedTuple):
    """The table "Where next?", and the numbers above it."""

    rows: list[TownRow]
    total: int
    asking: int
    new: int
    overdue: int
    page: int
    pages: int


class TableQuestion(NamedTuple):
    """What the table was asked for."""

    sort: str = "votes"
    down: bool = True
    country: str = ""
    status: str = ""
    q: str = ""
    page: int = 1


ROWS = 50


def top_requests(
    conn: Connection, asked: TableQuestion, *, answer_votes: int, answer_days: int, now: datetime
) -> TopRequests:
    """A page of towns in the order asked for."""
    listed: list[ColumnElement[bool]] = [_t.standing == "listed", _t.vote_count > 0]
    wanted = list(listed)
    if asked.country:
        wanted.append(_t.country == asked.country)
    if asked.status:
        wanted.append(_t.status == asked.status)
    if asked.q:
        wanted.append(_t.folded.contains(fold(asked.q), autoescape=True))
    month_ago = now - timedelta(days=30)
    asking, new, overdue = conn.execute(
        select(
            _how_many(_t.status.in_(OPEN_STATUSES)),
            _how_many(_t.asked_at > month_ago),
            _how_many(_overdue(answer_votes, answer_days, now)),
        ).where(*listed)
    ).one()
    total: int = conn.execute(select(func.count()).select_from(towns).where(*wanted)).scalar_one()
    order = _ORDERS.get(asked.sort, _t.vote_count)
    rows = conn.execute(
        select(*TOWN_COLUMNS)
        .where(*wanted)
        .order_by(order.desc() if asked.down else order.asc(), _t.vote_count.desc(), _t.id)
        .limit(ROWS)
        .offset((asked.page - 1) * ROWS)
    )
    return TopRequests(
        rows=[TownRow._make(row) for row in rows],
        total=total,
        asking=asking,
        new=new,
        overdue=overdue,
        page=asked.page,
        pages=max(1, -(-total // ROWS)),
    )


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _overdue(answer_votes: int, answer_days: int, now: datetime) -> ColumnElement[bool]:
    """The same rule as `is_overdue`, for counting in one statement."""
    owed = _t.ready_at.is_not(None) | (_t.vote_count >= answer_votes)
    silent = func.coalesce(_t.answered_at, _t.asked_at) < now - timedelta(days=answer_days)
    return owed & silent & _t.status.in_(OPEN_STATUSES)


def is_overdue(town: TownRow, *, answer_votes: int, answer_days: int, now: datetime) -> bool:
    """Whether P2PU owes this town a word and has been silent for too long."""
    owed = owes_answer(town.vote_count, town.ready_at is not None, answer_votes=answer_votes)
    silent_since = town.answered_at or town.asked_at
    return (
        owed and town.status in OPEN_STATUSES and silent_since < now - timedelta(days=answer_days)
    )


class ToCall(NamedTuple):
    """Somebody without e-mail: a number to call, and what they asked for."""

    form: WaitingForm
    phone: str
    name: str
    line: WaitingLine


class PartnerNote(NamedTuple):
    """A partner's message, opened."""

    id: int
    town: str
    organisation: str
    name: str
    email: str
    phone: str
    message: str
    created_at: datetime


class Queue(NamedTuple):
    """Everything a person has to look at."""

    stories: list[StoryView]
    comments: list[HeldComment]
    calls: list[ToCall]
    towns: list[TownRow]
    partners: list[PartnerNote]

    @property
    def size(self) -> int:
        return sum(len(part) for part in self)


def queue(conn: Connection, keys: Keys, *, with_contacts: bool, now: datetime) -> Queue:
    """The queue, longest waiting first; moderators see no contacts (DECISIONS 27)."""
    return Queue(
        stories=with_offers(conn, held_stories(conn)),
        comments=held_comments(conn),
        calls=_calls(conn, keys, now) if with_contacts else [],
        towns=hand_typed_towns(conn),
        partners=_partners(conn, keys, now) if with_contacts else [],
    )


def _calls(conn: Connection, keys: Keys, now: datetime) -> list[ToCall]:
    forms = to_call(conn, now)
    lines = waiting_lines(conn, keys, forms, ticked=0)
    return [
        ToCall(
            form,
            keys.open("waiting.contact", form.contact),
            wishes.validate_json(keys.open("waiting.payload", form.payload)).name,
            line,
        )
        for form, line in zip(forms, lines, strict=True)
    ]


def _partners(conn: Connection, keys: Keys, now: datetime) -> list[PartnerNote]:
    p = partner_messages.c
    rows = conn.execute(
        select(p.id, p.content, p.created_at)
        .where(p.answered_at.is_(None), p.expires_at > now)
        .order_by(p.created_at)
        .limit(100)
    )
    return [
        PartnerNote(
            id=row.id,
            created_at=row.created_at,
            **json.loads(keys.open("partner.content", row.content)),
        )
        for row in rows
    ]


def queue_size(conn: Connection, now: datetime, *, with_contacts: bool) -> int:
    """How many things wait for a look of this person; the counter on the desk's tab."""
    counts = [
        select(func.count()).select_from(stories).where(stories.c.visibility == "held"),
        select(func.count()).select_from(comments).where(comments.c.visibility == "held"),
        select(func.count()).select_from(towns).where(_t.standing == "by_hand"),
    ]
    if with_contacts:
        w, p = waitings.c, partner_messages.c
        by_phone = (w.channel == "phone") & (w.outcome == "") & (w.expires_at > now)
        unanswered = p.answered_at.is_(None) & (p.expires_at > now)
        counts.append(select(func.count()).select_from(waitings).where(by_phone))
        counts.append(select(func.count()).select_from(partner_messages).where(unanswered))
    row = conn.execute(select(*(count.scalar_subquery() for count in counts))).one()
    return sum(row)


def author_of(conn: Connection, subject: str, subject_id: int) -> tuple[int | None, int]:
    """The person behind a story or comment, and its town; raises NotFound."""
    table = stories if subject == "story" else comments
    row = conn.execute(
        select(table.c.person_id, table.c.town_id).where(table.c.id == subject_id)
    ).first()
    if row is None:
        raise NotFound(_("That is not in the queue any more."))
    return row.person_id, row.town_id
