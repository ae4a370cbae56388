"""What people are asked: how it went after a launch, and whether they are still in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from board.core.db import upsert
from board.core.errors import Mistake, NotFound
from board.core.language import gettext as _
from board.digests.audience_actions import to_offering
from board.digests.models import launch_answers
from board.digests.queries import Reader, has_voted, lapsing_contacts
from board.digests.rules import ANSWERS, STILL_IN_BEFORE
from board.digests.writing import Desk, Matter, words_of, write_to
from board.people.actions import note_uses
from board.people.models import contacts
from board.towns.queries import town_by_id


def ask_after_launch(conn: Connection, desk: Desk, town_id: int) -> int:
    """The one question to who offered, six weeks after the start."""
    town = town_by_id(conn, town_id)
    if town is None or town.status != "launched":
        return 0
    values = {**words_of(town), "town_id": town_id}
    matter = Matter(f"after_launch:{town_id}", "after_launch", "offers")
    return to_offering(conn, desk, matter, town_id, values, purpose="after_launch")


def answer_launch(
    conn: Connection, person_id: int, town_id: int, answer: str, now: datetime
) -> None:
    """Keep how it went for somebody, or what they say now instead of what they said before."""
    if answer not in ANSWERS:
        raise Mistake({"answer": _("Choose the one that fits best.")})
    if not has_voted(conn, person_id, town_id):
        raise NotFound(_("There is no such town."))
    row = {"town_id": town_id, "person_id": person_id, "answer": answer, "answered_at": now}
    upsert(conn, launch_answers, [row], ["town_id", "person_id"])


def ask_still_in(conn: Connection, desk: Desk, most: int) -> int:
    """Whoever's contact ends within a month is asked once whether they are still in."""
    lapsing = lapsing_contacts(conn, desk.now, desk.now + STILL_IN_BEFORE, most)
    if not lapsing:
        return 0
    asked = contacts.c.id.in_([one.contact_id for one in lapsing])
    conn.execute(update(contacts).where(asked).values(asked_at=desk.now))
    until = {one.person_id: one.expires_at.date().isoformat() for one in lapsing}
    offers = {one.person_id for one in lapsing if one.offers}

    def words(reader: Reader) -> dict[str, Any]:
        return {"until": until[reader.id], "offers": reader.id in offers}

    event = f"still_in:{desk.now:%Y-%m-%d}"
    told = write_to(conn, desk, Matter(event, "still_in", "offers"), offers, words)
    told += write_to(conn, desk, Matter(event, "still_in", "digest"), until.keys(), words)
    note_uses(conn, told, "still_in", None, None, desk.now)
    return len(told)
