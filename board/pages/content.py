"""The content pages: read once at the start, rendered once for each language, then only shown.

A page that is missing in a language falls back to English and says so in its `lang`. A file with
an unfilled gap is withheld rather than published, and `Content.withheld` says why.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar, cast

from pydantic import ValidationError

from board.core import language
from board.core.errors import NotFound
from board.core.language import gettext as _
from board.pages.documents import ContentError, Document, Problem, parts_of, read_document
from board.pages.forms import EventShape, NewsShape, PageShape, Shape
from board.pages.making import make_event, make_page, make_post
from board.pages.pieces import Event, NewsPost, Page
from board.pages.rules import leftovers

PAGES = ("home", "about", "start", "partner", "guidelines", "privacy", "how-we-count")
HOME_SECTIONS = ("about", "where", "want", "news", "events", "discussion")
_NAMED = re.compile(r"`(\w+)`")
T = TypeVar("T")
S = TypeVar("S", bound=Shape)


@dataclass(frozen=True)
class Content:
    """Everything of `content/`, by language and then by slug."""

    pages: Mapping[str, Mapping[str, Page]]
    posts: Mapping[str, Mapping[str, NewsPost]]
    dates: Mapping[str, Mapping[str, Event]]
    withheld: tuple[Problem, ...] = ()

    def page(self, slug: str, code: str) -> Page:
        """A page in a language, or in English."""
        return _of(self.pages, code, slug, _("There is no such page."))

    def news(self, code: str) -> list[NewsPost]:
        """All news, newest first."""
        found = self.posts[_known(self.posts, code)].values()
        return sorted(found, key=lambda post: (post.date, post.slug), reverse=True)

    def news_post(self, slug: str, code: str) -> NewsPost:
        """One piece of news."""
        return _of(self.posts, code, slug, _("We have no news at this address."))

    def upcoming_events(self, code: str, now: datetime) -> list[Event]:
        """What isn't over yet, the next first."""
        found = self.dates[_known(self.dates, code)].values()
        return sorted((e for e in found if e.end > now), key=lambda e: (e.start, e.slug))

    def past_events(self, code: str, now: datetime) -> list[Event]:
        """What is over, the latest first."""
        found = self.dates[_known(self.dates, code)].values()
        over = (e for e in found if e.end <= now)
        return sorted(over, key=lambda e: (e.start, e.slug), reverse=True)

    def event(self, slug: str, code: str) -> Event:
        """One event, coming or over."""
        return _of(self.dates, code, slug, _("We have no event at this address."))


def _known(by_language: Mapping[str, Mapping[str, T]], code: str) -> str:
    return code if code in by_language else language.DEFAULT


def _of(by_language: Mapping[str, Mapping[str, T]], code: str, slug: str, otherwise: str) -> T:
    found = by_language[_known(by_language, code)].get(slug)
    if found is None:
        raise NotFound(otherwise)
    return found


def load_content(folder: Path, *, demo_on: date | None = None) -> Content:
    """Read and render a content folder; with `demo_on` (today) the invented news and events too.

    Raises ContentError when a page the board can't do without is missing or withheld in English.
    """
    roots = [folder] if demo_on is None else [folder, folder / "demo"]
    withheld: list[Problem] = []
    shown = _Reader(roots, demo_on, withheld)
    content = Content(
        pages=shown.everywhere("", PageShape, make_page),
        posts=shown.everywhere("news", NewsShape, make_post),
        dates=shown.everywhere("events", EventShape, make_event),
        withheld=tuple(dict.fromkeys(withheld)),
    )
    missing = [
        Problem(folder / language.DEFAULT / f"{slug}.md", 1, "this page is needed")
        for slug in PAGES
        if slug not in content.pages[language.DEFAULT]
    ]
    if missing:
        raise ContentError([*missing, *content.withheld])
    return content


@dataclass(frozen=True)
class _Reader:
    """Reads one kind of file in every language, English first, then what a language has itself."""

    roots: list[Path]
    today: date | None
    withheld: list[Problem]

    def everywhere(
        self, kind: str, shape: type[S], make: Callable[[str, str, Document, S], T]
    ) -> Mapping[str, Mapping[str, T]]:
        written = {code: self._files(code, kind, shape) for code in language.NAMES}
        fallback = written[language.DEFAULT]
        shown: dict[str, Mapping[str, T]] = {}
        for code in language.NAMES:
            own = written[code]
            # Links lead to pages of the visitor's language, also from a text that fell back.
            with language.speaking(code):
                made = {
                    slug: make(slug, code if slug in own else language.DEFAULT, *source)
                    for slug, source in {**fallback, **own}.items()
                }
            shown[code] = MappingProxyType(made)
        return MappingProxyType(shown)

    def _files(self, code: str, kind: str, shape: type[S]) -> dict[str, tuple[Document, S]]:
        found: dict[str, tuple[Document, S]] = {}
        for root in self.roots:
            for file in sorted((root / code / kind).glob("*.md")):
                try:
                    document = read_document(file)
                    form = validated(document, shape, today=self.today)
                    if problems := [*leftovers(document), *_lacking(file.stem, document, kind)]:
                        raise ContentError(problems)
                except ContentError as error:
                    self.withheld.extend(error.problems)
                else:
                    found[file.stem] = (document, form)
        return found


def _lacking(slug: str, document: Document, kind: str) -> list[Problem]:
    """The home page is drawn from six sections that must be there."""
    if kind or slug != "home":
        return []
    ids = {part.id for part in parts_of(document)}
    return [
        Problem(document.file, document.body_line, f"the section #{needed} is missing")
        for needed in HOME_SECTIONS
        if needed not in ids
    ]


def validated(document: Document, shape: type[S], *, today: date | None = None) -> S:
    """The front matter in its shape, or ContentError with a sentence for each slip."""
    try:
        return shape.model_validate(dict(document.meta), context={"today": today})
    except ValidationError as error:
        raise ContentError(
            [
                Problem(document.file, document.line_of(*_keys(slip)), _sentence(slip))
                for slip in error.errors()
            ]
        ) from error


def _keys(slip: Mapping[str, object]) -> tuple[str | int, ...]:
    """Where a slip is; one about several keys is where the first that it names is."""
    loc = cast(tuple[str | int, ...], slip["loc"])
    return loc or tuple(_NAMED.findall(str(slip["msg"]))[:1])


def _sentence(slip: Mapping[str, object]) -> str:
    loc = cast(tuple[str | int, ...], slip["loc"])
    name = ".".join(str(key + 1) if isinstance(key, int) else key for key in loc)
    if slip["type"] == "missing":
        return f"`{name}` is missing"
    if slip["type"] == "extra_forbidden":
        return f"`{name}` is not a key we know"
    message = str(slip["msg"]).removeprefix("Value error, ")
    return f"`{name}` {message}" if name else message
