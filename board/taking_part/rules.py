"""What waits for a confirmation, as plain values, and the terms it waits under. Pure."""

from datetime import timedelta
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from board.core.config import Settings
from board.mail.actions import Limits
from board.towns.rules import Need
from board.votes.rules import Offer

# What a story may be written in: our own languages first, then those of towns that may ask.
STORY_LANGUAGES: Final = (
    "en", "de", "pl", "ro", "pt", "fi", "es", "fr", "sl", "it", "nl", "sv", "da", "nb", "cs",
    "sk", "hr", "sr", "bs", "hu", "bg", "uk", "ru", "el", "tr", "lt", "lv", "et", "sq", "mk",
    "ar", "he", "fa", "ur", "hi", "bn", "ta", "zh", "ja", "ko", "vi", "th", "id", "tl", "sw",
    "am", "so", "ha", "yo", "zu", "xh", "af", "st", "ka", "hy",
)  # fmt: skip


class Terms(NamedTuple):
    """What the settings say about taking part."""

    code_for: timedelta
    link_for: timedelta
    code_tries: int
    contact_for: timedelta
    call_for: timedelta
    limits: Limits
    need: Need
    publish_first: bool
    mail_domain: str


def terms_of(settings: Settings) -> Terms:
    """The terms of this board."""
    return Terms(
        code_for=timedelta(minutes=settings.code_minutes),
        link_for=timedelta(hours=settings.link_hours),
        code_tries=settings.code_tries,
        contact_for=timedelta(days=round(settings.contact_months * 365 / 12)),
        call_for=timedelta(days=settings.call_days),
        limits=Limits(settings.mail_per_hour, settings.mail_per_day),
        need=Need(settings.learners_needed, settings.facilitators_needed, settings.spaces_needed),
        publish_first=settings.publish_first,
        mail_domain=settings.mail_from.rpartition("@")[2],
    )


class Where(BaseModel):
    """The town that is meant: ours, a place of the gazetteer, or one typed by hand."""

    model_config = ConfigDict(frozen=True)

    town_id: int | None = None
    geonames_id: int | None = None
    name: str = ""
    country: str = ""
    lat: float | None = None
    lng: float | None = None


class Wish(BaseModel):
    """What every form that waits has: a town, a name, and the ticks of a vote."""

    model_config = ConfigDict(frozen=True)

    where: Where
    name: str = ""
    language: str = "en"
    # The other way to reach the person, beside the one that is confirmed.
    phone: str = ""


class VoteWish(Wish):
    """I want a circle here."""

    kind: Literal["vote"] = "vote"
    nearby: bool = False
    offer: Offer = Offer()


class StoryWish(Wish):
    """This is why; it counts as the author's vote."""

    kind: Literal["story"] = "story"
    nearby: bool = False
    offer: Offer = Offer()
    title: str = ""
    why: str = ""
    how: str = ""
    own: str = ""


class CommentWish(Wish):
    """This is what I say to it."""

    kind: Literal["comment"] = "comment"
    story_id: int | None = None
    text: str = ""


AnyWish = Annotated[VoteWish | StoryWish | CommentWish, Field(discriminator="kind")]
wishes: TypeAdapter[VoteWish | StoryWish | CommentWish] = TypeAdapter(AnyWish)
