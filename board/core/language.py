"""Languages: which exist, which one this page speaks, and the words in it.

The language of a page is in its address (`/de/towns`; English has no prefix), never in a cookie,
so that a page can be cached and shared. A mail speaks the language of the page it began on.
"""

from collections.abc import Mapping
from contextvars import ContextVar, Token
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

DEFAULT = "en"
# The languages whose translation is complete, each under its own name.
NAMES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
DOMAIN = "board"
LOCALES = Path(__file__).parents[1] / "locales"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)
_catalogues: dict[str, NullTranslations] = {}


def current() -> str:
    """The code of the language that is spoken now."""
    return _language.get()


class speaking:
    """Speak `code` inside the block; an unknown one falls back to English."""

    def __init__(self, code: str) -> None:
        self._code = code if code in NAMES or code in _catalogues else DEFAULT

    def __enter__(self) -> None:
        self._before: Token[str] = _language.set(self._code)

    def __exit__(self, *_error: object) -> None:
        _language.reset(self._before)


def catalogue(code: str) -> NullTranslations:
    """The compiled words of a language; English needs none."""
    if code not in _catalogues:
        found = Translations.load(LOCALES, [code], DOMAIN)
        _catalogues[code] = found
    return _catalogues[code]


def use_catalogue(code: str, words: NullTranslations) -> None:
    """Put another catalogue in place of a language's own (the pseudo-locale of the tests)."""
    _catalogues[code] = words


def gettext(message: str) -> str:
    """The message in the current language."""
    return catalogue(current()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The message in the current language, in the form that `n` things take."""
    return catalogue(current()).ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """The message in the current language, where one English word has several meanings."""
    return catalogue(current()).pgettext(context, message)


def split_path(path: str) -> tuple[str, str]:
    """The language and the rest of an address: "/de/towns" is ("de", "/towns")."""
    first, _slash, rest = path.removeprefix("/").partition("/")
    if first in NAMES and first != DEFAULT:
        return first, "/" + rest
    return DEFAULT, path


def localised(path: str, code: str) -> str:
    """An unprefixed address in a language: ("/towns", "de") is "/de/towns"."""
    if code == DEFAULT:
        return path
    return f"/{code}" if path == "/" else f"/{code}{path}"
