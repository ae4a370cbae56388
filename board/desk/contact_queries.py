"""The people who offered something in a town, as the desk sees them: never their contacts.

An offer is live while its vote counts, its person takes part, and a contact of theirs is kept.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

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
    """Who offers something in a town, those who could facilitate first; four statements."""
    where = [*live_offer(town_id, now)]
    if person_id is not None:
        where.append(_p.id == person_id)
    rows = conn.execute(
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
        )
        .join(people, _p.id == _v.person_id)
        .where(*where)
        .order_by(_v.facilitate.desc(), _v.host.desc(), _v.cast_at, _v.id)
    ).all()
    wishes, used = wishes_by_vote(conn, town_id), _last_uses(conn, town_id)
    return [
        Offering(
            person_id=row.person_id,
            name=row.name,
            offers=_kinds(row),
            nearby=row.nearby,
            since=row.cast_at,
            by_mail=row.by_mail,
            by_phone=row.by_phone,
            stops=row.stops,
            wishes=wishes.get(row.id, NO_WISHES),
            last_use=used.get(row.person_id),
        )
        for row in rows
    ]


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


def _kinds(row: Any) -> tuple[str, ...]:
    return tuple(kind for kind in OFFERS if getattr(row, kind))


def _last_uses(conn: Connection, town_id: int) -> dict[int, LastUse]:
    newest = (
        select(func.max(_u.id))
        .where(_u.town_id == town_id, _u.actor_id.is_not(None))
        .group_by(_u.person_id)
    )
    rows = conn.execute(
        select(_u.person_id, _p.name, _u.purpose, _u.at)
        .join(people, _p.id == _u.actor_id)
        .where(_u.id.in_(newest))
    )
    return {row.person_id: LastUse(row.name, row.purpose, row.at) for row in rows}


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
