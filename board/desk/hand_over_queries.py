"""Hand-overs as the desk sees them, and the bundle: who said yes, and how to reach them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from board.core.errors import NotFound
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.contact_queries import Offering, live_offer, people_offering
from board.desk.models import hand_over_yeses, hand_overs
from board.people.models import contacts, people
from board.votes.models import votes

_h, _y = hand_overs.c, hand_over_yeses.c


class HandOverRow(NamedTuple):
    """A hand-over: who facilitates, how many were asked, how many said yes and were passed on."""

    id: int
    town_id: int
    name: str
    email: bytes
    asked: int
    asked_at: datetime
    issue: int
    sent_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    yeses: int = 0
    passed: int = 0

    @property
    def waiting(self) -> int:
        """How many said yes and are still to be passed on."""
        return self.yeses - self.passed


_COLUMNS = tuple(_h[name] for name in HandOverRow._fields[:-2])


def hand_overs_of(conn: Connection, town_id: int) -> list[HandOverRow]:
    """A town's hand-overs, the newest first; one statement."""
    rows = conn.execute(
        select(*_COLUMNS, func.count(_y.person_id), func.count(_y.passed_at))
        .join(hand_over_yeses, _y.hand_over_id == _h.id, isouter=True)
        .where(_h.town_id == town_id)
        .group_by(*_COLUMNS)
        .order_by(_h.asked_at.desc(), _h.id.desc())
    )
    return [HandOverRow._make(row) for row in rows]


def get_hand_over(conn: Connection, hand_over_id: int, *, lock: bool = False) -> HandOverRow:
    """One hand-over without its counts; raises NotFound. `lock`: nobody changes it meanwhile."""
    asked = select(*_COLUMNS).where(_h.id == hand_over_id)
    row = conn.execute(asked.with_for_update() if lock else asked).first()
    if row is None:
        raise NotFound(_("There is no such hand-over."))
    return HandOverRow(*row)


class OwnYes(NamedTuple):
    """Whether somebody said yes, and when their contact was passed on."""

    said_at: datetime
    passed_at: datetime | None


def own_yes(conn: Connection, hand_over_id: int, person_id: int) -> OwnYes | None:
    """What somebody said to a hand-over; None is silence, which is no."""
    row = conn.execute(
        select(_y.said_at, _y.passed_at).where(
            _y.hand_over_id == hand_over_id, _y.person_id == person_id
        )
    ).first()
    return None if row is None else OwnYes(row.said_at, row.passed_at)


def offers_there(conn: Connection, town_id: int, person_id: int, now: datetime) -> bool:
    """Whether somebody offers something in a town at this moment."""
    asked = (
        select(votes.c.id)
        .join(people, people.c.id == votes.c.person_id)
        .where(*live_offer(town_id, now), people.c.id == person_id)
    )
    return conn.execute(asked).first() is not None


class Passed(NamedTuple):
    """Somebody who said yes, with their contacts in clear."""

    person: Offering
    email: str
    phone: str


def bundle_of(
    conn: Connection, keys: Keys, found: HandOverRow, now: datetime, *, passed: bool = False
) -> list[Passed]:
    """Who said yes and still offers something; a fixed number of statements.

    `passed`: only those who were passed on already.
    """
    yes = select(_y.person_id).where(_y.hand_over_id == found.id)
    said = set(conn.execute(yes.where(_y.passed_at.is_not(None)) if passed else yes).scalars())
    agreed = [one for one in people_offering(conn, found.town_id, now) if one.person_id in said]
    c = contacts.c
    rows = conn.execute(
        select(c.person_id, c.kind, c.value).where(
            c.person_id.in_([one.person_id for one in agreed]), c.expires_at > now
        )
    )
    ways = {(row.person_id, row.kind): keys.open("contact.value", row.value) for row in rows}
    return [
        Passed(one, ways.get((one.person_id, "email"), ""), ways.get((one.person_id, "phone"), ""))
        for one in agreed
    ]
