"""Making every town's nearest circle true while the board is being used.

Only towns around circles that came, went or moved are looked at, unless so many did that it is
less work to look at all. What is reckoned is read some towns at a time and written in short turns.
"""

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Final

from board.circles.actions import (
    NEAREST_FACT,
    Doubts,
    NearestChange,
    doubts_between,
    keep_nearest,
    nearest_changes,
    note_doubts,
    settle_doubts,
)
from board.circles.globe import Globe
from board.circles.nearest import grounds_of
from board.circles.nearest_queries import (
    Asking,
    current_pins,
    known_pins,
    last_town,
    next_end,
    towns_from,
    towns_on,
    towns_that_say,
)
from board.circles.turn_actions import Turn, keep_turn
from board.circles.turn_jobs import turn_of
from board.core import clock
from board.core.db import Database
from board.core.facts import get_fact
from board.drawing.view import Window

Between = Callable[[], None]

# From so many changed circles, and from such a part of all, every town is looked at.
_MANY: Final = 300
_PART: Final = 0.2
# A look at a square of the map costs as much as one at so many towns.
_TOWNS_A_GROUND: Final = 50
_FEWEST_GROUNDS: Final = 1_000
# A town founded while another node compared may have missed what that one saw: the youngest are
# looked at again each time.
_YOUNGEST: Final = 200
_SAY_SO_EVERY: Final = 20.0
# So many towns hold other writers up for some hundredths of a second.
_WRITTEN_AT_ONCE: Final = 200
# Reckoning is pure Python: after some towns it lets go for a moment, so that no page waits long.
_IN_ONE_BREATH: Final = 100
_BREATH: Final = 0.0001


def refresh_nearest(
    db: Database, *, between: Between = lambda: None, everything: bool = False
) -> int:
    """Make towns' nearest circles true at this moment; answers how many had to change.

    It also moves without an import: circles end by the calendar. While somebody else is at it
    nothing happens. `everything` trusts nothing that was reckoned before.
    """
    with turn_of(db, "nearest") as turn:
        return 0 if turn is None else _Pass(db, turn, between, everything=everything).run()


def next_due(db: Database, within: float) -> float:
    """In how many seconds a circle ends that may be somebody's nearest; `within` if none does."""
    now = clock.now()
    with db.snapshot() as conn:
        end = next_end(conn, now)
    return within if end is None else min(within, max(1.0, (end - now).total_seconds()))


class _Pass:
    """One comparison of towns with the circles of this moment."""

    def __init__(self, db: Database, turn: Turn, between: Between, *, everything: bool) -> None:
        self.db = db
        self.turn = turn
        self.between = between
        self.said_so = monotonic()
        with db.snapshot() as conn:
            pins = current_pins(conn, clock.now())
            known = known_pins(conn)
            self.youngest = last_town(conn)
            before = get_fact(conn, NEAREST_FACT)
        self.globe = Globe(pins)
        self.doubts = doubts_between(known, pins)
        self.compared = int(before or 0)
        many = len(self.doubts.names) > max(_MANY, _PART * len(pins))
        self.whole = everything or before is None or many

    def run(self) -> int:
        """Compare and write; answers how many towns had to change."""
        if self.doubts.here:
            with self.db.transaction() as conn:
                note_doubts(conn, self.doubts)
        changed = sum(self._compare(some) for some in self._towns())
        if self.doubts != Doubts([], []) or self.youngest != self.compared:
            with self.db.transaction() as conn:
                keep_turn(conn, self.turn, clock.now())
                settle_doubts(conn, self.doubts, self.youngest)
        return changed

    def _towns(self) -> Iterator[list[Asking]]:
        """The towns that may say what isn't true any more; some may come more than once."""
        grounds = None if self.whole else self._grounds()
        if grounds is None:
            yield from self._from(0)
            return
        with self.db.snapshot() as conn:
            yield from towns_that_say(conn, self.doubts.names)
            yield from towns_on(conn, grounds)
        yield from self._from(self.compared - _YOUNGEST)

    def _grounds(self) -> list[Window] | None:
        if not self.doubts.here:
            return []
        most = max(_FEWEST_GROUNDS, self.youngest // _TOWNS_A_GROUND)
        return grounds_of(Globe(self.doubts.here), self.globe, most)

    def _from(self, first: int) -> Iterator[list[Asking]]:
        """The towns by number, each lot from a snapshot of its own."""
        while True:
            with self.db.snapshot() as conn:
                some = towns_from(conn, first)
            if not some:
                return
            yield some
            first = some[-1].id + 1

    def _compare(self, some: list[Asking]) -> int:
        changes = []
        for start in range(0, len(some), _IN_ONE_BREATH):
            changes += nearest_changes(self.globe, some[start : start + _IN_ONE_BREATH])
            sleep(_BREATH)
        for start in range(0, len(changes), _WRITTEN_AT_ONCE):
            self._write(changes[start : start + _WRITTEN_AT_ONCE])
        if monotonic() - self.said_so > _SAY_SO_EVERY:
            self._write([])
        self.between()
        return len(changes)

    def _write(self, changes: list[NearestChange]) -> None:
        """Write some towns, and say that we are still at work."""
        with self.db.transaction() as conn:
            keep_turn(conn, self.turn, clock.now())
            keep_nearest(conn, changes)
        self.said_so = monotonic()
