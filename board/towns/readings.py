"""How a typed text may be meant: as a name alone, or as a name and where it lies. Pure.

"san jose costa rica" is a name of four words, or San José in Costa Rica; which of them exists
the picker finds out.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from board.core.text import search_form
from board.towns.spelling import LONGEST

MOST_WORDS: Final = 10
# More than this many meanings of one text are not worth the database's time.
MOST_READINGS: Final = 4
_LONGEST_SPAN: Final = 5
# From how many letters on the last word may be an area's name that is still being typed.
_BEGUN: Final = 3
_COMMA: Final = re.compile(r"[,;()\[\]،、，]")
_POSTCODE: Final = re.compile(r"\d{4,}")


class Area(NamedTuple):
    """A country, or one of its regions; the country as a whole has no region code."""

    country: str
    region_code: str = ""


Areas = frozenset[Area]


class Typed(NamedTuple):
    """A text in search form: its words, and at which of them a part after a comma begins."""

    words: tuple[str, ...]
    commas: tuple[int, ...] = ()

    @property
    def whole(self) -> str:
        return " ".join(self.words)


class Reading(NamedTuple):
    """A name that must lie in one of some areas."""

    name: str
    areas: Areas


def typed(text: str) -> Typed:
    """The words of a text, without postcodes, and where its commas were."""
    words: list[str] = []
    commas: list[int] = []
    for part in _COMMA.split(text[: 2 * LONGEST]):
        found = [word for word in search_form(part).split() if not _POSTCODE.fullmatch(word)]
        if words and found:
            commas.append(len(words))
        words += found
    if not words:
        # A number alone is all there is to look for.
        words = search_form(text[:LONGEST]).split()
    return Typed(tuple(words[:MOST_WORDS]), tuple(at for at in commas if at < MOST_WORDS))


def spans(text: Typed) -> list[str]:
    """All word sequences after the first word: those that may be the name of an area."""
    count = len(text.words)
    return [
        " ".join(text.words[start:end])
        for start in range(1, count)
        for end in range(start + 1, min(count, start + _LONGEST_SPAN) + 1)
    ]


def begun(text: Typed) -> list[str]:
    """The last words, up to three of them, as far as an area's name may begin with them."""
    count = len(text.words)
    tails = [" ".join(text.words[start:]) for start in range(max(1, count - 3), count)]
    least = 1 if text.commas else _BEGUN
    return [tail for tail in tails if len(tail) >= least]


def readings(
    text: Typed, known: Mapping[str, Areas], unfinished: Mapping[str, Areas]
) -> list[Reading]:
    """The ways to take off areas from the end of a text, those with finished names first.

    `known` says which areas a span names, `unfinished` which areas the text's end may become.
    """
    found = dict.fromkeys(_taken_off(text.words, known, None))
    for tail, areas in unfinished.items():
        rest = text.words[: len(text.words) - len(tail.split())]
        found.setdefault(Reading(" ".join(rest), areas))
        found.update(dict.fromkeys(_taken_off(rest, known, areas)))
    if text.commas:
        found.update(dict.fromkeys(_after_commas(text, known)))
    return list(found)[:MOST_READINGS]


def _taken_off(
    words: tuple[str, ...], known: Mapping[str, Areas], within: Areas | None
) -> Iterable[Reading]:
    for start in range(1, len(words)):
        areas = _both(within, known.get(" ".join(words[start:]), frozenset()))
        if areas:
            rest = words[:start]
            yield Reading(" ".join(rest), areas)
            yield from _taken_off(rest, known, areas)


def _after_commas(text: Typed, known: Mapping[str, Areas]) -> Iterable[Reading]:
    """The first part, in whatever of the later parts we know: counties we don't."""
    areas: Areas | None = None
    ends = (*text.commas[1:], len(text.words))
    for start, end in zip(text.commas, ends, strict=True):
        here = known.get(" ".join(text.words[start:end]), frozenset())
        areas = _both(areas, here) or areas
    if areas:
        yield Reading(" ".join(text.words[: text.commas[0]]), areas)


def _both(wide: Areas | None, areas: Areas) -> Areas:
    """The areas of both: a region lies in its country, otherwise they must be the same."""
    if wide is None:
        return areas
    return frozenset(
        max(one, other, key=lambda area: len(area.region_code))
        for one in wide
        for other in areas
        if one.country == other.country
        and (one.region_code == other.region_code or not (one.region_code and other.region_code))
    )
