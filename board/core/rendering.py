"""How pages and mails are drawn: one Jinja environment, its filters and its words.

Templates get plain values. Addresses and dates come out in the language that is spoken now
(`core.language`), so the same environment serves all of them.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
    get_timezone,
)
from babel.numbers import format_decimal
from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    select_autoescape,
)
from jinja2 import __version__ as jinja2_version
from jinja2.bccache import Bucket
from markupsafe import Markup

from board.core import clock, language
from board.core.fragments import Fragments

# CLDR knows the Portuguese of Portugal as pt_PT; plain pt is Brazilian.
_LOCALES: Mapping[str, str] = {"pt": "pt_PT"}


@lru_cache(maxsize=32)
def locale_of(code: str) -> Locale:
    """The CLDR locale of one of our languages; English for anything unknown."""
    try:
        return Locale.parse(_LOCALES.get(code, code))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(language.DEFAULT)


def _locale() -> Locale:
    return locale_of(language.current())


def long_date(value: date) -> str:
    """16 November 2026."""
    return format_date(
        value, "long" if language.current() != "en" else "d MMMM y", locale=_locale()
    )


def day_month(value: date) -> str:
    """3 Sep; in other languages as they write it (3. Sept.)."""
    if language.current() != "en":
        return format_skeleton("MMMd", value, locale=_locale())
    return format_date(value, "d MMM", locale=_locale())


def month_name(value: date) -> str:
    """The short month alone: Dec."""
    return format_date(value, "LLL", locale=_locale())


def weekday(number: int) -> str:
    """A weekday's name, 0 for Monday."""
    return str(_locale().days["stand-alone"]["wide"][number])


def moment(value: datetime, timezone: str = "UTC") -> str:
    """16 November 2026, 17:00 in a time zone."""
    zone = get_timezone(timezone)
    return f"{long_date(value.astimezone(zone))}, {clock_time(value, timezone)}"


def clock_time(value: datetime, timezone: str = "UTC") -> str:
    """17:00 in a time zone."""
    return format_time(value, "HH:mm", tzinfo=get_timezone(timezone), locale=_locale())


def month(value: date) -> str:
    """May 2026."""
    return format_datetime(value, "LLLL y", locale=_locale())


def number(value: float) -> str:
    """A number with the language's own marks."""
    return format_decimal(value, locale=_locale())


def kilometres(value: float) -> str:
    """57 km; below ten with one decimal."""
    shown = round(value, 1) if value < 9.95 else round(value)
    return f"{number(shown)} km"


def ago(value: datetime) -> str:
    """2 days ago."""
    return format_timedelta(
        value - clock.now(), add_direction=True, threshold=1.2, locale=_locale()
    )


def country_name(code: str) -> str:
    """A country's name in the page's language, from its ISO code."""
    return str(_locale().territories.get(code.upper(), code.upper()))


def language_name(code: str) -> str:
    """A language's name in the page's language, from its code."""
    return str(_locale().languages.get(code.split("-")[0].lower(), code))


def own_name(code: str) -> str:
    """A language's name in itself."""
    locale = locale_of(code)
    return str(locale.languages.get(code, code)).capitalize()


def saved_html(html: str) -> Markup:
    """HTML that was sanitised when it was saved; the only door for ready HTML into a page."""
    return Markup(html)  # noqa: S704 - this is the one place; what comes in went through core.sanitise


def day_in_words(iso: str) -> str:
    """16 November 2026, from a date as mails' values hold it."""
    return long_date(date.fromisoformat(iso))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "date": long_date,
    "day_in_words": day_in_words,
    "day_month": day_month,
    "month_name": month_name,
    "month": month,
    "weekday": weekday,
    "moment": moment,
    "clock_time": clock_time,
    "number": number,
    "km": kilometres,
    "ago": ago,
    "country": country_name,
    "language_name": language_name,
    "own_name": own_name,
    "saved_html": saved_html,
}


def url(path: str) -> str:
    """An address of ours in the language that is spoken now; unprefixed rooms stay unprefixed."""
    if path.startswith(("/staff", "/api", "/feeds", "/embed", "/t/", "/static", "/dev")):
        return path
    return language.localised(path, language.current())


class Compiled(FileSystemBytecodeCache):
    """Templates as Python reads them, from one start to the next; a full disk stops no page."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_in(folder: Path) -> Compiled:
    """Templates that were compiled by this very code (Jinja knows them by their own texts)."""
    compiler = f"{jinja2_version} {Path(__file__).read_text(encoding='utf-8')}"
    own = folder / blake2b(compiler.encode(), digest_size=5).hexdigest()
    own.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Compiled(str(own), "%s")


def make_environment(templates: Path, *, build: str, compiled: Path | None = None) -> Environment:
    """The environment for pages and mails; `build` stamps the addresses of static files.

    What it compiles is kept in the folder `compiled`: that takes longer than making most pages.
    """
    env = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(("html", "xml", "svg")),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=compiled_in(compiled) if compiled else None,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True, pgettext=language.pgettext
    )
    env.filters.update(FILTERS)

    def static(path: str) -> str:
        return f"/static/{build}/{path}"

    env.globals.update(url=url, static=static, build=build, fragment=Fragments(env, saved_html))
    return env
