"""A town's votes as staff look through them: who (by first name), when, how confirmed, what is odd.

Never an address: what tells two voters apart is a number of ours.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from board.core.quotas import NETWORK_DAYS
from board.desk.hint_rules import Cast, Hint, hints_of
from board.taking_part.signs import signs_in
from board.towns.models import towns
from board.votes.models import votes
from board.votes.rules import OFFERS

_v = votes.c
PAGE = 100


class VoteRow(NamedTuple):
    """One vote at the desk."""

    id: int
    name: str
    state: str
    reason: str
    nearby: bool
    come: bool
    facilitate: bool
    host: bool
    help: bool
    cast_at: datetime
    batch_id: int | None
    network: bytes | None
    signals: str

    @property
    def offers(self) -> tuple[str, ...]:
        return tuple(name for name in OFFERS if getattr(self, name))

    @property
    def signs(self) -> tuple[str, ...]:
        return signs_in(self.signals)

    @property
    def network_name(self) -> str:
        """The beginning of its network's key of the day, to see which go together."""
        return self.network.hex()[:6] if self.network else ""


def votes_of_town(
    conn: Connection, town_id: int, *, state: str = "", after: tuple[datetime, int] | None = None
) -> list[VoteRow]:
    """A page of a town's votes, the newest first, and one more where there are more."""
    where = [_v.town_id == town_id, _v.state != "merged"]
    if state:
        where.append(_v.state == state)
    if after is not None:
        cast_at, vote_id = after
        where.append((_v.cast_at < cast_at) | ((_v.cast_at == cast_at) & (_v.id < vote_id)))
    rows = conn.execute(
        select(*(_v[name] for name in VoteRow._fields))
        .where(*where)
        .order_by(_v.cast_at.desc(), _v.id.desc())
        .limit(PAGE + 1)
    )
    return [VoteRow._make(row) for row in rows]


_CAST = (_v.town_id, _v.id, _v.cast_at, _v.network, _v.batch_id, _v.signals)


def hints_of_town(conn: Connection, town_id: int) -> list[Hint]:
    """What is odd about a town's counted votes."""
    rows = conn.execute(select(*_CAST).where(_v.town_id == town_id, _v.state == "counted"))
    return hints_of([_cast(row) for row in rows])


class OddTown(NamedTuple):
    """A town whose recent votes deserve a look."""

    id: int
    name: str
    country: str
    hints: list[Hint]


def odd_towns(conn: Connection, now: datetime, limit: int = 50) -> list[OddTown]:
    """Towns with hints that aren't calm among the votes of the last fortnight, the largest first.

    Reads the recent votes of towns that got at least four: networks are known no longer anyway.
    """
    since = now - timedelta(days=NETWORK_DAYS)
    recent = [_v.state == "counted", _v.cast_at > since]
    lively = select(_v.town_id).where(*recent).group_by(_v.town_id).having(func.count() >= 4)
    casts: dict[int, list[Cast]] = defaultdict(list)
    for row in conn.execute(select(*_CAST).where(*recent, _v.town_id.in_(lively))):
        casts[row.town_id].append(_cast(row))
    odd = {
        town_id: hints
        for town_id, some in casts.items()
        if (hints := hints_of(some)) and not hints[0].calm
    }
    t = towns.c
    names = conn.execute(select(t.id, t.name, t.country).where(t.id.in_(odd))).all()
    found = [OddTown(row.id, row.name, row.country, odd[row.id]) for row in names]
    return sorted(found, key=lambda town: (-town.hints[0].size, town.name))[:limit]


def _cast(row: Any) -> Cast:
    return Cast(row.id, row.cast_at, row.network, row.batch_id, signs_in(row.signals))
