"""How long things are kept: one table for the job, `board tidy` and the privacy page. Pure.

What stands here is what happens: `retention_jobs` has one line for each of these kinds.
"""

from datetime import timedelta
from typing import Final, NamedTuple

from board.core.config import Settings
from board.core.quotas import NETWORK_DAYS
from board.stories.rules import PUT_AWAY_FOR

MAILS_FOR: Final = timedelta(days=90)
RECORD_FOR: Final = timedelta(days=3 * 365)
FLAGS_FOR: Final = timedelta(days=90)
DRAFTS_FOR: Final = timedelta(days=30)
BROWSERS_FOR: Final = timedelta(days=90)
INVITATIONS_FOR: Final = timedelta(days=7)
HAND_OVERS_FOR: Final = timedelta(days=90)
DAY: Final = timedelta(days=1)


class Period(NamedTuple):
    """A kind of data and how long it is kept; None: as long as its owner wants."""

    kind: str
    keep: timedelta

    @property
    def days(self) -> int:
        return max(1, self.keep.days)

    @property
    def months(self) -> int:
        """Whole months for what is kept for long, 0 for what is told in days."""
        return round(self.keep.days * 12 / 365) if self.keep.days > 300 else 0


def periods_of(settings: Settings) -> tuple[Period, ...]:
    """The periods of this board, in the order in which the privacy page tells them."""
    contacts = timedelta(days=round(settings.contact_months * 365 / 12))
    return (
        Period("forms", timedelta(hours=settings.link_hours)),
        Period("calls", timedelta(days=settings.call_days)),
        Period("drafts", DRAFTS_FOR),
        Period("contacts", contacts),
        Period("partners", contacts),
        Period("answers", contacts),
        Period("texts", PUT_AWAY_FOR),
        Period("flags", FLAGS_FOR),
        Period("networks", timedelta(days=NETWORK_DAYS)),
        Period("mails", MAILS_FOR),
        Period("browsers", BROWSERS_FOR),
        Period("invitations", INVITATIONS_FOR),
        Period("hand_overs", HAND_OVERS_FOR),
        Period("uses", RECORD_FOR),
        Period("record", RECORD_FOR),
    )


def keep_for(settings: Settings, kind: str) -> timedelta:
    """How long this kind is kept."""
    return next(period.keep for period in periods_of(settings) if period.kind == kind)
