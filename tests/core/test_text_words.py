"""Words under which a text is found: the same for every way to type them, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.core.text import LONGEST_WORD, Word, words_asked, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Nowy Sącz", ["nowy", "sacz"]),
        ("Straße, strasse; STRASSE!", ["strasse"]),
        ("L’école d'été", ["l", "ecole", "d", "ete"]),
        ("Łódź & Ełk (PL)", ["lodz", "elk", "pl"]),
        ("București", ["bucuresti"]),
        ("Мотыжин", ["мотыжин"]),
        ("Тбилиси თბილისი", ["тбилиси", "თბილისი"]),
        ("東京都", ["東京", "京都", "都"]),
        ("Python入門!", ["python", "入門", "門"]),
        ("ห้อง", ["หอ", "อง", "ง"]),
        ("مكتبة", ["مكتبه"]),
        ("کتابخانه", ["كتابخانه"]),
        ("", []),
        ("  \0 ?!… ", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("nowy sa", [Word("nowy"), Word("sa", begun=True)]),
        ("東京都", [Word("東京"), Word("京都")]),
        ("都", [Word("都", begun=True)]),
        ("都 sa", [Word("都", begun=True), Word("sa", begun=True)]),
    ],
)
def test_words_asked_begin_at_the_end(text: str, asked: list[Word]) -> None:
    assert words_asked(text, last=True) == asked


def test_words_have_an_end() -> None:
    assert words_of("a" * 10_000) == ["a" * LONGEST_WORD]
    assert words_asked("a" * 10_000, last=True) == [Word("a" * LONGEST_WORD, begun=True)]


@given(st.text(max_size=60))
def test_text_has_every_word_that_it_asks_for(text: str) -> None:
    words = words_of(text)
    assert len(set(words)) == len(words)
    assert all(word and len(word) <= LONGEST_WORD for word in words)
    assert all("'" not in word and '"' not in word and "\\" not in word for word in words)
    for word in words_asked(text, last=False):
        assert any(one.startswith(word.text) if word.begun else one == word.text for one in words)


@given(st.text(max_size=40))
def test_words_of_the_words_are_themselves(text: str) -> None:
    """What is kept is asked for in the same form: folding twice changes nothing."""
    plain = [word for word in words_of(text) if len(words_of(word)) == 1]
    assert [words_of(word) for word in plain] == [[word] for word in plain]
