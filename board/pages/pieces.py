"""What the content pages are made of when they are shown: plain values, HTML ready."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Section:
    """What stands under one heading: its first paragraph, and the rest."""

    id: str
    title: str
    lead: str
    rest: str

    @property
    def html(self) -> str:
        return self.lead + self.rest


@dataclass(frozen=True)
class Answer:
    """A question, its answer as HTML, and whether it stands open at first."""

    id: str
    question: str
    html: str
    open: bool


@dataclass(frozen=True)
class AnswerGroup:
    """Questions under one heading."""

    id: str
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Drawn:
    """A title and a line of text beside a drawing (a step, a thing that circles need)."""

    picture: str
    title: str
    text: str


@dataclass(frozen=True)
class SideLink:
    """A line of the navigation beside a page."""

    id: str
    title: str


@dataclass(frozen=True)
class Page:
    """A content page; `lang` is the language it is written in, not always the visitor's."""

    slug: str
    lang: str
    title: str
    underline: str
    description: str
    about: str
    intro: str
    sections: tuple[Section, ...]
    sidenav: tuple[SideLink, ...]
    faq_title: str
    groups: tuple[AnswerGroup, ...]
    steps: tuple[Drawn, ...]
    needs: tuple[Drawn, ...]
    retention: bool

    @property
    def title_parts(self) -> tuple[str, str, str]:
        """The title before, within and after its underlined words."""
        return self.title.partition(self.underline) if self.underline else (self.title, "", "")

    def section(self, section_id: str) -> Section:
        """The section with this id; KeyError when the page has none."""
        for section in self.sections:
            if section.id == section_id:
                return section
        raise KeyError(section_id)

    @property
    def anchors(self) -> tuple[str, ...]:
        """Every id that a link may lead to, in the page's order."""
        ids = [section.id for section in self.sections]
        for group in self.groups:
            ids += [group.id, *(answer.id for answer in group.answers)]
        return tuple(ids)


@dataclass(frozen=True)
class NewsPost:
    """A piece of news."""

    slug: str
    lang: str
    title: str
    date: date
    summary: str
    html: str


@dataclass(frozen=True)
class Event:
    """An event; `start` and `end` are UTC, `time_zone` is the clock it is announced in."""

    slug: str
    lang: str
    title: str
    start: datetime
    end: datetime
    time_zone: str
    place: str
    online: bool
    link: str
    summary: str
    html: str

    @property
    def local_start(self) -> datetime:
        """The start, on the clocks it is announced in."""
        return self.start.astimezone(ZoneInfo(self.time_zone))

    @property
    def weekday(self) -> int:
        """The weekday of the start there, 0 for Monday."""
        return self.local_start.weekday()

    @property
    def offset(self) -> str:
        """What those clocks show against UTC: "UTC", "UTC+1", "UTC+5:30"."""
        offset = self.local_start.utcoffset() or timedelta()
        hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
        sign = "−" if offset < timedelta() else "+"
        shown = f"{hours}:{minutes:02}" if minutes else str(hours)
        return f"UTC{sign}{shown}" if offset else "UTC"
