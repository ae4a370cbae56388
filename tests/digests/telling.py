"""People who can be written to, and what they were told."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from board.core import clock
from board.core.http import Board
from board.core.keys import Keys
from board.digests.jobs import Told, tell_all
from board.mail.models import outgoing_mails
from board.people.actions import keep_contact
from board.updates.actions import Word, publish
from board.votes.rules import Offer
from tests.invented import VELENJE, Person, person, vote

COME, FACILITATE, HOST = Offer(come=True), Offer(facilitate=True), Offer(host=True)


def reached(
    conn: Connection,
    keys: Keys,
    name: str,
    *,
    role: str = "",
    days: float = 365,
    now: datetime | None = None,
) -> Person:
    """Somebody of this name, at name@example.org, whose address is kept for some days."""
    moment = now or clock.now()
    address = f"{name.lower()}@example.org"
    who = person(conn, name, key=keys.person_key(address), role=role)
    until = moment + timedelta(days=days)
    sealed = keys.seal("contact.value", address)
    keep_contact(conn, who.id, "email", sealed, now=moment, expires_at=until)
    return who


def offering(
    conn: Connection,
    keys: Keys,
    name: str,
    offer: Offer = COME,
    place: int = VELENJE,
    *,
    now: datetime | None = None,
) -> tuple[Person, int]:
    """Somebody who offers something in a place, and its town."""
    who = reached(conn, keys, name, now=now)
    return who, vote(conn, who, place, offer=offer, now=now)


def make_ready(conn: Connection, keys: Keys, place: int = VELENJE) -> int:
    """Eight people, one of them facilitates and one has a room: the town is ready."""
    for number in range(6):
        offering(conn, keys, f"Learner{number}", COME, place)
    offering(conn, keys, "Fay", FACILITATE, place)
    return offering(conn, keys, "Hugo", HOST, place)[1]


def speak(
    conn: Connection, town_id: int, before: str, after: str, text: str = "We hear you."
) -> int:
    """P2PU's word on a town; the update's id."""
    sue = person(conn, "Sue", role="staff")
    word = Word(town_id, before, after, "", text, "en")
    return publish(conn, word, person_id=sue.id, name="Sue", now=clock.now())


def tell(board: Board) -> Told:
    """A round of telling, looking for everything."""
    return tell_all(board.database, board.keys, board.settings, look=True)


def queued(board: Board) -> Counter[tuple[str, str, str]]:
    """What stands in the outbox: how many mails of each kind, stream and event."""
    m = outgoing_mails.c
    with board.database.snapshot() as conn:
        rows = conn.execute(select(m.kind, m.stream, m.event)).all()
    return Counter((row.kind, row.stream, row.event) for row in rows)
