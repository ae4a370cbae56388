"""Turning pages by keys: forward and back meet the same rows, whatever happens in between."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from board.explore.paging import Key, Keyed, turn


class Numbers:
    """Finds whole numbers in a list."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.keys = [(number,) for number in sorted(set(numbers))]

    def following(self, key: Key | None, most: int) -> list[Keyed[int]]:
        start = 0 if key is None else bisect_right(self.keys, key)
        return [Keyed(one, one[0]) for one in self.keys[start : start + most]]

    def preceding(self, key: Key | None, most: int) -> list[Keyed[int]]:
        end = len(self.keys) if key is None else bisect_left(self.keys, key)
        return [Keyed(one, one[0]) for one in self.keys[max(0, end - most) : end]]


NUMBERS = st.lists(st.integers(0, 60), max_size=40)
SIZES = st.integers(1, 7)


@given(NUMBERS, SIZES)
def test_pages_forward_are_all_rows_and_back_again_the_same_pages(
    numbers: list[int], size: int
) -> None:
    finder = Numbers(numbers)
    page = turn(finder, None, None, size)
    pages = [page]
    while page.after:
        page = turn(finder, page.after, None, size)
        pages.append(page)
    assert [row for one in pages for row in one.rows] == sorted(set(numbers))
    assert [bool(one.before) for one in pages] == [False] + [True] * (len(pages) - 1)
    while page.before:
        later, page = page, turn(finder, None, page.before, size)
        assert page.after is not None
        assert turn(finder, page.after, None, size).rows[: len(later.rows)] == later.rows
    assert page.rows == pages[0].rows
    assert page.before is None


@given(NUMBERS, NUMBERS, NUMBERS, SIZES)
def test_link_shows_what_follows_its_key_when_it_is_opened(
    before: list[int], come: list[int], gone: list[int], size: int
) -> None:
    """Towns that came or went meanwhile are there or not; none is shown twice or left out."""
    first = turn(Numbers(before), None, None, size)
    now = sorted({*before, *come} - set(gone))
    if first.after is None:
        return
    behind = [number for number in now if (number,) > first.after]
    page = turn(Numbers(now), first.after, None, size)
    if behind:
        assert page.rows == behind[:size]
        assert bool(page.before) == (page.rows[0] != now[0])
        assert bool(page.after) == (page.rows[-1] != now[-1])
    else:
        # Nothing is behind the end: the last page is, or all there is.
        assert page.rows == (now[-size:] if len(now) >= size else now)


@given(NUMBERS, st.integers(-5, 65), SIZES)
def test_page_before_a_key_ends_there_or_is_the_whole_first_page(
    numbers: list[int], key: int, size: int
) -> None:
    found = turn(Numbers(numbers), None, (key,), size)
    now = sorted(set(numbers))
    above = [number for number in now if number < key]
    if len(above) >= size:
        assert found.rows == above[-size:]
        assert bool(found.before) == (len(above) > size)
        assert bool(found.after) == (found.rows[-1] != now[-1])
    else:
        assert found.rows == now[:size]
        assert found.before is None
