"""What waits for a confirmation, as plain values, and the terms it waits under. Pure."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from board.comments.rules import Heat
from board.core.config import Settings
from board.mail.rules import Limits
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
    people_per_hour: int
    held_per_hour: int
    stories_per_day: int
    votes_per_day: int
    disposable: frozenset[str]
    answer_pause: timedelta
    slips_live: timedelta
    comments_per_day: int
    heat: Heat


@lru_cache(maxsize=4)
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
        people_per_hour=settings.people_per_hour,
        held_per_hour=settings.held_per_hour,
        stories_per_day=settings.stories_per_day,
        votes_per_day=settings.votes_per_day,
        answer_pause=timedelta(minutes=settings.answer_pause_minutes),
        disposable=_disposable(settings.disposable_domains, settings.disposable_file),
        slips_live=timedelta(days=settings.slip_days),
        comments_per_day=settings.comments_per_day,
        heat=Heat(
            settings.heated_comments,
            settings.heated_flags,
            timedelta(minutes=settings.cool_minutes),
        ),
    )


@lru_cache(maxsize=4)
def _disposable(domains: tuple[str, ...], file: Path | None) -> frozenset[str]:
    lines = file.read_text(encoding="utf-8").splitlines() if file else []
    return frozenset(word.strip().lower() for word in (*domains, *lines) if word.strip())


class Where(BaseModel):
    """The town that is meant: ours, a place of the gazetteer, or one typed by hand."""

    model_config = ConfigDict(frozen=True)

    town_id: int | None = None
    geonames_id: int | None = None
    name: str = ""
    country: str = ""
    lat: float | None = None
    lng: float | None = None

    @property
    def nowhere(self) -> bool:
        """No town at all: said in the open talk."""
        return self.town_id is None and self.geonames_id is None and not self.name


class Wish(BaseModel):
    """What every form that waits has: a town, a name, and the ticks of a vote."""

    model_config = ConfigDict(frozen=True)

    where: Where
    name: str = ""
    language: str = "en"
    # The other way to reach the person, beside the one that is confirmed.
    phone: str = ""
    # A library wrote it off a sheet: its person has no page open on which a code could be typed.
    keyed: bool = False

    @property
    def told_as(self) -> str:
        """What the mail calls it: its kind, or that it stood on a sheet."""
        return "sheet" if self.keyed else str(getattr(self, "kind", ""))


class VoteWish(Wish):
    """I want a circle here."""

    kind: Literal["vote"] = "vote"
    nearby: bool = False
    offer: Offer = Offer()
    # "Write to me when a circle starts here": that one mail.
    tell_me: bool = False


class StoryWish(Wish):
    """This is why; it counts as the author's vote."""

    kind: Literal["story"] = "story"
    nearby: bool = False
    offer: Offer = Offer()
    tell_me: bool = False
    title: str = ""
    why: str = ""
    how: str = ""
    own: str = ""
    # The token of a picture that was sent along, and what can be seen on it.
    photo: str = ""
    alt: str = ""


class CommentWish(Wish):
    """This is what I say to it."""

    kind: Literal["comment"] = "comment"
    story_id: int | None = None
    reply_to: int | None = None
    text: str = ""


class FollowWish(Wish):
    """Write to me about this town, the `km` around it, or this whole country (`where.country`)."""

    kind: Literal["follow"] = "follow"
    what: Literal["town", "area", "country"]
    km: int = 0
    pace: Literal["weekly", "instant"] = "weekly"


AnyWish = Annotated[VoteWish | StoryWish | CommentWish | FollowWish, Field(discriminator="kind")]
wishes: TypeAdapter[VoteWish | StoryWish | CommentWish | FollowWish] = TypeAdapter(AnyWish)
