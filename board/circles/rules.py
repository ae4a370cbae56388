"""What a circle's dates mean, and what keeps a row off the board. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Literal

from board.core.language import gettext as _
from board.core.text import fold

State = Literal["now", "soon", "finished"]

# --- dates ----------------------------------------------------------------------------------

# P2PU began in 2009; what lies outside is a slip of the pen.
FIRST_YEAR: Final = 2005
LAST_YEAR: Final = 2100
LONGEST: Final = timedelta(days=5 * 366)
MOST_MEETINGS: Final = 1_000


def zone_of(utc_offset: int) -> timezone:
    """The zone in which a circle meets, from its minutes east of UTC."""
    return timezone(timedelta(minutes=utc_offset))


def span(starts_on: date, ends_on: date, utc_offset: int) -> tuple[datetime, datetime]:
    """From when to when a circle meets, in UTC: its first midnight there, and the last one.

    Its days are days where it meets: one that ends today in Portland isn't over while Portland
    still has today, wherever the reader is.
    """
    zone = zone_of(utc_offset)
    begins = datetime.combine(starts_on, time.min, zone)
    over = datetime.combine(ends_on + timedelta(days=1), time.min, zone)
    return begins.astimezone(UTC), over.astimezone(UTC)


def state_between(begins_at: datetime, over_at: datetime, now: datetime) -> State:
    """Meeting now, starting soon (it hasn't started), or finished; from its dates alone."""
    if now >= over_at:
        return "finished"
    return "now" if now >= begins_at else "soon"


def meetings_done(
    starts_on: date,
    ends_on: date,
    meetings: int,
    *,
    ends_at: str,
    utc_offset: int,
    now: datetime,
) -> int:
    """How many meetings lie behind, spread evenly from the first day to the last.

    Today's counts once its end time has passed; without one, tomorrow. 0 when the number of
    meetings isn't known.
    """
    here = now.astimezone(zone_of(utc_offset))
    until = here.date()
    if ends_at and here.strftime("%H:%M") >= ends_at:
        until += timedelta(days=1)
    if meetings <= 1:
        return int(meetings == 1 and starts_on < until)
    days = (ends_on - starts_on).days
    dates = (starts_on + timedelta(days=round(days * n / (meetings - 1))) for n in range(meetings))
    return sum(day < until for day in dates)


# --- what is no circle ----------------------------------------------------------------------

_TEST: Final = re.compile(
    r"(this is )?(just )?(a |my |another )?"
    r"(test|tests|testing|tester|teszt|prueba|teste|proba|asdf\w*|qwert\w*|foo|foo bar|foobar"
    r"|dummy|delete me|do not use|untitled)"
    r"( (test|circle|learning circle|lc|group|study group|course|ignore|only|[0-9]+))*"
)
_TEST_WORDS: Final = re.compile(
    r"\b(hogwarts|lorem ipsum|please ignore|ignore this|do not sign up)\b"
)
_ONE_LETTER: Final = re.compile(r"(\w)\1{4,}")


def why_no_circle(name: str, around: Iterable[str] = ()) -> str:
    """The reason code for which a name can't be a real circle's, or nothing.

    Test rows reach P2PU's live lists. `around` are other words of the row (city, venue) in which
    only what is never real counts.
    """
    folded = fold(name)
    letters = sum(char.isalnum() for char in name)
    pictures = sum(unicodedata.category(char) == "So" for char in name)
    if letters == 0 or letters < pictures:
        return "no_letters"
    if _ONE_LETTER.fullmatch(folded.replace(" ", "")):
        return "one_letter"
    if _TEST.fullmatch(folded) or _TEST_WORDS.search(folded):
        return "test_row"
    if any(_TEST_WORDS.search(fold(words)) for words in around):
        return "test_row"
    return ""


# --- reasons in words -----------------------------------------------------------------------


def reason_in_words(reason: str) -> str:
    """A row's reason codes (with commas between) as a sentence each, for staff."""
    words = {
        "not_a_row": _("This is not a row of the list at all."),
        "no_id": _("It has no number of its own."),
        "twice": _("The same number came before."),
        "draft": _("It is a draft."),
        "deleted": _("It was deleted."),
        "members_only": _("It is for members only."),
        "no_name": _("It has no name, and its course has none either."),
        "no_letters": _("Its name has hardly a letter in it. That looks like a test."),
        "one_letter": _("Its name is one letter again and again. That looks like a test."),
        "test_row": _("Its name or place looks like a test."),
        "no_dates": _("It doesn't say when it starts or ends."),
        "absurd_dates": _("Its dates can't be right."),
        "ends_first": _("It ends before it starts."),
        "too_long": _("It would go on for more than five years."),
        "swapped": _("Latitude and longitude were swapped; we turned them round."),
        "sign": _("A minus was lost from its coordinates; we put it back."),
        "far": _("Its coordinates are far from its town; we took the town's."),
    }
    return " ".join(words.get(code, code) for code in reason.split(","))
