"""The translations: complete, up to date, and with the same placeholders as their source."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from board import words
from board.core.language import DEFAULT, NAMES

TRANSLATED = [code for code in NAMES if code != DEFAULT]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
TAG = re.compile(r"</?[a-z][^>]*>")


@pytest.fixture(scope="module")
def found() -> Catalog:
    """Every text of code and templates, as they stand now."""
    return words.texts_in_code()


def texts(code: str) -> Catalog:
    """What is translated into a language."""
    return words.read_texts(words.catalogue_file(code), code)


def messages(catalog: Catalog) -> Iterator[Message]:
    """All messages but the header."""
    return (message for message in catalog if message.id)


def key(message: Message) -> tuple[str, str]:
    """What names a message: its context and its (first) words."""
    first = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", first


def forms(message: Message) -> list[tuple[str, str]]:
    """Each translated form beside the words that it translates."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string or ""))]
    singular, plural = message.id
    said = [str(one or "") for one in message.string or ()]
    return [(singular, said[0])] + [(plural, one) for one in said[1:]]


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogue_holds_every_text_and_no_other(code: str, found: Catalog) -> None:
    there = {key(message) for message in messages(texts(code))}
    wanted = {key(message) for message in messages(found)}
    assert sorted(wanted - there) == [], "run: make words, and translate these"
    assert sorted(there - wanted) == [], "run: make words"


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogue_has_no_obsolete_and_no_fuzzy_texts(code: str) -> None:
    catalog = texts(code)
    assert list(catalog.obsolete) == []
    assert [key(message) for message in messages(catalog) if message.fuzzy] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated_in_all_its_forms(code: str) -> None:
    catalog = texts(code)
    empty = [
        key(message)
        for message in messages(catalog)
        if not all(said for _source, said in forms(message))
        or (message.pluralizable and len(forms(message)) != catalog.num_plurals)
    ]
    assert empty == []


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("part", [PLACEHOLDER, TAG], ids=["placeholders", "tags"])
def test_translations_keep_what_is_no_word(code: str, part: re.Pattern[str]) -> None:
    differ = [
        (source, said)
        for message in messages(texts(code))
        for source, said in forms(message)
        if said and sorted(part.findall(source)) != sorted(part.findall(said))
    ]
    assert differ == []


def test_collecting_again_changes_nothing(tmp_path: Path) -> None:
    words.collect(tmp_path)
    once = {file: file.read_bytes() for file in tmp_path.rglob("*.po*")}
    words.collect(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.po*")} == once
    assert len(once) == len(NAMES)


def test_texts_of_every_template_folder_are_found(found: Catalog) -> None:
    # Babel leaves out folders that begin with "_", unless told otherwise; ours is `_ui`.
    assert ("", "Skip to the page") in {key(message) for message in messages(found)}


def test_language_begun_anew_gets_every_text_and_its_own_plurals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: Catalog
) -> None:
    monkeypatch.setattr(words, "NAMES", {DEFAULT: "English", "pl": "polski"})
    words.collect(tmp_path)
    file = words.catalogue_file("pl", tmp_path)
    begun = words.read_texts(file, "pl")
    assert {key(message) for message in messages(begun)} == {key(m) for m in messages(found)}
    assert "nplurals=3" in file.read_text(encoding="utf-8")
