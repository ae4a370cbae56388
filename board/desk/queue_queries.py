"""Reading the queue: the heads of all that waits in one statement, then one page of it whole."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

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
from board.comments.queries import placed, read_placed
from board.core.keys import Keys
from board.core.text import excerpt
from board.desk.author_queries import writable_authors
from board.desk.models import partner_messages
from board.desk.queue_rules import Waits
from board.desk.rules import wording_of_comment
from board.desk.thread_queries import Thread, threads_around
from board.moderation.models import flags
from board.moderation.queries import Reports, open_reports
from board.people.models import waitings
from board.people.queries import WaitingForm, forms_to_call
from board.stories.models import revisions, stories
from board.stories.queries import EDITABLE, held_edits, stories_to_judge
from board.taking_part.outcome import WaitingLine, waiting_lines
from board.taking_part.rules import wishes
from board.taking_part.signs import signs_in
from board.taking_part.story_cards import with_offers
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow

# Beyond so many nobody looks at numbers any more; what is older stands first.
MOST: Final = 5_000
_SUBJECTS: Final = ("story", "comment", "edit", "call", "town", "partner")


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


class Thing(NamedTuple):
    """Something that waits, and whole what there is to look at."""

    head: Waits
    value: Any
    # What was odd when it was sent, in codes.
    signs: Sequence[str] = ()

    @property
    def anchor(self) -> str:
        return f"{self.head.subject}-{self.head.id}"

    @property
    def title(self) -> str:
        """The words that tell a story or comment from the others of its author."""
        story = self.head.subject == "story"
        return str(self.value.title) if story else excerpt(self.value.comment.text, 70)

    @property
    def wording(self) -> str:
        """Tells the words of a story or comment from those it may have a moment later."""
        if self.head.subject == "story":
            return str(self.value.wording)
        return wording_of_comment(self.value.comment.text)

    @property
    def seen(self) -> str:
        """What a tick in the list says was seen."""
        story = self.head.subject == "story"
        visibility = self.value.visibility if story else self.value.comment.visibility
        return f"{visibility}.{self.wording}"


class Queue(NamedTuple):
    """What a person looks at now, and what readers said against it, by ("story", its id).

    By author: all that waits of them, and the language of those who can be written to. By comment:
    the thread around it.
    """

    things: list[Thing]
    reports: dict[tuple[str, int], Reports]
    of_author: Mapping[int, list[Thing]]
    writable: Mapping[int, str]
    threads: Mapping[int, Thread]

    def others(self, one: Thing) -> list[Thing]:
        """What else waits by this thing's author."""
        of = self.of_author.get(one.head.person_id, ()) if one.head.person_id else ()
        return [other for other in of if other.anchor != one.anchor]

    def language_to(self, one: Thing) -> str:
        """The language in which this thing's author can be told by mail; "" if they can't."""
        return self.writable.get(one.head.person_id, "") if one.head.person_id else ""


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


def open_queue(
    conn: Connection,
    keys: Keys,
    heads: Sequence[Waits],
    now: datetime,
    beside: Sequence[Waits] = (),
) -> Queue:
    """The things of these heads, whole and in their order; what went meanwhile isn't there.

    `beside` are stories and comments by the same authors that stand on other pages.
    """
    read = (*heads, *beside)
    ids = {kind: [one.id for one in read if one.subject == kind] for kind in _SUBJECTS}
    whole: dict[tuple[str, int], Any] = {}
    for story in with_offers(conn, stories_to_judge(conn, ids["story"])):
        whole["story", story.id] = story
    for said in read_placed(conn, placed(comments.c.id.in_(ids["comment"]))):
        whole["comment", said.comment.id] = said
    for held in held_edits(conn, ids["edit"]):
        whole["edit", held.edit.id] = held
    for call in _calls(conn, keys, ids["call"], now):
        whole["call", call.form.id] = call
    for town in _towns(conn, ids["town"]):
        whole["town", town.id] = town
    for note in _partners(conn, keys, ids["partner"]):
        whole["partner", note.id] = note
    noticed = _noticed(conn, ids)
    things = [
        Thing(head, whole[head.subject, head.id], noticed.get((head.subject, head.id), ()))
        for head in read
        if (head.subject, head.id) in whole
    ]
    of_author = _by_author(things)
    shown = {(head.subject, head.id) for head in heads}
    here = [one for one in things if (one.head.subject, one.head.id) in shown]
    said = [one.value.comment for one in here if one.head.subject == "comment"]
    return Queue(
        here,
        open_reports(conn),
        of_author,
        writable_authors(conn, of_author, now),
        threads_around(conn, said),
    )


def _by_author(things: Sequence[Thing]) -> dict[int, list[Thing]]:
    found: dict[int, list[Thing]] = {}
    for one in things:
        if one.head.person_id is not None:
            found.setdefault(one.head.person_id, []).append(one)
    return found


def _noticed(
    conn: Connection, ids: Mapping[str, Sequence[int]]
) -> dict[tuple[str, int], Sequence[str]]:
    """What was odd about stories and comments when they were sent."""
    found = union_all(
        *(
            select(literal(subject).label("subject"), table.c.id, table.c.signals).where(
                table.c.id.in_(ids[subject]), table.c.signals != ""
            )
            for subject, table in (("story", stories), ("comment", comments))
        )
    )
    return {(row.subject, row.id): signs_in(row.signals) for row in conn.execute(found)}


def _towns(conn: Connection, ids: Sequence[int]) -> list[TownRow]:
    rows = conn.execute(select(*TOWN_COLUMNS).where(towns.c.id.in_(ids)))
    return [TownRow._make(row) for row in rows]


def _calls(conn: Connection, keys: Keys, ids: Sequence[int], now: datetime) -> list[ToCall]:
    forms = forms_to_call(conn, ids, now)
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


def _partners(conn: Connection, keys: Keys, ids: Sequence[int]) -> list[PartnerNote]:
    p = partner_messages.c
    rows = conn.execute(select(p.id, p.content, p.created_at).where(p.id.in_(ids)))
    return [
        PartnerNote(
            id=row.id,
            created_at=row.created_at,
            **json.loads(keys.open("partner.content", row.content)),
        )
        for row in rows
    ]
