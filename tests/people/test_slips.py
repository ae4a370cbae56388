"""Desk codes: typed as people type, one code for one slip, and too many to guess."""

import string

from hypothesis import given
from hypothesis import strategies as st

from board.people.slips import (
    ALPHABET,
    LENGTH,
    MOST_TYPED,
    batch_of,
    make_code,
    normalise,
    path_of,
    show,
)

BATCHES = st.integers(1, 999_999_999)
# What stands between the characters of a code when it is typed, read out or pasted.
BETWEEN = st.sampled_from(["", " ", "-", "–", "\u00a0", ".", "_", "/", "  "])
ALIKE = {"0": "0Oo", "1": "1IiLl", "V": "VvUu"}


@given(BATCHES)
def test_made_code_is_what_is_shown_and_typed(batch: int) -> None:
    code = make_code(batch)
    assert normalise(show(code)) == normalise(code) == code
    assert batch_of(code) == batch
    assert path_of(code) == f"/slip/{show(code)}"


@given(BATCHES, st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH), st.data())
def test_code_typed_in_any_manner_is_the_same(batch: int, rest: str, data: st.DataObject) -> None:
    code, digits = f"{batch}-{rest}", str(batch)
    typed = data.draw(BETWEEN).join(
        [
            *digits,
            *(
                data.draw(st.sampled_from(ALIKE.get(letter, letter + letter.lower())))
                for letter in rest
            ),
        ]
    )
    assert normalise(f" {typed} ") == (code if len(typed) <= MOST_TYPED - 2 else None)


@given(st.text(max_size=60))
def test_normalising_again_changes_nothing_and_never_fails(typed: str) -> None:
    code = normalise(typed)
    if code is None:
        return
    assert normalise(code) == normalise(show(code)) == code
    batch, _dash, rest = code.partition("-")
    assert batch.isascii()
    assert batch.isdigit()
    assert int(batch) == batch_of(code) > 0
    assert len(rest) == LENGTH
    assert set(rest) <= set(ALPHABET)


def test_other_characters_of_full_width_are_read() -> None:
    assert normalise("１７-７Ｋ３Ｍ-Ｑ９ＸＺ") == "17-7K3MQ9XZ"
    assert normalise("17-7k3m-q9xz\n") == "17-7K3MQ9XZ"
    assert normalise("017-OIL0-u9XZ") == "17-0110V9XZ"


def test_what_is_no_code_is_none() -> None:
    for typed in ("", "-", "7K3MQ9XZ", "7-K3M-Q9XZ", "0-7K3MQ9XZ", "AB-7K3MQ9XZ",
                  "1234567890-7K3MQ9XZ", "٣-7K3MQ9XZ", "17-7K3MQ9XÉ", "1" * 41):  # fmt: skip
        assert normalise(typed) is None, typed


def test_alphabet_holds_no_two_that_look_alike() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)
    assert set(ALPHABET) <= set(string.digits + string.ascii_uppercase)


def test_codes_of_a_batch_differ_in_every_place() -> None:
    codes = [make_code(17).partition("-")[2] for _ in range(2_000)]
    assert len(set(codes)) == 2_000
    for place in range(LENGTH):
        # Each of 32 characters is expected 62 times: none is missing by chance.
        assert len({code[place] for code in codes}) == 32
