"""The burst limit: so many forms of one network within a minute, and no more."""

import pytest

from board.core.errors import TooMuch
from board.core.limits import MOST_NETWORKS, PostLimiter


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_limit_moves_with_the_last_minute() -> None:
    clock = Clock()
    limiter = PostLimiter(2, clock)
    limiter.count("192.0.2.1")
    clock.now += 40
    limiter.count("192.0.2.1")
    with pytest.raises(TooMuch):
        limiter.count("192.0.2.1")
    # A form that was refused doesn't count, and the first is a minute old by now.
    clock.now += 21
    limiter.count("192.0.2.1")
    with pytest.raises(TooMuch):
        limiter.count("192.0.2.1")


def test_limit_is_one_for_a_household_and_another_for_its_neighbour() -> None:
    limiter = PostLimiter(1, Clock())
    limiter.count("2001:db8:0:1::1")
    limiter.count("2001:db8:0:2::1")
    with pytest.raises(TooMuch):
        limiter.count("2001:db8:0:1::2")


def test_limit_forgets_the_longest_silent_networks() -> None:
    clock = Clock()
    limiter = PostLimiter(1, clock)
    for number in range(MOST_NETWORKS + 1):
        limiter.count(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    limiter.count("10.0.0.0")
    with pytest.raises(TooMuch):
        limiter.count("10.0.0.2")
