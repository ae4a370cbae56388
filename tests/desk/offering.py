"""A town where people offered something, each with a kept contact; nobody of it is real."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from board.core import clock
from board.core.http import Board
from board.people.actions import keep_contact
from board.people.models import people
from board.people.rules import canonical_mailbox
from board.votes.rules import Offer
from tests.invented import VELENJE, Person, person, vote

COME = Offer(come=True)
LEADS = Offer(come=True, facilitate=True)
HOSTS = Offer(host=True)


def offers(
    board: Board,
    conn: Connection,
    name: str,
    offer: Offer = COME,
    *,
    place: int = VELENJE,
    phone: str = "",
    now: datetime | None = None,
) -> tuple[Person, int]:
    """Somebody who offers something, known by their mailbox; and the town."""
    moment = now or clock.now()
    address = f"{name.lower()}@example.org"
    key = board.keys.person_key(canonical_mailbox(address))
    who = person(conn, name, key=key)
    conn.execute(update(people).where(people.c.id == who.id).values(key=key))
    for kind, value in (("email", "" if phone else address), ("phone", phone)):
        if value:
            keep_contact(
                conn, who.id, kind, board.keys.seal("contact.value", value),
                now=moment, expires_at=moment + timedelta(days=300),
            )  # fmt: skip
    return who, vote(conn, who, place, offer=offer, now=moment)
