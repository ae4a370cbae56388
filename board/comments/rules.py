"""The talk's rules: when a comment appears at once, how long it may be mended, when it gets hot.

Pure. A talk is a list of threads: a comment that begins one, and its answers, one level deep.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

COMMENT_LENGTH: Final = 2_000
LOCK_REASON_LENGTH: Final = 300
EDIT_FOR: Final = timedelta(minutes=15)
THREADS_A_PAGE: Final = 20
ORDERS: Final = ("oldest", "newest")
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
# Where an author may still say that their words shall go.
WITHDRAWABLE: Final = ("held", "public", "unlisted", "archived", "deleted")


class Talk(NamedTuple):
    """Where people talk: under a town, under one of its stories, or (neither) on `/talk`."""

    town_id: int | None = None
    story_id: int | None = None


def first_visibility(*, trusted: bool, has_vote: bool, links: int, odd: bool = False) -> str:
    """A comment without a link by somebody with a confirmed vote appears at once.

    `odd` when something about the form made us look twice (taking_part.signs).
    """
    if trusted or (has_vote and links == 0 and not odd):
        return "public"
    return "held"


def visibility_after_edit(before: str, anew: str) -> str:
    """Where a comment stands once its author mended it; `anew` is what the rule says of the text.

    What waits already goes on waiting, whatever was mended.
    """
    return "held" if anew == "held" else before


def may_edit(visibility: str, created_at: datetime, now: datetime) -> bool:
    """Whether its author may still mend a comment."""
    return visibility in ("public", "held") and now < created_at + EDIT_FOR


# --- a heated talk --------------------------------------------------------------------------


class Heat(NamedTuple):
    """From what on a talk is heated, and how long each person then waits between words."""

    comments_an_hour: int = 12
    flags_a_day: int = 3
    pause: timedelta = timedelta(minutes=10)


def is_heated(heat: Heat, *, comments_this_hour: int, flags_today: int) -> bool:
    """Whether everybody takes a breath between two words in this talk."""
    return comments_this_hour >= heat.comments_an_hour or flags_today >= heat.flags_a_day


def wait_left(heat: Heat, *, last_word_at: datetime | None, now: datetime) -> timedelta:
    """How long somebody still waits in a heated talk; nothing for who hasn't spoken there."""
    if last_word_at is None:
        return timedelta(0)
    return max(timedelta(0), last_word_at + heat.pause - now)


# --- pages of a talk ------------------------------------------------------------------------


class Mark(NamedTuple):
    """Where a page of a talk begins or ends: a comment's moment and id, in their order."""

    at: datetime
    id: int

    @property
    def text(self) -> str:
        """As it stands in an address: microseconds since 1970, and the id."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_mark(text: str) -> Mark | None:
    """The mark in an address; None when it was changed by hand."""
    moment, _dash, number = text.partition("-")
    if not all(part.isascii() and part.isdecimal() for part in (moment, number)):
        return None
    if len(moment) > 16 or len(number) > 9:
        return None
    return Mark(_EPOCH + timedelta(microseconds=int(moment)), int(number))


class Asked(NamedTuple):
    """What a page of a talk was asked for: the order, from where on, and whom to answer."""

    order: str = "oldest"
    after: Mark | None = None
    before: Mark | None = None
    reply: int | None = None


OLDEST: Final = Asked()
