from hypothesis import given
from hypothesis import strategies as st

from board.drawing.chance import Chance, fnv1a


def test_fnv1a_known_values() -> None:
    assert [fnv1a(text) for text in ("", "a", "velenje")] == [2166136261, 3826002220, 3372503874]


def test_chance_first_numbers_are_those_of_mulberry32() -> None:
    chance = Chance("velenje")
    assert [round(chance.next(), 10) for _n in range(3)] == [
        0.304473093,
        0.5518544109,
        0.9111162662,
    ]


@given(st.text(max_size=40), st.floats(-100, 100), st.floats(0, 100))
def test_chance_stays_between(seed: str, low: float, width: float) -> None:
    chance, again = Chance(seed), Chance(seed)
    for _n in range(20):
        number = chance.between(low, low + width)
        assert low <= number <= low + width
        assert number == again.between(low, low + width)


@given(st.text(max_size=40), st.lists(st.integers(), min_size=1, max_size=9))
def test_chance_picks_one_of_the_things(seed: str, things: list[int]) -> None:
    assert Chance(seed).one_of(things) in things
