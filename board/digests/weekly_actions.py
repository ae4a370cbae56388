"""The weekly letter: one mail a person for everything they follow, a page of people at a time."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from board.core.facts import get_fact, keep_fact
from board.digests.news import NOTHING_TOLD, News
from board.digests.news_queries import told_before
from board.digests.queries import Reader, readers
from board.digests.rules import PAGE, due_at, event_of
from board.digests.writing import Desk, Matter, write_to
from board.follows.queries import weekly_follows

_FACT = "digest.told_until"


class Due(NamedTuple):
    """A weekly letter that is to go: when it was due, and the end of the one before."""

    at: datetime
    before: datetime | None


def letter_due(conn: Connection, desk: Desk) -> Due | None:
    """The weekly letter that is due and didn't go to everybody yet, or None."""
    at = due_at(desk.now, desk.terms.digest_day, desk.terms.digest_hour)
    said = get_fact(conn, _FACT)
    before = None if said is None else datetime.fromisoformat(said)
    return None if before is not None and before >= at else Due(at, before)


def close_letter(conn: Connection, due: Due) -> None:
    """Everybody who is to have this week's letter has it in the outbox."""
    keep_fact(conn, _FACT, due.at.isoformat())


class Page(NamedTuple):
    """A page of followers: the last one's id, or 0 when nobody was left; how many mails it made."""

    last: int
    sent: int


def write_page(conn: Connection, desk: Desk, news: News, due: datetime, after: int) -> Page:
    """Write the letters of the next page of followers; the same again makes no second mail."""
    follows = weekly_follows(conn, after=after, before=due, page=PAGE)
    if not follows:
        return Page(0, 0)
    found = readers(conn, follows.keys(), desk.now)
    told = told_before(conn, [one.key for one in found], news.events)
    letters: dict[int, dict[str, Any]] = {
        one.id: words
        for one in found
        if (words := news.for_one(follows[one.id], frozenset(told.get(one.key, NOTHING_TOLD))))
    }

    def words_for(reader: Reader) -> dict[str, Any]:
        return letters[reader.id]

    matter = Matter(event_of(due), "digest", "digest")
    return Page(max(follows), len(write_to(conn, desk, matter, letters.keys(), words_for)))
