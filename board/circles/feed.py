"""P2PU's answers read row by row: each becomes a circle or a library, or is refused with a reason.

People, venues' addresses and what is asked at the sign-up are never read. Nothing here raises,
whatever a row holds; where a row lies is settled later, beside the gazetteer (`match`).
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final, Generic, NamedTuple, TypeVar

from board.circles.countries import country_of, split_place
from board.circles.match import Spot
from board.circles.rules import FIRST_YEAR, LAST_YEAR, LONGEST, MOST_MEETINGS, why_no_circle
from board.circles.values import (
    clock_of,
    date_of,
    int_of,
    is_true,
    language_of,
    offset_of,
    point_of,
    text_of,
    url_of,
    words_of,
)
from board.core.text import fold

R = TypeVar("R")

_LARGEST_ID: Final = 2**31 - 1
# Words that stand where a town should: such a circle meets on a screen.
_NOWHERE: Final = frozenset({"online", "virtual", "zoom", "remote", "internet", "en linea"})


class CircleRow(NamedTuple):
    """A circle as the feed tells it. `utc_offset` in minutes, None where it isn't said."""

    id: int
    title: str
    course: str
    where: Spot
    online: bool
    starts_on: date
    ends_on: date
    starts_at: str
    ends_at: str
    utc_offset: int | None
    meetings: int
    language: str
    signup_open: bool
    url: str

    @property
    def name(self) -> str:
        """What the feed calls its title."""
        return self.title[:200]


class LibraryRow(NamedTuple):
    """A library or team that runs circles, as the feed tells it."""

    id: int
    name: str
    location: str
    where: Spot
    website: str
    circle_count: int


class Remark(NamedTuple):
    """Something to know about the row at `position` (from 0): why it was refused, or put right.

    `reason` holds codes of `rules.reason_in_words`, with commas between.
    """

    position: int
    upstream_id: int | None
    title: str
    reason: str


class Parsed(NamedTuple, Generic[R]):
    """What an answer's rows came to; `positions` says where each accepted row stood."""

    accepted: list[R]
    positions: list[int]
    rejected: list[Remark]


class _Refused(Exception):
    """This row can't be taken over; carries the reason's code."""


def parse_circles(
    items: Sequence[Any], first: int = 0, seen: set[int] | None = None
) -> Parsed[CircleRow]:
    """Every row of an answer as a circle, or refused with a reason.

    Of a list that comes in pages, `first` is where the page's first row stands, and `seen` holds
    the numbers of the pages before; this page's are added.
    """
    return _parse(items, _circle, first, set() if seen is None else seen)


def parse_libraries(
    items: Sequence[Any], first: int = 0, seen: set[int] | None = None
) -> Parsed[LibraryRow]:
    """Every row of an answer as a library, or refused with a reason; as `parse_circles`."""
    return _parse(items, _library, first, set() if seen is None else seen)


def _parse(
    items: Sequence[Any], read: Callable[[int, dict[Any, Any]], R], first: int, seen: set[int]
) -> Parsed[R]:
    parsed: Parsed[R] = Parsed([], [], [])
    for position, item in enumerate(items, first):
        try:
            number = _known_id(item)
            if number in seen:
                raise _Refused("twice")
            row = read(number, item)
        except _Refused as refusal:
            parsed.rejected.append(_remark(position, item, str(refusal)))
        else:
            seen.add(number)
            parsed.accepted.append(row)
            parsed.positions.append(position)
    return parsed


def _remark(position: int, item: Any, reason: str) -> Remark:
    if not isinstance(item, dict):
        return Remark(position, None, "", reason)
    return Remark(position, _id(item), words_of(item.get("name"), 200), reason)


def _id(item: dict[Any, Any]) -> int | None:
    number = int_of(item.get("id"))
    return number if number is not None and 0 < number <= _LARGEST_ID else None


def _known_id(item: Any) -> int:
    if not isinstance(item, dict):
        raise _Refused("not_a_row")
    number = _id(item)
    if number is None:
        raise _Refused("no_id")
    # The API never sends these unless asked in a way that we don't ask; if it does, we don't show.
    if is_true(item.get("draft")):
        raise _Refused("draft")
    if is_true(item.get("deleted")) or item.get("deleted_at"):
        raise _Refused("deleted")
    if is_true(item.get("members_only")):
        raise _Refused("members_only")
    return number


def _circle(number: int, item: dict[Any, Any]) -> CircleRow:
    course = item.get("course")
    course_title = words_of(course.get("title"), 300) if isinstance(course, dict) else ""
    title = words_of(item.get("name"), 300) or course_title
    if not title:
        raise _Refused("no_name")
    city = text_of(item.get("city"), 200)
    if reason := why_no_circle(title, (city, text_of(item.get("venue"), 300))):
        raise _Refused(reason)
    meetings = _meetings(item)
    starts_on, ends_on = _days(item, meetings)
    online = is_true(item.get("online")) or fold(city) in _NOWHERE
    return CircleRow(
        id=number,
        title=title,
        course=course_title,
        where=_where(item, city, online=online),
        online=online,
        starts_on=starts_on,
        ends_on=ends_on,
        starts_at=clock_of(item.get("meeting_time")),
        ends_at=clock_of(item.get("end_time")),
        utc_offset=offset_of(item.get("start_datetime")),
        meetings=meetings,
        language=language_of(item.get("language")),
        signup_open=is_true(item.get("signup_open")) and not _is_full(item),
        url=url_of(item.get("url"), 500),
    )


def _is_full(item: dict[Any, Any]) -> bool:
    """As many signed up as may: the feed says "open" even then. The number itself isn't kept."""
    limit, taken = int_of(item.get("signup_limit")), int_of(item.get("signup_count"))
    return limit is not None and 0 < limit <= (taken or 0)


def _meetings(item: dict[Any, Any]) -> int:
    """The feed's `weeks` is the number of meetings; 0 where that can't be known."""
    meetings = int_of(item.get("weeks"))
    return meetings if meetings is not None and 0 < meetings <= MOST_MEETINGS else 0


def _days(item: dict[Any, Any], meetings: int) -> tuple[date, date]:
    """First and last day; a missing last day is reckoned from weekly meetings."""
    starts_on = date_of(item.get("start_date")) or date_of(item.get("start_datetime"))
    if starts_on is None:
        raise _Refused("no_dates")
    if not FIRST_YEAR <= starts_on.year <= LAST_YEAR:
        raise _Refused("absurd_dates")
    ends_on = date_of(item.get("last_meeting_date"))
    if ends_on is None and meetings:
        ends_on = starts_on + timedelta(weeks=meetings - 1)
    if ends_on is None:
        raise _Refused("no_dates")
    if not FIRST_YEAR <= ends_on.year <= LAST_YEAR:
        raise _Refused("absurd_dates")
    if ends_on < starts_on:
        raise _Refused("ends_first")
    if ends_on - starts_on > LONGEST:
        raise _Refused("too_long")
    return starts_on, ends_on


def _where(item: dict[Any, Any], city: str, *, online: bool) -> Spot:
    region = text_of(item.get("region"), 200)
    country = country_of(text_of(item.get("country_en"), 200), text_of(item.get("country"), 200))
    city, region, country = split_place(city, region, country)
    if online:
        # Its city is where the organiser sits.
        return Spot("" if fold(city) in _NOWHERE else city, region, country)
    lat, lng = point_of(item.get("latitude"), item.get("longitude")) or (None, None)
    place_id = int_of(item.get("place_id"))
    known = place_id if place_id is not None and 0 < place_id <= _LARGEST_ID else None
    return Spot(city, region, country, lat, lng, known)


def _library(number: int, item: dict[Any, Any]) -> LibraryRow:
    name = words_of(item.get("name"), 200)
    if not name:
        raise _Refused("no_name")
    location = words_of(item.get("location"), 200)
    if reason := why_no_circle(name, (location,)):
        raise _Refused(reason)
    spot = item.get("coordinates")
    place = spot if isinstance(spot, dict) else {}
    lat, lng = point_of(place.get("latitude"), place.get("longitude")) or (None, None)
    city, region, country = split_place(location, "", "")
    count = int_of(item.get("studygroup_count"))
    return LibraryRow(
        id=number,
        name=name,
        location=location,
        where=Spot(city, region, country, lat, lng),
        website=url_of(item.get("website"), 500),
        circle_count=count if count is not None and 0 < count <= _LARGEST_ID else 0,
    )
