"""Front matter: which keys each kind of content file may carry, and what they must hold.

The keys `layout`, `title`, `sidenav`, `faq` and `bundles` mean what they mean in P2PU's own
content files; `layout` and `bundles` are accepted and left alone.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Anchor = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
_RELATIVE = re.compile(r"([+-]\d{1,3}) days(?: (\d{2}:\d{2}))?")


def day(value: object, info: ValidationInfo) -> date:
    """A day; in the demo world also "-4 days", counted from today."""
    text = str(value)
    if found := _relative(text, info):
        return found.date()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise ValueError("must be a day like 2026-11-22")


def local_time(value: object, info: ValidationInfo) -> datetime:
    """A day and a time on the clocks there; in the demo world also "+10 days 17:00"."""
    text = str(value)
    if found := _relative(text, info):
        return found
    if re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", text):
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    raise ValueError("must be a day and a time like 2026-12-02 17:00")


def _relative(value: str, info: ValidationInfo) -> datetime | None:
    today: date | None = (info.context or {}).get("today")
    found = _RELATIVE.fullmatch(value)
    if today is None or found is None:
        return None
    clock = time.fromisoformat(found[2] or "00:00")
    return datetime.combine(today + timedelta(days=int(found[1])), clock)


class Shape(BaseModel):
    """Unknown keys are an error: a key spelled wrong would be silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SideLink(Shape):
    """One line of the navigation beside a page; `link` is the id it leads to."""

    link: Anchor
    title: Text


class Question(Shape):
    """A question and its answer in Markdown; `group` is the side link it stands under."""

    q: Text
    a: Text
    id: Anchor | None = None
    group: str = ""
    open: bool = False


class Step(Shape):
    """One of the steps drawn on the about page."""

    picture: Literal["asks", "answer", "meet", "starts"]
    title: Text
    text: Text


class Need(Shape):
    """One of the three things every circle needs, with its glyph."""

    glyph: Literal["learners", "facilitator", "space"]
    title: Text
    text: Text


class PageShape(Shape):
    """A page. `about` is the Markdown that leads in; `underline` names words of the title."""

    title: Text
    description: str = ""
    underline: str = ""
    about: str = ""
    sidenav: list[SideLink] = []
    faq_title: str = ""
    faq: list[Question] = []
    steps: list[Step] = []
    needs: list[Need] = []
    retention: bool = False
    layout: Any = None
    bundles: Any = None

    @model_validator(mode="after")
    def underlined_words_exist(self) -> "PageShape":
        if self.underline not in self.title:
            raise ValueError("`underline` must be words of the title")
        return self


class NewsShape(Shape):
    """A news post; its address is the file's name."""

    title: Text
    date: Annotated[date, BeforeValidator(day)]
    summary: Text


class EventShape(Shape):
    """An event. `start` and `end` are the time on the clocks of `time_zone` (an IANA name)."""

    title: Text
    start: Annotated[datetime, BeforeValidator(local_time)]
    end: Annotated[datetime, BeforeValidator(local_time)]
    time_zone: Text
    place: str = ""
    online: bool = False
    link: Annotated[str, Field(pattern=r"^(https?://|mailto:|$)")] = ""
    summary: str = ""

    @model_validator(mode="after")
    def happens_somewhere_and_ends(self) -> "EventShape":
        try:
            zone = ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("`time_zone` must be a name like Europe/Warsaw") from error
        if self.end.replace(tzinfo=zone) <= self.start.replace(tzinfo=zone):
            raise ValueError("`end` must come after `start`")
        if not self.online and not self.place:
            raise ValueError("an event needs a `place`, or `online: true`")
        return self

    def in_utc(self, moment: datetime) -> datetime:
        """One of this event's times, in UTC."""
        return moment.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)
