"""Reading forms: whatever is wrong becomes a sentence of ours, and nothing typed is lost."""

from typing import Annotated, Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticKnownError
from pydantic_core._pydantic_core import list_all_errors

from board.core.errors import Mistake
from board.core.forms import Decimal, Form, Line, Number, Text, Tick, read_form, typed_values

SENTENCES = {"Please fill this in.", "Please look at this again."}
# These carry an error of our own, whose sentence is shown as it is.
OWN = {"value_error", "assertion_error"}


class Everything(Form):
    """One field of each kind."""

    line: Annotated[Line, Field(max_length=10)] = ""
    text: Text = ""
    tick: Tick = False
    number: Number = None
    decimal: Decimal = None


def read(**typed: str) -> Everything:
    return read_form(Everything, typed)


@pytest.mark.parametrize("error", [e for e in list_all_errors() if e["type"] not in OWN],
                         ids=lambda error: error["type"])  # fmt: skip
def test_error_of_every_kind_is_one_of_our_sentences(error: dict[str, Any]) -> None:
    def fail(_value: str) -> str:
        raise PydanticKnownError(error["type"], error["example_context"])

    class Failing(Form):
        field: Annotated[str, AfterValidator(fail)]

    with pytest.raises(Mistake) as caught:
        read_form(Failing, {"field": "typed"})
    sentence = caught.value.fields["field"]
    assert sentence in SENTENCES or sentence.startswith("That is too long.")
    assert set(caught.value.fields) == {"field"}


def test_sentence_of_our_own_reaches_its_field() -> None:
    class Fussy(Form):
        name: str = ""
        email: str = ""

        @model_validator(mode="after")
        def one_of_two(self) -> Self:
            if not self.email:
                raise ValueError("We need one of the two.", "email")
            if not self.name:
                raise ValueError("Something is missing.")
            return self

    for typed, field, sentence in (
        ({}, "email", "We need one of the two."),
        ({"email": "x"}, "", "Something is missing."),
    ):
        with pytest.raises(Mistake) as caught:
            read_form(Fussy, typed)
        assert caught.value.fields == {field: sentence}


def test_length_is_named_in_its_sentence() -> None:
    class Plain(Form):
        line: Annotated[str, Field(max_length=10)]

    for form in (Everything, Plain):
        with pytest.raises(Mistake) as caught:
            read_form(form, {"line": "x" * 11})
        sentence = "That is too long. Please keep it under 10 characters."
        assert caught.value.fields == {"line": sentence}
        assert str(caught.value) == sentence


def test_missing_field_is_asked_for() -> None:
    class Needed(Form):
        name: str
        word: Annotated[str, Field(min_length=2)] = "ok"

    with pytest.raises(Mistake) as caught:
        read_form(Needed, {"word": "x"})
    assert caught.value.fields == {"name": "Please fill this in.", "word": "Please fill this in."}


def test_unknown_fields_are_left_alone() -> None:
    assert read_form(Everything, {"role": "admin", "id": "1"}) == Everything()


@pytest.mark.parametrize(
    ("typed", "ticked"),
    [("1", True), ("on", True), ("true", True), ("yes", True), ("", False), ("0", False),
     ("off", False), ("no", False)],
)  # fmt: skip
def test_tick_is_on_for_what_boxes_send(typed: str, ticked: bool) -> None:
    assert read(tick=typed).tick is ticked


@pytest.mark.parametrize(
    ("typed", "number"),
    [("3189075", 3189075), (" 7 ", 7), ("", None), ("-1", None), ("1.5", None), ("1e3", None),
     ("٣", None), ("²", None), ("999999999", 999999999), ("2147483648", None), ("9" * 40, None)],
)  # fmt: skip
def test_number_is_an_id_or_nothing(typed: str, number: int | None) -> None:
    assert read(number=typed).number == number


@pytest.mark.parametrize(
    ("typed", "decimal"),
    [("46.36", 46.36), ("46,36", 46.36), ("-0.5", -0.5), ("", None), ("north", None),
     ("nan", None), ("inf", None), ("-Infinity", None), ("1e999", None)],
)  # fmt: skip
def test_decimal_is_a_real_number_or_nothing(typed: str, decimal: float | None) -> None:
    assert read(decimal=typed).decimal == decimal


def test_line_is_one_line_and_text_keeps_its_paragraphs() -> None:
    typed = "  one\r\n\r\ntwo\u202e  "
    assert read(line="a\n b\u200b").line == "a b"
    assert read(text=typed).text == "one\n\ntwo"


@given(st.dictionaries(st.sampled_from([*Everything.model_fields, "other"]), st.text(max_size=20)))
def test_reading_anything_gives_a_form_or_sentences(typed: dict[str, str]) -> None:
    assert set(mistakes(typed)) <= {"line"}
    assert typed_values(Everything, typed) == {
        name: typed.get(name, "") for name in Everything.model_fields
    }


def mistakes(typed: dict[str, str]) -> dict[str, str]:
    """What is wrong with what was typed, nothing else may happen."""
    try:
        read_form(Everything, typed)
    except Mistake as mistake:
        return mistake.fields
    return {}
