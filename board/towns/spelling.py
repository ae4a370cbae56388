"""How the name of a place may be typed: the spellings it is found under, and what each weighs.

Pure. The load step writes what this room says, the picker asks with the same form.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

from board.core.text import APOSTROPHES, search_form

LONGEST: Final = 80
# Weights count in steps of a sixty-fourth of a doubling of the population.
DOUBLING: Final = 64
# A guess where nobody has counted; it also keeps hamlets from lying far apart.
SMALLEST: Final = 500

# How far a spelling stands from the name on the sign, as lost doublings: the factor is 2 to that.
VARIANT: Final = 0
SHORTENED: Final = DOUBLING // 2
ALIAS: Final = 4 * DOUBLING
# Airport codes, and the romanised forms that GeoNames writes in small letters ("lun dui").
CODE: Final = 6 * DOUBLING
# "york" for New York City counts like a twentieth of it: after York, before a village Yorkana.
WORD_START: Final = 277

_TO_NOTHING: Final = str.maketrans(dict.fromkeys(APOSTROPHES + ".", ""))
_PUNCTUATED: Final = re.compile(f"[{APOSTROPHES}.]")
# The German and Nordic way to write these letters without their marks.
_WRITTEN_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

_SHORT: Final = {
    "saint": "st", "sankt": "st", "sint": "st", "sainte": "ste", "mount": "mt", "fort": "ft",
    "ciudad": "cd",
}  # fmt: skip
_LONG: Final = (
    {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"},
    {"st": "sankt"},
)
# Where a name goes on to say where it lies: Frankfurt am Main, Stratford-upon-Avon.
_LIES: Final = frozenset(
    {"am", "an", "auf", "bei", "im", "in", "nad", "near", "ob", "on", "pod", "sur", "under", "upon"}
)
# Left out by many who type a name: "frankfurt main", "freiburg breisgau".
_JOINTS: Final = frozenset(
    {
        *("a", "aan", "am", "an", "auf", "d", "da", "de", "del", "den", "der", "des", "di", "do"),
        *("du", "en", "het", "i", "im", "in", "k", "la", "las", "le", "les", "los", "nad", "o"),
        *("ob", "on", "op", "pod", "pri", "sous", "sur", "the", "u", "upon", "van", "ved", "y"),
    }
)


def weight_of(population: int) -> int:
    """How much a place weighs under its own name: `DOUBLING` more for twice the people."""
    return round(DOUBLING * math.log2(max(population, 0) + SMALLEST))


def spellings(name: str, aliases: Iterable[str]) -> dict[str, int]:
    """Every search form of a place with what it loses in weight; the name itself loses nothing.

    A form that begins inside the name ends with a space: no search form does, so that it is
    found as the beginning of something longer and never counts as the whole name.
    """
    found: dict[str, int] = {}
    own = search_form(name)
    _keep(found, own, 0)
    for variant in _variants(name, own):
        _keep(found, variant, VARIANT)
    for short in _shortened(name, own):
        _keep(found, short, SHORTENED)
    for alias in aliases:
        form = search_form(alias)
        loss = _loss_of(alias, form, own)
        _keep(found, form, loss)
        if _PUNCTUATED.search(alias):
            _keep(found, search_form(alias.translate(_TO_NOTHING)), loss)
    words = own.split()
    for start in range(1, len(words)):
        if len(words[start]) > 1 and words[start] not in _JOINTS:
            _keep(found, " ".join([*words[start:], ""]), WORD_START)
    return found


def _keep(found: dict[str, int], spelling: str, loss: int) -> None:
    if spelling and len(spelling) <= LONGEST and loss < found.get(spelling, CODE + 1):
        found[spelling] = loss


def _loss_of(alias: str, form: str, own: str) -> int:
    if alias.isascii() and (alias.islower() or (len(alias) <= 3 and alias.isupper())):
        return CODE
    # "León" for León de los Aldama, "Hull" for Kingston upon Hull are hardly other names.
    return SHORTENED if f" {form} " in f" {own} " else ALIAS


def _variants(name: str, own: str) -> Iterable[str]:
    """Other ways to type a name that need no dictionary."""
    if _PUNCTUATED.search(name):
        yield search_form(name.translate(_TO_NOTHING))
    if not name.isascii():
        yield search_form(name.casefold().translate(_WRITTEN_OUT))
    words = own.split()
    if len(words) < 2:
        return
    for table in (_SHORT, *_LONG):
        yield _replaced(words, table)
    yield " ".join([words[0], *(word for word in words[1:-1] if word not in _JOINTS), words[-1]])


def _shortened(name: str, own: str) -> Iterable[str]:
    """What people say where nobody can mistake it: the name without where it lies."""
    if "(" in name:
        yield search_form(name.partition("(")[0])
    elif "/" in name:
        yield from map(search_form, name.split("/"))
    words = own.split()
    for at, word in enumerate(words[1:], start=1):
        if word in _LIES:
            yield " ".join(words[:at])
            return


def _replaced(words: list[str], table: Mapping[str, str]) -> str:
    return " ".join(table.get(word, word) for word in words)
