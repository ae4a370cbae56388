"""What the trends were asked for, and how their numbers are put together. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, Self

STEPS: Final = ("visits", "told", "confirmed", "offers", "launched")
MONTHS: Final = 12


class Month(NamedTuple):
    """A calendar month in UTC."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The month of a moment."""
        day = moment.astimezone(UTC)
        return cls(day.year, day.month)

    @property
    def code(self) -> str:
        """As an address says it: 2026-11."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def begin(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def day(self) -> date:
        """Its first day, to be written out."""
        return date(self.year, self.number, 1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def back(self, months: int) -> "Month":
        """So many months before."""
        years, number = divmod(self.year * 12 + self.number - 1 - months, 12)
        return Month(years, number + 1)


def last_months(now: datetime, count: int = MONTHS) -> list[Month]:
    """The months up to this one, the oldest first."""
    this = Month.of(now)
    return [this.back(n) for n in range(count - 1, -1, -1)]


class Funnel(NamedTuple):
    """From a visit to a circle: how many of each."""

    visits: int = 0
    told: int = 0
    confirmed: int = 0
    offers: int = 0
    launched: int = 0

    def plus(self, other: "Funnel") -> "Funnel":
        """Both together."""
        return Funnel(*(a + b for a, b in zip(self, other, strict=True)))


def together(funnels: Iterable[Funnel]) -> Funnel:
    """All of them as one."""
    total = Funnel()
    for funnel in funnels:
        total = total.plus(funnel)
    return total


@dataclass(frozen=True)
class TrendsQuestion:
    """What stands in the address: one month (or the whole year, if empty), one country (or all)."""

    month: str = ""
    country: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str], months: Iterable[Month]) -> Self:
        """What an address asks for; whatever it can't mean is taken as not asked."""
        month, country = given.get("month", ""), given.get("country", "").upper()
        known = {one.code for one in months}
        plain = len(country) == 2 and country.isascii() and country.isalpha()
        return cls(month if month in known else "", country if plain else "")
