"""The people who offered something in a town, as the desk sees them: never their contacts.

An offer is live while its vote counts, its person takes part, and a contact of theirs is kept.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from board.core.errors import NotFound
from board.core.language import gettext as _
from board.mail.models import stopped_streams, suppressions
from board.people.models import contact_uses, contacts, people
from board.votes.models import votes
from board.votes.queries import NO_WISHES, OwnWishes, wishes_by_vote
from board.votes.rules import OFFERS

_v, _p, _u = votes.c, people.c, contact_uses.c
STREAM: Final = "offers"


class LastUse(NamedTuple):
    """When somebody of the team last used a person's contact for a town, and who it was."""

    name: str
    purpose: str
    at: datetime


class Offering(NamedTuple):
    """Somebody who offers something. `stops`: they stopped mails to people who offered."""

    person_id: int
    name: str
    offers: tuple[str, ...]
    nearby: bool
    since: datetime
    by_mail: bool
    by_phone: bool
    stops: bool
    wishes: OwnWishes = NO_WISHES
    last_use: LastUse | None = None

    @property
    def writable(self) -> bool:
        """Whether a letter reaches them."""
        return self.by_mail and not self.stops


def people_offering(
    conn: Connection, town_id: int, now: datetime, *, person_id: int | None = None
) -> list[Offering]:
    """Who offers something in a town, those who could facilitate first; three statements."""
    asked = _asked(town_id, now)
    if person_id is not None:
        asked = asked.where(_p.id == person_id)
    rows = conn.execute(asked).all()
    wishes = wishes_by_vote(conn, town_id)
    return [_offering(row, wishes.get(row.id, NO_WISHES)) for row in rows]


class FirstOffering(NamedTuple):
    """The first of those who offer something, without their wishes; and how many they are."""

    first: list[Offering]
    total: int


def first_offering(conn: Connection, town_id: int, now: datetime, most: int) -> FirstOffering:
    """The first of a town's people who offer something; one statement."""
    asked = _asked(town_id, now).add_columns(func.count().over().label("total"))
    rows = conn.execute(asked.limit(most)).all()
    return FirstOffering([_offering(row) for row in rows], rows[0].total if rows else 0)


def _asked(town_id: int, now: datetime) -> Select[Any]:
    """Everybody who offers something in a town, each with who used their contact last for it."""
    newest = (
        select(func.max(_u.id))
        .where(_u.town_id == town_id, _u.person_id == _v.person_id, _u.actor_id.is_not(None))
        .correlate(votes)
        .scalar_subquery()
    )
    actor = people.alias("actor")
    return (
        select(
            _v.id,
            _v.person_id,
            _p.name,
            _v.nearby,
            _v.cast_at,
            *(_v[kind] for kind in OFFERS),
            has_contact(now, "email").label("by_mail"),
            has_contact(now, "phone").label("by_phone"),
            stops_mail().label("stops"),
            actor.c.name.label("used_by"),
            _u.purpose.label("used_for"),
            _u.at.label("used_at"),
        )
        .join(people, _p.id == _v.person_id)
        .join(contact_uses, _u.id == newest, isouter=True)
        .join(actor, actor.c.id == _u.actor_id, isouter=True)
        .where(*live_offer(town_id, now))
        .order_by(_v.facilitate.desc(), _v.host.desc(), _v.cast_at, _v.id)
    )


def _offering(row: Any, wishes: OwnWishes = NO_WISHES) -> Offering:
    used = None if row.used_at is None else LastUse(row.used_by or "", row.used_for, row.used_at)
    return Offering(
        person_id=row.person_id,
        name=row.name,
        offers=tuple(kind for kind in OFFERS if getattr(row, kind)),
        nearby=row.nearby,
        since=row.cast_at,
        by_mail=row.by_mail,
        by_phone=row.by_phone,
        stops=row.stops,
        wishes=wishes,
        last_use=used,
    )


def get_offering(conn: Connection, town_id: int, person_id: int, now: datetime) -> Offering:
    """One of them; raises NotFound for who offers nothing there."""
    found = people_offering(conn, town_id, now, person_id=person_id)
    if not found:
        raise NotFound(_("Nobody offers this here any more."))
    return found[0]


def live_offer(
    town_id: int, now: datetime, kinds: Collection[str] = OFFERS
) -> tuple[ColumnElement[bool], ...]:
    """What makes a row of votes and people somebody who offers something of these kinds."""
    return (
        _v.town_id == town_id,
        _v.state == "counted",
        or_(*(_v[kind] for kind in kinds)),
        _p.blocked_at.is_(None),
        has_contact(now),
    )


def has_contact(now: datetime, kind: str = "") -> ColumnElement[bool]:
    """Whether a contact of a person is kept at this moment."""
    # Under a name of its own: the statement around it may look at contacts, too.
    c = contacts.alias("kept").c
    kept = exists().where(c.person_id == _p.id, c.expires_at > now)
    return kept.where(c.kind == kind) if kind else kept


def stops_mail() -> ColumnElement[bool]:
    """Whether a person stopped the mails to those who offered, or all of ours."""
    s, t = suppressions.c, stopped_streams.c
    return or_(
        exists().where(s.key == _p.key), exists().where(and_(t.key == _p.key, t.stream == STREAM))
    )


class Reach(NamedTuple):
    """How many people a letter reaches, stopped such mail, or gave a phone number alone."""

    reached: int
    stopped: int
    by_phone: int


def reach_of(found: Collection[Offering], kinds: Collection[str]) -> Reach:
    """How far a letter to those who offer one of these kinds would go."""
    meant = [one for one in found if set(one.offers) & set(kinds)]
    return Reach(
        reached=sum(one.writable for one in meant),
        stopped=sum(one.by_mail and one.stops for one in meant),
        by_phone=sum(not one.by_mail for one in meant),
    )
