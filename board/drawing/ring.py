"""The house with the ring: how ready a town is, as a picture and as one sentence.

Seven places around a table: a diamond for the facilitator on top, then six seats for learners,
clockwise. The house itself is the room. Dashed and white means not yet.
"""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from board.core.language import gettext as _

SEATS: Final = 6


@dataclass(frozen=True, slots=True)
class Seat:
    """A learner's place, in the coordinates of one picture."""

    x: float
    y: float
    taken: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """How ready a town is. `taken` of six seats are filled, whatever number is needed."""

    taken: int
    learners: bool
    facilitator: bool
    room: bool

    @property
    def met(self) -> int:
        """How many of the three checks are met."""
        return self.learners + self.facilitator + self.room

    @property
    def name(self) -> str:
        """The picture in words, in the language of the page."""
        return _sentences()[self.learners, self.facilitator, self.room]

    @property
    def seats(self) -> tuple[Seat, ...]:
        """The seats of the large picture, 200 by 216."""
        return self._seats(100, 124, 58)

    @property
    def small_seats(self) -> tuple[Seat, ...]:
        """The seats of the small picture, 48 by 48."""
        return self._seats(24, 30, 11)

    def _seats(self, x: float, y: float, radius: float) -> tuple[Seat, ...]:
        angles = (2 * pi * place / (SEATS + 1) for place in range(1, SEATS + 1))
        return tuple(
            Seat(round(x + radius * sin(a), 1), round(y - radius * cos(a), 1), n < self.taken)
            for n, a in enumerate(angles)
        )


def ring(learners: int, seats_needed: int, facilitators: int, spaces: int) -> Ring:
    """The ring of a town. The last seat closes only when all learners that are needed are there."""
    enough = learners >= seats_needed
    share = SEATS if enough else SEATS * learners // seats_needed
    return Ring(
        taken=share if enough else min(SEATS - 1, max(share, min(learners, 1))),
        learners=enough,
        facilitator=facilitators > 0,
        room=spaces > 0,
    )


def _sentences() -> dict[tuple[bool, bool, bool], str]:
    """Whole sentences, because other languages don't join these words the way English does."""
    return {
        (False, False, False): _("0 of 3 ready: learners, facilitator and room missing"),
        (True, False, False): _("1 of 3 ready: learners found, facilitator and room missing"),
        (False, True, False): _("1 of 3 ready: facilitator found, learners and room missing"),
        (False, False, True): _("1 of 3 ready: room found, learners and facilitator missing"),
        (True, True, False): _("2 of 3 ready: learners and facilitator found, room missing"),
        (True, False, True): _("2 of 3 ready: learners and room found, facilitator missing"),
        (False, True, True): _("2 of 3 ready: facilitator and room found, learners missing"),
        (True, True, True): _("3 of 3 ready: learners, facilitator and room found"),
    }
