"""Which language is spoken, and what it costs to ask for one that isn't there."""

import asyncio
from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.core import language

SENTENCE = "Please fill this in."


class Shouting(NullTranslations):
    """A language in which everything is said loudly."""

    def gettext(self, message: str) -> str:
        return message.upper()

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return (msgid1 if n == 1 else msgid2).upper()

    def pgettext(self, context: str, message: str) -> str:
        return f"{context}: {message}".upper()


@pytest.fixture
def shouting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language of the tests' own, under the code "xx"."""
    monkeypatch.setattr(language, "_catalogues", dict(language._catalogues))
    language.use_catalogue("xx", Shouting())


@pytest.mark.parametrize(
    ("path", "code", "rest"),
    [
        ("/", "en", "/"),
        ("/towns", "en", "/towns"),
        ("/de", "de", "/"),
        ("/de/", "de", "/"),
        ("/de/towns", "de", "/towns"),
        ("/de/de/towns", "de", "/de/towns"),
        ("/en/towns", "en", "/en/towns"),
        ("/xx/towns", "en", "/xx/towns"),
        ("/depart", "en", "/depart"),
        ("", "en", ""),
        ("/de//stranger.example", "de", "//stranger.example"),
    ],
)
def test_split_path_takes_the_language_off(path: str, code: str, rest: str) -> None:
    assert language.split_path(path) == (code, rest)


@given(
    path=st.text(alphabet="abc/-", max_size=12).map(lambda text: "/" + text.strip("/")),
    code=st.sampled_from(list(language.NAMES)),
)
def test_localised_path_splits_into_what_it_was_made_of(path: str, code: str) -> None:
    assert language.split_path(language.localised(path, code)) == (code, path)


def test_words_come_in_the_language_that_is_spoken(shouting: None) -> None:
    assert language.gettext(SENTENCE) == SENTENCE
    with language.speaking("xx"):
        assert language.current() == "xx"
        assert language.gettext(SENTENCE) == SENTENCE.upper()
        assert language.ngettext("one", "many", 2) == "MANY"
        assert language.pgettext("door", "open") == "DOOR: OPEN"
        with language.speaking("en"):
            assert language.gettext(SENTENCE) == SENTENCE
        assert language.current() == "xx"
    assert language.current() == "en"


def test_unknown_language_falls_back_to_english() -> None:
    with language.speaking("tlh"):
        assert language.current() == "en"
        assert language.gettext(SENTENCE) == SENTENCE


def test_language_ends_with_an_error_too(shouting: None) -> None:
    with pytest.raises(LookupError), language.speaking("xx"):
        raise LookupError
    assert language.current() == "en"


@pytest.mark.anyio
async def test_each_task_speaks_its_own_language(shouting: None) -> None:
    async def say(code: str) -> str:
        with language.speaking(code):
            await asyncio.sleep(0.01)
            return language.gettext("Yes")

    said = await asyncio.gather(*(say(code) for code in ("en", "xx", "en", "xx")))
    assert said == ["Yes", "YES", "Yes", "YES"]


def test_missing_word_is_said_in_english() -> None:
    with language.speaking("de"):
        assert language.gettext("No catalogue holds this.") == "No catalogue holds this."
        assert language.ngettext("%(n)s this", "%(n)s these", 2) == "%(n)s these"
