import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from board.drawing.ring import SEATS, ring


def test_ring_of_the_design_places_seats_as_drawn() -> None:
    found = ring(19, 6, 1, 0)
    assert [(seat.x, seat.y) for seat in found.seats] == [
        (145.3, 87.8),
        (156.5, 136.9),
        (125.2, 176.3),
        (74.8, 176.3),
        (43.5, 136.9),
        (54.7, 87.8),
    ]
    assert found.small_seats[0] == type(found.seats[0])(32.6, 23.1, taken=True)


@pytest.mark.parametrize(
    ("numbers", "met", "name"),
    [
        ((0, 6, 0, 0), 0, "0 of 3 ready: learners, facilitator and room missing"),
        ((19, 6, 1, 0), 2, "2 of 3 ready: learners and facilitator found, room missing"),
        ((4, 6, 0, 1), 1, "1 of 3 ready: room found, learners and facilitator missing"),
        ((6, 6, 2, 3), 3, "3 of 3 ready: learners, facilitator and room found"),
    ],
)
def test_ring_says_what_is_found_and_missing(
    numbers: tuple[int, int, int, int], met: int, name: str
) -> None:
    found = ring(*numbers)
    assert (found.met, found.name) == (met, name)


@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 3), st.integers(0, 3))
def test_ring_is_full_only_when_enough_learners_are_there(
    learners: int, needed: int, facilitators: int, spaces: int
) -> None:
    found = ring(learners, needed, facilitators, spaces)
    taken = [seat.taken for seat in found.seats]
    assert all(taken) == (learners >= needed)
    assert any(taken) == (learners > 0 or needed == 0)
    assert taken == sorted(taken, reverse=True)
    assert len(taken) == SEATS
    assert f"{found.met} of 3" in found.name


@pytest.mark.parametrize("size", ["large", "small"])
def test_readiness_house_is_a_picture_with_a_name(templates: Environment, size: str) -> None:
    macros = templates.get_template("_ui/drawings.html").module
    drawn = str(macros.readiness_house(ring(4, 6, 0, 1), size))  # type: ignore[attr-defined]
    assert 'role="img" aria-label="1 of 3 ready: room found' in drawn
    assert drawn.count('fill="#FC7100"') == 4
    assert 'fill="#D7F3EC"' in drawn
    assert ("1/3" in drawn) == (size == "large")
