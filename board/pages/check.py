"""Looking over a content folder before people read it: `board content check`.

Every problem names a file, a line and what to do; an empty answer means that the folder is whole.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from board.core import language
from board.core.clock import now
from board.pages.content import HOME_SECTIONS, PAGES, validated
from board.pages.documents import (
    SCHEMELESS,
    ContentError,
    Document,
    Problem,
    parts_of,
    read_document,
    slug_of,
)
from board.pages.forms import EventShape, NewsShape, PageShape, Shape
from board.pages.rules import heading_slips, leftovers, slips, targets

KINDS: dict[str, type[Shape]] = {"": PageShape, "news": NewsShape, "events": EventShape}
DEMO = "demo"
_WEB = re.compile(r"https?://[^\s/]+\.[^\s]+|mailto:[^\s@]+@[^\s@]+")


@dataclass(frozen=True)
class _File:
    """A content file that could be read: where it stands, and its ids with their lines."""

    code: str
    kind: str
    document: Document
    ids: Sequence[tuple[str, int]]

    @property
    def slug(self) -> str:
        return self.document.file.stem

    @property
    def path(self) -> str:
        """The address at which it is shown."""
        if self.kind:
            return f"/{self.kind}/{self.slug}"
        return "/" if self.slug == "home" else f"/{self.slug}"


def check(content_folder: Path, known_paths: Iterable[str]) -> list[Problem]:
    """Everything that is wrong in a content folder; `known_paths` are the routes' patterns."""
    problems: list[Problem] = []
    files = list(_read_all(content_folder, problems))
    for file in files:
        problems += leftovers(file.document)
        problems += slips(file.document)
        problems += heading_slips(file.document)
        problems += _twice(file)
        problems += _sidenav_leads_nowhere(file)
    problems += _broken_links(files, [_pattern(path) for path in known_paths])
    problems += _missing_pages(content_folder, files)
    problems += _translations(files)
    return sorted(set(problems))


def _read_all(folder: Path, problems: list[Problem]) -> Iterator[_File]:
    for place in sorted([*folder.glob("*/"), *(folder / DEMO).glob("*/")]):
        found = sorted(place.rglob("*.md"))
        if place == folder / DEMO or not found:
            continue
        if not re.fullmatch(r"[a-z]{2}", place.name):
            problems.append(Problem(place, 1, "is not named like a language (en, de, …)"))
            continue
        demo_on = now().date() if place.parent == folder / DEMO else None
        for file in found:
            kind = file.parent.relative_to(place).as_posix().removeprefix(".")
            try:
                yield _read(file, place.name, kind, demo_on, problems)
            except ContentError as error:
                problems.extend(error.problems)


def _read(file: Path, code: str, kind: str, today: date | None, problems: list[Problem]) -> _File:
    if kind not in KINDS:
        raise ContentError([Problem(file, 1, f"no kind of content lives in {kind}/")])
    document = read_document(file)
    try:
        validated(document, KINDS[kind], today=today)
    except ContentError as error:
        # The rest of the file is worth looking over all the same.
        problems.extend(error.problems)
    return _File(code, kind, document, tuple(_ids(document)))


def _ids(document: Document) -> Iterator[tuple[str, int]]:
    """The ids of a document: its sections, its groups of questions, its questions."""
    sections = {part.id: part.line for part in parts_of(document) if part.title}
    for part in parts_of(document):
        if part.title:
            yield part.id, part.line
    for place, side in enumerate(_items(document, "sidenav")):
        if side.get("link") not in sections:
            yield str(side.get("link")), document.line_of("sidenav", place)
    for place, question in enumerate(_items(document, "faq")):
        anchor = question.get("id") or slug_of(str(question.get("q", "")))
        yield anchor, document.line_of("faq", place)


def _items(document: Document, key: str) -> list[dict[str, str]]:
    found = document.meta.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _twice(file: _File) -> Iterator[Problem]:
    counts = Counter(anchor for anchor, _line in file.ids)
    seen: set[str] = set()
    for anchor, line in file.ids:
        if anchor in seen:
            yield Problem(
                file.document.file, line, f"the id {anchor} is there {counts[anchor]} times"
            )
        seen.add(anchor)


def _sidenav_leads_nowhere(file: _File) -> Iterator[Problem]:
    document = file.document
    sections = {part.id for part in parts_of(document) if part.title}
    groups = {question.get("group", "") for question in _items(document, "faq")}
    links = {side.get("link", "") for side in _items(document, "sidenav")}
    for place, side in enumerate(_items(document, "sidenav")):
        if side.get("link") not in sections | groups:
            line = document.line_of("sidenav", place)
            yield Problem(document.file, line, f"the side link #{side.get('link')} leads nowhere")
    for place, question in enumerate(_items(document, "faq")):
        if links and question.get("group", "") not in links:
            line = document.line_of("faq", place)
            yield Problem(document.file, line, "the question stands in no group of the side links")


def _pattern(path: str) -> re.Pattern[str]:
    """A route's path as an expression: "/towns/{cc}/{slug}" matches "/towns/si/velenje"."""
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile(
        "".join(
            (".+" if ":path" in part else "[^/]+") if part.startswith("{") else re.escape(part)
            for part in parts
        )
    )


def _broken_links(files: Sequence[_File], known: Sequence[re.Pattern[str]]) -> Iterator[Problem]:
    anchors = {(file.code, file.path): {anchor for anchor, _line in file.ids} for file in files}
    for file in files:
        for line, target in targets(file.document):
            wrong = _wrong(target, file, anchors, known)
            if wrong:
                yield Problem(file.document.file, line, f"{wrong}: {target}")


def _wrong(
    target: str,
    file: _File,
    anchors: dict[tuple[str, str], set[str]],
    known: Sequence[re.Pattern[str]],
) -> str:
    """What is wrong with a link's target, or nothing."""
    address, _hash, anchor = target.partition("#")
    path = address.partition("?")[0] or file.path
    if not target.startswith(("/", "#")) or target.startswith("//"):
        # An address without its scheme is told as a slip already.
        whole = _WEB.fullmatch(target) or SCHEMELESS.match(f"]({target})")
        return "" if whole else "this link leads nowhere"
    if target.startswith("/") and not any(one.fullmatch(path) for one in known):
        return "there is no such page on the board"
    of_page = anchors.get((file.code, path), anchors.get((language.DEFAULT, path)))
    if of_page is None and path.startswith(("/news/", "/events/")):
        return "there is no such page on the board"
    if anchor and of_page is not None and anchor not in of_page:
        return "the page has no such id"
    return ""


def _missing_pages(folder: Path, files: Sequence[_File]) -> Iterator[Problem]:
    there = {(file.code, file.slug) for file in files if not file.kind}
    codes = sorted({*language.NAMES, *(file.code for file in files)})
    english = {slug for code, slug in there if code == language.DEFAULT}
    for code in codes:
        for slug in sorted({*PAGES, *english}):
            if (code, slug) not in there:
                yield Problem(folder / code / f"{slug}.md", 1, "this page is missing")
    for file in files:
        if file.path == "/":
            ids = {anchor for anchor, _line in file.ids}
            for needed in HOME_SECTIONS:
                if needed not in ids:
                    yield Problem(file.document.file, 1, f"the section #{needed} is missing")


def _translations(files: Sequence[_File]) -> Iterator[Problem]:
    """A translated page has the keys, the ids and the drawings of the English one, in its order."""
    english = {file.slug: file for file in files if file.code == language.DEFAULT and not file.kind}
    for file in files:
        if file.kind or file.code == language.DEFAULT:
            continue
        original = english.get(file.slug)
        if original is None:
            yield Problem(file.document.file, 1, "there is no English page of this name")
        else:
            yield from _differences(original, file)


def _differences(original: _File, file: _File) -> Iterator[Problem]:
    place, theirs, ours = file.document, original.document.meta, file.document.meta
    for key in theirs:
        if key not in ours:
            yield Problem(place.file, 1, f"`{key}` is there in English and missing here")
    for key in ours:
        if key not in theirs:
            yield Problem(place.file, place.line_of(key), f"`{key}` is not there in English")
    here, there = dict(file.ids), dict(original.ids)
    for anchor in there:
        if anchor not in here:
            yield Problem(place.file, 1, f"#{anchor} is there in English and missing here")
    for anchor, line in here.items():
        if anchor not in there:
            yield Problem(place.file, line, f"#{anchor} is not there in English")
    if set(here) == set(there) and list(here) != list(there):
        yield Problem(place.file, 1, "the parts stand in another order than in English")
    for key, mark in (("steps", "picture"), ("needs", "glyph"), ("faq", "group"), ("faq", "open")):
        marks = [item.get(mark) for item in _items(file.document, key)]
        if marks != [item.get(mark) for item in _items(original.document, key)]:
            line = place.line_of(key)
            yield Problem(place.file, line, f"`{key}`: every `{mark}` must be as in English")
