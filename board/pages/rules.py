"""What may stand in a content file: no unfilled gaps, whole addresses, tidy headings."""

import re
from collections.abc import Iterator

from board.pages.documents import BROKEN_LINK, FENCE, SCHEMELESS, Document, Problem

_GAPS = (
    (re.compile(r"\([A-Z][\w-]*(?: [\w-]+)? name\)"), "a name was never filled in"),
    (re.compile(r"\{\{.*?\}\}|\{%.*?%\}"), "a template mark was left in"),
    (re.compile(r"\b(?:TODO|TBD|FIXME|XXX)\b|\b[Ll]orem ipsum\b"), "a note was left in"),
)
_CAPITALS = re.compile(r"\[[^\[\]]{2,40}\](?![(\[:])")
_TAG = re.compile(r"</?([A-Za-z][^<>@:/]*)(?::[^<>/@]*)?/?>")
_HTML = re.compile(
    r"(?:a|abbr|b|blockquote|br|button|center|code|dd|details|div|dl|dt|em|embed|font|form|h[1-6]|"
    r"hr|i|iframe|img|input|kbd|li|mark|object|ol|p|pre|q|s|script|small|span|strong|style|sub|"
    r"summary|sup|svg|table|tbody|td|th|thead|tr|u|ul|video)"
    r"(?:\s+[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+))?)*\s*",
    re.IGNORECASE,
)
_ANCHOR_TAG = re.compile(r"<(?:div|a|span)\s+(?:id|name)=[\"'][\w-]+[\"']\s*>(?:</\w+>)?")
_FOOTNOTE = re.compile(r"\[(\^?\d+)\](?![(\[:])")
_INLINE_CODE = re.compile(r"`[^`]*`")
_TARGET = re.compile(r"\]\(([^()\s]*)\)")
_HEADING = re.compile(r"^(#{1,6})(?=[^#])(.*)")
_UNDERLINE = re.compile(r"^(=+|-+)\s*$")


def leftovers(document: Document) -> list[Problem]:
    """Gaps that nobody filled: a document that has one is not published."""
    return [
        Problem(document.file, number, f"{what}: {gap}")
        for number, line in _prose(document)
        for gap, what in _gaps(line)
    ]


def _gaps(line: str) -> Iterator[tuple[str, str]]:
    for found in _TAG.finditer(line):
        if not _HTML.fullmatch(found[1]) or ":" in found[0]:
            yield found[0], "a gap was never filled in"
    for found in _CAPITALS.finditer(line):
        if found[0].isupper():
            yield found[0], "a gap was never filled in"
    for pattern, what in _GAPS:
        for found in pattern.finditer(line):
            yield found[0], what


def slips(document: Document) -> list[Problem]:
    """Spellings that reading repairs or drops, and that the file should not keep."""
    return [*_links_cut_or_bare(document), *_footnotes(document), *_html(document)]


def heading_slips(document: Document) -> list[Problem]:
    """Headings of a page begin at level 2 (the title is level 1) and skip none."""
    problems: list[Problem] = []
    level, before = 1, ""
    for number, line in _body_lines(document):
        if before.strip() and _UNDERLINE.match(line):
            problems.append(Problem(document.file, number, "write headings with #, not underlined"))
        if found := _HEADING.match(line):
            now = len(found[1])
            if now == 1:
                message = "a heading of level 1: only the title is one, write ##"
                problems.append(Problem(document.file, number, message))
            elif now > level + 1 or now > 4:
                message = f"a heading of level {now} after one of level {level}"
                problems.append(Problem(document.file, number, message))
            if now > 2 and "{#" in found[2]:
                message = "only headings of level 2 can carry an {#id}"
                problems.append(Problem(document.file, number, message))
            level = now
        before = line
    return problems


def targets(document: Document) -> Iterator[tuple[int, str]]:
    """Where the links of a document lead, each with its line."""
    for number, line in _prose(document):
        for found in _TARGET.finditer(line):
            yield number, found[1]


def _links_cut_or_bare(document: Document) -> Iterator[Problem]:
    text = document.text
    for found in BROKEN_LINK.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Problem(document.file, line, f"an address broken over two lines: {found[1]}")
    for number, line_text in _prose(document):
        for found in SCHEMELESS.finditer(line_text):
            address = line_text[found.end() :].split(")")[0]
            message = f"an address without https://: {address}"
            yield Problem(document.file, number, message)


def _footnotes(document: Document) -> Iterator[Problem]:
    for number, line in _prose(document):
        for found in _FOOTNOTE.finditer(line):
            if f"[{found[1]}]:" not in document.text:
                yield Problem(document.file, number, f"a footnote without a target: {found[0]}")


def _html(document: Document) -> Iterator[Problem]:
    for number, line in _prose(document):
        for found in _TAG.finditer(_ANCHOR_TAG.sub("", line)):
            if _HTML.fullmatch(found[1]) and ":" not in found[0]:
                yield Problem(document.file, number, f"HTML isn't shown in content: {found[0]}")


def _prose(document: Document) -> Iterator[tuple[int, str]]:
    """The lines of the whole file, front matter too, without what is code."""
    fenced = False
    for number, line in enumerate(document.text.split("\n"), 1):
        fence = FENCE.match(line) is not None
        if not fence and not fenced:
            yield number, _INLINE_CODE.sub("", line)
        fenced ^= fence


def _body_lines(document: Document) -> Iterator[tuple[int, str]]:
    for number, line in _prose(document):
        if number >= document.body_line:
            yield number, line
