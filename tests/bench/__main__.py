"""`make bench`: every bar of the data path as a ratio beside its baseline of the same run.

    make bench                        with 1,000 and 100,000 towns, under ten minutes
    make bench WORLD=1M               with 1,000 and a million, and the curves of growth
    python -m tests.bench votes map   some parts alone

Prints `bar NAME VALUE OP TARGET ok|short`; a bar that falls short is said, never asserted.
P10 (no list sorts) is a test: tests/explore/test_no_sorting.py.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from board.core.config import ROOT
from tests.bench import (
    browser,
    curves,
    mix,
    pages,
    picker,
    postgres_votes,
    start,
    tiles,
    votes,
)
from tests.bench.making import Size
from tests.bench.postgres import postgres_world
from tests.bench.report import Report
from tests.bench.worlds import kept_world

SIZES: Final = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1M": 1_000_000}
ALL: Final = ("pages", "map", "picker", "start", "votes", "mix", "browser", "postgres")
CHART: Final = ROOT / "docs" / "growth.svg"


class Bench:
    """Where the worlds are, and the parts of a run."""

    def __init__(self, folder: Path, world: str) -> None:
        self.folder, self.world = folder, world
        self.report = Report()
        self.results = folder / "results.json"
        self.parts: dict[str, Callable[[], None]] = {
            "pages": lambda: pages.measure(self.report, self.main, self.var),
            "map": lambda: tiles.measure(self.report, self.url("1k"), self.main, self.var),
            "picker": lambda: picker.measure(self.report, self.main),
            "start": lambda: start.measure(self.report, self.main, self.var),
            "votes": lambda: votes.measure(self.report, self.main, self.var, folder),
            "mix": lambda: mix.measure(self.report, self.main, self.var, folder),
            "browser": lambda: browser.measure(self.report, self.main, self.var),
            "postgres": self.on_postgres,
            "curves": self.growth,
        }

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def main(self) -> str:
        return self.url(self.world)

    def url(self, name: str) -> str:
        """The address of a world; made when it isn't there yet, or of another schema."""
        return f"sqlite:///{kept_world(self.folder, SIZES[name])}"

    def on_postgres(self) -> None:
        """P6 and P9 on PostgreSQL, on a small world: it is made anew each time."""
        with postgres_world(Size(SIZES["10k"]), lambda _line: None) as url:
            picker.measure(self.report, url)
            postgres_votes.measure(self.report, url, self.folder / "var-postgres")

    def growth(self) -> None:
        """The curves; sizes up to the run's own."""
        sizes = {size: self.url(name) for name, size in SIZES.items() if size <= SIZES[self.world]}
        curves.measure(self.report, sizes, self.var)
        self.report.keep(self.results)
        print(curves.draw(self.results, CHART))

    def run(self, parts: list[str]) -> None:
        """One part after the other; what is measured is kept after each."""
        for part in parts:
            print(f"# {part}", flush=True)
            self.parts[part]()
            self.report.keep(self.results)


def main() -> None:
    """`python -m tests.bench`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*ALL, "curves", []], help="default: all")
    parser.add_argument("--world", choices=SIZES, default="100k")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    given = parser.parse_args()
    parts = given.parts or [*ALL, *(["curves"] if given.world == "1M" else [])]
    given.folder.mkdir(parents=True, exist_ok=True)
    # Copies and the servers' own files; worlds stay.
    tempfile.tempdir = str(given.folder)
    Bench(given.folder, given.world).run(parts)


if __name__ == "__main__":
    main()
