"""When a comment appears at once, how long it may be changed, when a talk gets hot."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.comments.rules import (
    Heat,
    Mark,
    first_visibility,
    is_heated,
    may_edit,
    read_mark,
    visibility_after_edit,
    wait_left,
)

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
HEAT = Heat(comments_an_hour=12, flags_a_day=3, pause=timedelta(minutes=10))


@pytest.mark.parametrize(
    ("trusted", "has_vote", "links", "odd", "visibility"),
    [
        (False, True, 0, False, "public"),
        (False, True, 0, True, "held"),
        (False, True, 1, False, "held"),
        (False, False, 0, False, "held"),
        (False, False, 1, False, "held"),
        (True, False, 0, False, "public"),
        (True, False, 9, True, "public"),
    ],
)
def test_first_visibility_by_vote_links_and_trust(
    trusted: bool, has_vote: bool, links: int, odd: bool, visibility: str
) -> None:
    shown = first_visibility(trusted=trusted, has_vote=has_vote, links=links, odd=odd)
    assert shown == visibility


@pytest.mark.parametrize(
    ("before", "anew", "after"),
    [
        ("public", "public", "public"),
        ("public", "held", "held"),
        ("held", "public", "held"),
        ("held", "held", "held"),
    ],
)
def test_edit_never_lets_appear_what_waits(before: str, anew: str, after: str) -> None:
    assert visibility_after_edit(before, anew) == after


@pytest.mark.parametrize(
    ("visibility", "minutes", "may"),
    [
        ("public", 0, True),
        ("held", 14.9, True),
        ("public", 15, False),
        ("unlisted", 1, False),
        ("withdrawn", 1, False),
    ],
)
def test_comment_may_be_changed_for_a_quarter_of_an_hour(
    visibility: str, minutes: float, may: bool
) -> None:
    assert may_edit(visibility, NOW - timedelta(minutes=minutes), NOW) is may


@pytest.mark.parametrize(
    ("comments", "flags", "heated"), [(11, 2, False), (12, 0, True), (0, 3, True)]
)
def test_talk_is_heated_by_comments_or_by_flags(comments: int, flags: int, heated: bool) -> None:
    assert is_heated(HEAT, comments_this_hour=comments, flags_today=flags) is heated


@pytest.mark.parametrize(("minutes", "left"), [(None, 0), (0, 10), (9.5, 0.5), (10, 0), (60, 0)])
def test_everybody_waits_from_their_own_last_word_on(minutes: float | None, left: float) -> None:
    last = None if minutes is None else NOW - timedelta(minutes=minutes)
    assert wait_left(HEAT, last_word_at=last, now=NOW) == timedelta(minutes=left)


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2286, 1, 1)),
    st.integers(1, 999_999_999),
)
def test_mark_is_read_as_it_was_written(at: datetime, number: int) -> None:
    mark = Mark(at.replace(tzinfo=UTC), number)
    assert read_mark(mark.text) == mark


@given(st.text(max_size=40))
def test_mark_changed_by_hand_is_none_or_a_mark(text: str) -> None:
    mark = read_mark(text)
    assert mark is None or read_mark(mark.text) == mark
