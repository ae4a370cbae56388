"""A QR square as one SVG path, a module being one unit: drawn by the templates, without styles."""

from typing import Final, NamedTuple

import segno

# The white frame that scanners need, in modules.
QUIET: Final = 4


class Qr(NamedTuple):
    """A square of `side` modules a side, its quiet zone left out; `path` fills the dark ones."""

    side: int
    path: str

    @property
    def view_box(self) -> str:
        """The drawing's corner and size, with the quiet zone around it."""
        size = self.side + 2 * QUIET
        return f"{-QUIET} {-QUIET} {size} {size}"


def qr(text: str) -> Qr:
    """The square that reads as `text`; about 15 % of it may be smudged (level M)."""
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    return Qr(len(matrix), "".join(_row(y, row) for y, row in enumerate(matrix)))


def _row(y: int, row: bytearray) -> str:
    """A row's dark runs, each a bar one module high."""
    drawn, x = "", 0
    while x < len(row):
        end = x
        while end < len(row) and row[end]:
            end += 1
        if end > x:
            drawn += f"M{x} {y}h{end - x}v1h{x - end}z"
        x = max(end, x + 1)
    return drawn
