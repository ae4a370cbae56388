"""Odd values: each becomes a plain value or nothing, and nothing raises."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.circles import values

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("  spaced  \n name ", "spaced name"),
        ("Ko\u0308ln", "Köln"),
        ("a\x00b\u202ec", "abc"),
        ("\ud800 lone", "lone"),
        (12, "12"),
        (None, ""),
        (True, ""),
        (["x"], ""),
        (10**400, ""),
    ],
)
def test_text_of(said: Any, line: str) -> None:
    assert values.text_of(said, 100) == line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("<script>alert(1)</script> & <b>bold</b>", "& bold"),
        ("Maths &amp; you", "Maths & you"),
        ("&lt;b&gt;Twice&lt;/b&gt;", "Twice"),
        ("one<br>two", "one two"),
        ("2 < 3, a <3 for maths", "2 < 3, a <3 for maths"),
        ("<!-- hidden -->", ""),
        ("<![foo[", "<![foo["),
        ("<b", "<b"),
    ],
)
def test_words_of(said: str, line: str) -> None:
    assert values.words_of(said, 100) == line


def test_words_of_hostile_length_is_quick() -> None:
    assert values.words_of("<script>" * 100_000, 50) == ""
    assert len(values.words_of("<" * 100_000, 50)) == 50


@pytest.mark.parametrize(
    ("said", "number"),
    [(6, 6), ("6", 6), (" 52 ", 52), (6.0, 6), (6.5, None), (True, None), ("six", None),
     ("１２", None), (None, None), (float("nan"), None), ("1" * 50, None)],
)  # fmt: skip
def test_int_of(said: Any, number: int | None) -> None:
    assert values.int_of(said) == number


@pytest.mark.parametrize(
    ("lat", "lng", "point"),
    [
        ("41.850030", "-87.650050", (41.85, -87.65)),
        (41.85003, -87.65005, (41.85, -87.65)),
        ("41,85", "-87,65", (41.85, -87.65)),
        ("46.766670", None, None),
        (None, "46.7", None),
        ("0.000000", "0.000000", None),
        ("-16.5", "-179.999999", (-16.5, -180.0)),
        ("139.69", "35.68", (35.68, 139.69)),
        ("91", "181", None),
        ("nan", "1", None),
        (float("inf"), 1, None),
        (10**400, 1, None),
        (True, False, None),
        ("1e5", "3", None),
    ],
)
def test_point_of(lat: Any, lng: Any, point: tuple[float, float] | None) -> None:
    assert values.point_of(lat, lng) == point


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-11-15", date(2026, 11, 15)),
        ("2026-11-15T17:00:00-05:00", date(2026, 11, 15)),
        ("0001-01-01", date(1, 1, 1)),
        ("2026-02-30", None),
        ("15.11.2026", None),
        ("2026-11-155", None),
        (20261115, None),
        (None, None),
    ],
)
def test_date_of(said: Any, day: date | None) -> None:
    assert values.date_of(said) == day


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("2026-11-15T17:00:00-05:00", -300),
        ("2026-11-15T19:30:00Z", 0),
        ("2026-11-15T19:30:00.123456+0545", 345),
        ("2026-11-15T19:30:00+14:00", 840),
        ("2026-11-15T19:30:00+23:00", None),
        ("2026-11-15T19:30:00+05:99", None),
        ("2026-11-15T19:30:00", None),
        ("2026-11-15", None),
        (None, None),
    ],
)
def test_offset_of(said: Any, minutes: int | None) -> None:
    assert values.offset_of(said) == minutes


@pytest.mark.parametrize(
    ("said", "clock"), [("17:00:00", "17:00"), ("25:00", ""), ("17:60:00", ""), (17, ""), ("", "")]
)
def test_clock_of(said: Any, clock: str) -> None:
    assert values.clock_of(said) == clock


@pytest.mark.parametrize(
    ("said", "code"),
    [("en", "en"), ("pt-BR", "pt"), ("zh_Hant", "zh"), ("DE", "de"), ("iw", "he"), ("no", "nb"),
     ("xx", ""), ("", ""), (None, ""), (["en"], "")],
)  # fmt: skip
def test_language_of(said: Any, code: str) -> None:
    assert values.language_of(said) == code


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//example.org/x",
        "/en/signup/",
        "ftp://example.org/",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/a b",
        "https://example.org/\u202egro",
        'https://example.org/"><script>',
        "https://example.org:port/",
        "https://[::1/",
        "https://example.org/" + "a" * 600,
        None,
        7,
    ],
)
def test_url_of_refuses(address: Any) -> None:
    assert values.url_of(address, 500) == ""


def test_url_of_keeps_web_addresses() -> None:
    address = "https://learningcircles.p2pu.org/en/signup/biblioteca-de-são-paulo-97/?x=1#y"
    assert values.url_of(f" {address} ", 500) == address
    assert values.url_of("http://library.example.org", 500) == "http://library.example.org"


@settings(deadline=None)
@given(ANYTHING, ANYTHING)
def test_no_value_raises(one: Any, other: Any) -> None:
    for read in (values.int_of, values.number_of, values.is_true, values.date_of, values.clock_of,
                 values.offset_of, values.language_of):  # fmt: skip
        read(one)
    for read_text in (values.text_of, values.words_of, values.url_of):
        assert len(read_text(one, 20)) <= 20
    values.point_of(one, other)
