"""A batch as it is printed: slips with their squares, twelve to a page, on A4 or Letter.

The codes are known once, right after making: the sheet is drawn from them and kept nowhere.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment

from board.core import language
from board.core.rendering import long_date, url
from board.drawing.qr import Qr, qr
from board.people.slips import Code, path_of, show

PER_PAGE: Final = 12
_FONT = re.compile(r'url\("\.\./built/fonts/([\w-]+\.woff2)"\)')


class PrintedSlip(NamedTuple):
    """One slip: the code in type, and as a square that leads to its page."""

    code: str
    address: str
    qr: Qr


class Sheet(NamedTuple):
    """Everything that is printed, in the language of the library's guests."""

    batch_id: int
    town: str
    label: str
    language: str
    until: str
    typed_at: str
    pages: tuple[tuple[PrintedSlip, ...], ...]

    @property
    def size(self) -> int:
        return sum(len(page) for page in self.pages)


def draw_sheet(
    batch_id: int,
    codes: Sequence[Code],
    *,
    town: str,
    label: str,
    spoken: str,
    base_url: str,
    until: datetime,
) -> Sheet:
    """The sheet of a new batch, its words and addresses in a language."""
    base = base_url.rstrip("/")
    with language.speaking(spoken):
        slips = [_slip(code, base) for code in codes]
        return Sheet(
            batch_id=batch_id,
            town=town,
            label=label,
            language=language.current(),
            until=long_date(until),
            typed_at=re.sub(r"^https?://", "", base + url("/slip")),
            pages=tuple(
                tuple(slips[start : start + PER_PAGE]) for start in range(0, len(slips), PER_PAGE)
            ),
        )


def _slip(code: Code, base: str) -> PrintedSlip:
    address = base + url(path_of(code))
    return PrintedSlip(show(code), address, qr(address))


def draw_file(pages: Environment, sheet: Sheet, static: Path, more: Mapping[str, object]) -> str:
    """The sheet as one file that needs no network: its style and letters travel inside it."""
    css = (static / "css/sheets.css").read_text(encoding="utf-8")
    css = _FONT.sub(lambda found: f'url("{_data(static / "built/fonts" / found[1])}")', css)
    style = "data:text/css;base64," + base64.b64encode(css.encode()).decode()
    with language.speaking(sheet.language):
        template = pages.get_template("desk/codes_sheet.html")
        return template.render({**more, "sheet": sheet, "style": style, "notes": None})


def _data(font: Path) -> str:
    return "data:font/woff2;base64," + base64.b64encode(font.read_bytes()).decode()
