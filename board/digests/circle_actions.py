"""Telling people of circles: one starts, or a town stalls and another one isn't far.

As in `digests.actions`, each in the transaction that marks its announcement as done.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from board.circles.models import circles
from board.circles.queries import CIRCLE_COLUMNS, open_circles_within
from board.circles.rows import ShownCircle, shown
from board.digests.audience_actions import to_offering, to_starters
from board.digests.queries import NearTown, offering, told_lately, towns_near
from board.digests.rules import HERE_KM, POINT_KM, RESCUE_REST
from board.digests.writing import Desk, Matter, words_of, write_to
from board.follows.queries import Spot, instant_followers
from board.people.actions import note_uses
from board.towns.queries import town_by_id
from board.votes.models import votes


def tell_circle(conn: Connection, desk: Desk, circle_id: int, seen_at: datetime) -> int:
    """A circle that starts is told to who waits for it in its town, at once to followers who chose
    that, and to who offered nearby."""
    row = conn.execute(
        select(*CIRCLE_COLUMNS, circles.c.geonames_id).where(
            circles.c.id == circle_id,
            circles.c.gone_at.is_(None),
            circles.c.over_at > desk.now,
            ~circles.c.online,
        )
    ).first()
    if row is None or row.lat is None or row.lng is None:
        return 0
    circle = shown(row, desk.now)
    near = towns_near(conn, row.lat, row.lng, desk.terms.rescue_km)
    here = [one for one in near if _is_here(one, row.geonames_id)]
    values, event = _circle_words(circle), f"circle:{circle_id}"
    told = 0
    if here:
        local = {**values, **words_of(here[0].town), "km": 0.0}
        start = Matter(event, "circle", "start")
        told += to_starters(conn, desk, start, [one.town.id for one in here], local)
    spot = Spot(tuple(one.town.id for one in here), row.lat, row.lng, row.country)
    followers = [one.person_id for one in instant_followers(conn, spot)]
    place = here[0].town if here else None
    follow = {**values, "because": "follow", "km": 0.0, **(words_of(place) if place else _NOWHERE)}
    told += len(write_to(conn, desk, Matter(event, "circle", "status"), followers, follow))
    return told + _rescue(conn, desk, event, near, {one.town.id for one in here}, values, seen_at)


_NOWHERE = {"town": "", "named": "", "town_path": ""}


def _is_here(near: NearTown, geonames_id: int | None) -> bool:
    """Whether a circle meets in this town: its very place, or as good as."""
    return near.km < HERE_KM or (geonames_id is not None and near.town.geonames_id == geonames_id)


def _circle_words(circle: ShownCircle) -> dict[str, Any]:
    return {
        "circle_id": circle.id,
        "title": circle.title,
        "city": circle.city,
        "starts_on": circle.starts_on.isoformat(),
        "weekday": circle.weekday,
        "starts_at": circle.starts_at,
        "state": circle.state,
        "spoken": circle.language,
        "address": circle.url if circle.takes_signups else "",
    }


def _rescue(
    conn: Connection,
    desk: Desk,
    event: str,
    near: list[NearTown],
    here: set[int],
    values: dict[str, Any],
    seen_at: datetime,
) -> int:
    """Who offered in a town nearby, before this circle was there, gets one mail pointing to it.

    Elsewhere than in the circle's own town not more than once a week.
    """
    towns = {
        one.town.id: one for one in near if one.town.status != "launched" or one.town.id in here
    }
    nearest: dict[int, NearTown] = {}
    for offer in offering(conn, towns.keys(), before=seen_at):
        town = towns[offer.town_id]
        known = nearest.get(offer.person_id)
        if known is None or (town.km, town.town.id) < (known.km, known.town.id):
            nearest[offer.person_id] = town
    rested = told_lately(conn, nearest.keys(), "rescue", desk.now - RESCUE_REST)
    matter, told = Matter(event, "circle", "offers"), 0
    for town in sorted(set(nearest.values()), key=lambda one: one.km):
        inside = town.town.id in here
        who = [
            person_id
            for person_id, one in nearest.items()
            if one == town and (inside or person_id not in rested)
        ]
        km = 0.0 if inside else round(town.km, 1)
        sent = write_to(
            conn, desk, matter, who, {**values, **words_of(town.town), "because": "offer", "km": km}
        )
        note_uses(conn, sent, "start" if inside else "rescue", town.town.id, None, desk.now)
        told += len(sent)
    return told


# --- a town stalls --------------------------------------------------------------------------


def tell_stalled(conn: Connection, desk: Desk, vote_id: int) -> int:
    """Who offered in a town where nobody joined for long is pointed to where something goes on:
    the nearest circle that takes people, else the nearest town that asks."""
    town_id: int | None = conn.execute(
        select(votes.c.town_id).where(votes.c.id == vote_id)
    ).scalar()
    town = None if town_id is None else town_by_id(conn, town_id)
    if town is None or town.lat is None or town.lng is None or town.ready_at is not None:
        return 0
    ways: dict[str, Any] = {"circle": None, "other": None}
    open_circles = open_circles_within(conn, town.lat, town.lng, desk.now, POINT_KM)
    if open_circles:
        circle = open_circles[0]
        ways["circle"] = {**_circle_words(circle), "km": round(circle.km or 0.0, 1)}
    else:
        asking = towns_near(conn, town.lat, town.lng, POINT_KM, asking=True)
        others = [one for one in asking if one.town.id != town.id]
        if not others:
            return 0
        other = others[0]
        ways["other"] = {
            "name": other.town.name,
            "path": other.town.path,
            "votes": other.town.vote_count,
            "km": round(other.km, 1),
        }
    months = round(desk.terms.stall.days / 30.4)
    values = {**words_of(town), **ways, "months": months, "votes": town.vote_count}
    matter = Matter(f"stalled:{vote_id}", "stalled", "offers")
    return to_offering(conn, desk, matter, town.id, values, purpose="stalled")
