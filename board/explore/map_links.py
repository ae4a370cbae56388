"""What markers of single things are called, and where they lead; a statement for each kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from board.circles.models import circles, libraries
from board.core.language import gettext as _
from board.core.language import ngettext
from board.core.rendering import country_name, day_month, url
from board.drawing.markers import Link, Marker
from board.towns.models import towns
from board.towns.rules import town_path
from board.towns.status_words import status_word

_t = towns.c
_c = circles.c
_l = libraries.c


def town_links(conn: Connection, markers: Sequence[Marker]) -> Mapping[int, Link]:
    """Name and address of each marker that is a single town."""
    ids = {marker.town_id for marker in markers if marker.town_id}
    rows = conn.execute(
        select(_t.id, _t.name, _t.country, _t.slug, _t.vote_count, _t.status).where(_t.id.in_(ids))
    )
    return {row.id: Link(_town_words(row), url(town_path(row.country, row.slug))) for row in rows}


def _town_words(row: Any) -> str:
    """Velenje, Slovenia: 86 votes, talking."""
    votes = ngettext("%(n)s vote", "%(n)s votes", row.vote_count) % {"n": row.vote_count}
    return _("%(town)s, %(country)s: %(votes)s, %(status)s") % {
        "town": row.name,
        "country": country_name(row.country),
        "votes": votes,
        "status": status_word(row.status).lower(),
    }


def circle_links(conn: Connection, markers: Sequence[Marker]) -> Mapping[int, Link]:
    """Name and address of each marker that is a single circle."""
    of = {marker.circle_id: marker.kind for marker in markers if marker.circle_id}
    rows = conn.execute(select(_c.id, _c.title, _c.city, _c.url, _c.starts_on).where(_c.id.in_(of)))
    return {row.id: Link(_circle_words(row, of[row.id]), row.url) for row in rows}


def _circle_words(row: Any, state: str) -> str:
    """Python for beginners, Ljubljana: meeting now."""
    words = {
        "now": _("meeting now"),
        "soon": _("starts %(date)s") % {"date": day_month(row.starts_on)},
        "finished": _("finished"),
    }[state]
    return _("%(title)s, %(city)s: %(state)s") % {
        "title": row.title,
        "city": row.city,
        "state": words,
    }


def library_links(conn: Connection, markers: Sequence[Marker]) -> Mapping[int, Link]:
    """Name and address of each marker that is a single library; without a site of its own, the
    libraries on the home page."""
    ids = {marker.library_id for marker in markers if marker.library_id}
    rows = conn.execute(select(_l.id, _l.name, _l.location, _l.website).where(_l.id.in_(ids)))
    return {row.id: Link(_library_words(row), row.website or url("/")) for row in rows}


def _library_words(row: Any) -> str:
    """Kenya National Library, Nairobi: a library that runs circles."""
    place = ", ".join(part for part in (row.name, row.location) if part)
    return _("%(library)s: a library that runs circles") % {"library": place}
