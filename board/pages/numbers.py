"""The numbers that a content page speaks of, put in from the settings and rules that use them.

A page says `{answer_days}` where the number stands; nobody has to type it a second time.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from board.core.config import Settings
from board.core.rendering import number
from board.pages.pieces import Page
from board.towns.rules import (
    CHECK_WEIGHT,
    FAR_KM,
    HALF_LIFE_DAYS,
    LEAST_FAR,
    PER_PEOPLE,
    SHRINK_PEOPLE,
    SHRINK_VOTES,
    TREND_DAYS,
    WEEK_DAYS,
)

_GAP = re.compile(r"\{([a-z_]+)\}")


def numbers_of(settings: Settings) -> Mapping[str, str]:
    """Every number by its name, written as the language spoken now writes it."""
    found: dict[str, float] = {
        "learners": settings.learners_needed,
        "facilitators": settings.facilitators_needed,
        "spaces": settings.spaces_needed,
        "check_weight": CHECK_WEIGHT,
        "answer_days": settings.answer_days,
        "answer_votes": settings.answer_votes,
        "join_km": settings.join_km,
        "far_km": FAR_KM,
        "least_far": LEAST_FAR,
        "half_life_days": HALF_LIFE_DAYS,
        "per_people": PER_PEOPLE,
        "shrink_people": SHRINK_PEOPLE,
        "shrink_votes": SHRINK_VOTES,
        "trend_days": TREND_DAYS,
        "week_days": WEEK_DAYS,
    }
    return {name: number(value) for name, value in found.items()}


def with_numbers(page: Page, numbers: Mapping[str, str]) -> Page:
    """The page with its numbers; KeyError for a name that nobody knows."""

    def fill(html: str) -> str:
        return _GAP.sub(lambda gap: numbers[gap[1]], html)

    return replace(
        page,
        about=fill(page.about),
        intro=fill(page.intro),
        sections=tuple(
            replace(part, title=fill(part.title), lead=fill(part.lead), rest=fill(part.rest))
            for part in page.sections
        ),
        sidenav=tuple(replace(side, title=fill(side.title)) for side in page.sidenav),
    )
