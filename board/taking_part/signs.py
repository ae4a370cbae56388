"""What looks odd about a form, and what follows: a look by a person, never a locked door. Pure.

Each sign weighs something. From `REVIEW` on a text waits for a moderator even where it would
appear at once; from `HOLD` on no mail leaves for the form until somebody looked at it.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

REVIEW: Final = 4
HOLD: Final = 7
# The field that people don't see, and how fast nobody fills a form in.
TRAP: Final = "website"
FASTEST: Final = timedelta(seconds=3)
LONGEST: Final = timedelta(hours=24)
MOST_LINKS: Final = 2
# From how many characters on the same words by somebody else are odd.
LONG_ENOUGH: Final = 40

WEIGHTS: Final[Mapping[str, int]] = {
    "trap": 7,
    "crowd": 7,
    "fast": 2,
    "links": 3,
    "repeat": 3,
    "disposable": 2,
    "unstamped": 2,
    "new": 1,
}


class Hints(NamedTuple):
    """Where a form came from (a key of the day, or None once that is over) and its signs."""

    network: bytes | None = None
    signs: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The signs as they are stored."""
        return ",".join(self.signs)

    @property
    def odd(self) -> bool:
        """Whether a moderator looks at a text before it appears."""
        return weight_of(self.signs) >= REVIEW

    @property
    def held(self) -> bool:
        """Whether even the mail with the code waits for a look."""
        return weight_of(self.signs) >= HOLD


NO_HINTS: Final = Hints()


def weight_of(signs: Iterable[str]) -> int:
    """How odd these signs are together."""
    return sum(WEIGHTS[sign] for sign in set(signs) & WEIGHTS.keys())


def signs_in(text: str) -> tuple[str, ...]:
    """The signs again from how they are stored."""
    return tuple(filter(None, text.split(",")))


def signs_of_form(values: Mapping[str, str], age: timedelta | None) -> tuple[str, ...]:
    """What the form itself tells: the trap, and how long it was in front of somebody."""
    signs = ["trap"] if values.get(TRAP) else []
    if age is None or not timedelta(0) <= age <= LONGEST:
        signs.append("unstamped")
    elif age < FASTEST:
        signs.append("fast")
    return tuple(signs)


def signs_of_content(*, links: int, domain: str, disposable: frozenset[str]) -> tuple[str, ...]:
    """What the words and the address tell; a subdomain of a throw-away domain is one too."""
    signs = ["links"] if links > MOST_LINKS else []
    parts = domain.split(".")
    if any(".".join(parts[i:]) in disposable for i in range(len(parts))):
        signs.append("disposable")
    return tuple(signs)
