"""Prefixes that too many spellings begin with, and the places worth showing for them.

Pure. "san" begins ten thousand spellings: no keystroke shall read them all, so the load step
finds these prefixes once and keeps their weightiest places, of the world and of each country.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from typing import Final

# Up to this many spellings are read and sorted when somebody types; more are prepared.
CROWDED: Final = 200
OF_THE_WORLD: Final = 24
OF_A_COUNTRY: Final = 6

Name = tuple[str, int, int]
Crowd = tuple[str, str, int, int]


def after(prefix: str) -> str:
    """The end of the range of all spellings that begin with `prefix`, in the order of bytes."""
    return prefix + "\U0010ffff"


def crowded_prefixes(names: Sequence[Name], country_of: Mapping[int, str]) -> Iterator[Crowd]:
    """(prefix, country, GeoNames id, weight) for each crowded prefix; country "" is the world.

    `names` are (spelling, GeoNames id, weight) in order.
    """
    for lo, hi, first in _parts(names, 0, len(names), 0):
        found: list[Crowd] = []
        _gather(names, lo, hi, first, country_of, found)
        yield from found


def _gather(
    names: Sequence[Name],
    lo: int,
    hi: int,
    prefix: str,
    country_of: Mapping[int, str],
    found: list[Crowd],
) -> dict[int, int]:
    """The places that names[lo:hi] may put into a list, with their best weights.

    What a longer prefix didn't keep can't be among the best of a shorter one, so that every
    spelling is looked at once however many crowded prefixes it begins with.
    """
    if hi - lo <= CROWDED:
        return _best(names[lo:hi])
    best: dict[int, int] = _best(
        [name for name in names[lo : bisect_left(names, (prefix + "\0",))] if name[0] == prefix]
    )
    for part_lo, part_hi, longer in _parts(names, lo, hi, len(prefix)):
        for place, weight in _gather(names, part_lo, part_hi, longer, country_of, found).items():
            best[place] = max(weight, best.get(place, weight))
    kept = _kept(best, country_of)
    found += [(prefix, country, place, best[place]) for country, place in kept]
    return {place: best[place] for _country, place in kept}


def _parts(names: Sequence[Name], lo: int, hi: int, length: int) -> Iterator[tuple[int, int, str]]:
    """names[lo:hi], which share `length` letters, cut where the next letter changes."""
    while lo < hi:
        prefix = names[lo][0][: length + 1]
        if len(prefix) <= length:
            lo += 1
            continue
        end = bisect_left(names, (after(prefix),), lo, hi)
        yield lo, end, prefix
        lo = end


def _best(names: Sequence[Name]) -> dict[int, int]:
    best: dict[int, int] = {}
    for _spelling, place, weight in names:
        best[place] = max(weight, best.get(place, weight))
    return best


def _kept(best: Mapping[int, int], country_of: Mapping[int, str]) -> list[tuple[str, int]]:
    """(country, place) for the weightiest of the world and of each country."""
    by_country: dict[str, list[int]] = {"": list(best)}
    for place in best:
        by_country.setdefault(country_of[place], []).append(place)
    return [
        (country, place)
        for country, places in by_country.items()
        for place in nlargest(
            OF_A_COUNTRY if country else OF_THE_WORLD, places, key=lambda it: (best[it], -it)
        )
    ]
