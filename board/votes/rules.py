"""What a vote may carry: offers, words for what one would like to learn, times. Pure."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from board.core.text import fold, tidy_line

OFFERS: Final = ("come", "facilitate", "host", "help")

# A week as people plan it: seven days, three parts of each.
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS: Final = ("morning", "afternoon", "evening")
SLOTS: Final = tuple(f"{day}_{part}" for day in DAYS for part in PARTS)

TOPICS: Final = 5
TOPIC_LENGTH: Final = 60
# A single free word could name somebody: the public reads only what at least two asked for.
PUBLIC_FROM: Final = 2


class Offer(NamedTuple):
    """What a voter adds to the vote; all of it is consent, so all of it starts empty."""

    come: bool = False
    facilitate: bool = False
    host: bool = False
    help: bool = False

    @property
    def any(self) -> bool:
        """Whether anything was offered, so that a contact is needed."""
        return any(self)


def topics_in(typed: str) -> list[str]:
    """The words of a free field, parted by commas or lines, each once however it is spelled.

    What holds no letter or figure can't be counted and is left out.
    """
    found: dict[str, str] = {}
    for part in re.split(r"[,;،、\n]", typed):
        word = tidy_line(part)
        if fold(word):
            found.setdefault(fold(word), word)
    return list(found.values())


def slots_in(values: Mapping[str, str]) -> list[str]:
    """The times that are ticked in a form, in the order of the week."""
    return [slot for slot in SLOTS if values.get(slot)]
