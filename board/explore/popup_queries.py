"""The one town, circle or library that a popup of the map is about; gone ones are not found."""

from datetime import datetime

from sqlalchemy import Connection

from board.circles.library_queries import library_by_id
from board.circles.queries import circles_by_id, latest_import
from board.circles.rows import LatestImport, ShownCircle, ShownLibrary
from board.core.errors import NotFound
from board.core.language import gettext as _
from board.towns.queries import TownRow, get_town


def town_shown(conn: Connection, town_id: int) -> TownRow:
    """A town of the map; raises NotFound for one that stands on no map."""
    town = get_town(conn, town_id)
    if town.standing != "listed" or not town.vote_count:
        raise NotFound(_("There is no such town."))
    return town


def circle_shown(conn: Connection, circle_id: int, now: datetime) -> ShownCircle:
    """A circle that P2PU still lists; raises NotFound."""
    found = circles_by_id(conn, [circle_id], now)
    if circle_id not in found:
        raise NotFound(_("There is no such circle."))
    return found[circle_id]


def library_shown(conn: Connection, library_id: int) -> tuple[ShownLibrary, LatestImport | None]:
    """A library that P2PU still lists, and when it last did; raises NotFound."""
    found = library_by_id(conn, library_id)
    if found is None:
        raise NotFound(_("There is no such library."))
    return found, latest_import(conn, "libraries")
