"""When the weekly letter is due, whom a mail may tire, and what is asked after a launch. Pure."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from board.core.config import Settings
from board.mail.rules import Limits

WEEK: Final = timedelta(days=7)
# After a long silence a letter doesn't tell the whole past.
LONGEST_NEWS: Final = timedelta(weeks=4)
# What one letter names of each; the rest is a number and a link.
MOST_TOWNS: Final = 12
MOST_CIRCLES: Final = 5
MOST_STORIES: Final = 3
MOST_UPDATES: Final = 3
# How many people are written to in one transaction.
PAGE: Final = 500

# A circle nearer than this meets "right here" (explore/_words.html says the same).
HERE_KM: Final = 3.0
# One pointer to another town's circle a week is help; three a day would be a nuisance.
RESCUE_REST: Final = timedelta(days=7)
# As far as somebody whose town stalls is pointed.
POINT_KM: Final = 100.0
AFTER_LAUNCH: Final = timedelta(weeks=6)
# A town that was launched long before anybody could be asked is left in peace.
AFTER_LAUNCH_LATEST: Final = timedelta(weeks=26)
STILL_IN_BEFORE: Final = timedelta(days=30)

ANSWERS: Final = ("joined", "not_for_me", "never_began", "thinking")


class Terms(NamedTuple):
    """What the settings say about mails to several people."""

    mail_domain: str
    limits: Limits
    contact_for: timedelta
    answer_days: int
    rescue_km: int
    stall: timedelta
    digest_day: int
    digest_hour: int
    answer_votes: int


def terms_of(settings: Settings) -> Terms:
    """The terms of this board."""
    return Terms(
        mail_domain=settings.mail_from.rpartition("@")[2],
        limits=Limits(settings.mail_per_hour, settings.mail_per_day),
        contact_for=timedelta(days=round(settings.contact_months * 365 / 12)),
        answer_days=settings.answer_days,
        rescue_km=settings.rescue_km,
        stall=timedelta(days=settings.stall_days),
        digest_day=settings.digest_day,
        digest_hour=settings.digest_hour,
        answer_votes=settings.answer_votes,
    )


def due_at(now: datetime, day: int, hour: int) -> datetime:
    """The last moment at which a weekly letter was due: an ISO weekday and an hour of UTC.

    UTC knows no summer: between two letters lie exactly seven days, the whole year round.
    """
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    due = today - timedelta(days=(now.isoweekday() - day) % 7)
    return due if due <= now else due - WEEK


def event_of(due: datetime) -> str:
    """The event of a weekly letter: its ISO year and week, "digest:2026-W53"."""
    year, week, _day = due.isocalendar()
    return f"digest:{year}-W{week:02}"


def news_since(due: datetime, before: datetime | None) -> datetime:
    """From when on a letter tells: since the last one, or of one week where there was none."""
    if before is None:
        return due - WEEK
    return max(before, due - LONGEST_NEWS)
