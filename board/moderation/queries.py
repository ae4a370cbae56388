"""What readers flagged and nobody answered yet."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, select

from board.comments.models import comments
from board.comments.queries import in_talk
from board.comments.rules import Talk
from board.moderation.models import flags
from board.stories.models import stories

_f = flags.c


class Reports(NamedTuple):
    """Everything that was said against one thing: it stands in the queue once.

    `confirmed` are people we know by a confirmed mailbox, `others` networks of a day.
    """

    since: datetime
    confirmed: int
    others: int
    reasons: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    @property
    def people(self) -> int:
        return self.confirmed + self.others


def open_reports(conn: Connection) -> dict[tuple[str, int], Reports]:
    """The unanswered flags of things that are still there, by ("comment", its id)."""
    said: dict[tuple[str, int], list[Any]] = {}
    rows = conn.execute(
        select(_f.subject, _f.subject_id, _f.person_id, _f.reason, _f.note, _f.created_at)
        .where(_f.settled_at.is_(None), _still_there())
        .order_by(_f.created_at, _f.id)
        .limit(2_000)
    )
    for row in rows:
        said.setdefault((row.subject, row.subject_id), []).append(row)
    return {thing: _together(told) for thing, told in said.items()}


def _together(told: list[Any]) -> Reports:
    confirmed = len({row.person_id for row in told if row.person_id is not None})
    return Reports(
        since=told[0].created_at,
        confirmed=confirmed,
        others=sum(row.person_id is None for row in told),
        reasons=tuple(Counter(row.reason for row in told).most_common()),
        notes=tuple(row.note for row in told if row.note),
    )


def _still_there() -> ColumnElement[bool]:
    """Of a story or comment that is public, or held until somebody looked."""
    c, s = comments.c, stories.c
    shown = ("public", "held")
    said = select(c.id).where(c.id == _f.subject_id, c.visibility.in_(shown)).exists()
    told = select(s.id).where(s.id == _f.subject_id, s.visibility.in_(shown)).exists()
    return ((_f.subject == "comment") & said) | ((_f.subject == "story") & told)


def ids_of(reports: Iterable[tuple[str, int]], subject: str) -> list[int]:
    """The ids of one kind among what was flagged."""
    return [number for kind, number in reports if kind == subject]


def flagged_and_public() -> list[Select[int]]:
    """Statements that count public stories, and comments, with unanswered flags."""
    return [
        select(func.count(_f.subject_id.distinct()))
        .join(table, table.c.id == _f.subject_id)
        .where(_f.subject == subject, _f.settled_at.is_(None), table.c.visibility == "public")
        for subject, table in (("story", stories), ("comment", comments))
    ]


def flags_since(conn: Connection, talk: Talk, since: datetime) -> int:
    """How often something in this talk was flagged since a moment."""
    count: int = conn.execute(
        select(func.count())
        .select_from(flags)
        .join(comments, comments.c.id == _f.subject_id)
        .where(_f.subject == "comment", _f.created_at > since, in_talk(talk))
    ).scalar_one()
    return count
