"""How a town comes to be, and what else is kept on it, in the transaction it follows from."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from board.core.db import insert_ignoring
from board.core.errors import NotFound
from board.core.geo import to_mercator
from board.core.language import gettext as _
from board.core.text import fold
from board.towns.cell_actions import recell
from board.towns.models import places, town_languages, towns
from board.towns.queries import town_by_id, town_of_place
from board.towns.rules import NOTHING_RISING, hand_code, need_score, place_code, slug_of
from board.towns.word_actions import spell_town


def found_town(conn: Connection, geonames_id: int, now: datetime) -> int:
    """The id of the town at a gazetteer place; it is made when nobody asked there before."""
    known = town_of_place(conn, geonames_id)
    if known is not None:
        return known.id
    place = conn.execute(select(places).where(places.c.geonames_id == geonames_id)).first()
    if place is None:
        raise NotFound(_("We don't know that place. Please choose it from the list again."))
    mx, my = to_mercator(place.lat, place.lng)
    made = insert_ignoring(
        conn,
        towns,
        {
            **_fresh(place.name, now),
            "geonames_id": geonames_id,
            "code": place_code(geonames_id),
            "slug": place.slug,
            "country": place.country,
            "region_code": place.region_code,
            "region": place.region,
            "lat": place.lat,
            "lng": place.lng,
            "mx": mx,
            "my": my,
            "population": place.population,
            "timezone": place.timezone,
            "standing": "listed",
            "need": need_score(0, place.population, None),
        },
        towns.c.id,
    )
    if made is not None:
        spell_town(conn, made, place.name, geonames_id)
        return int(made)
    # Somebody in another process founded it between our look and our insert.
    return int(
        conn.execute(select(towns.c.id).where(towns.c.geonames_id == geonames_id)).scalar_one()
    )


def found_by_hand(
    conn: Connection,
    *,
    name: str,
    country: str,
    lat: float | None,
    lng: float | None,
    now: datetime,
) -> int:
    """A town that the gazetteer doesn't know: the same name in the same country is the same town.

    Staff may have found out since which town that is. It has its page and real votes, but stands
    on no list or map until staff confirm it.
    """
    slug = slug_of(name) or "town"
    known: int | None = conn.execute(
        select(towns.c.id).where(
            towns.c.standing.in_(("by_hand", "merged")),
            towns.c.geonames_id.is_(None),
            towns.c.country == country,
            towns.c.folded == fold(name),
        )
    ).scalar()
    same = None if known is None else town_by_id(conn, known)
    if same is not None:
        return same.id
    mx, my = (None, None) if lat is None or lng is None else to_mercator(lat, lng)
    last: int = conn.execute(select(towns.c.id).order_by(towns.c.id.desc()).limit(1)).scalar() or 0
    town_id: int = conn.execute(
        insert(towns)
        .values(
            **_fresh(name, now),
            code=f"new{last + 1}"[-8:],
            slug=f"{slug}-typed-{last + 1}",
            country=country,
            lat=lat,
            lng=lng,
            mx=mx,
            my=my,
            standing="by_hand",
            need=need_score(0, 0, None),
        )
        .returning(towns.c.id)
    ).scalar_one()
    conn.execute(update(towns).where(towns.c.id == town_id).values(code=hand_code(town_id)))
    spell_town(conn, town_id, name)
    return town_id


def _fresh(name: str, now: datetime) -> dict[str, object]:
    return {
        "name": name,
        "folded": fold(name),
        "status": "asking",
        "status_since": now,
        "asked_at": now,
        "rising": NOTHING_RISING,
    }


def count_stories(conn: Connection, town_id: int, language: str, change: int) -> None:
    """A story of this language became public (1) or stopped being so (-1)."""
    conn.execute(
        update(towns).where(towns.c.id == town_id).values(story_count=towns.c.story_count + change)
    )
    here = (town_languages.c.town_id == town_id) & (town_languages.c.language == language)
    insert_ignoring(
        conn,
        town_languages,
        {"town_id": town_id, "language": language, "stories": 0},
        town_languages.c.town_id,
    )
    conn.execute(
        update(town_languages).where(here).values(stories=town_languages.c.stories + change)
    )


def count_comments(conn: Connection, town_id: int, change: int) -> None:
    """A comment under the town or one of its stories became public, or stopped being so."""
    conn.execute(
        update(towns)
        .where(towns.c.id == town_id)
        .values(comment_count=towns.c.comment_count + change)
    )


def set_nearest(conn: Connection, town_id: int, circle_id: int | None, km: float | None) -> None:
    """Keep the nearest circle that meets now or soon, and the need that depends on it."""
    c = towns.c
    row = conn.execute(select(c.vote_count, c.population).where(c.id == town_id)).one()
    conn.execute(
        update(towns)
        .where(c.id == town_id)
        .values(
            nearest_circle_id=circle_id,
            nearest_km=km,
            need=need_score(row.vote_count, row.population, km),
        )
    )
    recell(conn, [town_id])


def set_status(conn: Connection, town_id: int, status: str, now: datetime) -> None:
    """Keep where the town stands; who may say so and why is `updates`' business."""
    conn.execute(update(towns).where(towns.c.id == town_id).values(status=status, status_since=now))
    recell(conn, [town_id])


def set_answered(conn: Connection, town_id: int, at: datetime | None) -> None:
    """When P2PU last spoke to this town; None when it never did."""
    conn.execute(update(towns).where(towns.c.id == town_id).values(answered_at=at))
