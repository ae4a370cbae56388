"""Content files as they are written: YAML front matter, then Markdown in parts.

The rule of the room: reading survives what people paste in (headings without a space, `<div id>`
anchors, addresses without a scheme or broken over a line); `rules` names it so that it gets mended.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]
from frontmatter.default_handlers import YAMLHandler

from board.core.text import fold

FENCE = re.compile(r"^ {0,3}(```|~~~)")
HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)(?:[ \t]+\{#([\w-]+)\})?[ \t#]*$")
ANCHOR = re.compile(r"^<(?:div|a|span)\s+(?:id|name)=[\"']([\w-]+)[\"']\s*>(?:</\w+>)?\s*$")
BROKEN_LINK = re.compile(r"\]\(([^()\s]*)\n[ \t]*([^()\s]*)\)")
SCHEMELESS = re.compile(r"\]\((?=[\w-]+(?:\.[\w-]+)+(?:[/?#)]|:\d))")
_NO_SPACE = re.compile(r"^(#{1,6})(?=[^\s#])")

# Leaves every value a text: the shapes in `forms` say what it must be. The one in C, where it was
# built, reads all content in a tenth of the time.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Problem(NamedTuple):
    """What is wrong in a content file; `line` counts from 1."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ContentError(Exception):
    """Content that can't be shown at all, with every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class Part(NamedTuple):
    """What stands under one heading of level 1 or 2; the part before the first has no title."""

    id: str
    title: str
    line: int
    source: str


@dataclass(frozen=True)
class Document:
    """One file: its front matter, its Markdown and where in the file each begins."""

    file: Path
    text: str
    meta: Mapping[str, Any]
    meta_root: Any
    body: str
    body_line: int

    def line_of(self, *keys: str | int) -> int:
        """The line of a front matter value, or of the nearest thing around it."""
        node, line = self.meta_root, 1
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            line, node = found
        return line


def read_document(file: Path) -> Document:
    """The file's parts; ContentError when its front matter can't be read."""
    try:
        text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ContentError([Problem(file, 1, "is not written in UTF-8")]) from error
    handler = YAMLHandler()
    if not handler.detect(text):
        return Document(file, text, {}, None, tidied(text), 1)
    try:
        head, body = handler.split(text)
    except ValueError as error:
        raise ContentError([Problem(file, 1, "the front matter has no closing ---")]) from error
    # Empty lines in front keep the line numbers of the file.
    head = "\n" * text.count("\n", 0, text.index(head, 3)) + head
    try:
        meta = handler.load(head, Loader=_LOADER) or {}
        root = yaml.compose(head, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ContentError([Problem(file, line, "the front matter isn't YAML")]) from error
    if not isinstance(meta, dict):
        raise ContentError([Problem(file, 1, "the front matter isn't made of keys and values")])
    first = text.count("\n", 0, len(text) - len(body)) + 1
    return Document(file, text, meta, root, tidied(body), first)


def _child(node: Any, key: str | int) -> tuple[int, Any] | None:
    """The line and the node under a key of a mapping or a place in a list."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None


def tidied(markdown: str) -> str:
    """The same text, line for line, with headings and links that Markdown understands."""
    joined = BROKEN_LINK.sub(r"](\1\2)\n", markdown)
    with_scheme = SCHEMELESS.sub("](https://", joined)
    return "\n".join(_NO_SPACE.sub(r"\1 ", line) for line in with_scheme.split("\n"))


def slug_of(title: str) -> str:
    """An id made of a title, for headings and questions that bring none."""
    return fold(title).replace(" ", "-")


def parts_of(document: Document) -> list[Part]:
    """The body, cut at its headings of level 1 and 2."""
    parts: list[Part] = []
    title, anchor, pending, start = "", "", "", document.body_line
    lines: list[str] = []
    fenced = False
    for number, line in enumerate(document.body.split("\n"), document.body_line):
        fenced ^= FENCE.match(line) is not None
        heading = None if fenced else HEADING.match(line)
        if not fenced and (found := ANCHOR.match(line)):
            pending = found[1]
        elif heading and len(heading[1]) <= 2:
            parts.append(Part(anchor, title, start, "\n".join(lines)))
            title, start, lines = heading[2], number, []
            anchor = heading[3] or pending or slug_of(title)
            pending = ""
        else:
            lines.append(line)
    parts.append(Part(anchor, title, start, "\n".join(lines)))
    return [part for part in parts if part.title or part.source.strip()]
