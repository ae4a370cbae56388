"""What is counted without knowing anybody: a day, a country, a kind, a number.

No row leads to a person, a browser or an address. Pages are counted in memory and written once a
minute; forms in the transaction that puts them away.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Insert
from sqlmodel import Field, SQLModel

from board.core.db import insert_into
from board.core.prepared import Prepared
from board.core.tables import table_of


class DayTally(SQLModel, table=True):
    """How often something happened on a UTC day ("2026-11-22"), by country ("" where unknown)."""

    __tablename__ = "day_tally"

    day: str = Field(primary_key=True, max_length=10)
    kind: str = Field(primary_key=True, max_length=16)
    country: str = Field(primary_key=True, max_length=2)
    n: int


day_tallies = table_of(DayTally)


class Tallied(NamedTuple):
    """What is counted: which day, what, and in which country."""

    day: str
    kind: str
    country: str


def tallied(kind: str, country: str, now: datetime) -> Tallied:
    """One thing of this kind, as it is counted."""
    return Tallied(now.astimezone(UTC).date().isoformat(), kind, country)


def add_tallies(conn: Connection, counted: Mapping[Tallied, int]) -> None:
    """Add to what was counted before; in one order, so that two nodes never wait for each other."""
    if not counted:
        return
    for key, n in sorted(counted.items()):
        _ADDING.all(conn, {**key._asdict(), "n": n})


def _adding(dialect: str) -> Insert:
    made = insert_into(dialect, day_tallies)
    more = {"n": day_tallies.c.n + made.excluded.n}
    added: Insert = made.on_conflict_do_update(index_elements=["day", "kind", "country"], set_=more)
    return added


_ADDING: Final = Prepared(_adding, int, columns=("day", "kind", "country", "n"))


class Pending:
    """What was counted since the last time it was written; lives on the event loop."""

    def __init__(self) -> None:
        self._counted: Counter[Tallied] = Counter()

    def count(self, one: Tallied) -> None:
        """One more."""
        self._counted[one] += 1

    def take(self) -> Mapping[Tallied, int]:
        """Everything so far; counting begins anew."""
        taken, self._counted = self._counted, Counter()
        return taken

    def give_back(self, taken: Mapping[Tallied, int]) -> None:
        """What could not be written waits for the next time."""
        self._counted.update(taken)
