"""The heads of all that waits at the desk, in one statement."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    Subquery,
    Table,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from board.comments.models import comments
from board.desk.models import partner_messages
from board.desk.queue_rules import Waits
from board.moderation.models import flags
from board.people.models import waitings
from board.stories.models import revisions, stories
from board.stories.queries import EDITABLE
from board.towns.models import towns

# Beyond so many nobody looks at numbers any more; what is older stands first.
MOST: Final = 5_000


def all_waiting(conn: Connection, now: datetime, *, with_contacts: bool) -> list[Waits]:
    """The head of everything that waits, the longest waiting first.

    Moderators call nobody and answer no partner: they see no contacts (DECISIONS 27).
    """
    told = _reported()
    r, s, t = revisions.c, stories.c, towns.c
    parts: list[Select[Any]] = [
        *_judged(stories, "story", told),
        *_judged(comments, "comment", told),
        select(*_head("edit", r.id, r.created_at, r.language, s.town_id))
        .join(stories, s.id == r.story_id)
        .where(r.state == "held", s.visibility.in_(EDITABLE)),
        select(*_head("town", t.id, t.asked_at, literal(""), t.id)).where(t.standing == "by_hand"),
    ]
    if with_contacts:
        parts += _from_outside(now)
    waiting = union_all(*parts).subquery()
    rows = conn.execute(
        select(*(waiting.c[name] for name in Waits._fields))
        .order_by(waiting.c.since, waiting.c.subject, waiting.c.id)
        .limit(MOST)
    )
    return [Waits._make(row)._replace(flagged=bool(row.flagged)) for row in rows]


def _head(subject: str, number: Any, since: Any, language: Any, town_id: Any, **more: Any) -> Any:
    """The columns of a head, the same for every kind."""
    return (
        literal(subject).label("subject"),
        number.label("id"),
        since.label("since"),
        cast(language, String).label("language"),
        cast(town_id, Integer).label("town_id"),
        cast(more.get("geonames_id", null()), Integer).label("geonames_id"),
        more.get("flagged", literal(0)).label("flagged"),
        cast(more.get("person_id", null()), Integer).label("person_id"),
    )


def _reported() -> Subquery:
    """Since when readers wait for an answer about a thing."""
    f = flags.c
    return (
        select(f.subject, f.subject_id, func.min(f.created_at).label("since"))
        .where(f.settled_at.is_(None))
        .group_by(f.subject, f.subject_id)
        .subquery()
    )


def _judged(table: Table, subject: str, told: Subquery) -> list[Select[Any]]:
    """Stories or comments that are held, and those that are public and reported.

    Two statements, so that each finds its own few rows by an index.
    """
    c = table.c
    same = (told.c.subject == subject) & (told.c.subject_id == c.id)
    flagged = case((told.c.since.is_not(None), 1), else_=0)
    of = (c.language, c.town_id)
    by = {"person_id": c.person_id}
    return [
        select(*_head(subject, c.id, c.created_at, *of, **by, flagged=flagged))
        .outerjoin(told, same)
        .where(c.visibility == "held"),
        select(*_head(subject, c.id, told.c.since, *of, **by, flagged=literal(1)))
        .join(told, same)
        .where(c.visibility == "public"),
    ]


def _from_outside(now: datetime) -> list[Select[Any]]:
    """People to call, and partners who wrote."""
    w, p = waitings.c, partner_messages.c
    by_phone = (w.channel == "phone") & (w.outcome == "") & ~w.held & (w.expires_at > now)
    return [
        select(
            *_head("call", w.id, w.created_at, w.language, w.town_id, geonames_id=w.geonames_id)
        ).where(by_phone),
        select(*_head("partner", p.id, p.created_at, p.language, p.town_id)).where(
            p.answered_at.is_(None), p.expires_at > now
        ),
    ]
