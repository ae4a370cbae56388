"""What towns go by: addresses, readiness, ranking, statuses. Pure; the formulas' one home."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from board.core.text import fold

# --- statuses -------------------------------------------------------------------------------

STATUSES: Final = ("asking", "in_review", "talking", "planned", "launched", "not_now")
STEPS: Final = STATUSES[:5]
OPEN_STATUSES: Final = ("asking", "in_review", "talking")


def may_become(before: str, after: str) -> bool:
    """Whether a town may go from one status to another.

    Forward by any number of steps, back by one, to "not now" from anywhere; from "not now" to
    asking or in review. Standing still is no change.
    """
    if before == after or after not in STATUSES or before not in STATUSES:
        return False
    if before == "not_now":
        return after in ("asking", "in_review")
    return after == "not_now" or STEPS.index(after) >= STEPS.index(before) - 1


def needs_reason(before: str, after: str) -> bool:
    """Whether this step must be explained: one back, or not now; standing still is no step."""
    if before == after:
        return False
    if after == "not_now":
        return True
    return before in STEPS and after in STEPS and STEPS.index(after) < STEPS.index(before)


# --- readiness ------------------------------------------------------------------------------


# A check that is met weighs more than any number of missing seats.
CHECK_WEIGHT: Final = 1_000


def town_path(country: str, slug: str) -> str:
    """The unprefixed address of a town's page, or of a place's where nobody asked yet."""
    return f"/towns/{country.lower()}/{slug}"


class Need(NamedTuple):
    """How many of each a launch needs; from the settings."""

    learners: int = 6
    facilitators: int = 1
    spaces: int = 1


class Readiness(NamedTuple):
    """How far a town is: offers counted beside what is needed."""

    learners: int
    facilitators: int
    spaces: int
    need: Need

    @property
    def has_learners(self) -> bool:
        return self.learners >= self.need.learners

    @property
    def has_facilitator(self) -> bool:
        return self.facilitators >= self.need.facilitators

    @property
    def has_space(self) -> bool:
        return self.spaces >= self.need.spaces

    @property
    def checks_met(self) -> int:
        """0 … 3."""
        return sum((self.has_learners, self.has_facilitator, self.has_space))

    @property
    def seats_missing(self) -> int:
        """How many more people and spaces it takes."""
        return (
            max(0, self.need.learners - self.learners)
            + max(0, self.need.facilitators - self.facilitators)
            + max(0, self.need.spaces - self.spaces)
        )

    @property
    def closeness(self) -> int:
        """Readiness as one number to sort by: checks met first, then fewer missing seats."""
        return self.checks_met * CHECK_WEIGHT - min(CHECK_WEIGHT - 1, self.seats_missing)

    @property
    def is_ready(self) -> bool:
        return self.checks_met == 3


# --- ranking --------------------------------------------------------------------------------

_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
HALF_LIFE_DAYS: Final = 30.0
NOTHING_RISING: Final = -1e9
SHRINK_VOTES: Final = 0.5
SHRINK_PEOPLE: Final = 5_000
FAR_KM: Final = 100.0
LEAST_FAR: Final = 0.25
PER_PEOPLE: Final = 10_000
# What "lately" is: votes of the last days beside a town, and of the last week among them.
TREND_DAYS: Final = 30
WEEK_DAYS: Final = 7


def half_lives(moment: datetime) -> float:
    """A moment as a number of half-lives (30 days) since the board's epoch."""
    return (moment - _EPOCH).total_seconds() / 86_400 / HALF_LIFE_DAYS


def risen(rising: float, voted_at: datetime) -> float:
    """The log-decayed sum of votes with one more: log2 of Σ 2^(t/half-life).

    A vote loses half its weight in 30 days, exactly; because every town decays alike, the order
    of the stored numbers never needs recomputing.
    """
    x = half_lives(voted_at)
    return max(rising, x) + math.log2(1 + 2 ** -abs(rising - x))


def risen_now(rising: float, now: datetime) -> float:
    """The decayed sum itself, in votes: each cast just now counts 1, one of 30 days ago a half."""
    return 2 ** min(64.0, rising - half_lives(now))


def need_score(votes: int, population: int, nearest_km: float | None) -> float:
    """Unmet need: shrunk votes per 10,000 residents, times how far the nearest circle is.

    10,000 · (v + 0.5) / (p + 5,000) · max(0.25, min(d, 100) / 100); no circle counts as 100 km,
    an unknown population as 0. Source: DECISIONS 11.
    """
    per_resident = PER_PEOPLE * (votes + SHRINK_VOTES) / (population + SHRINK_PEOPLE)
    far = FAR_KM if nearest_km is None else min(nearest_km, FAR_KM)
    return per_resident * max(LEAST_FAR, far / FAR_KM)


def owes_answer(votes: int, ready: bool, *, answer_votes: int) -> bool:
    """Whether P2PU owes this town an answer: it is ready, or many asked."""
    return ready or votes >= answer_votes


# --- addresses ------------------------------------------------------------------------------

# Digits and consonants that can't be misread; without vowels no code becomes a word.
_LETTERS: Final = "23456789bcdfghjkmnpqrstvwxyz"
_SPREAD: Final = 7_368_787
_CODE: Final = re.compile(f"[{_LETTERS}]{{5,6}}")
_FIVE: Final = len(_LETTERS) ** 5
_SIX: Final = len(_LETTERS) ** 6


def slug_of(name: str) -> str:
    """A name as it stands in an address: "Nowy Sącz" is "nowy-sacz"; "" when no letter is left."""
    ascii_only = fold(name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:80].strip("-")


def place_code(geonames_id: int) -> str:
    """The short code of a gazetteer place, 5 characters; the same for place and town.

    Multiplying by a prime spreads neighbouring ids apart and loses none of them.
    """
    if geonames_id < _FIVE:
        return _in_letters(geonames_id * _SPREAD % _FIVE, 5)
    return _in_letters(geonames_id * _SPREAD % (_SIX // 2), 6)


def place_of_code(code: str) -> int | None:
    """The GeoNames id behind a five-character code, or None."""
    if len(code) != 5 or not is_code(code):
        return None
    number = 0
    for letter in code:
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    return number * pow(_SPREAD, -1, _FIVE) % _FIVE


def hand_code(town_id: int) -> str:
    """The short code of a town typed by hand, 6 characters, apart from all places' codes."""
    return _in_letters(_SIX // 2 + town_id * _SPREAD % (_SIX // 2), 6)


def is_code(text: str) -> bool:
    """Whether a text looks like one of our short codes."""
    return _CODE.fullmatch(text) is not None


def _in_letters(number: int, length: int) -> str:
    out = ""
    for _place in range(length):
        number, rest = divmod(number, len(_LETTERS))
        out = _LETTERS[rest] + out
    return out


STATUS_ICONS: Final[Mapping[str, str]] = {
    "asking": "hand",
    "in_review": "glasses",
    "talking": "messages-square",
    "planned": "calendar-check",
    "launched": "door-open",
    "not_now": "circle-pause",
}
