"""Statuses, readiness, ranking and addresses of towns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.towns.rules import (
    NOTHING_RISING,
    STATUSES,
    STEPS,
    Need,
    Readiness,
    hand_code,
    is_code,
    may_become,
    need_score,
    needs_reason,
    place_code,
    place_of_code,
    risen,
    slug_of,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
COUNTS = st.integers(0, 40)


@pytest.mark.parametrize("before", STEPS)
def test_may_become_any_step_forward(before: str) -> None:
    assert all(may_become(before, after) for after in STEPS[STEPS.index(before) + 1 :])


def test_may_become_one_step_back_and_no_further() -> None:
    assert may_become("planned", "talking")
    assert not may_become("planned", "in_review")


def test_may_become_from_not_now_leads_to_asking_or_review() -> None:
    assert {s for s in STATUSES if may_become("not_now", s)} == {"asking", "in_review"}


@pytest.mark.parametrize("status", STATUSES)
def test_may_become_itself_is_no_step(status: str) -> None:
    assert not may_become(status, status)


def test_needs_reason_for_a_step_back_and_not_now_alone() -> None:
    assert needs_reason("planned", "talking")
    assert needs_reason("asking", "not_now")
    assert not needs_reason("asking", "talking")
    assert not needs_reason("not_now", "asking")


@given(COUNTS, COUNTS, COUNTS)
def test_readiness_is_ready_when_nothing_is_missing(learners: int, able: int, rooms: int) -> None:
    ready = Readiness(learners, able, rooms, Need())
    assert ready.is_ready == (ready.seats_missing == 0)
    assert 0 <= ready.checks_met <= 3


@given(COUNTS, COUNTS, COUNTS)
def test_closeness_grows_with_every_offer(learners: int, able: int, rooms: int) -> None:
    here = Readiness(learners, able, rooms, Need()).closeness
    assert Readiness(learners + 1, able, rooms, Need()).closeness >= here
    assert Readiness(learners, able + 1, rooms, Need()).closeness >= here
    assert Readiness(learners, able, rooms + 1, Need()).closeness >= here


def test_need_score_obeys_the_promised_examples() -> None:
    small, large, town = (
        need_score(*case, None) for case in ((3, 90), (400, 200_000), (60, 3_000))
    )
    assert small < large < town


@given(st.integers(0, 10_000), st.integers(0, 10**7), st.floats(0, 500))
def test_need_score_falls_with_people_and_grows_with_votes_and_distance(
    votes: int, people: int, km: float
) -> None:
    here = need_score(votes, people, km)
    assert need_score(votes + 1, people, km) > here
    assert need_score(votes, people + 1_000, km) < here
    assert need_score(votes, people, km + 1) >= here
    assert need_score(votes, people, None) >= here


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=30),
    st.lists(st.integers(0, 400), min_size=1, max_size=30),
    st.integers(401, 4_000),
)
def test_rising_keeps_its_order_while_time_passes(a: list[int], b: list[int], later: int) -> None:
    def true_sum(days: list[int], at: int) -> float:
        return sum(2 ** (-(at - day) / 30) for day in days)

    def stored(days: list[int]) -> float:
        rising = NOTHING_RISING
        for day in days:
            rising = risen(rising, NOW + timedelta(days=day))
        return rising

    one, other = stored(a), stored(b)
    if abs(one - other) > 1e-6:
        assert (one > other) == (true_sum(a, later) > true_sum(b, later))


@given(st.integers(1, 17_000_000))
def test_place_code_leads_back_to_its_place(geonames_id: int) -> None:
    code = place_code(geonames_id)
    assert is_code(code)
    assert len(code) == 5
    assert place_of_code(code) == geonames_id


@given(st.integers(1, 10**6), st.integers(1, 30_000_000))
def test_hand_code_is_never_a_place_code(town_id: int, geonames_id: int) -> None:
    assert is_code(hand_code(town_id))
    assert hand_code(town_id) != place_code(geonames_id)


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Nowy Sącz", "nowy-sacz"), ("L'Aquila", "l-aquila"), ("東京", ""), ("Ełk", "elk")],
)
def test_slug_of_a_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug
