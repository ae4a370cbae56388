"""A language that marks every message, and a reader that finds what a page says without a mark.

`MarkedWords` stands in for a catalogue and puts each message between ⟦ and ⟧. `unmarked` reads a
page as it came and names every text, label, placeholder, alternative text and title that stands
outside of such marks and is no data: what nobody could ever translate.
"""

import re
from collections.abc import Collection
from gettext import NullTranslations
from html.parser import HTMLParser

from board.core import language
from board.core.config import ROOT, Settings
from board.core.rendering import locale_of
from board.pages.numbers import numbers_of

OPEN, CLOSE = "⟦", "⟧"
LANGUAGE = "de"
# Attributes that are read out or shown; of data-*, all but those that only the scripts use.
SPOKEN = frozenset({"alt", "title", "placeholder", "aria-label", "aria-description", "label"})
SILENT_DATA = frozenset(
    {
        "address", "by-hand", "card", "chooses", "country", "go", "help", "href", "kind", "layer",
        "live", "module", "move", "open", "part", "place", "reason", "reasons", "row", "source",
        "step", "thing", "vote", "watches",
    }
)  # fmt: skip
# Names and what people write carry no mark: they are kept apart by these elements, or by `lang`.
DATA_ELEMENTS = frozenset({"bdi", "time", "textarea", "script", "style"})
VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
PLAIN = re.compile(
    r"""[\W\d_]*                                  # no letter at all
    | \w                                           # the letter on a seat
    | [\d.,]+\s?(km|%|/\d|UTC\S*)                 # a distance, a share, a time
    | (vor|in)\s\d+\s\w+ | \d+\.\s\w+(\s\d{4})?    # how long ago, a date
    | UTC\S*                                       # a time zone
    | \S+@\S+                                      # an address
    | (https?://|/)\S*
    """,
    re.VERBOSE,
)
BETWEEN = re.compile(r"[,;:·()„“”|→–\n]|\s-\s")


class MarkedWords(NullTranslations):
    """Every message in English, between marks."""

    def gettext(self, message: str) -> str:
        """The message, marked."""
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form that `n` things take, marked."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        """The message, marked; the context says nothing on the page."""
        return self.gettext(message)


class _Marks:
    """Follows a text from mark to mark."""

    def __init__(self) -> None:
        self.depth = 0

    def outside(self, text: str) -> str:
        """What of the text stands outside of marks."""
        kept = []
        for character in text:
            self.depth += (character == OPEN) - (character == CLOSE)
            if not self.depth and character != CLOSE:
                kept.append(character)
        return "".join(kept)


class _Reader(HTMLParser):
    """Reads a page in order and keeps what stands outside of marks."""

    def __init__(self) -> None:
        super().__init__()
        self.marks = _Marks()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        foreign = tag != "html" and given.get("lang", LANGUAGE) != LANGUAGE
        if not foreign:
            self.found += [_Marks().outside(words) for words in _spoken(tag, given)]
        if tag not in VOID:
            self.open.append((tag, foreign or tag in DATA_ELEMENTS))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        outside = self.marks.outside(data)
        if not any(is_data for _tag, is_data in self.open):
            self.found.append(outside)


def _spoken(tag: str, given: dict[str, str]) -> list[str]:
    """The attributes of an element that somebody reads or hears."""
    described = tag == "meta" and given.get("name", given.get("property", "")).endswith(
        ("description", "title")
    )
    return [
        value
        for name, value in given.items()
        if name in SPOKEN
        or (name.startswith("data-") and name.removeprefix("data-") not in SILENT_DATA)
        or (described and name == "content")
    ]


def unmarked(html: str, names: Collection[str] = ()) -> list[str]:
    """What a page says that is neither marked nor data; `names` are those of the test's world."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [text for text in map(_tidy, reader.found) if not _is_data(text, names)]


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _is_data(text: str, names: Collection[str]) -> bool:
    return _known(text, names) or all(_known(part.strip(), names) for part in BETWEEN.split(text))


def _known(text: str, names: Collection[str]) -> bool:
    return (
        PLAIN.fullmatch(text) is not None
        or text in names
        or text in CLDR
        or (len(text) > 1 and text in CONTENT)
    )


def _cldr() -> frozenset[str]:
    """What CLDR says in this language: countries, languages, weekdays, months."""
    locale = locale_of(LANGUAGE)
    days = locale.days["stand-alone"]["wide"].values()
    months = locale.months["stand-alone"]["abbreviated"].values()
    return frozenset(
        str(word)
        for words in (locale.territories.values(), locale.languages.values(), days, months)
        for word in words
    )


def _content() -> str:
    """The content pages of this language as one plain text, without their markup."""
    files = sorted((ROOT / "content").glob(f"**/{LANGUAGE}/**/*.md"))
    text = " ".join(file.read_text(encoding="utf-8") for file in files)
    with language.speaking(LANGUAGE):
        numbers = numbers_of(Settings())
    text = re.sub(r"\{([a-z_]+)\}", lambda gap: numbers.get(gap[1], gap[0]), text)
    text = re.sub(r"\{#[\w-]+\}|\]\([^)]*\)|[\[*`>]|^\s*(- |#+ |\d\. )", " ", text, flags=re.M)
    return _tidy(text)


CLDR = _cldr()
CONTENT = _content()
