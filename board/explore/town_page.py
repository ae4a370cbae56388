"""Everything a town's page shows, from one snapshot and a fixed number of statements."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.circles.rows import LibrariesNear, ShownCircle
from board.comments.rules import OLDEST, Asked, Talk
from board.comments.thread_queries import TalkPage, read_talk
from board.explore.queries import ListedTown
from board.explore.surroundings import NOWHERE, surroundings
from board.stories.queries import StoryView, stories_of_town
from board.taking_part.story_cards import with_offers
from board.towns.queries import PlaceRow, TownRow, languages_of_town
from board.towns.rules import Need, Readiness
from board.updates.queries import Step, UpdateView, steps_taken, updates_of_town
from board.votes.queries import OwnVote, TownWishes, own_vote, wishes_of_town
from board.votes.rules import PUBLIC_FROM


class Spot(NamedTuple):
    """What of a town stays the same whatever happens in it."""

    name: str
    path: str


class TownPage(NamedTuple):
    """A town as its page shows it; a place where nobody asked yet has the same page, empty."""

    place: TownRow | PlaceRow
    town: TownRow | None
    readiness: Readiness
    steps: tuple[Step, ...]
    updates: list[UpdateView]
    stories: list[StoryView]
    talk: TalkPage
    languages: list[str]
    join_first: list[ShownCircle]
    circles: list[ShownCircle]
    libraries: LibrariesNear
    neighbours: list[ListedTown]
    own: OwnVote | None
    wishes: TownWishes

    @property
    def votes(self) -> int:
        return self.town.vote_count if self.town else 0

    @property
    def asked(self) -> bool:
        """Whether anybody asked here, so that there is something to count."""
        return self.votes > 0

    @property
    def has_own_vote(self) -> bool:
        return self.own is not None and self.own.state == "counted"

    @property
    def spot(self) -> Spot:
        return Spot(self.place.name, self.place.path)

    @property
    def paused_at(self) -> datetime | None:
        """Since when the town has to wait, if it has to."""
        waits = self.town is not None and self.town.status == "not_now"
        return self.town.status_since if self.town and waits else None

    @property
    def paused_for(self) -> str:
        """Why it had to wait when that was said last (updates.rules.REASONS)."""
        return next((said.reason for said in self.updates if said.after == "not_now"), "")

    @property
    def public_stories(self) -> int:
        return self.town.story_count if self.town else 0


def town_page(
    conn: Connection,
    place: TownRow | PlaceRow,
    *,
    viewer_id: int | None,
    viewer_key: bytes | None,
    need: Need,
    join_km: int,
    now: datetime,
    asked: Asked = OLDEST,
) -> TownPage:
    """Read the page of a town, or of a place of the gazetteer; `asked` is the page of its talk."""
    town = place if isinstance(place, TownRow) else None
    around = NOWHERE
    if place.lat is not None and place.lng is not None:
        but = town.id if town else None
        around = surroundings(conn, place.lat, place.lng, but=but, join_km=join_km, now=now)
    history = updates_of_town(conn, town.id) if town else []
    return TownPage(
        place=place,
        town=town,
        readiness=town.readiness(need) if town else Readiness(0, 0, 0, need),
        steps=tuple(steps_taken(town.status, town.asked_at, history)) if town else (),
        updates=history,
        stories=_stories(conn, town.id, viewer_id) if town else [],
        talk=(
            read_talk(conn, Talk(town.id), asked, viewer_id=viewer_id) if town else TalkPage(Talk())
        ),
        languages=languages_of_town(conn, town.id) if town else [],
        **around._asdict(),
        own=own_vote(conn, town.id, viewer_key) if town and viewer_key else None,
        wishes=wishes_of_town(conn, town.id, asked_by=PUBLIC_FROM) if town else TownWishes(),
    )


def _stories(conn: Connection, town_id: int, viewer_id: int | None) -> list[StoryView]:
    return with_offers(conn, stories_of_town(conn, town_id, viewer_id=viewer_id))
