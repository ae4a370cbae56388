"""Odd values read with care: whatever a feed holds, these answer with a plain value or nothing.

P2PU's answers hold numbers as text, HTML in names, nulls anywhere and dates of the year 1. No
function here raises.
"""

import html
import math
import re
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from babel import Locale

from board.core.text import tidy_line

_LONGEST: Final = 4_000
# A tag, or a script or style with what is in it. It is for the eye: pages escape what is left.
_TAG: Final = re.compile(
    r"<(script|style)\b[^>]*>.*?</\1\s*>|</?[a-zA-Z][^<>]*>|<![^<>]*>", re.DOTALL | re.IGNORECASE
)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,12}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{0,30})?")
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?![0-9])")
_OFFSET: Final = re.compile(
    r"T[0-9:.]+(?:(?P<utc>Z)|(?P<sign>[+-])(?P<h>[0-9]{2}):?(?P<m>[0-9]{2}))$"
)
_OLD_CODES: Final = {"iw": "he", "in": "id", "ji": "yi", "tl": "fil", "no": "nb"}
_FARTHEST_OFFSET: Final = 14 * 60


def text_of(value: Any, length: int) -> str:
    """One line of plain text, at most `length` characters; numbers as they are written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # So many digits are no name; Python even refuses to write them down.
    if isinstance(value, int) and abs(value) >= 10**30:
        return ""
    return tidy_line(str(value)[:_LONGEST])[:length].strip()


def words_of(value: Any, length: int) -> str:
    """`text_of` without tags and character references: "<b>Art</b> &amp; you" is "Art & you"."""
    text = value[:_LONGEST] if isinstance(value, str) else value
    # What was escaped twice shows its tags only after the first round.
    for _round in range(3):
        if not isinstance(text, str) or not ("<" in text or "&" in text):
            break
        text = html.unescape(_TAG.sub(" ", text))
    return text_of(text, length)


def int_of(value: Any) -> int | None:
    """A whole number, also when it is written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return None


def number_of(value: Any) -> float | None:
    """A finite number, also when it is written as text, with a point or a comma."""
    if isinstance(value, str):
        text = value.strip()
        return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def is_true(value: Any) -> bool:
    """Whether a flag is set, whichever way it is written; anything unclear is not."""
    if isinstance(value, str):
        return value.strip().casefold() in ("true", "1", "yes")
    return value is True or (isinstance(value, int) and value == 1)


def date_of(value: Any) -> date | None:
    """The day a date or a moment begins with, in the calendar of where it was written."""
    found = _DAY.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def clock_of(value: Any) -> str:
    """A time of day as "17:30", or nothing."""
    found = _CLOCK.match(value.strip()) if isinstance(value, str) else None
    return "" if found is None else found[0]


def offset_of(value: Any) -> int | None:
    """The minutes east of UTC that a moment ("2026-11-15T17:00:00-05:00") says, or None."""
    found = _OFFSET.search(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    if found["utc"]:
        return 0
    minutes = int(found["h"]) * 60 + int(found["m"])
    if int(found["m"]) > 59 or minutes > _FARTHEST_OFFSET:
        return None
    return minutes if found["sign"] == "+" else -minutes


def language_of(value: Any) -> str:
    """A language's own code ("pt" of "pt-BR"), or nothing when there is no such language."""
    text = text_of(value, 40).replace("_", "-").split("-")[0].lower()
    code = _OLD_CODES.get(text, text)
    return code if code in Locale("en").languages else ""


def url_of(value: Any, length: int) -> str:
    """A web address that may be linked: http or https, with a host, nothing hidden in it."""
    if not isinstance(value, str):
        return ""
    address = value.strip()
    if len(address) > length or tidy_line(address) != address or " " in address:
        return ""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return address if plain and not set(address) & set("\\\"'<>`{}|^") else ""


def point_of(lat: Any, lng: Any) -> tuple[float, float] | None:
    """A place on the globe with two decimals, or None.

    Half a point, null island and what is off the globe are no place. A latitude above 90 beside
    a longitude below it was swapped.
    """
    first, second = number_of(lat), number_of(lng)
    if first is None or second is None:
        return None
    if abs(first) > 90 and abs(second) <= 90:
        first, second = second, first
    if abs(first) > 90 or abs(second) > 180 or (abs(first) < 0.01 and abs(second) < 0.01):
        return None
    return round(first, 2), round(second, 2)
