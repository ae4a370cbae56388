"""Reading the queue: a page of what waits, whole (`waiting_queries` has the heads of all of it)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Connection,
    literal,
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
from board.desk.rules import REPORTED, wording_of_comment
from board.desk.thread_queries import Thread, threads_around
from board.moderation.queries import Reports, open_reports
from board.people.queries import WaitingForm, forms_to_call
from board.stories.models import stories
from board.stories.queries import held_edits, stories_to_judge
from board.taking_part.outcome import WaitingLine, waiting_lines
from board.taking_part.rules import wishes
from board.taking_part.signs import signs_in
from board.taking_part.story_cards import with_offers
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow

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
    def state(self) -> str:
        """How it stood when it was looked at: its visibility, or that readers reported it."""
        story = self.head.subject == "story"
        visibility = self.value.visibility if story else self.value.comment.visibility
        return REPORTED if visibility == "public" and self.head.flagged else str(visibility)

    @property
    def seen(self) -> str:
        """What a tick in the list says was seen."""
        return f"{self.state}.{self.wording}"


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
    comments_here = [one.value.comment for one in here if one.head.subject == "comment"]
    return Queue(
        here,
        open_reports(conn),
        of_author,
        writable_authors(conn, of_author, now),
        threads_around(conn, comments_here),
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
