"""The speech bubble: the outline of a marker, as wide as what stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from board.core.language import catalogue, current, ngettext
from board.core.language import gettext as _
from board.core.rendering import number as in_full
from board.drawing.paths import number as _n

# Open Sans, in em: a figure at 700 is 0.572 wide; small words at 600 are 0.56 a letter at most.
_FIGURE: Final = 0.572
_LETTER: Final = 0.56
# Several things in one spot: the figure stands above its word.
_COUNT_SIZE, _WORD_SIZE = 16, 11


@dataclass(frozen=True, slots=True)
class Part:
    """One half of a bubble for several things: so many towns, circles or libraries."""

    kind: str
    count: str
    word: str
    x: float
    d: str


@dataclass(frozen=True, slots=True)
class Several:
    """A bubble for several things: its outline, a sheet behind it, one or two parts."""

    half: float
    d: str
    parts: tuple[Part, ...]


def short(count: int) -> str:
    """A number for a narrow place: 9999 in full, 12345 as "12k", never more than there is."""
    return str(count) if count < 10_000 else _("%(thousands)sk") % {"thousands": count // 1000}


def asking_half(label: str) -> float:
    """Half the width of a town's bubble."""
    return max(15.6, (len(label) * _FIGURE * 13 + 16.3) / 2)


def asking_outline(label: str) -> str:
    """A town's bubble, its tip on the place at 0, 0."""
    return _outline(asking_half(label), top=35, chin=9, radius=7, tip=6)


def several(towns: int, circles: int, libraries: int = 0, *, live: bool) -> Several:
    """The bubble of several things; `live`: some of the circles meet now or soon.

    Libraries are written on it only where there is nothing else: they help, they don't ask.
    """
    halves = _halves(towns, circles, libraries, live=live)
    wide = _wide(halves)
    half = wide * len(halves) / 2
    parts = tuple(
        Part(kind, count, word, (n + 0.5) * wide - half, _part(half, n, len(halves)))
        for n, (kind, count, word) in enumerate(halves)
    )
    return Several(half, _outline(half, top=49, chin=11, radius=9, tip=8), parts)


def several_half(towns: int, circles: int, libraries: int = 0) -> float:
    """Half the width of such a bubble."""
    return _half_in(catalogue(current()), towns, circles, libraries)


# A map asks for a thousand while it puts markers together, most of them small numbers.
@lru_cache(4096)
def _half_in(_words: object, towns: int, circles: int, libraries: int) -> float:
    halves = _halves(towns, circles, libraries, live=False)
    return _wide(halves) * len(halves) / 2


def several_name(towns: int, circles: int, libraries: int = 0, *, live: bool, closer: bool) -> str:
    """What a bubble of several things says to those who hear it; `closer`: it leads nearer."""
    asking = ngettext("%(n)s town asking", "%(n)s towns asking", towns)
    if live:
        meeting = ngettext("%(n)s circle", "%(n)s circles", circles)
    else:
        meeting = ngettext("%(n)s finished circle", "%(n)s finished circles", circles)
    helping = ngettext("%(n)s library", "%(n)s libraries", libraries)
    counted = ((asking, towns), (meeting, circles), (helping, libraries))
    named = [words % {"n": in_full(count)} for words, count in counted if count]
    what = named[0]
    for more in named[1:]:
        what = _("%(towns)s and %(circles)s") % {"towns": what, "circles": more}
    words = _("%(things)s here, zoom in") if closer else _("%(things)s here, see the list")
    return words % {"things": what}


def _halves(towns: int, circles: int, libraries: int, *, live: bool) -> list[tuple[str, str, str]]:
    """Kind, number and word of each part."""
    alone = 0 if towns or circles else libraries
    return [
        (kind, short(count), word)
        for kind, count, word in (
            ("towns", towns, ngettext("town", "towns", towns)),
            ("live" if live else "done", circles, ngettext("circle", "circles", circles)),
            ("libraries", alone, ngettext("library", "libraries", alone)),
        )
        if count
    ]


def _wide(halves: Sequence[tuple[str, str, str]]) -> float:
    """How wide each part is: as the widest of them."""
    least = 42.0 if len(halves) == 1 else 46.0
    return max(least, *(_width(count, word) for _kind, count, word in halves))


def _width(count: str, word: str) -> float:
    return max(len(count) * _FIGURE * _COUNT_SIZE, len(word) * _LETTER * _WORD_SIZE) + 12


def _outline(half: float, *, top: int, chin: int, radius: int, tip: int) -> str:
    side, r = _n(half - radius), radius
    down = top - chin - 2 * r
    return (
        f"M-{side}-{top}H{side}a{r} {r} 0 0 1 {r} {r}v{down}a{r} {r} 0 0 1-{r} {r}H{tip}L0 0"
        f"-{tip}-{chin}H-{side}a{r} {r} 0 0 1-{r}-{r}v-{down}a{r} {r} 0 0 1 {r}-{r}z"
    )


def _part(half: float, place: int, of: int) -> str:
    """The coloured half inside the outline of a bubble for several, none where it fills it all."""
    if of == 1 or place == 0:
        return ""
    return f"M0-48H{_n(half - 9)}a8 8 0 0 1 8 8v20a8 8 0 0 1-8 8H0z"
