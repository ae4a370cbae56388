"""Weighing a form before anything leaves: where it came from, what it says, how many there were.

Every count is in the database: it holds for all processes and outlives a restart.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from sqlalchemy import Connection

from board.core.errors import TooMuch
from board.core.language import gettext as _
from board.core.quotas import network_key, spend
from board.people.queries import confirmed_from, written_before
from board.people.rules import Reach
from board.taking_part.rules import Terms
from board.taking_part.signs import Hints, signs_of_content

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class From(Protocol):
    """Whom a form is from, as far as weighing it needs to know."""

    @property
    def reach(self) -> Reach: ...
    @property
    def key(self) -> bytes: ...
    @property
    def network(self) -> str: ...
    @property
    def signs(self) -> tuple[str, ...]: ...


def weigh(
    conn: Connection,
    sender: From,
    *,
    terms: Terms,
    links: int,
    body: bytes | None,
    now: datetime,
) -> Hints:
    """The hints of a form by somebody new; raises TooMuch when one network sends without end."""
    network = network_key(conn, sender.network, now) if sender.network else None
    domain = sender.reach.canonical.rpartition("@")[2]
    signs = [
        *sender.signs,
        *signs_of_content(links=links, domain=domain, disposable=terms.disposable),
    ]
    if body is not None and written_before(conn, body, sender.key):
        signs.append("repeat")
    if network is not None:
        if not confirmed_from(conn, network):
            signs.append("new")
        if _people_today(conn, network, sender.key, now) > terms.people_per_hour:
            signs.append("crowd")
    hints = Hints(network, tuple(signs))
    if hints.held and network is not None:
        _limit_held(conn, network, terms, now)
    return hints


def _people_today(conn: Connection, network: bytes, key: bytes, now: datetime) -> int:
    """How many different people this network has sent forms of within the hour, this one too."""
    first = spend(conn, "person of a net", network + key, window=HOUR, now=now) == 1
    step = 1 if first else 0
    return spend(conn, "people of a net", network, window=HOUR, now=now, by=step)


def _limit_held(conn: Connection, network: bytes, terms: Terms, now: datetime) -> None:
    if spend(conn, "held of a net", network, window=HOUR, now=now) > terms.held_per_hour:
        sentence = _("Very many forms came from your network. Try again in an hour.")
        raise TooMuch(sentence, retry_after=3600)


class _Quota(NamedTuple):
    most: int
    sentence: str


def spend_quota(conn: Connection, kind: str, key: bytes, *, terms: Terms, now: datetime) -> None:
    """Count one more act of a confirmed person; raises TooMuch above what a day allows."""
    quotas = {
        "story": _Quota(
            terms.stories_per_day,
            _("You told us several stories today. Tell the next one tomorrow, please."),
        ),
        "vote": _Quota(
            terms.votes_per_day,
            _("You voted for very many towns today. Go on tomorrow, please."),
        ),
        "comment": _Quota(
            terms.comments_per_day,
            _("You said a lot today. Go on tomorrow, please; others have their say meanwhile."),
        ),
    }
    quota = quotas.get(kind)
    if quota is None:
        return
    if spend(conn, kind, key, window=DAY, now=now) > quota.most:
        raise TooMuch(quota.sentence, retry_after=int(DAY.total_seconds()))
