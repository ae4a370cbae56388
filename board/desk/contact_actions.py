"""Opening one contact, for a purpose that is said: counted, written down, shown to its person."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from board.core.errors import Mistake, TooMuch
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.quotas import spend
from board.desk.contact_queries import Offering, get_offering
from board.people.actions import note_use
from board.people.models import contacts
from board.record.actions import Act, write_down

# Why somebody of the team needs a contact; the record and the person's own page show the same.
PURPOSES: Final = ("call_back", "arrange_room", "facilitator", "other")
_DAY: Final = timedelta(days=1)


class OpenedContact(NamedTuple):
    """Somebody's contacts in clear, for this one look: ("phone", "+386…")."""

    person: Offering
    ways: tuple[tuple[str, str], ...]


def open_contact(
    conn: Connection,
    keys: Keys,
    town_id: int,
    person_id: int,
    purpose: str,
    *,
    actor_id: int,
    per_day: int,
    now: datetime,
) -> OpenedContact:
    """Open the contacts of somebody who offers something in a town.

    Raises Mistake without a purpose, NotFound for who offers nothing there, TooMuch above what one
    of the team may open in a day.
    """
    if purpose not in PURPOSES:
        raise Mistake({"purpose": _("Say what you need it for. They will read it, too.")})
    person = get_offering(conn, town_id, person_id, now)
    if spend(conn, "contacts", str(actor_id).encode(), window=_DAY, now=now) > per_day:
        sentence = _("That's %(n)s contacts today, as many as one of us opens in a day. If you "
                     "have more to say, write to everybody at once.") % {"n": per_day}  # fmt: skip
        raise TooMuch(sentence, retry_after=_rest_of_day(now))
    c = contacts.c
    rows = conn.execute(
        select(c.kind, c.value)
        .where(c.person_id == person_id, c.expires_at > now)
        .order_by(c.kind.desc())
    )
    ways = tuple((row.kind, keys.open("contact.value", row.value)) for row in rows)
    note_use(conn, person_id, purpose, town_id, actor_id, now)
    act = Act(actor_id, "opened", "contact", person_id, town_id, purpose)
    write_down(conn, act, now)
    return OpenedContact(person, ways)


def _rest_of_day(now: datetime) -> int:
    return int(_DAY.total_seconds() - now.timestamp() % _DAY.total_seconds())
