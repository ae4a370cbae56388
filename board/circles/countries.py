"""Which country a name means, in many languages and spellings."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.core import get_global

from board.core.text import fold

# English first: where two languages use one name for two countries, English is right.
_LANGUAGES: Final = """
    en de pl ro pt fi es fr sl it nl sv nb da is et lv lt cs sk hu hr sr bs mk sq bg el tr ru uk
    ka hy az kk he ar fa ur hi bn ta te mr ne si th vi id ms fil sw am zu xh af zh zh_Hant ja ko
    ca eu gl ga cy mt lb rw so yo ha ig mn km lo my
"""
_NOT_COUNTRIES: Final = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
_BY_HAND: Final[Mapping[str, str]] = {
    "america": "US",
    "u s": "US",
    "u s a": "US",
    "united states of america": "US",
    "the united states": "US",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "great britain": "GB",
    "britain": "GB",
    "uk": "GB",
    "u k": "GB",
    "holland": "NL",
    "the netherlands": "NL",
    "czech republic": "CZ",
    "republic of ireland": "IE",
    "ivory coast": "CI",
    "cape verde": "CV",
    "swaziland": "SZ",
    "burma": "MM",
    "macedonia": "MK",
    "east timor": "TL",
    "korea": "KR",
    "republic of korea": "KR",
    "democratic republic of the congo": "CD",
    "drc": "CD",
    "republic of the congo": "CG",
    "uae": "AE",
    "palestine": "PS",
    "kosovo": "XK",
    "the gambia": "GM",
    "the bahamas": "BS",
    "turkey": "TR",
    "brasil": "BR",
    "viet nam": "VN",
    "russian federation": "RU",
    "holy see": "VA",
    "taiwan": "TW",
    "hong kong": "HK",
    "macau": "MO",
}
# A country's name that is a state's too: "Atlanta, Georgia" is not in the Caucasus.
_STATES: Final = frozenset({"georgia", "jersey", "new mexico"})
_TITLES: Final = (
    "the ",
    "republic of ",
    "federal republic of ",
    "united republic of ",
    "islamic republic of ",
    "kingdom of ",
    "state of ",
)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every folded country name we know, and its ISO code."""
    names = dict(_BY_HAND)
    for language in _LANGUAGES.split():
        for code, name in Locale.parse(language).territories.items():
            if code in _codes():
                names.setdefault(fold(str(name)), code)
    for old, now in get_global("territory_aliases").items():
        if len(old) == 3 and old.isalpha() and len(now) == 1 and now[0] in _codes():
            names.setdefault(old.lower(), now[0])
    return names


@lru_cache(maxsize=2_048)
def country_by_name(name: str) -> str:
    """The ISO code of a country's written name, or nothing: "Ελλάδα" is "GR".

    A longer form of a known name counts too ("Vereinigte Staaten von Amerika").
    """
    folded = fold(name[:120])
    names = _names()
    if folded in names:
        return names[folded]
    for title in _TITLES:
        if folded.startswith(title) and folded.removeprefix(title) in names:
            return names[folded.removeprefix(title)]
    words = folded.split()
    for count in range(len(words) - 1, 1, -1):
        start = " ".join(words[:count])
        if start in names:
            return names[start]
    return ""


def country_of(*values: str) -> str:
    """The ISO code of the first value that is a country's code or name, or nothing."""
    for value in values:
        code = value.strip().upper()
        if code in _codes():
            return code
        if found := country_by_name(value):
            return found
    return ""


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """The ISO codes of all countries."""
    codes = (str(code) for code in Locale.parse("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


def split_place(city: str, region: str, country: str) -> tuple[str, str, str]:
    """City, region and country taken out of a city field that holds them all.

    "Chicago, Illinois, United States" and "Detroit, MI"; what stands in its own field wins.
    """
    first, *others = [part.strip() for part in city.split(",") if part.strip()] or [""]
    if others and len(others[-1]) > 2 and (len(others) > 1 or fold(others[-1]) not in _STATES):
        named = country_by_name(others[-1])
        if named:
            country = country or named
            others.pop()
    return first, region or ", ".join(others), country
