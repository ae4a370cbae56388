"""The table as a file: the same towns, order and columns as the view, as CSV or XLSX.

Rows come in pieces, so that a file of any length needs the memory of one piece. Numbers are
numbers, dates are dates; a text that a spreadsheet would take for a formula is made harmless.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO, Final

from board.core.language import gettext as _
from board.core.rendering import country_name
from board.desk.table_queries import TableRow

Cell = str | int | float | date | None
# A piece is as many rows as one statement reads at a time.
PIECE: Final = 500
_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠﹢﹣﹦﹫−")
# What spreadsheets skip before they look for a formula.
_SKIPPED: Final = " \u00a0\u3000\ufeff\u200b"
_BOM: Final = "\ufeff"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what would be
    one."""
    return f"'{text}" if text.lstrip(_SKIPPED)[:1] in _FORMULA else text


class Sheet:
    """The columns of one view: their heads, and a row of cells for each town."""

    def __init__(self, columns: Sequence[str], base_url: str) -> None:
        self._base = base_url.rstrip("/")
        cells = [*_ALWAYS, *(cell for name in columns for cell in _COLUMNS[name])]
        self._heads = [head for head, _read in cells]
        self._reads = [read for _head, read in cells]

    @property
    def heads(self) -> list[str]:
        """The first line, in the language that is spoken now."""
        said = [head() for head in self._heads]
        return [_("Place"), *said, _("Public page")]

    def line(self, place: int, row: TableRow) -> list[Cell]:
        """A town's cells; `place` is its place in this order."""
        cells = [read(row) for read in self._reads]
        found: list[Cell] = [place, *cells, self._base + row.town.path]
        return [harmless(cell) if isinstance(cell, str) else cell for cell in found]


def csv_lines(lines: Iterable[Sequence[Cell]], *, first: bool = False) -> bytes:
    """Lines as CSV in UTF-8: texts quoted, so that no mark in them parts a cell elsewhere.

    The file begins with a byte order mark: without it Excel reads UTF-8 as something else.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([_plain(cell) for cell in line] for line in lines)
    return ((_BOM if first else "") + text.getvalue()).encode()


def _plain(cell: Cell) -> str | int | float:
    """A cell for CSV: dates in ISO's order, nothing as an empty text."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else cell


def write_xlsx(file: BinaryIO, heads: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """Write a workbook line by line; only the present line is in memory."""
    import xlsxwriter  # noqa: PLC0415 - read for those who ask for a workbook

    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet()
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 2)
    sheet.set_column(1, 1, 24)
    for number, head in enumerate(heads):
        sheet.write_string(0, number, harmless(head), bold)
    for at, line in enumerate(lines, start=1):
        for number, cell in enumerate(line):
            if isinstance(cell, str):
                sheet.write_string(at, number, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(at, number, cell, day)
            elif cell is not None:
                sheet.write_number(at, number, cell)
    book.close()


# --- what stands in which column ------------------------------------------------------------

_Head = Callable[[], str]
_Read = Callable[[TableRow], Cell]
_ALWAYS: Final[tuple[tuple[_Head, _Read], ...]] = (
    (lambda: _("Town"), lambda row: row.town.name),
    (lambda: _("Region"), lambda row: row.town.region),
    (lambda: _("Country"), lambda row: country_name(row.town.country)),
    (lambda: _("Country code"), lambda row: row.town.country),
    (lambda: _("Languages"), lambda row: " ".join(row.languages)),
)


def _lacking(row: TableRow) -> str:
    ready = row.readiness
    said = (
        (ready.has_learners, _("learners")),
        (ready.has_facilitator, _("a facilitator")),
        (ready.has_space, _("a space")),
    )
    return ", ".join(word for met, word in said if not met)


def _status(row: TableRow) -> str:
    return {
        "asking": _("Asking"),
        "in_review": _("In review"),
        "talking": _("Talking"),
        "planned": _("Planned"),
        "launched": _("Launched"),
        "not_now": _("Not now"),
    }[row.town.status]


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


_COLUMNS: Final[dict[str, tuple[tuple[_Head, _Read], ...]]] = {
    "votes": (
        (lambda: _("Votes"), lambda row: row.town.vote_count),
        (lambda: _("Nearby"), lambda row: row.town.nearby_count),
    ),
    "trend": (
        (lambda: _("Votes in 30 days"), lambda row: row.month),
        (lambda: _("Votes in 7 days"), lambda row: row.week),
    ),
    "ready": (
        (lambda: _("Ready, of 3"), lambda row: row.readiness.checks_met),
        (lambda: _("Missing"), _lacking),
    ),
    "come": ((lambda: _("Come"), lambda row: row.town.come_count),),
    "facilitate": ((lambda: _("Facilitators"), lambda row: row.town.facilitate_count),),
    "host": ((lambda: _("Spaces"), lambda row: row.town.host_count),),
    "help": ((lambda: _("Other help"), lambda row: row.town.help_count),),
    "near": ((lambda: _("Nearest circle, km"), lambda row: _rounded(row.town.nearest_km)),),
    "per10k": ((lambda: _("Votes per 10k people"), lambda row: row.town.per_10k),),
    "need": ((lambda: _("Unmet need"), lambda row: _rounded(row.town.need)),),
    "rising": ((lambda: _("Rising"), lambda row: row.risen),),
    "status": (
        (lambda: _("Status"), _status),
        (lambda: _("Since"), lambda row: _day(row.town.status_since)),
    ),
    "owner": ((lambda: _("Owner"), lambda row: row.owner),),
    "answered": (
        (lambda: _("Our last word"), lambda row: _day(row.town.answered_at)),
        (lambda: _("Overdue"), lambda row: _("yes") if row.overdue else ""),
    ),
    "asked": ((lambda: _("Asked since"), lambda row: _day(row.town.asked_at)),),
    "stories": ((lambda: _("Stories"), lambda row: row.town.story_count),),
    "population": ((lambda: _("People"), lambda row: row.town.population or None),),
}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
