"""Reading the libraries and teams that run circles."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from board.circles.globe import boxes_around
from board.circles.models import libraries
from board.circles.queries import in_boxes, latest_import
from board.circles.rows import (
    LibrariesInShort,
    LibrariesNear,
    LibraryCount,
    PageOfLibraries,
    ShownLibrary,
    by_country,
    read_number,
)
from board.core.geo import distance_km

# More than so many are a page of their own.
FEW: Final = 12
_l = libraries.c
_LIBRARY_COLUMNS: Final = tuple(_l[name] for name in ShownLibrary._fields if name in _l)
_HERE: Final = _l.gone_at.is_(None)
_LIBRARIES_NEAR: Final = select(*_LIBRARY_COLUMNS).where(_HERE, in_boxes(libraries))
_COUNTS: Final = select(_l.country, func.count()).where(_HERE).group_by(_l.country)
# Whose country isn't known stand first: the index of the pages has them there.
_ORDER: Final = (_l.country, _l.name, _l.id)
_FIRST: Final = select(*_LIBRARY_COLUMNS).where(_HERE).order_by(*_ORDER).limit(FEW + 1)


def library_counts(conn: Connection) -> list[LibraryCount]:
    """How many libraries each country has, by its code."""
    return sorted(LibraryCount(*row) for row in conn.execute(_COUNTS))


def libraries_in_short(conn: Connection) -> LibrariesInShort:
    """The libraries, as long as they are few, and their numbers; two statements."""
    counts = library_counts(conn)
    rows = [ShownLibrary._make((*row, None)) for row in conn.execute(_FIRST)]
    groups = by_country(rows) if len(rows) <= FEW else []
    return LibrariesInShort(counts, sorted(groups, key=lambda group: not group.country))


def library_by_id(conn: Connection, library_id: int) -> ShownLibrary | None:
    """A library by its number, unless it is gone."""
    row = conn.execute(select(*_LIBRARY_COLUMNS).where(_l.id == library_id, _HERE)).first()
    return None if row is None else ShownLibrary._make((*row, None))


def libraries_page(
    conn: Connection, country: str = "", after: str = "", before: str = "", limit: int = 20
) -> PageOfLibraries:
    """A stretch of the libraries by country and name, of one country or of all.

    `after` and `before` are cursors of another stretch; what is none begins at the beginning.
    """
    asked: list[ColumnElement[bool]] = [_HERE]
    if country:
        asked.append(_l.country == country.upper())
    total = conn.execute(select(func.count()).select_from(libraries).where(*asked)).scalar_one()
    number = read_number(before or after)
    back = bool(before) and number is not None
    keys = _ORDER[1:] if country else _ORDER
    order = [key.desc() if back else key for key in keys]
    statement = select(*_LIBRARY_COLUMNS).where(*asked).order_by(*order).limit(limit + 1)
    if number is not None:
        here, there = tuple_(*keys), tuple_(*_place_of(number)[-len(keys) :])
        statement = statement.where(here < there if back else here > there)
    found = conn.execute(statement).all()
    more = len(found) > limit
    rows = [ShownLibrary._make((*row, None)) for row in found[:limit]][:: -1 if back else 1]
    return PageOfLibraries(
        by_country(rows),
        total,
        after=str(rows[-1].id) if rows and (more or back) else "",
        before=str(rows[0].id) if rows and (more if back else number is not None) else "",
    )


def _place_of(number: int) -> list[Any]:
    """Where a library stands in the order.

    The cursor is a number alone: a name may be long, and nobody's business in an address.
    """
    known = (
        func.coalesce(select(column).where(_l.id == number).scalar_subquery(), "")
        for column in (_l.country, _l.name)
    )
    return [*known, literal(number)]


def libraries_near(
    conn: Connection, lat: float, lng: float, km: float = 100.0, limit: int = 3
) -> LibrariesNear:
    """Libraries within km, the nearest first."""
    rows = conn.execute(_LIBRARIES_NEAR, boxes_around(lat, lng, km))
    far = [(distance_km(lat, lng, row.lat, row.lng), row) for row in rows]
    near = sorted((apart, row.id, row) for apart, row in far if apart <= km)[:limit]
    if not near:
        return LibrariesNear([])
    found = [ShownLibrary._make((*row, apart)) for apart, _id, row in near]
    # Those of the content files say their own day.
    listed = any(library.checked_on is None for library in found)
    return LibrariesNear(found, latest_import(conn, "libraries") if listed else None)
