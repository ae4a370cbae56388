"""What people type, made safe and searchable.

Residents write plain text: paragraphs, line breaks and links. It is cleaned when it arrives and
rendered once, when it is saved; pages print the stored HTML. Staff updates and content pages are
Markdown (`core.markdown`).
"""

import re
import unicodedata
from html import escape
from typing import Final, NamedTuple

from linkify_it import LinkifyIt

from board.core.sanitise import clean_html

RENDERER: Final = 1
LINK_REL: Final = "nofollow ugc noopener noreferrer"
_MARKS_PER_BASE = 3
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u00ad\u180e\u2060\ufeff\u200b")
# Letters that Unicode doesn't take apart into a base and a mark.
_BY_HAND = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
# Letters of one sound that keyboards differ in: Arabic and Persian forms, rare Latin ones.
_ONE_LETTER: Final = str.maketrans("ةىکیەəǝɛɔŋƶ", "هيكيهeeeonz")
APOSTROPHES: Final = "'’‘`´ʹʻʼʽʾʿˈˌ′"
_TO_SPACES: Final = str.maketrans(dict.fromkeys(APOSTROPHES, " "))
# Scripts that write no spaces: Thai, Lao, Burmese, Khmer, kana, bopomofo and Chinese characters.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
)
_RUNS: Final = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED} ]+")
_UNSPACED_RUN: Final = re.compile(f"[{_UNSPACED}]+")
# Nobody looks for more letters of one word, and an index has its limits.
LONGEST_WORD: Final = 40
_links = LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})


def tidy(text: str) -> str:
    """Text as it may be kept: NFC, no controls, no bidi overrides, few marks, plain newlines."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        control = category in ("Cc", "Cs", "Cn") and char not in "\n\t"
        if control or char in _BIDI or char in _INVISIBLE or marks > _MARKS_PER_BASE:
            continue
        kept.append(char)
    return "".join(kept).strip()


def tidy_line(text: str) -> str:
    """`tidy`, in one line with single spaces: for names and titles."""
    return " ".join(tidy(text).split())


def fold(text: str) -> str:
    """The form in which names are searched: casefold, no marks, single spaces.

    "Łódź" is "lodz", "Köln" is "koln", "Straße" is "strasse"; other scripts keep their letters.
    """
    if text.isascii():
        return " ".join(re.findall(r"\w+", text.lower()))
    # Taken apart before and after: a mathematical A becomes a letter only by NFKD, and ß or İ
    # become letters with marks only by casefold.
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_BY_HAND)
    apart = unicodedata.normalize("NFKD", plain).casefold()
    bare = "".join(map(_letter_or_space, apart))
    return " ".join(bare.split())


def search_form(text: str) -> str:
    """The form in which words are kept and asked for: `fold`, and one letter where scripts vary."""
    if text.isascii():
        return fold(text)
    return fold(text.translate(_TO_SPACES)).translate(_ONE_LETTER)


class Word(NamedTuple):
    """A word to look for; `begun`: also as the beginning of a longer one."""

    text: str
    begun: bool = False


def words_of(text: str) -> list[str]:
    """The words under which a text is found, each once.

    Where a script writes no spaces, each two letters that follow one another are a word, and so
    is the last letter of such a stretch.
    """
    found: dict[str, None] = {}
    for run in _RUNS.findall(search_form(text)):
        found.update(dict.fromkeys(_pairs(run) if _UNSPACED_RUN.match(run) else [_cut(run)]))
    return list(found)


def words_asked(text: str, *, last: bool) -> list[Word]:
    """The words of `words_of` that a text with this one must have; the last may be begun only."""
    runs = _RUNS.findall(search_form(text))
    found: dict[str, bool] = {}
    for number, run in enumerate(runs, start=1):
        begun = last and number == len(runs)
        if not _UNSPACED_RUN.match(run):
            found[_cut(run)] = begun
        elif len(run) == 1:
            found[run] = True
        else:
            found.update((pair, False) for pair in _pairs(run)[:-1])
    return [Word(*one) for one in found.items()]


def _pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run))]


def _cut(word: str) -> str:
    return word[:LONGEST_WORD]


def _letter_or_space(char: str) -> str:
    """A letter or figure as it is, accents gone, the vowel signs of Indic scripts kept."""
    if unicodedata.combining(char):
        return ""
    return char if char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M" else " "


def to_html(text: str) -> str:
    """Plain text as sanitised HTML: `<p>`, `<br>` and http(s) links, nothing else."""
    paragraphs = [part for part in re.split(r"\n{2,}", tidy(text)) if part.strip()]
    html = "".join(f"<p>{_lines(part)}</p>" for part in paragraphs)
    return clean_html(html)


def _lines(paragraph: str) -> str:
    return "<br>".join(_linked(line.strip()) for line in paragraph.split("\n"))


def _linked(line: str) -> str:
    """One line, escaped, its web addresses linked."""
    out: list[str] = []
    last = 0
    for match in _links.match(line) or []:
        if match.schema not in ("", "http:", "https:"):
            continue
        address = match.url if match.schema else match.url.replace("http://", "https://", 1)
        out.append(escape(line[last : match.index]))
        out.append(f'<a href="{escape(address)}" rel="{LINK_REL}">{escape(match.text)}</a>')
        last = match.last_index
    out.append(escape(line[last:]))
    return "".join(out)


def count_links(text: str) -> int:
    """How many web addresses a text holds."""
    return sum(1 for match in _links.match(text) or [] if match.schema in ("", "http:", "https:"))


def excerpt(text: str, length: int = 120) -> str:
    """The first sentence or so of a text, in one line, cut at a word."""
    line = tidy_line(text)
    if len(line) <= length:
        return line
    return (
        line[: line.rfind(" ", 0, length) if " " in line[:length] else length].rstrip(",;: ") + "…"
    )
