"""What a synthetic world is made of, row by row: pure, and the same for the same seed.

Worlds of one seed nest: the first thousand towns of a million are those of the thousand.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, Final, NamedTuple

from board.circles.rules import span
from board.core.geo import to_mercator
from board.core.text import fold
from board.stories.rules import Telling, rendered
from board.towns.rules import (
    NOTHING_RISING,
    Need,
    Readiness,
    hand_code,
    need_score,
    place_code,
    risen,
)
from board.votes.rules import OFFERS

VOTES_PER_TOWN: Final = 20
MOST_VOTES: Final = 2_000_000
# How the votes fall off from the first town to the last, and how flat the very top is.
_SKEW: Final = 0.8
_FLAT_TOP: Final = 10
_JITTER: Final = 0.3
_STATUSES: Final = ("asking", "in_review", "talking", "planned", "launched", "not_now")
_OF_A_HUNDRED: Final = (88, 4, 3, 2, 2, 1)
_VOTES_PER_STORY: Final = 25
_MOST_STORIES: Final = 12
_LANGUAGES: Final = {
    "SI": "sl", "PL": "pl", "RO": "ro", "MD": "ro", "PT": "pt", "BR": "pt", "AO": "pt",
    "ES": "es", "MX": "es", "CO": "es", "AR": "es", "PE": "es", "CL": "es", "DE": "de", "AT": "de",
    "CH": "de", "FI": "fi", "KE": "sw", "TZ": "sw",
}  # fmt: skip
_WISHES: Final = (
    "learn to write for the web", "read the old letters of our valley", "speak better English",
    "keep the books of a small shop", "repair bicycles", "use a spreadsheet without fear",
    "grow vegetables on a balcony", "speak in front of people", "learn Python slowly",
    "understand my pension", "film with a phone", "start a choir",
)  # fmt: skip
_REASONS: Final = (
    "The evening school closed two years ago and nobody came after it.",
    "The library is warm, it has chairs, and on Thursdays it is empty.",
    "I tried three courses alone and finished none of them.",
    "My neighbours ask me the same questions that I ask them.",
    "The next town has a circle, but the last bus leaves at six.",
)
_PLANS: Final = (
    "We would meet once a week after work, with tea.",
    "Two of us could take turns at the front, none of us is a teacher.",
    "The school would lend us a room if somebody holds the key.",
)
_COURSES: Final = (
    "Public Speaking",
    "Creative Writing",
    "Python",
    "Job Skills",
    "Academic Writing",
)


class Spot(NamedTuple):
    """Where a town is: a place of the gazetteer, or (`copy` > 0) one invented near it."""

    copy: int
    geonames_id: int
    name: str
    country: str
    region_code: str
    region: str
    lat: float
    lng: float
    population: int
    timezone: str
    slug: str


class Ballots(NamedTuple):
    """The votes of one town, and what they add up to."""

    rows: list[tuple[datetime, int, bool, bool, bool, bool, bool]]
    nearby: int
    come: int
    facilitate: int
    host: int
    help: int
    rising: float


def spots_of(places: Sequence[Spot], count: int, seed: int) -> Iterator[Spot]:
    """Where the first `count` towns are: every place once, in no order, then invented ones."""
    order = list(places)
    Random(f"{seed} places").shuffle(order)
    chance = Random(f"{seed} invented")
    for number in range(count):
        copy, index = divmod(number, len(order))
        spot = order[index]
        if copy:
            spot = spot._replace(
                copy=copy,
                name=f"{spot.name} {copy + 1}",
                lat=max(-80.0, min(80.0, spot.lat + chance.uniform(-_JITTER, _JITTER))),
                lng=(spot.lng + chance.uniform(-_JITTER, _JITTER) + 180.0) % 360.0 - 180.0,
                population=spot.population // (copy + 1),
                slug=f"{spot.slug}-no-{copy + 1}",
            )
        yield spot


def votes_by_town(count: int, seed: int) -> list[int]:
    """How many votes each town has: few have very many, most have one or two, all have one."""
    total = min(count * VOTES_PER_TOWN, MOST_VOTES + count)
    weights = [(rank + _FLAT_TOP) ** -_SKEW for rank in range(count)]
    scale = total / sum(weights)
    numbers = [max(1, round(weight * scale)) for weight in weights]
    Random(f"{seed} votes {count}").shuffle(numbers)
    return numbers


def ballots_of(
    chance: Random, votes: int, asked_at: datetime, now: datetime, *, strangers_from: int
) -> Ballots:
    """A town's votes, the first at `asked_at`. Voters from that number on live elsewhere."""
    rows = []
    sums = [0, 0, 0, 0, 0]
    rising = NOTHING_RISING
    whole = int((now - asked_at).total_seconds())
    for number in range(votes):
        seconds = int(whole * chance.random() ** 1.4) if number else 0
        cast_at = asked_at + timedelta(seconds=seconds)
        bits = chance.getrandbits(20)
        flags = (
            bits & 15 < 9 and number < strangers_from,
            bits >> 4 & 15 < 4,
            bits >> 8 & 63 < 2,
            bits >> 8 & 63 in (2, 3),
            bits >> 14 & 63 < 3,
        )
        for index, flag in enumerate(flags):
            sums[index] += flag
        rising = risen(rising, cast_at)
        rows.append((cast_at, number, *flags))
    nearby, come, facilitate, host, helping = sums
    return Ballots(rows, nearby, come, facilitate, host, helping, rising)


class Asking(NamedTuple):
    """A town before its row is written."""

    id: int
    spot: Spot
    status: str
    asked_at: datetime
    ballots: Ballots
    stories: int
    comments: int
    nearest_id: int | None
    nearest_km: float | None


TOWN_COLUMNS: Final = (
    "id", "geonames_id", "code", "slug", "name", "folded", "country", "region_code", "region",
    "lat", "lng", "mx", "my", "population", "timezone", "standing", "status", "status_since",
    "asked_at", "ready_at", "answered_at", "vote_count", "nearby_count", "come_count",
    "facilitate_count", "host_count", "help_count", "story_count", "comment_count", "closeness",
    "rising", "need", "nearest_circle_id", "nearest_km",
)  # fmt: skip


def town_row(town: Asking, need: Need, now: datetime) -> list[Any]:
    """A town with every number that follows from its rows, by the rules themselves."""
    spot, cast = town.spot, town.ballots
    ready = Readiness(cast.come, cast.facilitate, cast.host, need)
    votes = len(cast.rows)
    answered = now - (now - town.asked_at) / 3 if town.status != "asking" else None
    return [
        town.id, None if spot.copy else spot.geonames_id,
        hand_code(town.id) if spot.copy else place_code(spot.geonames_id),
        spot.slug, spot.name, fold(spot.name), spot.country, spot.region_code, spot.region,
        spot.lat, spot.lng, *to_mercator(spot.lat, spot.lng), spot.population, spot.timezone,
        "listed", town.status, answered or town.asked_at, town.asked_at,
        now - (now - town.asked_at) / 2 if ready.is_ready else None, answered, votes, cast.nearby,
        *(getattr(cast, offer) for offer in OFFERS), town.stories, town.comments,
        ready.closeness, cast.rising, need_score(votes, spot.population, town.nearest_km),
        town.nearest_id, town.nearest_km,
    ]  # fmt: skip


def status_of(chance: Random) -> str:
    """Where a town stands; most ask."""
    return chance.choices(_STATUSES, cum_weights=list(accumulate(_OF_A_HUNDRED)))[0]


def stories_told(votes: int) -> int:
    """How many stories a town of so many votes has."""
    return min(_MOST_STORIES, votes // _VOTES_PER_STORY)


class Tale(NamedTuple):
    """A story's texts, ready for its row."""

    title: str
    language: str
    why: str
    how: str
    why_html: str
    how_html: str
    folded: str


def tale_of(chance: Random, spot: Spot, name: str) -> Tale:
    """An invented story, in no real person's words."""
    wish = chance.choice(_WISHES)
    why = f"I want to {wish}. {chance.choice(_REASONS)}\n\n{chance.choice(_REASONS)}"
    how = chance.choice(_PLANS)
    title = f"{wish.capitalize()} in {spot.name}"[:120]
    telling = Telling(name, title, _LANGUAGES.get(spot.country, "en"), why, how)
    kept = rendered(telling)
    return Tale(
        title, telling.language, why, how, kept["why_html"], kept["how_html"], kept["folded"]
    )


CIRCLE_COLUMNS: Final = (
    "id", "title", "course", "city", "region", "country", "geonames_id", "lat", "lng", "mx", "my",
    "online", "starts_on", "ends_on", "begins_at", "over_at", "weekday", "starts_at", "ends_at",
    "utc_offset", "meetings", "language", "signup_open", "url", "folded",
)  # fmt: skip


def circle_rows(
    places: Sequence[Spot], count: int, seed: int, today: date
) -> Iterator[dict[str, Any]]:
    """Circles as P2PU would publish them: of a hundred some ten meet now or soon."""
    chance = Random(f"{seed} circles")
    for number in range(1, count + 1):
        spot = chance.choice(places)
        online = chance.random() < 0.1
        days = chance.choices((-14, 21, -90, -400, -2_000), (4, 4, 7, 30, 55))[0]
        starts_on = today + timedelta(days=days + chance.randrange(-13, 14))
        ends_on = starts_on + timedelta(weeks=chance.randrange(4, 9))
        begins_at, over_at = span(starts_on, ends_on, 0)
        lat, lng = (None, None) if online else (round(spot.lat, 2), round(spot.lng, 2))
        course = chance.choice(_COURSES)
        yield dict(zip(CIRCLE_COLUMNS, (
            number, f"{course} in {spot.name}", course, spot.name, spot.region, spot.country,
            None if online else spot.geonames_id, lat, lng,
            *((None, None) if lat is None or lng is None else to_mercator(lat, lng)),
            online, starts_on, ends_on, begins_at, over_at, starts_on.weekday(), "18:00", "19:30",
            0, (ends_on - starts_on).days // 7 + 1, _LANGUAGES.get(spot.country, "en"),
            days > -30, f"https://circles.example.org/{number}/",
            fold(f"{course} in {spot.name} {course} {spot.name} {spot.region}"),
        ), strict=True))  # fmt: skip


def library_rows(spots: Iterable[Spot]) -> Iterator[dict[str, Any]]:
    """A partner library at each of these places."""
    for number, spot in enumerate(spots, start=1):
        mx, my = to_mercator(spot.lat, spot.lng)
        yield {
            "id": number,
            "name": f"{spot.name} Library",
            "location": spot.name,
            "country": spot.country,
            "geonames_id": spot.geonames_id,
            "lat": spot.lat,
            "lng": spot.lng,
            "mx": mx,
            "my": my,
            "website": "https://library.example.org/",
            "circle_count": 3,
        }
