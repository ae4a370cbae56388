"""One synthetic world while it is made: every row, with every number that the rules keep."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, insert, select

from board.circles.globe import Globe
from board.circles.models import circle_imports, circles, libraries
from board.circles.nearest_queries import current_pins
from board.comments.models import comments
from board.core import clock
from board.people.models import people
from board.stories.models import stories
from board.towns.models import places, town_languages, towns
from board.towns.rules import Need
from board.updates.models import updates
from board.votes.models import votes
from tests.bench.bulk import fill, in_chunks, moment_for
from tests.bench.invented_rows import (
    TOWN_COLUMNS,
    Asking,
    Spot,
    ballots_of,
    circle_rows,
    library_rows,
    spots_of,
    status_of,
    stories_told,
    tale_of,
    town_row,
    votes_by_town,
)

CIRCLES: Final = 10_000
LIBRARIES: Final = 500
SEED: Final = 1
_TOWNS_AT_ONCE: Final = 5_000
_NAMES: Final = ("Alma", "Bruno", "Chipo", "Dora", "Emil", "Farah", "Goran", "Hana", "Ivo", "Jun")
_WORDS: Final = (
    "I would come every week.",
    "The small room upstairs is free on Tuesdays.",
    "Count me in, and my sister too.",
)

Say = Callable[[str], None]


class World(NamedTuple):
    """What a world holds."""

    towns: int
    votes: int
    people: int
    stories: int
    circles: int
    seconds: float


class Size(NamedTuple):
    """How large a world shall be; the present moment is its last midnight."""

    towns: int
    circles: int = CIRCLES
    seed: int = SEED
    now: datetime | None = None

    @property
    def today(self) -> datetime:
        moment = self.now or clock.now()
        return moment.replace(hour=0, minute=0, second=0, microsecond=0)


class Builder:
    """One world while it is made: ids, the circles' tree, and chances of its own."""

    def __init__(self, conn: Connection, size: Size, say: Say) -> None:
        self.conn, self.size, self.say = conn, size, say
        self.now = size.today
        self.need = Need()
        self.chance = Random(f"{size.seed} towns")
        self.places = _places(conn)
        self.numbers = votes_by_town(size.towns, size.seed)
        # Everybody votes twice on the whole; nobody can vote twice in the largest town.
        self.people = max(sum(self.numbers) // 2, max(self.numbers))
        self.votes = self.stories = 0

    def build(self) -> World:
        """Write all rows."""
        globe = self._circles()
        self._people()
        spots = spots_of(self.places, self.size.towns, self.size.seed)
        asking = (self._asking(number, spot, globe) for number, spot in enumerate(spots, start=1))
        for some in in_chunks(asking, _TOWNS_AT_ONCE):
            self._write(some)
            self.say(f"{some[-1].id:,} of {self.size.towns:,} towns, {self.votes:,} votes")
        return World(self.size.towns, self.votes, self.people, self.stories, self.size.circles, 0.0)

    def _at(self, moment: datetime) -> Any:
        return moment_for(self.conn, moment)

    def _driver_row(self, row: list[Any]) -> list[Any]:
        return [self._at(value) if isinstance(value, datetime) else value for value in row]

    def _circles(self) -> Globe:
        rows = list(circle_rows(self.places, self.size.circles, self.size.seed, self.now.date()))
        for some in in_chunks(rows):
            self.conn.execute(insert(circles), some)
        spots = spots_of(self.places, min(LIBRARIES, len(self.places)), self.size.seed + 1)
        partners = list(library_rows(spots))
        self.conn.execute(insert(libraries), partners)
        for kind, count in (("circles", len(rows)), ("libraries", len(partners))):
            self.conn.execute(
                insert(circle_imports).values(
                    kind=kind, source="synthetic", sample=True, started_at=self.now,
                    finished_at=self.now, outcome="done", accepted=count, added=count,
                )
            )  # fmt: skip
        return Globe(current_pins(self.conn, self.now))

    def _people(self) -> None:
        since = self._at(self.now - timedelta(days=700))
        columns = ("id", "key", "name", "language", "role", "trusted", "created_at")
        rows = (
            (number, voter_key(number, self.people), "", "en", "", False, since)
            for number in range(1, self.people + 1)
        )
        fill(self.conn, people, columns, rows)

    def _asking(self, number: int, spot: Spot, globe: Globe) -> Asking:
        chance = self.chance
        count = self.numbers[number - 1]
        asked_at = self.now - timedelta(seconds=int(60_000_000 * chance.random() ** 2) + 86_400)
        # Nobody lives near two towns: who votes a second time lives elsewhere.
        locals_left = max(0, self.people - self.votes)
        cast = ballots_of(chance, count, asked_at, self.now, strangers_from=locals_left)
        self.votes += count
        near = globe.nearest(spot.lat, spot.lng)
        told = stories_told(count)
        return Asking(
            number, spot, status_of(chance), asked_at, cast, told, told + min(20, count // 40),
            None if near is None else near.id, None if near is None else round(near.km, 1),
        )  # fmt: skip

    def _write(self, some: list[Asking]) -> None:
        rows = (self._driver_row(town_row(town, self.need, self.now)) for town in some)
        fill(self.conn, towns, TOWN_COLUMNS, rows)
        fill(self.conn, votes, _VOTE_COLUMNS, self._vote_rows(some))
        fill(self.conn, updates, _UPDATE_COLUMNS, self._update_rows(some))
        first_story = self.stories
        fill(self.conn, stories, _STORY_COLUMNS, self._story_rows(some))
        fill(self.conn, comments, _COMMENT_COLUMNS, self._comment_rows(some, first_story))
        self._count_languages(first_story)

    def _vote_rows(self, some: list[Asking]) -> Iterator[tuple[Any, ...]]:
        number = self.votes - sum(len(town.ballots.rows) for town in some)
        for town in some:
            for cast_at, _nth, *flags in town.ballots.rows:
                voter = number % self.people + 1
                number += 1
                at, key = self._at(cast_at), voter_key(voter, self.people)
                yield (number, town.id, key, voter, "counted", "", *flags, at, at, "", "", "")

    def _update_rows(self, some: list[Asking]) -> Iterator[tuple[Any, ...]]:
        for town in some:
            if town.status != "asking":
                at = self._at(self.now - (self.now - town.asked_at) / 3)
                reason = "no_capacity" if town.status == "not_now" else ""
                said = "We read everything that you wrote. Here is where it stands."
                yield (town.id, "P2PU", "asking", town.status, reason, "en", said,
                       f"<p>{said}</p>", at)  # fmt: skip

    def _story_rows(self, some: list[Asking]) -> Iterator[tuple[Any, ...]]:
        for town in some:
            for nth in range(town.stories):
                self.stories += 1
                name = self.chance.choice(_NAMES)
                tale = tale_of(self.chance, town.spot, name)
                at = self._at(self.now - (self.now - town.asked_at) * (nth + 1) / 14)
                author = (self.stories - 1) % self.people + 1
                yield (self.stories, town.id, author, town.spot.country, name, *tale[:4], "",
                       *tale[4:6], "", 1, tale.folded, "public", "", 1, at, at, "", "")  # fmt: skip

    def _comment_rows(self, some: list[Asking], story: int) -> Iterator[tuple[Any, ...]]:
        for town in some:
            for nth in range(town.comments):
                under = None
                if nth < town.stories:
                    under = story = story + 1
                said = _WORDS[nth % len(_WORDS)]
                at = self._at(self.now - (self.now - town.asked_at) * (nth + 1) / 40)
                yield (town.id, under, nth % self.people + 1, self.chance.choice(_NAMES), False,
                       "en", said, f"<p>{said}</p>", 1, "public", "", at, "", "")  # fmt: skip

    def _count_languages(self, first_story: int) -> None:
        s = stories.c
        counted = (
            select(s.town_id, s.language, func.count())
            .where(s.id > first_story)
            .group_by(s.town_id, s.language)
        )
        columns = ["town_id", "language", "stories"]
        self.conn.execute(insert(town_languages).from_select(columns, counted))


_VOTE_COLUMNS: Final = (
    "id", "town_id", "voter_key", "person_id", "state", "name", "nearby", "come", "facilitate",
    "host", "help", "cast_at", "changed_at", "reason", "voided_from", "signals",
)  # fmt: skip
_UPDATE_COLUMNS: Final = (
    "town_id", "name", "before", "after", "reason", "language", "text", "html", "published_at",
)  # fmt: skip
_STORY_COLUMNS: Final = (
    "id", "town_id", "person_id", "country", "name", "title", "language", "why", "how", "own",
    "why_html", "how_html", "own_html", "renderer", "folded", "visibility", "reason",
    "comment_count", "created_at", "published_at", "held_for", "signals",
)  # fmt: skip
_COMMENT_COLUMNS: Final = (
    "town_id", "story_id", "person_id", "name", "staff", "language", "text", "html", "renderer",
    "visibility", "reason", "created_at", "held_for", "signals",
)  # fmt: skip


def voter_key(number: int, of: int) -> bytes:
    """The key of an invented voter: spread over all keys as real ones are, yet in their order."""
    place = (number << 64) // (of + 1)
    return place.to_bytes(8, "big") + hashlib.blake2b(place.to_bytes(8, "big")).digest()[:24]


def _places(conn: Connection) -> list[Spot]:
    """The gazetteer, the largest place first."""
    columns = (places.c[name] for name in Spot._fields if name != "copy")
    return [Spot(0, *row) for row in conn.execute(select(*columns).order_by(places.c.rank))]
