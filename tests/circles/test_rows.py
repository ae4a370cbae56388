"""Plain values for pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.circles.rows import ShownLibrary, by_country, read_cursor


@pytest.mark.parametrize(
    "text",
    ["", "~", "1~", "~1", "x~1", "1~x", "-1~1", "1~-1", "9999999999999~1", "1~99999999999", "1",
     "1~2~3", "１~1", "1 ~1", "1" * 40 + "~1"],
)  # fmt: skip
def test_read_cursor_takes_only_cursors(text: str) -> None:
    assert read_cursor(text) is None


@settings(deadline=None)
@given(st.text())
def test_read_cursor_never_raises(text: str) -> None:
    cursor = read_cursor(text)
    if cursor is not None:
        assert cursor[0].year < 2107


def test_by_country_keeps_the_order_in_which_libraries_come() -> None:
    rows = [
        ShownLibrary(number, name, "", country, None, None, "", 0)
        for number, (name, country) in enumerate(
            [("Nowhere", ""), ("Braga", "PT"), ("Amber", "US"), ("Zebra", "US")]
        )
    ]

    assert [
        (group.country, [one.name for one in group.libraries]) for group in by_country(rows)
    ] == [("", ["Nowhere"]), ("PT", ["Braga"]), ("US", ["Amber", "Zebra"])]
