"""Which town somebody means: from an address, a choice, or a typed name."""

from typing import NamedTuple

from sqlalchemy import Connection

from board.core.errors import Gone, NotFound
from board.core.language import gettext as _
from board.core.rendering import country_name
from board.core.text import fold
from board.taking_part.forms import TownFields
from board.taking_part.rules import Where
from board.towns.place_queries import Found, find_places, get_place
from board.towns.queries import TownRow, at_address, town_of_place
from board.towns.rules import town_path


class Meant(NamedTuple):
    """The town that is meant, or the choices to show when that isn't clear yet."""

    where: Where | None
    name: str = ""
    country: str = ""
    path: str = ""
    town: TownRow | None = None
    choices: tuple[Found, ...] = ()
    sentence: str = ""


def where_at(conn: Connection, at: str) -> Meant:
    """The town at an address ("si/velenje"); raises NotFound when nothing is there."""
    country, _slash, slug = at.strip("/").removeprefix("towns/").partition("/")
    address = at_address(conn, country, slug)
    if address.moved_to:
        return where_at(conn, address.moved_to)
    if address.town is not None:
        town = address.town
        where = Where(town_id=town.id, geonames_id=town.geonames_id)
        return Meant(where, town.name, town.country, town.path, town)
    place = address.place
    if place is None:
        raise LookupError("an address is a town, a place or a move")
    where = Where(geonames_id=place.geonames_id)
    return Meant(where, place.name, place.country, place.path)


def town_meant(conn: Connection, form: TownFields) -> Meant:
    """The town that a form means; with choices and a sentence when we have to ask back."""
    if form.at:
        try:
            return where_at(conn, form.at)
        except (NotFound, Gone):
            # Asked back, not refused: everything else that was typed shall survive.
            return Meant(None, sentence=_("This town isn't there any more. Which one is it?"))
    if form.geonames_id is not None:
        chosen = _chosen(conn, form.geonames_id)
        if chosen is not None:
            return chosen
    if not form.town:
        return Meant(None, sentence=_("Choose a town from the list."))
    if form.by_hand:
        return _by_hand(form)
    return _searched(conn, form.town)


def _chosen(conn: Connection, geonames_id: int) -> Meant | None:
    place = get_place(conn, geonames_id)
    if place is None:
        return None
    town = town_of_place(conn, geonames_id)
    where = Where(geonames_id=geonames_id, town_id=town.id if town else None)
    path = town.path if town else town_path(place.country, place.slug)
    return Meant(where, place.name, place.country, path, town)


def _by_hand(form: TownFields) -> Meant:
    if country_name(form.country) == form.country.upper():
        return Meant(None, sentence=_("In which country is it?"))
    point = {"lat": form.lat, "lng": form.lng} if None not in (form.lat, form.lng) else {}
    where = Where(name=form.town, country=form.country.upper(), **point)
    return Meant(where, form.town, form.country.upper())


def _searched(conn: Connection, text: str) -> Meant:
    """One place fits exactly: that is it. Several do: which one? None: by hand, perhaps."""
    found = tuple(find_places(conn, text, limit=6))
    exact = [place for place in found if fold(place.name) == fold(text)]
    if len(exact) == 1 or (len(found) == 1 and not exact):
        chosen = _chosen(conn, (exact or list(found))[0].geonames_id)
        if chosen is not None:
            return chosen
    if not found:
        sentence = _("We know no place of this name. Check the spelling, or send it as typed.")
        return Meant(None, name=text, sentence=sentence)
    sentence = _("More than one place fits “%(name)s”. Which one is yours?") % {"name": text}
    return Meant(None, name=text, choices=found, sentence=sentence)
