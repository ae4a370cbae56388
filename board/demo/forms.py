"""The shapes of `content/demo/*.yaml`: invented residents, and what they ask for, say and offer.

Days are counted back from the present, so that the world is always as old as it was written.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from board.towns.rules import STATUSES
from board.updates.rules import REASONS
from board.votes.rules import OFFERS, Offer

Days = Annotated[float, Field(ge=0, le=365)]
Shape = Literal["rising", "fading", "steady", "burst"]
# What a moderator did: kept it, kept it and trusts its author, left it for you, or removed it.
Fate = Literal["kept", "trusted", "held", "spam", "inappropriate", "charges", "not_a_circle"]


def _one_of(*known: str) -> BeforeValidator:
    def check(value: object) -> object:
        if value not in ("", *known):
            raise ValueError(f"must be one of {', '.join(known)}")
        return value

    return BeforeValidator(check)


class Invented(BaseModel):
    """Unknown keys are an error: a key spelled wrong would be silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Offering(Invented):
    """Somebody who may offer something with their vote."""

    offers: tuple[Annotated[str, _one_of(*OFFERS)], ...] = ()

    @property
    def offer(self) -> Offer:
        """The offers as a vote carries them."""
        return Offer(*(name in self.offers for name in OFFERS))


class InventedComment(Invented):
    """A word under a town or a story; `staff` is P2PU's. Without a fate, what the rules say."""

    days: Days
    name: str
    text: str
    language: str = ""
    staff: bool = False
    fate: Fate | None = None


class InventedStory(Offering):
    """A story and the talk under it; without a language it is the country's."""

    days: Days
    name: str
    title: str
    language: str = ""
    why: str = ""
    how: str = ""
    own: str = ""
    fate: Fate = "kept"
    talk: tuple[InventedComment, ...] = ()


class InventedUpdate(Invented):
    """P2PU's word; without a status the town stays where it is."""

    days: Days
    status: Annotated[str, _one_of(*STATUSES)] = ""
    reason: Annotated[str, _one_of(*REASONS)] = ""
    text: str
    language: str = "en"


class InventedTown(Invented):
    """A town: its numbers, how its votes came in, and everything that was said there.

    `asked` is the day of the first vote, `peak` the day of a burst. The named are among the voters.
    """

    place: str
    geonames: int
    votes: int
    nearby: int
    come: int
    facilitate: int
    host: int
    help: int
    shape: Shape
    asked: Days
    peak: Days = 0
    stories: tuple[InventedStory, ...] = ()
    talk: tuple[InventedComment, ...] = ()
    updates: tuple[InventedUpdate, ...] = ()

    @property
    def said(self) -> list[InventedComment]:
        """Every comment of the town, also those under its stories."""
        return [*self.talk, *(word for story in self.stories for word in story.talk)]

    @property
    def named(self) -> list[str]:
        """Who speaks in this town, each once, in order of appearance; all of them vote here."""
        speakers = [story.name for story in self.stories]
        speakers += [word.name for word in self.said if not word.staff]
        return list(dict.fromkeys(speakers))

    @model_validator(mode="after")
    def numbers_hold_the_named(self) -> "InventedTown":
        """A number smaller than what is told by name can't be true."""
        if len(self.named) > self.votes:
            raise ValueError(f"{self.place}: {len(self.named)} speak, {self.votes} vote")
        if self.nearby > self.votes:
            raise ValueError(f"{self.place}: more nearby than votes")
        spoken = [update.days for update in self.updates] + [word.days for word in self.said]
        if any(days >= self.asked for days in spoken):
            raise ValueError(f"{self.place}: somebody speaks before anybody asked")
        for offer in OFFERS:
            given = {story.name for story in self.stories if offer in story.offers}
            if not len(given) <= getattr(self, offer) <= self.votes:
                raise ValueError(f"{self.place}: {offer} doesn't fit its stories and votes")
        return self


class InventedCountry(Invented):
    """The towns of a country, and the language that is spoken there unless said otherwise."""

    country: str
    language: str
    towns: tuple[InventedTown, ...]


class InventedVoter(Offering):
    """Somebody who votes in a town typed by hand."""

    days: Days
    name: str = ""


class HandTypedStory(Invented):
    """What the first voter of such a town tells; it waits for a moderator."""

    title: str
    why: str


class HandTypedTown(Invented):
    """A town that the gazetteer doesn't know."""

    name: str
    country: str
    language: str
    lat: float | None = None
    lng: float | None = None
    voters: tuple[InventedVoter, ...] = Field(min_length=1)
    story: HandTypedStory | None = None


class InTown(Invented):
    """Something that concerns a town of the gazetteer."""

    days: Days
    country: str
    town: str
    geonames: int
    language: str
    name: str


class Caller(InTown, Offering):
    """Somebody with a phone number only: a story, a comment, or a bare vote."""

    phone: str
    title: str = ""
    own: str = ""
    text: str = ""


class Partner(InTown):
    """An organisation that wrote to P2PU."""

    organisation: str
    email: str
    message: str


class Desk(Invented):
    """What waits for staff."""

    hand_typed: tuple[HandTypedTown, ...]
    to_call: tuple[Caller, ...]
    partners: tuple[Partner, ...]
