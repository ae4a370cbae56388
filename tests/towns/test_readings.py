"""Readings: which words of a text are a name, and which say where it lies."""

from hypothesis import given
from hypothesis import strategies as st

from board.towns.readings import Area, Reading, begun, readings, spans, typed

ILLINOIS, US, ONTARIO, CANADA = Area("US", "IL"), Area("US"), Area("CA", "08"), Area("CA")
KNOWN = {
    "il": frozenset({ILLINOIS, Area("IL")}),
    "illinois": frozenset({ILLINOIS}),
    "usa": frozenset({US}),
    "ontario": frozenset({ONTARIO}),
    "canada": frozenset({CANADA}),
    "costa rica": frozenset({Area("CR")}),
}


def read(text: str) -> list[Reading]:
    return readings(typed(text), KNOWN, {})


def test_a_single_word_is_only_a_name() -> None:
    assert read("illinois") == []


def test_last_word_may_be_an_area() -> None:
    assert read("springfield il") == [Reading("springfield", frozenset({ILLINOIS, Area("IL")}))]


def test_two_areas_narrow_each_other() -> None:
    found = read("Springfield, IL, USA")
    assert Reading("springfield", frozenset({ILLINOIS})) in found


def test_areas_that_exclude_each_other_are_no_reading_of_the_name() -> None:
    assert all(way.name != "london" for way in read("london ontario usa"))


def test_area_of_two_words() -> None:
    assert read("san josé costa rica") == [Reading("san jose", frozenset({Area("CR")}))]


def test_unknown_part_between_commas_is_passed_over() -> None:
    found = read("Springfield, Sangamon County, Illinois")
    assert Reading("springfield", frozenset({ILLINOIS})) in found


def test_unknown_words_without_a_comma_stay_in_the_name() -> None:
    assert read("springfield gardens") == []


def test_unfinished_area_counts_after_the_finished_ones() -> None:
    text = typed("springfield illi")
    way = Reading("springfield", frozenset({ILLINOIS}))
    assert readings(text, {}, {"illi": way.areas}) == [way]


def test_short_words_are_no_unfinished_areas_before_a_comma() -> None:
    assert begun(typed("san c")) == []
    assert begun(typed("san, c")) == ["c"]


def test_postcode_is_left_out_unless_it_is_all_there_is() -> None:
    assert typed("10115 Berlin").words == ("berlin",)
    assert typed("10115").words == ("10115",)


@given(st.text(alphabet="ab ,;()1234", max_size=60))
def test_readings_take_words_off_the_end_only(text: str) -> None:
    asked = typed(text)
    known = {span: frozenset({US}) for span in spans(asked)}
    for way in readings(asked, known, {}):
        assert way.name
        assert asked.whole.startswith(f"{way.name} ")
        assert way.areas
