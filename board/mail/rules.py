"""Kinds of mail as people see them, what a mail's state may be, and what a refusal means. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

# offers: because you offered something; start: a circle starts; status: P2PU's word at once;
# digest: the weekly letter; words: what was decided about your own; desk: for those who sit there;
# seat: changes of their own ways in.
STREAMS: Final = ("offers", "start", "status", "digest", "words", "desk", "seat")
DESK_STREAMS: Final = ("desk", "seat")

# waiting → sending → sent, or failed (given up), stopped (no longer wanted), lapsed (its reason
# ended before it went), bounced (no such mailbox), complained (its reader calls it spam).
STATES: Final = (
    "waiting", "sending", "sent", "failed", "stopped", "lapsed", "bounced", "complained",
)  # fmt: skip
# A mail in one of these never went: it tired nobody.
NEVER_WENT: Final = ("failed", "stopped", "lapsed")
OPEN_STATES: Final = ("waiting", "sending")

# Why a mailbox gets no mail: it asked so, it isn't there, its reader called our mail spam.
Reason = Literal["asked", "bounced", "complained"]
REASONS: Final[tuple[Reason, ...]] = ("asked", "bounced", "complained")

# Tries come hourly after the first few: a code is waited for about a day, other mail four days.
MOST_TRIES: Final = 100
MOST_TRIES_OF_CODE: Final = 28


class Limits(NamedTuple):
    """How many mails one mailbox may get."""

    per_hour: int
    per_day: int


def pause_after(attempts: int) -> timedelta:
    """How long to wait after a try that failed: 15 seconds, then four times as long, to an hour."""
    return timedelta(seconds=min(3600, 15 * 4 ** min(attempts - 1, 5)))


def tries_for(stream: str) -> int:
    """How often a mail is tried while its server is away or says "later"."""
    return MOST_TRIES if stream else MOST_TRIES_OF_CODE


def turn_of(newest: Sequence[datetime], limits: Limits, now: datetime) -> datetime:
    """When one more mail fits the limits; `newest` are the times of the others, the latest first.

    Less than the limit then lies within the hour (the day) before it or later, so that no hour and
    no day ever holds more.
    """
    due = now
    for most, window in ((limits.per_hour, _HOUR), (limits.per_day, _DAY)):
        if 0 < most <= len(newest):
            due = max(due, newest[most - 1] + window)
    return due


_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

# RFC 3463: 5.1.x is about the address; of these 5.1.7 and 5.1.8 mean the sender's.
_GONE: Final = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_GONE_CODES: Final = frozenset({550, 551, 553})
# Said by servers without such a status when they dislike the sender, not the recipient.
_POLICY: Final = re.compile(
    r"spam|polic|block|black ?list|deny|denied|relay|reputation|spf\b|dkim|dmarc|greylist|"
    r"rate|limit|quota|full|auth|verif|sender|helo|ehlo|rdns|reverse|dns\b|ip address|tls|"
    r"temporar|try again|later|content|virus|banned|reject(?:ed)? (?:due|for|by)",
    re.IGNORECASE,
)


def status_in(words: str) -> str:
    """The enhanced status (RFC 3463, "5.1.1") that a server's words hold, or nothing."""
    found = _STATUS.search(words)
    return found.group(1) if found else ""


def mailbox_is_gone(code: int, words: str, status: str = "") -> bool:
    """Whether a refusal of a recipient means that there is no such mailbox.

    A policy (5.7.x, "relaying denied", a block list) is the operator's to mend and says nothing
    about the mailbox: in doubt the answer is no, and the next mail is simply tried.
    """
    status = status_in(words) or status
    if status and not status.endswith(".0.0"):
        return status in _GONE
    return code in _GONE_CODES and not _POLICY.search(words)
