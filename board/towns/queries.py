"""Reading towns. One row type serves list, page and desk, so that no two numbers can differ."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, select

from board.core.errors import Gone, NotFound
from board.core.language import gettext as _
from board.core.loose import values_of
from board.core.prepared import Prepared
from board.towns.models import places, town_addresses, town_languages, towns
from board.towns.rules import PER_PEOPLE, Need, Readiness, place_code, place_of_code, town_path


class TownRow(NamedTuple):
    """A town as every page knows it."""

    id: int
    geonames_id: int | None
    code: str
    slug: str
    name: str
    country: str
    region: str
    lat: float | None
    lng: float | None
    mx: int | None
    my: int | None
    population: int
    timezone: str
    standing: str
    status: str
    status_since: datetime
    asked_at: datetime
    ready_at: datetime | None
    answered_at: datetime | None
    vote_count: int
    nearby_count: int
    come_count: int
    facilitate_count: int
    host_count: int
    help_count: int
    story_count: int
    comment_count: int
    closeness: int
    rising: float
    need: float
    nearest_circle_id: int | None
    nearest_km: float | None
    merged_into_id: int | None = None

    @property
    def path(self) -> str:
        return town_path(self.country, self.slug)

    @property
    def per_10k(self) -> float | None:
        """Votes per 10,000 residents, or None where the population is unknown."""
        return round(self.vote_count * PER_PEOPLE / self.population, 1) if self.population else None

    def readiness(self, need: Need) -> Readiness:
        return Readiness(self.come_count, self.facilitate_count, self.host_count, need)


TOWN_COLUMNS = tuple(towns.c[name] for name in TownRow._fields)


class PlaceRow(NamedTuple):
    """A place of the gazetteer where nobody has asked yet."""

    geonames_id: int
    name: str
    country: str
    region: str
    lat: float
    lng: float
    population: int
    timezone: str
    slug: str

    @property
    def path(self) -> str:
        return town_path(self.country, self.slug)

    @property
    def code(self) -> str:
        return place_code(self.geonames_id)


PLACE_COLUMNS = tuple(places.c[name] for name in PlaceRow._fields)


_BY_ID: Final = select(*TOWN_COLUMNS).where(towns.c.id == bindparam("town"))
_TOWN_BY_ID: Final = Prepared(lambda _dialect: _BY_ID, TownRow)
_BY_ADDRESS: Final = select(*TOWN_COLUMNS).where(
    towns.c.country == bindparam("country"), towns.c.slug == bindparam("slug")
)
_AT_ADDRESS: Final = Prepared(lambda _dialect: _BY_ADDRESS, TownRow)


def town_by_id(conn: Connection, town_id: int) -> TownRow | None:
    """A town by our own id; the one it was merged into, if it was."""
    return _followed(conn, _TOWN_BY_ID.first(conn, {"town": town_id}))


def _followed(conn: Connection, town: TownRow | None) -> TownRow | None:
    """A town, or the one that it was merged into, however many steps away."""
    while town is not None and town.standing == "merged":
        town = _TOWN_BY_ID.first(conn, {"town": town.merged_into_id})
    return town


def _one_town(conn: Connection, *where: ColumnElement[bool]) -> TownRow | None:
    row = conn.execute(select(*TOWN_COLUMNS).where(*where)).first()
    return _followed(conn, None if row is None else TownRow._make(row))


def get_town(conn: Connection, town_id: int) -> TownRow:
    """A town by our own id; raises NotFound."""
    town = town_by_id(conn, town_id)
    if town is None or town.standing == "dropped":
        raise NotFound(_("There is no such town."))
    return town


class Address(NamedTuple):
    """What stands at `/towns/{country}/{slug}`: a town, a place nobody asked for, or a move."""

    town: TownRow | None = None
    place: PlaceRow | None = None
    moved_to: str = ""


def at_address(conn: Connection, country: str, slug: str) -> Address:
    """What stands at an address; raises NotFound, or Gone for a hand-typed town that was none."""
    code = country.upper()
    row = _AT_ADDRESS.first(conn, {"country": code, "slug": slug})
    town = _followed(conn, row)
    if row is not None and town is not None:
        if town.id != row.id:
            return Address(moved_to=town.path)
        if town.standing == "dropped":
            raise Gone(_("We looked, and there is no town of this name."))
        return Address(town=town)
    found = conn.execute(
        select(*PLACE_COLUMNS).where(places.c.country == code, places.c.slug == slug)
    ).first()
    if found is not None:
        place = PlaceRow._make(found)
        return _town_of_place(conn, place)
    moved = conn.execute(
        select(town_addresses.c.town_id).where(
            town_addresses.c.country == code, town_addresses.c.slug == slug
        )
    ).scalar()
    moved_to = None if moved is None else town_by_id(conn, moved)
    if moved_to is None:
        raise NotFound(_("We know no town at this address."))
    return Address(moved_to=moved_to.path)


def _town_of_place(conn: Connection, place: PlaceRow) -> Address:
    """The place's own page, or the way to its town where the two have different addresses."""
    town = town_of_place(conn, place.geonames_id)
    return Address(place=place) if town is None else Address(moved_to=town.path)


def path_of_code(conn: Connection, code: str) -> str:
    """The page behind a short code; raises NotFound."""
    town = _one_town(conn, towns.c.code == code)
    if town is not None:
        return town.path
    row = None
    if (geonames_id := place_of_code(code)) is not None:
        row = conn.execute(
            select(places.c.country, places.c.slug).where(places.c.geonames_id == geonames_id)
        ).first()
    if row is None:
        raise NotFound(_("No town has this short address. Check it letter by letter."))
    return town_path(row.country, row.slug)


def name_of_place(conn: Connection, geonames_id: int) -> str:
    """A gazetteer place's name, or nothing."""
    name: str | None = conn.execute(
        select(places.c.name).where(places.c.geonames_id == geonames_id)
    ).scalar()
    return name or ""


def country_of_place(conn: Connection, geonames_id: int) -> str:
    """The country of a gazetteer place, or nothing."""
    country: str | None = conn.execute(
        select(places.c.country).where(places.c.geonames_id == geonames_id)
    ).scalar()
    return country or ""


def names_of_towns(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    """Towns' names by our own ids."""
    rows = conn.execute(select(towns.c.id, towns.c.name).where(towns.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def names_of_listed(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    """The names of those that are towns: a name that somebody typed isn't public by itself."""
    t = towns.c
    known = t.standing.in_(("listed", "merged"))
    rows = conn.execute(select(t.id, t.name).where(t.id.in_(ids), known))
    return {row.id: row.name for row in rows}


def names_of_places(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    """Gazetteer places' names by their GeoNames ids."""
    p = places.c
    rows = conn.execute(select(p.geonames_id, p.name).where(p.geonames_id.in_(ids)))
    return {row.geonames_id: row.name for row in rows}


def town_of_place(conn: Connection, geonames_id: int) -> TownRow | None:
    """The town at a gazetteer place, if somebody asked there."""
    return _one_town(conn, towns.c.geonames_id == geonames_id)


_l = town_languages.c
_LANGUAGES: Final = (
    select(_l.language)
    .where(_l.town_id == bindparam("town"), _l.stories > 0)
    .order_by(_l.stories.desc(), _l.language)
)


def languages_of_town(conn: Connection, town_id: int) -> list[str]:
    """The languages people write in, the most used first."""
    return list(conn.execute(_LANGUAGES, {"town": town_id}).scalars())


_COUNTRIES: Final = values_of(towns.c.country, towns.c.standing == "listed", towns.c.vote_count > 0)


def asking_countries(conn: Connection) -> list[str]:
    """The countries with towns on the list, for the filter."""
    return list(conn.execute(_COUNTRIES).scalars())


_SPOKEN: Final = values_of(_l.language, _l.stories > 0)


def spoken_languages(conn: Connection) -> list[str]:
    """The languages that public stories are written in, for the filter."""
    return list(conn.execute(_SPOKEN).scalars())
