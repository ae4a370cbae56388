"""The official word: how long, and why a step needs a reason. Pure."""

import re
from collections.abc import Mapping
from typing import Final

UPDATE_LENGTH: Final = 8_000
# Why a town goes back a step, or has to wait.
REASONS: Final = ("no_capacity", "no_facilitator", "no_space", "too_few", "circle_near", "other")

# What a name in braces stands for in a reply template (updates.queries.facts_of_town).
NAMES: Final = ("town", "country", "votes", "nearby", "come", "facilitate", "host", "missing")
_NAME: Final = re.compile(r"\{([a-z_]{1,20})\}")


def unknown_names(text: str) -> list[str]:
    """Names in braces that stand for nothing."""
    return [name for name in _NAME.findall(text) if name not in NAMES]


def filled(text: str, facts: Mapping[str, str]) -> str:
    """A template's words for one town; a name without a fact stays as it is, to be seen."""
    return _NAME.sub(lambda found: facts.get(found[1], found[0]), text)
