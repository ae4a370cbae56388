"""Reading the libraries and teams that run circles."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from board.circles.globe import boxes_around
from board.circles.models import libraries
from board.circles.queries import in_boxes
from board.circles.rows import (
    LibrariesOf,
    PageOfLibraries,
    ShownLibrary,
    by_country,
    read_number,
)
from board.core.geo import distance_km

_LIBRARY_COLUMNS: Final = tuple(
    libraries.c[name] for name in ShownLibrary._fields if name in libraries.c
)


_LIBRARIES_NEAR: Final = select(*_LIBRARY_COLUMNS).where(
    libraries.c.gone_at.is_(None), in_boxes(libraries)
)


def libraries_by_country(conn: Connection) -> list[LibrariesOf]:
    """The libraries and teams that run circles, in groups by country code."""
    rows = conn.execute(select(*_LIBRARY_COLUMNS).where(libraries.c.gone_at.is_(None)))
    return by_country(ShownLibrary._make((*row, None)) for row in rows)


def library_by_id(conn: Connection, library_id: int) -> ShownLibrary | None:
    """A library by its number, unless it is gone."""
    row = conn.execute(
        select(*_LIBRARY_COLUMNS).where(libraries.c.id == library_id, libraries.c.gone_at.is_(None))
    ).first()
    return None if row is None else ShownLibrary._make((*row, None))


def libraries_page(
    conn: Connection, country: str = "", after: str = "", before: str = "", limit: int = 20
) -> PageOfLibraries:
    """A stretch of the libraries by name, of one country or of all; as `circles_page`."""
    asked: list[ColumnElement[bool]] = [libraries.c.gone_at.is_(None)]
    if country:
        asked.append(libraries.c.country == country.upper())
    total = conn.execute(select(func.count()).select_from(libraries).where(*asked)).scalar_one()
    number = read_number(before or after)
    back = bool(before) and number is not None
    key = tuple_(libraries.c.name, libraries.c.id)
    order = [column.desc() if back else column for column in (libraries.c.name, libraries.c.id)]
    statement = select(*_LIBRARY_COLUMNS).where(*asked).order_by(*order).limit(limit + 1)
    if number is not None:
        # The cursor is a number alone: a name may be long, and nobody's business in an address.
        name = select(libraries.c.name).where(libraries.c.id == number).scalar_subquery()
        last = tuple_(func.coalesce(name, ""), literal(number))
        statement = statement.where(key < last if back else key > last)
    found = conn.execute(statement).all()
    more = len(found) > limit
    rows = [ShownLibrary._make((*row, None)) for row in found[:limit]][:: -1 if back else 1]
    return PageOfLibraries(
        rows,
        total,
        after=str(rows[-1].id) if rows and (more or back) else "",
        before=str(rows[0].id) if rows and (more if back else number is not None) else "",
    )


def libraries_near(
    conn: Connection, lat: float, lng: float, km: float = 100.0, limit: int = 3
) -> list[ShownLibrary]:
    """Libraries within km, the nearest first."""
    rows = conn.execute(_LIBRARIES_NEAR, boxes_around(lat, lng, km))
    far = [(distance_km(lat, lng, row.lat, row.lng), row) for row in rows]
    near = sorted((apart, row.id, row) for apart, row in far if apart <= km)
    return [ShownLibrary._make((*row, apart)) for apart, _id, row in near[:limit]]
