"""What votes add up to on their town: held, reckoned and written in the transaction of the vote."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from board.core.errors import NotFound
from board.core.language import gettext as _
from board.core.prepared import Prepared
from board.mail.actions import announce
from board.towns.cell_actions import recell
from board.towns.models import towns
from board.towns.rules import Need, Readiness, need_score, risen, town_path


class Tally(NamedTuple):
    """What one vote adds to its town's counters; negative when it goes."""

    votes: int = 0
    nearby: int = 0
    come: int = 0
    facilitate: int = 0
    host: int = 0
    help: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Two votes' tallies together."""
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: "Tally") -> "Tally":
        """The difference between two states of one vote."""
        return Tally(*(a - b for a, b in zip(self, other, strict=True)))


class HeldTown(NamedTuple):
    """A town whose counters nobody else moves before our transaction ends."""

    id: int
    country: str
    slug: str
    standing: str
    merged_into_id: int | None
    population: int
    nearest_km: float | None
    ready_at: datetime | None
    rising: float
    vote_count: int
    nearby_count: int
    come_count: int
    facilitate_count: int
    host_count: int
    help_count: int

    @property
    def path(self) -> str:
        return town_path(self.country, self.slug)

    @property
    def tally(self) -> Tally:
        """What its votes add up to."""
        return Tally(
            self.vote_count,
            self.nearby_count,
            self.come_count,
            self.facilitate_count,
            self.host_count,
            self.help_count,
        )


_t = towns.c
_COUNTED: Final = (
    _t.vote_count,
    _t.nearby_count,
    _t.come_count,
    _t.facilitate_count,
    _t.host_count,
    _t.help_count,
)
_HOLD: Final = (
    select(*(_t[name] for name in HeldTown._fields))
    .where(_t.id == bindparam("town"))
    # As the writing itself will lock: votes that point to the town don't stand in its way, or two
    # who vote at once would each wait for the other.
    .with_for_update(key_share=True)
)
_KEEP: Final = (
    update(towns)
    .where(_t.id == bindparam("town"))
    .values(
        {
            **{
                column: bindparam(f"{name}_now")
                for name, column in zip(Tally._fields, _COUNTED, strict=True)
            },
            _t.closeness: bindparam("closeness_now"),
            _t.need: bindparam("need_now"),
            _t.ready_at: bindparam("ready_at_now"),
            _t.rising: bindparam("rising_now"),
        }
    )
)
_HELD: Final = Prepared(lambda _dialect: _HOLD, HeldTown)
_KEEP_COUNTERS: Final = Prepared(lambda _dialect: _KEEP, tuple)


def hold_town(conn: Connection, town_id: int) -> HeldTown:
    """The town that this one is now, kept from being merged until our transaction ends.

    Others who hold it take turns, as they would for its counters; merging waits for us, and sees
    what we did there. (A weaker lock would have to grow into this one: two would deadlock.)
    Raises NotFound for one that turned out to be none.
    """
    town = _HELD.first(conn, {"town": town_id})
    if town is None or town.standing == "dropped":
        raise NotFound(_("There is no such town."))
    if town.standing == "merged" and town.merged_into_id is not None:
        return hold_town(conn, town.merged_into_id)
    return town


def move_counters(
    conn: Connection,
    town_id: int,
    change: Tally,
    *,
    need: Need,
    now: datetime,
    raised: bool = False,
) -> None:
    """Add a vote's change to the town, as `move_counters_of` does, wherever the town leads to."""
    (town,) = _HELD.all(conn, {"town": town_id})
    move_counters_of(conn, town, change, need=need, now=now, raised=raised)


def move_counters_of(
    conn: Connection,
    town: HeldTown,
    change: Tally,
    *,
    need: Need,
    now: datetime,
    raised: bool = False,
) -> None:
    """Add a vote's change to the town, and keep readiness, need and `ready_at` true with it.

    `raised` by a vote that was cast just now: then it rises, too. The town was read and locked; it
    is written once, for each writing moves it in every ranking. What is held is old afterwards.
    """
    counts = town.tally.plus(change)
    ready = Readiness(counts.come, counts.facilitate, counts.host, need)
    if ready.is_ready and town.ready_at is None:
        announce(conn, "ready", town.id, now)
    _KEEP_COUNTERS.all(
        conn,
        {
            "town": town.id,
            **{f"{name}_now": number for name, number in counts._asdict().items()},
            "closeness_now": ready.closeness,
            "need_now": need_score(counts.votes, town.population, town.nearest_km),
            # It flips once and stays, even when somebody takes an offer back later.
            "ready_at_now": town.ready_at or (now if ready.is_ready else None),
            "rising_now": risen(town.rising, now) if raised else town.rising,
        },
    )
    # A town is on the map from its first vote to the last one that is taken back.
    if counts.votes == 0 or counts.votes == change.votes:
        recell(conn, [town.id])


def set_rising(conn: Connection, town_id: int, rising: float) -> None:
    """Keep a town's log-decayed sum of votes (towns.rules.risen)."""
    conn.execute(update(towns).where(towns.c.id == town_id).values(rising=rising))
