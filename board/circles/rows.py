"""Circles and libraries as pages get them: plain values, with their state at this moment."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from board.circles.rules import State, meetings_done, state_between

_CURSOR: Final = re.compile("([0-9]{1,10})~([0-9]{1,10})")
_NUMBER: Final = re.compile("[0-9]{1,10}")


class ShownCircle(NamedTuple):
    """A circle on a page. `done`: meetings that lie behind; `km`: from the point asked about."""

    id: int
    title: str
    course: str
    city: str
    region: str
    country: str
    lat: float | None
    lng: float | None
    online: bool
    starts_on: date
    ends_on: date
    begins_at: datetime
    weekday: int
    starts_at: str
    meetings: int
    language: str
    signup_open: bool
    url: str
    state: State
    done: int
    km: float | None = None

    @property
    def takes_signups(self) -> bool:
        """Whether somebody may still join; the feed's word counts only until it is over."""
        return self.signup_open and self.state != "finished" and bool(self.url)

    @property
    def cursor(self) -> str:
        """Where the list goes on after this circle."""
        return f"{int(self.begins_at.timestamp())}~{self.id}"


class ShownLibrary(NamedTuple):
    """A library or team that runs circles."""

    id: int
    name: str
    location: str
    country: str
    lat: float | None
    lng: float | None
    website: str
    circle_count: int
    calendar: str = ""
    checked_on: date | None = None
    km: float | None = None


class LibrariesOf(NamedTuple):
    """A country's libraries; the code is empty where the country isn't known."""

    country: str
    libraries: list[ShownLibrary]


class LibraryCount(NamedTuple):
    """How many libraries a country has; the code is empty where the country isn't known."""

    country: str
    libraries: int


class CircleCounts(NamedTuple):
    """How many circles meet now, start soon and are finished."""

    now: int
    soon: int
    finished: int


class CircleFilter(NamedTuple):
    """What the list and the map show. `state`: current (now or soon), now, soon, finished, all."""

    q: str = ""
    country: str = ""
    language: str = ""
    state: str = "current"


class LatestImport(NamedTuple):
    """The last import that went well: pages say its date, and that it is a sample."""

    id: int
    finished_at: datetime
    sample: bool
    accepted: int
    rejected: int


class ImportRemark(NamedTuple):
    """A row that an import refused, or (`mended`) took over with something put right."""

    upstream_id: int | None
    title: str
    reason: str
    mended: bool


class ImportTrouble(NamedTuple):
    """Imports of a kind that fail: since when, the last time, what was said then, how many."""

    kind: str
    since: datetime
    last_at: datetime
    error: str
    tries: int


class PageOfCircles(NamedTuple):
    """A stretch of the list, and how many there are in all.

    `after` and `before` are the cursors of the stretches that follow and lead up, or nothing.
    """

    circles: list[ShownCircle]
    total: int
    after: str
    before: str = ""


class PageOfLibraries(NamedTuple):
    """A stretch of the libraries by country; as PageOfCircles."""

    groups: list[LibrariesOf]
    total: int
    after: str
    before: str = ""


class LibrariesNear(NamedTuple):
    """The libraries nearest to a town, and when P2PU listed them; no date where there are none."""

    libraries: list[ShownLibrary]
    imported: LatestImport | None = None


class LibrariesInShort(NamedTuple):
    """How many libraries each country has; and all of them, in `groups`, where these are few."""

    counts: list[LibraryCount]
    groups: list[LibrariesOf]

    @property
    def total(self) -> int:
        return sum(one.libraries for one in self.counts)


def shown(row: Any, now: datetime, km: float | None = None) -> ShownCircle:
    """A row of `queries.CIRCLE_COLUMNS` as it stands at this moment."""
    return ShownCircle(
        id=row.id,
        title=row.title,
        course=row.course,
        city=row.city,
        region=row.region,
        country=row.country,
        lat=row.lat,
        lng=row.lng,
        online=row.online,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        begins_at=row.begins_at,
        weekday=row.weekday,
        starts_at=row.starts_at,
        meetings=row.meetings,
        language=row.language,
        signup_open=row.signup_open,
        url=row.url,
        state=state_between(row.begins_at, row.over_at, now),
        done=meetings_done(
            row.starts_on,
            row.ends_on,
            row.meetings,
            ends_at=row.ends_at,
            utc_offset=row.utc_offset,
            now=now,
        ),
        km=km,
    )


def by_country(libraries: Iterable[ShownLibrary]) -> list[LibrariesOf]:
    """Libraries that come country by country, in groups."""
    return [
        LibrariesOf(country, list(group))
        for country, group in groupby(libraries, key=attrgetter("country"))
    ]


def read_cursor(text: str) -> tuple[datetime, int] | None:
    """The moment and the id that a cursor names, or None for anything that is no cursor."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    second, number = int(found[1]), int(found[2])
    # Beyond these no circle can lie, and a database would choke on them.
    if second >= 2**32 or number >= 2**31:
        return None
    return datetime.fromtimestamp(second, UTC), number


def read_number(text: str) -> int | None:
    """The number that a library's cursor is, or None."""
    number = int(text) if _NUMBER.fullmatch(text) else 2**31
    return number if number < 2**31 else None
