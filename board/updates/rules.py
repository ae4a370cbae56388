"""The official word: how long, and why a step needs a reason. Pure."""

from typing import Final

UPDATE_LENGTH: Final = 8_000
# Why a town goes back a step, or has to wait.
REASONS: Final = ("no_capacity", "no_facilitator", "no_space", "too_few", "circle_near", "other")
