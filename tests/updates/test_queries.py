"""The status line: when each step was first reached, whatever went back and forth."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.towns.rules import STATUSES, STEPS, may_become
from board.updates.queries import Step, UpdateView, steps_taken

START = datetime(2026, 1, 1, tzinfo=UTC)


def word(day: int, before: str, after: str) -> UpdateView:
    return UpdateView(day, "Sue", before, after, "", "en", "", START + timedelta(days=day))


def line(steps: list[Step]) -> list[tuple[str, int | None]]:
    """Each step with the day since which it is reached; the present one in capitals."""
    return [
        (step.status.upper() if step.now else step.status,
         (step.since - START).days if step.since else None)
        for step in steps
    ]  # fmt: skip


def test_steps_of_a_new_town() -> None:
    assert line(steps_taken("asking", START, [])) == [
        ("ASKING", 0), ("in_review", None), ("talking", None), ("planned", None),
        ("launched", None),
    ]  # fmt: skip


def test_steps_that_were_leapt_over_have_no_date() -> None:
    history = [word(9, "talking", "planned"), word(5, "asking", "talking")]
    assert line(steps_taken("planned", START, history)) == [
        ("asking", 0), ("in_review", None), ("talking", 5), ("PLANNED", 9), ("launched", None),
    ]  # fmt: skip


def test_step_back_hides_what_is_ahead_again_and_keeps_the_first_date() -> None:
    history = [
        word(9, "in_review", "talking"), word(7, "talking", "in_review"),
        word(5, "in_review", "talking"), word(2, "asking", "in_review"),
    ]  # fmt: skip
    assert line(steps_taken("talking", START, history))[:4] == [
        ("asking", 0), ("in_review", 2), ("TALKING", 5), ("planned", None),
    ]  # fmt: skip
    assert line(steps_taken("in_review", START, history[1:]))[:3] == [
        ("asking", 0), ("IN_REVIEW", 2), ("talking", None),
    ]  # fmt: skip


def test_not_now_keeps_the_steps_up_to_where_it_stopped() -> None:
    history = [
        word(8, "not_now", "not_now"), word(7, "talking", "not_now"), word(5, "asking", "talking"),
    ]  # fmt: skip
    steps = steps_taken("not_now", START, history)
    assert line(steps)[:4] == [
        ("asking", 0), ("in_review", None), ("talking", 5), ("planned", None),
    ]  # fmt: skip
    assert not any(step.now for step in steps)


def test_answer_alone_moves_nothing() -> None:
    assert line(steps_taken("asking", START, [word(3, "asking", "asking")]))[0] == ("ASKING", 0)


@given(wishes=st.lists(st.sampled_from(STATUSES), max_size=12))
def test_steps_are_five_and_at_most_one_is_now(wishes: list[str]) -> None:
    status, history = "asking", list[UpdateView]()
    for day, wish in enumerate(wishes, start=1):
        if wish == status or may_become(status, wish):
            history.insert(0, word(day, status, wish))
            status = wish
    steps = steps_taken(status, START, history)
    assert [step.status for step in steps] == list(STEPS)
    assert [step.status for step in steps if step.now] == ([status] if status in STEPS else [])
    reached = [step.since is not None for step in steps]
    assert reached[0]
    if status in STEPS:
        assert not any(reached[STEPS.index(status) + 1 :])
        assert reached[STEPS.index(status)]


@pytest.mark.parametrize("status", STATUSES)
def test_steps_without_a_history_never_fail(status: str) -> None:
    assert len(steps_taken(status, START, [])) == 5
