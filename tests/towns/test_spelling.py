"""Spellings: what a name may be typed as, and what each spelling weighs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.core.text import search_form
from board.towns.spelling import (
    ALIAS,
    CODE,
    LONGEST,
    SHORTENED,
    WORD_START,
    spellings,
    weight_of,
)


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("Łódź", "lodz"),
        ("  Nowy   SĄCZ ", "nowy sacz"),
        ("L’Aquila", "l aquila"),
        ("Pāʻia", "pa ia"),
        ("القاهرة", "القاهره"),
        ("Gəncə", "gence"),
        ("東京", "東京"),
        ("!?", ""),
    ],
)
def test_search_form_keeps_what_keyboards_share(typed: str, form: str) -> None:
    assert search_form(typed) == form


@given(st.text(max_size=40))
def test_search_form_of_a_search_form_is_itself(text: str) -> None:
    assert search_form(search_form(text)) == search_form(text)


@given(st.text(max_size=40))
def test_search_form_never_ends_in_a_space(text: str) -> None:
    assert search_form(text) == search_form(text).strip()


@pytest.mark.parametrize(
    ("name", "aliases", "spelling", "loss"),
    [
        ("Ełk", [], "elk", 0),
        ("Köln", ["Cologne"], "koln", 0),
        ("Köln", ["Cologne"], "koeln", 0),
        ("Köln", ["Cologne"], "cologne", ALIAS),
        ("St. Louis", [], "saint louis", 0),
        ("Saint-Denis", [], "st denis", 0),
        ("Sankt Gallen", [], "st gallen", 0),
        ("Fort Worth", [], "ft worth", 0),
        ("St. John's", [], "st johns", 0),
        ("L'Aquila", [], "laquila", 0),
        ("Washington", ["Washington D.C."], "washington dc", ALIAS),
        ("Frankfurt am Main", [], "frankfurt main", 0),
        ("Frankfurt am Main", [], "frankfurt", SHORTENED),
        ("Frankfurt (Oder)", [], "frankfurt", SHORTENED),
        ("Frankfurt (Oder)", [], "frankfurt oder", 0),
        ("Biel/Bienne", [], "bienne", SHORTENED),
        ("León de los Aldama", ["León"], "leon", SHORTENED),
        ("Kingston upon Hull", ["Hull"], "hull", SHORTENED),
        ("Warsaw", ["WAW"], "waw", CODE),
        ("London", ["lun dun"], "lun dun", CODE),
        ("New York City", [], "york city ", WORD_START),
    ],
)
def test_spelling_of_a_name(name: str, aliases: list[str], spelling: str, loss: int) -> None:
    assert spellings(name, aliases)[spelling] == loss


def test_inner_words_do_not_begin_at_an_article() -> None:
    assert list(spellings("Vila Nova de Gaia", [])) == [
        "vila nova de gaia",
        "vila nova gaia",
        "nova de gaia ",
        "gaia ",
    ]


@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=4))
def test_no_spelling_is_empty_or_too_long(name: str, aliases: list[str]) -> None:
    found = spellings(name, aliases)
    assert all(spelling.strip() and len(spelling) <= LONGEST for spelling in found)


@given(st.integers(0, 40_000_000), st.integers(0, 40_000_000))
def test_more_people_never_weigh_less(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert weight_of(few) <= weight_of(many)


def test_twice_the_people_weigh_a_doubling_more() -> None:
    assert weight_of(2_000_000) - weight_of(1_000_000) == 64
