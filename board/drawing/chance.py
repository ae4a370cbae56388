"""Chance that always falls the same way: a town's slug decides how its street looks, for ever.

The rule: never change a constant here, or every street in the world is rebuilt overnight.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

Thing = TypeVar("Thing")

_WORD: Final = 0xFFFFFFFF


def fnv1a(text: str) -> int:
    """The 32-bit FNV-1a hash of the text's UTF-8 bytes."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & _WORD
    return value


class Chance:
    """A stream of numbers from 0 up to 1 (mulberry32), the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._state = fnv1a(seed)

    def next(self) -> float:
        """The next number of the stream."""
        self._state = (self._state + 0x6D2B79F5) & _WORD
        mixed = self._state
        mixed = (mixed ^ mixed >> 15) * (mixed | 1) & _WORD
        mixed ^= (mixed + ((mixed ^ mixed >> 7) * (mixed | 61) & _WORD)) & _WORD
        return (mixed ^ mixed >> 14) / 2**32

    def between(self, low: float, high: float) -> float:
        """A number from `low` up to `high`."""
        return low + (high - low) * self.next()

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """One of the things, each as likely as the next."""
        return things[int(self.next() * len(things))]
