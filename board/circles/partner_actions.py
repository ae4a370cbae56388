"""Keeping the libraries of the content files among those of P2PU."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select, update

from board.circles.models import PARTNERS_FROM, libraries
from board.circles.partners import Partner
from board.core.db import upsert
from board.core.geo import to_mercator
from board.towns.models import places

_l, _p = libraries.c, places.c
_FACTS: Final = (
    _l.id, _l.name, _l.location, _l.country, _l.geonames_id, _l.lat, _l.lng, _l.mx, _l.my,
    _l.website, _l.circle_count, _l.calendar, _l.checked_on,
)  # fmt: skip
log = structlog.get_logger("board.circles")


def changed_partners(conn: Connection, partners: Sequence[Partner]) -> tuple[list[Any], list[int]]:
    """The rows that are new or say something else than ours, and the numbers of those that left.

    A library whose place nobody knows is left out, with a warning.
    """
    wanted = {row["id"]: row for one in partners if (row := _row(conn, one)) is not None}
    there = {
        row.id: row._asdict()
        for row in conn.execute(select(*_FACTS).where(_l.id >= PARTNERS_FROM, _l.gone_at.is_(None)))
    }
    news = [row for number, row in wanted.items() if there.get(number) != row]
    return news, sorted(there.keys() - wanted.keys())


def keep_partners(
    conn: Connection, news: Sequence[Any], gone: Sequence[int], now: datetime
) -> None:
    """Write what `changed_partners` found."""
    upsert(conn, libraries, [{**row, "gone_at": None} for row in news], ["id"])
    if gone:
        conn.execute(update(libraries).where(_l.id.in_(gone)).values(gone_at=now))


def _row(conn: Connection, partner: Partner) -> dict[str, Any] | None:
    country, slug = partner.place.split("/")
    place = conn.execute(
        select(_p.geonames_id, _p.name, _p.country, _p.lat, _p.lng).where(
            _p.country == country.upper(), _p.slug == slug
        )
    ).first()
    if place is None:
        log.warning("a library of the content files lies nowhere", place=partner.place)
        return None
    mx, my = to_mercator(place.lat, place.lng)
    return {
        "id": partner.id,
        "name": partner.name,
        "location": place.name,
        "country": place.country,
        "geonames_id": place.geonames_id,
        "lat": place.lat,
        "lng": place.lng,
        "mx": mx,
        "my": my,
        "website": partner.site,
        "circle_count": 0,
        "calendar": partner.calendar,
        "checked_on": partner.checked,
    }
