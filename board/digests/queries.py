"""Who is told: people whose address may be used, and why; and what they answered."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select

from board.circles.globe import boxes_around
from board.core.geo import distance_km
from board.digests.models import launch_answers
from board.digests.rules import ANSWERS
from board.follows.models import follows
from board.follows.queries import count_follows
from board.people.models import contact_uses, contacts, people
from board.people.rules import DESK_ROLES
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.towns.rules import OPEN_STATUSES
from board.votes.models import votes

_p, _c, _v, _t, _f = people.c, contacts.c, votes.c, towns.c, follows.c
_OFFERS = and_(_v.state == "counted", or_(_v.come, _v.facilitate, _v.host, _v.help))


class Reader(NamedTuple):
    """Somebody who can be written to; the address is still sealed."""

    id: int
    key: bytes
    name: str
    language: str
    address: bytes


def readers(conn: Connection, person_ids: Collection[int], now: datetime) -> list[Reader]:
    """Those of these people whose e-mail address is kept at this moment."""
    rows = conn.execute(
        select(_p.id, _p.key, _p.name, _p.language, _c.value)
        .join(contacts, and_(_c.person_id == _p.id, _c.kind == "email"))
        .where(_p.id.in_(person_ids), _c.expires_at > now, _p.blocked_at.is_(None))
        .order_by(_p.id)
    )
    return [Reader._make(row) for row in rows]


def reaches_offer(
    conn: Connection,
    key: bytes,
    town_id: int | None,
    kinds: Collection[str],
    now: datetime,
) -> bool:
    """Whether somebody's mailbox is still kept, and, where a town is named, they still offer one of
    these kinds there (or in the town that it was merged into)."""
    kept = exists().where(_c.person_id == _p.id, _c.kind == "email", _c.expires_at > now)
    asked = select(_p.id).where(_p.key == key, _p.blocked_at.is_(None), kept)
    if town_id is not None:
        now_in = select(func.coalesce(_t.merged_into_id, _t.id)).where(_t.id == town_id)
        asked = asked.where(
            exists().where(
                _v.person_id == _p.id,
                _v.town_id == now_in.scalar_subquery(),
                _v.state == "counted",
                or_(*(_v[kind] for kind in kinds)),
            )
        )
    return conn.execute(asked).first() is not None


def staff_ids(conn: Connection) -> list[int]:
    """P2PU's staff."""
    return list(
        conn.execute(select(_p.id).where(_p.role.in_(DESK_ROLES)).order_by(_p.id)).scalars()
    )


class Offering(NamedTuple):
    """Somebody who offered something, and in which town."""

    person_id: int
    town_id: int


def offering(
    conn: Connection, town_ids: Collection[int], *, before: datetime | None = None
) -> list[Offering]:
    """Who offers something in these towns; only offers made before a moment, if one is given."""
    asked = select(_v.person_id, _v.town_id).where(
        _v.town_id.in_(town_ids), _v.person_id.is_not(None), _OFFERS
    )
    if before is not None:
        asked = asked.where(_v.cast_at <= before)
    return [Offering._make(row) for row in conn.execute(asked.order_by(_v.person_id, _v.id))]


def told_lately(
    conn: Connection, person_ids: Collection[int], purpose: str, since: datetime
) -> set[int]:
    """Those of these people whose contact the board used for this purpose since then."""
    u = contact_uses.c
    asked = select(u.person_id).where(
        u.person_id.in_(person_ids), u.purpose == purpose, u.actor_id.is_(None), u.at > since
    )
    return set(conn.execute(asked).scalars())


class NearTown(NamedTuple):
    """A town and how far it is."""

    town: TownRow
    km: float


def towns_near(
    conn: Connection, lat: float, lng: float, km: float, *, asking: bool = False
) -> list[NearTown]:
    """Listed towns within km, the nearest first; only those that still ask, if wanted."""
    box = boxes_around(lat, lng, km)
    inside = or_(
        *(
            and_(
                _t.mx.between(box[f"w{n}"], box[f"e{n}"]), _t.my.between(box[f"t{n}"], box[f"f{n}"])
            )
            for n in (0, 1)
        )
    )
    asked = select(*TOWN_COLUMNS).where(inside, _t.standing == "listed")
    if asking:
        asked = asked.where(_t.vote_count > 0, _t.status.in_(OPEN_STATUSES))
    rows = [TownRow._make(row) for row in conn.execute(asked)]
    far = [
        NearTown(town, distance_km(lat, lng, town.lat, town.lng))
        for town in rows
        if town.lat is not None and town.lng is not None
    ]
    return sorted((one for one in far if one.km <= km), key=lambda one: (one.km, one.town.id))


def has_voted(conn: Connection, person_id: int, town_id: int) -> bool:
    """Whether somebody ever voted in a town, so that its after-launch question is theirs."""
    asked = select(_v.id).where(_v.person_id == person_id, _v.town_id == town_id)
    return conn.execute(asked).first() is not None


def offers_of_person(conn: Connection, person_id: int) -> list[str]:
    """The names of the towns in which somebody offers something."""
    asked = (
        select(_t.name)
        .join(votes, _v.town_id == _t.id)
        .where(_v.person_id == person_id, _OFFERS)
        .order_by(_t.name)
    )
    return list(conn.execute(asked).scalars())


class Lapsing(NamedTuple):
    """A contact that ends soon, and whether offers hang on it."""

    contact_id: int
    person_id: int
    expires_at: datetime
    offers: bool


def lapsing_contacts(conn: Connection, now: datetime, until: datetime, most: int) -> list[Lapsing]:
    """E-mail contacts that end soon: something hangs on them, and nobody was asked yet."""
    offers = exists().where(_v.person_id == _c.person_id, _OFFERS)
    follow = exists().where(_f.person_id == _c.person_id)
    rows = conn.execute(
        select(_c.id, _c.person_id, _c.expires_at, offers)
        .where(
            _c.kind == "email",
            _c.expires_at > now,
            _c.expires_at <= until,
            _c.asked_at.is_(None),
            or_(offers, follow),
        )
        .order_by(_c.id)
        .limit(most)
        .with_for_update(of=contacts)
    )
    return [Lapsing._make(row) for row in rows]


class Stay(NamedTuple):
    """What hangs on somebody's contact, and until when it is kept; None once it is gone."""

    until: datetime | None
    offers: list[str]
    follows: int


def own_stay(conn: Connection, person_id: int, now: datetime) -> Stay:
    """What somebody keeps by saying that they are still in."""
    until: datetime | None = conn.execute(
        select(func.max(_c.expires_at)).where(_c.person_id == person_id, _c.expires_at > now)
    ).scalar()
    return Stay(until, offers_of_person(conn, person_id), count_follows(conn, person_id))


# --- after a launch -------------------------------------------------------------------------


class Answers(NamedTuple):
    """What people answered six weeks after the start; `asked` were sent the question."""

    asked: int
    joined: int
    not_for_me: int
    never_began: int
    thinking: int

    @property
    def given(self) -> int:
        return self.joined + self.not_for_me + self.never_began + self.thinking


def answers_of_town(conn: Connection, town_id: int) -> Answers:
    """The answers of a town, for the desk; one statement."""
    a, u = launch_answers.c, contact_uses.c
    asked = select(func.count()).where(u.town_id == town_id, u.purpose == "after_launch")
    said = (
        select(func.count()).where(a.town_id == town_id, a.answer == answer) for answer in ANSWERS
    )
    counts = select(*(one.scalar_subquery() for one in (asked, *said)))
    return Answers(*conn.execute(counts).one())


def own_answer(conn: Connection, person_id: int, town_id: int) -> str:
    """What somebody answered before, or nothing."""
    a = launch_answers.c
    said: str | None = conn.execute(
        select(a.answer).where(a.person_id == person_id, a.town_id == town_id)
    ).scalar()
    return said or ""
