"""A word to an author about what was decided: by mail, if they left an address to be answered.

It waits as long as an official answer does before it goes, so that undoing the step at once keeps
it from being sent. Nobody at the desk sees the address; its owner reads that it was used.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from board.comments.models import comments
from board.comments.queries import placed, read_placed
from board.core.keys import Keys
from board.core.text import excerpt, to_html
from board.desk.author_queries import STREAM, writable_authors
from board.digests.queries import readers
from board.mail.actions import Letter, enqueue, withdraw_mail
from board.people.actions import forget_use, note_use
from board.stories.queries import any_story
from board.taking_part.rules import Terms
from board.towns.queries import town_by_id

KIND: Final = "decision"


class Decided(NamedTuple):
    """What is told: the step and its reason, of which thing, and with how many others."""

    entry_id: int
    act: str
    reason: str
    subject: str
    subject_id: int
    person_id: int
    others: int = 0
    note: str = ""


def tell_author(
    conn: Connection, keys: Keys, decided: Decided, *, actor_id: int, terms: Terms, now: datetime
) -> bool:
    """Write to an author, in their language; False when they left no address or want no such mail.

    Whoever was blocked isn't written to.
    """
    if decided.person_id not in writable_authors(conn, [decided.person_id], now):
        return False
    (reader,) = readers(conn, [decided.person_id], now)
    about, town_id = _words_of(conn, decided)
    letter = Letter(
        event=event_of(decided.entry_id),
        kind=KIND,
        language=reader.language,
        address=keys.open("contact.value", reader.address),
        recipient_key=reader.key,
        values={
            "person_id": reader.id,
            "name": reader.name,
            "act": decided.act,
            "reason_code": decided.reason,
            "subject": decided.subject,
            "others": decided.others,
            "note": decided.note,
            "html": to_html(decided.note) if decided.note else "",
            **about,
        },
        stream=STREAM,
    )
    sent = enqueue(
        conn,
        keys,
        letter,
        domain=terms.mail_domain,
        limits=terms.limits,
        now=now,
        not_before=now + terms.answer_pause,
    )
    if sent != "queued":
        return False
    note_use(conn, reader.id, KIND, town_id, actor_id, now)
    return True


def event_of(entry_id: int) -> str:
    """The event of this mail: one for each entry of the record."""
    return f"{KIND}:{entry_id}"


def untell_author(conn: Connection, entry_id: int, person_id: int, decided_at: datetime) -> None:
    """The step was taken back: a mail about it that didn't go yet never does."""
    if withdraw_mail(conn, event_of(entry_id)):
        forget_use(conn, person_id, KIND, decided_at)


def _words_of(conn: Connection, decided: Decided) -> tuple[dict[str, Any], int | None]:
    """What the mail calls the thing: its first words, its town, its page; and the town's id."""
    title, town_id = _title_of(conn, decided)
    page = "stories" if decided.subject == "story" else "comments"
    town = None if town_id is None else town_by_id(conn, town_id)
    words = {
        "title": title,
        "path": f"/{page}/{decided.subject_id}",
        "town": town.name if town else "",
        # Towns typed by hand have a name that somebody typed: it stands in no subject.
        "named": town.name if town and town.geonames_id is not None else "",
    }
    return words, town_id


def _title_of(conn: Connection, decided: Decided) -> tuple[str, int | None]:
    if decided.subject == "story":
        story = any_story(conn, decided.subject_id)
        return story.title, story.town_id
    (said,) = read_placed(conn, placed(comments.c.id == decided.subject_id))
    return excerpt(said.comment.text, 120), said.comment.town_id
