"""Rows of the feed as our tables keep them: at their places, their days as moments. Pure."""

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from board.circles.feed import CircleRow, LibraryRow, Remark
from board.circles.match import Settled
from board.circles.rules import span
from board.core.geo import to_mercator
from board.core.text import fold


class Ready(NamedTuple):
    """Rows as they will stand in our table, and what there is to say about the others."""

    rows: list[dict[str, Any]]
    rejected: list[Remark]
    mended: list[Remark]


def circle_values(row: CircleRow, settled: Settled) -> dict[str, Any]:
    """A circle of the feed, at its place, as a row of our table.

    One online keeps its organiser's town in words alone: nobody can walk there to learn.
    """
    utc_offset = offset_at(row, settled.timezone)
    if row.online:
        settled = settled._replace(spot=settled.spot._replace(lat=None, lng=None, geonames_id=None))
    where = settled.spot
    begins_at, over_at = span(row.starts_on, row.ends_on, utc_offset)
    return {
        "id": row.id,
        "title": row.title,
        "course": row.course,
        **_spot_values(settled),
        "city": where.city,
        "region": where.region,
        "online": row.online,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "begins_at": begins_at,
        "over_at": over_at,
        "weekday": row.starts_on.weekday(),
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "utc_offset": utc_offset,
        "meetings": row.meetings,
        "language": row.language,
        "signup_open": row.signup_open,
        "url": row.url,
        "folded": fold(f"{row.title} {row.course} {where.city} {where.region}"),
    }


def library_values(row: LibraryRow, settled: Settled) -> dict[str, Any]:
    """A library of the feed, at its place, as a row of our table."""
    return {
        "id": row.id,
        "name": row.name,
        "location": row.location or settled.spot.city,
        **_spot_values(settled),
        "website": row.website,
        "circle_count": row.circle_count,
    }


def _spot_values(settled: Settled) -> dict[str, Any]:
    where = settled.spot
    mx, my = (
        (None, None)
        if where.lat is None or where.lng is None
        else to_mercator(where.lat, where.lng)
    )
    return {
        "country": where.country,
        "geonames_id": where.geonames_id,
        "lat": where.lat,
        "lng": where.lng,
        "mx": mx,
        "my": my,
    }


def offset_at(row: CircleRow, zone: str) -> int:
    """Minutes east of UTC at the first meeting: as the feed says, else by the place's clock."""
    if row.utc_offset is not None:
        return row.utc_offset
    try:
        noon = datetime.combine(row.starts_on, time(12), ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    return int((noon.utcoffset() or timedelta()).total_seconds() // 60)
