"""Who follows what: for the person's own page, and for those who tell them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from board.core.geo import distance_km
from board.follows.models import follows
from board.towns.models import places, towns
from board.towns.rules import town_path


class FollowView(NamedTuple):
    """One of a person's follows, as they see it. `name` and `path` are empty for a country."""

    id: int
    kind: str
    pace: str
    town_id: int | None
    name: str
    country: str
    path: str
    km: int | None
    created_at: datetime


_f, _t, _p = follows.c, towns.c, places.c


def follows_of(conn: Connection, person_id: int) -> list[FollowView]:
    """Everything that a person follows, the newest first; one statement."""
    return _views(conn, _f.person_id == person_id)


def follow_by_id(conn: Connection, follow_id: int) -> FollowView | None:
    """One follow, or None once it ended."""
    return next(iter(_views(conn, _f.id == follow_id)), None)


def _views(conn: Connection, which: ColumnElement[bool]) -> list[FollowView]:
    rows = conn.execute(
        select(
            _f.id, _f.kind, _f.pace, _f.town_id, _f.km, _f.created_at, _f.country,
            _t.name.label("town"), _t.country.label("town_country"), _t.slug.label("town_slug"),
            _p.name.label("place"), _p.country.label("place_country"), _p.slug.label("place_slug"),
        )
        .outerjoin(towns, _t.id == _f.town_id)
        .outerjoin(places, _p.geonames_id == _f.geonames_id)
        .where(which)
        .order_by(_f.created_at.desc(), _f.id.desc())
    ).all()  # fmt: skip
    return [_view(row) for row in rows]


def _view(row: Any) -> FollowView:
    country = row.town_country or row.place_country or row.country
    slug = row.town_slug or row.place_slug or ""
    path = town_path(country, slug) if slug else f"/towns?country={country}"
    return FollowView(
        row.id, row.kind, row.pace, row.town_id, row.town or row.place or "", country, path,
        row.km, row.created_at,
    )  # fmt: skip


def count_follows(conn: Connection, person_id: int) -> int:
    """How many things a person follows."""
    counted = select(func.count()).where(_f.person_id == person_id)
    return int(conn.execute(counted).scalar_one())


class Spot(NamedTuple):
    """Where something happened, as far as follows look: in which towns, where, in which country."""

    town_ids: tuple[int, ...] = ()
    lat: float | None = None
    lng: float | None = None
    country: str = ""


class Follower(NamedTuple):
    """A follow that something concerns."""

    person_id: int
    kind: str
    town_id: int | None


def instant_followers(conn: Connection, spot: Spot) -> list[Follower]:
    """Who wants to hear at once of what happens here: by the town, an area it lies in, or the
    country; each person once, by their nearest reason. One statement."""
    rows = conn.execute(
        select(_f.person_id, _f.kind, _f.town_id, _f.lat, _f.lng, _f.km)
        .where(_f.pace == "instant", _concerns(spot))
        .order_by(_f.person_id)
    )
    found: dict[int, Follower] = {}
    order = ("town", "area", "country")
    for row in rows:
        if row.kind == "area" and not is_within(spot, row.lat, row.lng, row.km):
            continue
        known = found.get(row.person_id)
        if known is None or order.index(row.kind) < order.index(known.kind):
            found[row.person_id] = Follower(row.person_id, row.kind, row.town_id)
    return list(found.values())


def _concerns(spot: Spot) -> ColumnElement[bool]:
    """Follows that may concern a spot; whether an area reaches that far is reckoned afterwards."""
    ways = [and_(_f.kind == "town", _f.town_id.in_(spot.town_ids))]
    if spot.country:
        ways.append(and_(_f.kind == "country", _f.country == spot.country.upper()))
    if spot.lat is not None:
        ways.append(and_(_f.kind == "area", _f.lat > spot.lat - 1.0, _f.lat < spot.lat + 1.0))
    return or_(*ways)


def is_within(spot: Spot, lat: float, lng: float, km: int) -> bool:
    """Whether a spot lies in an area."""
    if spot.lat is None or spot.lng is None:
        return False
    return distance_km(spot.lat, spot.lng, lat, lng) <= km


def start_followers(conn: Connection, town_ids: Iterable[int]) -> list[Follower]:
    """Who asked for the one mail when a circle starts in these towns."""
    rows = conn.execute(
        select(_f.person_id, _f.kind, _f.town_id)
        .where(_f.kind == "start", _f.town_id.in_(tuple(town_ids)))
        .order_by(_f.person_id, _f.id)
    )
    return [Follower._make(row) for row in rows]


class Wanted(NamedTuple):
    """A weekly follow: what it covers. `place` is the followed town's place of the gazetteer."""

    kind: str
    about: str
    town_id: int | None
    country: str
    lat: float | None
    lng: float | None
    km: int | None
    place: int | None = None


_WANTED = (
    *(_f[name] for name in Wanted._fields if name != "place"),
    _t.geonames_id.label("place"),
)


def weekly_follows(
    conn: Connection, *, after: int, before: datetime, page: int
) -> dict[int, list[Wanted]]:
    """Weekly follows made before a moment, by person: of a page of people behind `after`.

    One statement, however many follows they have; empty when nobody is left.
    """
    asked = and_(_f.pace == "weekly", _f.kind != "start", _f.created_at <= before)
    people = (
        select(_f.person_id)
        .where(asked, _f.person_id > after)
        .distinct()
        .order_by(_f.person_id)
        .limit(page)
    )
    rows = conn.execute(
        select(_f.person_id, *_WANTED)
        .outerjoin(towns, _t.id == _f.town_id)
        .where(asked, _f.person_id.in_(people))
        .order_by(_f.person_id, _f.id)
    )
    found: dict[int, list[Wanted]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(Wanted._make(row[1:]))
    return found
