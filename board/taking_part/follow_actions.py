"""Following, by somebody who is confirmed: which town, area or country their form means."""

from datetime import datetime

from sqlalchemy import Connection

from board.core.errors import Mistake
from board.core.language import gettext as _
from board.follows.actions import follow
from board.follows.rules import AREAS, Subject
from board.taking_part.rules import FollowWish
from board.towns.place_queries import get_place


def follow_as_wished(
    conn: Connection, wish: FollowWish, town_id: int | None, *, person_id: int, now: datetime
) -> int:
    """Follow what a form asks for; the follow's id. `town_id` is the town it means, if it does."""
    subject = subject_of(conn, wish, town_id)
    return follow(conn, person_id, subject, pace=wish.pace, now=now)


def subject_of(conn: Connection, wish: FollowWish, town_id: int | None) -> Subject:
    """What a form asks to follow; an area lies around a place of the gazetteer."""
    if wish.what == "country":
        return Subject("country", country=wish.where.country)
    if wish.what == "town":
        return Subject("town", town_id=town_id)
    place = get_place(conn, wish.where.geonames_id or 0)
    if place is None or wish.km not in AREAS:
        raise Mistake({"what": _("Around this town we can't measure. Follow the town itself.")})
    return Subject("area", geonames_id=place.geonames_id, lat=place.lat, lng=place.lng, km=wish.km)
