"""Telling people of one thing: a town is ready, P2PU spoke, a circle starts, a town stalls.

Each is written in the transaction that marks its announcement as done. "Told" means followers,
people with a live offer and, for a start, those who ticked the box (DECISIONS 16); who is several
of these gets one mail, for the first reason whose stream they didn't stop.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, or_, select, update

from board.circles.models import circles
from board.circles.queries import CIRCLE_COLUMNS, open_circles_within
from board.circles.rows import ShownCircle, shown
from board.core.db import upsert
from board.core.errors import Mistake, NotFound
from board.core.language import gettext as _
from board.digests.models import launch_answers
from board.digests.queries import (
    NearTown,
    Reader,
    has_voted,
    lapsing_contacts,
    offering,
    staff_ids,
    told_lately,
    towns_near,
)
from board.digests.rules import ANSWERS, HERE_KM, POINT_KM, RESCUE_REST, STILL_IN_BEFORE
from board.digests.writing import Desk, Matter, words_of, write_to
from board.follows.actions import end_start_follows, unfollow
from board.follows.models import follows
from board.follows.queries import Spot, instant_followers, start_followers
from board.people.actions import note_uses
from board.people.models import contacts, people
from board.stories.models import stories
from board.towns.queries import TownRow, town_by_id
from board.updates.models import updates
from board.votes.models import votes

# --- a town is ready ------------------------------------------------------------------------


def tell_ready(conn: Connection, desk: Desk, town_id: int) -> int:
    """Staff and the people who offered hear that everything is there, and what comes next."""
    town = town_by_id(conn, town_id)
    if town is None or town.standing == "dropped":
        return 0
    event, words = f"ready:{town_id}", words_of(town)
    counts = {
        "town_id": town_id,
        "votes": town.vote_count,
        "come": town.come_count,
        "facilitate": town.facilitate_count,
        "host": town.host_count,
        "answer_days": desk.terms.answer_days,
    }
    values = {**words, **counts}
    told = len(write_to(conn, desk, Matter(event, "ready_desk", "desk"), staff_ids(conn), values))
    matter = Matter(event, "ready", "offers")
    return told + _to_offering(conn, desk, matter, town_id, values, purpose="ready")


def _to_offering(
    conn: Connection,
    desk: Desk,
    matter: Matter,
    town_id: int,
    values: dict[str, Any],
    *,
    purpose: str,
) -> int:
    who = {one.person_id for one in offering(conn, [town_id])}
    told = write_to(conn, desk, matter, who, {**values, "because": "offer"})
    note_uses(conn, told, purpose, town_id, None, desk.now)
    return len(told)


# --- P2PU's word ----------------------------------------------------------------------------


def tell_update(conn: Connection, desk: Desk, update_id: int) -> int:
    """P2PU's word goes to who offered, for a start to who waits for one, and at once to followers
    who chose that; the weekly letter has it for the others."""
    row = conn.execute(select(updates).where(updates.c.id == update_id)).first()
    town = None if row is None else town_by_id(conn, row.town_id)
    if row is None or town is None or town.standing == "dropped":
        return 0
    values = {
        **words_of(town),
        "before": row.before,
        "after": row.after,
        "reason_code": row.reason,
        "by": row.name,
        "text": row.text,
        "html": row.html,
        "said_in": row.language,
    }
    event = f"update:{update_id}"
    offers = Matter(event, "update", "offers")
    told = _to_offering(conn, desk, offers, town.id, values, purpose="update")
    if row.after == "launched" and row.before != "launched":
        told += _to_starters(conn, desk, Matter(event, "update", "start"), [town.id], values)
    followers = [one.person_id for one in instant_followers(conn, _spot_of(town))]
    status = Matter(event, "update", "status")
    return told + len(write_to(conn, desk, status, followers, {**values, "because": "follow"}))


def _spot_of(town: TownRow) -> Spot:
    """Where a town is for its followers; one typed by hand only for those who follow itself."""
    if town.standing != "listed":
        return Spot((town.id,))
    return Spot((town.id,), town.lat, town.lng, town.country)


def _to_starters(
    conn: Connection, desk: Desk, matter: Matter, town_ids: list[int], values: dict[str, Any]
) -> int:
    """The one mail for who ticked "when a circle starts here"; nothing is kept for it then."""
    who = [one.person_id for one in start_followers(conn, town_ids)]
    told = write_to(conn, desk, matter, who, {**values, "because": "start"})
    for town_id in town_ids[:1]:
        note_uses(conn, told, "start", town_id, None, desk.now)
    end_start_follows(conn, town_ids)
    forget_idle_contacts(conn, who)
    return len(told)


def stop_following(conn: Connection, person_id: int, follow_id: int) -> bool:
    """No longer follow something; the address goes with the last reason to keep it."""
    if not unfollow(conn, person_id, follow_id):
        return False
    forget_idle_contacts(conn, [person_id])
    return True


def forget_idle_contacts(conn: Connection, person_ids: list[int]) -> int:
    """Contacts that nothing needs any more go: no offer, no follow, no story, no role."""
    c, v = contacts.c, votes.c
    offers = exists().where(
        v.person_id == c.person_id,
        v.state == "counted",
        or_(v.come, v.facilitate, v.host, v.help),
    )
    needed = or_(
        offers,
        exists().where(follows.c.person_id == c.person_id),
        exists().where(stories.c.person_id == c.person_id),
        exists().where(people.c.id == c.person_id, people.c.role != ""),
    )
    gone = conn.execute(
        delete(contacts).where(c.person_id.in_(person_ids), ~needed).returning(c.id)
    )
    return len(gone.all())


# --- a circle starts ------------------------------------------------------------------------


def tell_circle(conn: Connection, desk: Desk, circle_id: int, seen_at: datetime) -> int:
    """A circle that starts is told to who waits for it in its town, to who offered nearby, and at
    once to followers who chose that."""
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
        told += _to_starters(conn, desk, start, [one.town.id for one in here], local)
    told += _rescue(conn, desk, event, near, {one.town.id for one in here}, values, seen_at)
    spot = Spot(tuple(one.town.id for one in here), row.lat, row.lng, row.country)
    followers = [one.person_id for one in instant_followers(conn, spot)]
    place = here[0].town if here else None
    follow = {**values, "because": "follow", "km": 0.0, **(words_of(place) if place else _NOWHERE)}
    return told + len(write_to(conn, desk, Matter(event, "circle", "status"), followers, follow))


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
    return _to_offering(conn, desk, matter, town.id, values, purpose="stalled")


# --- after a launch, and before a contact ends ----------------------------------------------


def ask_after_launch(conn: Connection, desk: Desk, town_id: int) -> int:
    """The one question to who offered, six weeks after the start."""
    town = town_by_id(conn, town_id)
    if town is None or town.status != "launched":
        return 0
    values = {**words_of(town), "town_id": town_id}
    matter = Matter(f"after_launch:{town_id}", "after_launch", "offers")
    return _to_offering(conn, desk, matter, town_id, values, purpose="after_launch")


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
