"""Synthetic worlds of any size, deterministic: towns, skewed votes, stories, talk, circles.

    python -m tests.bench.worlds --towns 100000 --url sqlite:////tmp/w100k.sqlite3

Every stored number is what the rules make of the rows: `board recount --check` finds nothing.
"""

import argparse
import hashlib
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from board import tables  # noqa: F401 - every table, for references between them
from board.circles.actions import doubts_between, settle_doubts
from board.circles.nearest_queries import current_pins, known_pins, last_town
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.migrations import migrate
from board.core.schema import newest
from board.stories.word_triggers import post_all_words
from board.towns.cell_actions import keep_join_km, rebuild_cells
from board.towns.jobs import load_places
from board.towns.word_actions import spell_all_towns
from tests.bench.bulk import at_rest, go_on_counting, loading_engine, settle
from tests.bench.making import CIRCLES, SEED, Builder, Say, Size, World

_RESTING: Final = (
    "town",
    "vote",
    "story",
    "comment",
    "person",
    "circle",
    "town_update",
    "town_spelling",
    "town_language",
    "library",
)


_NUMBERED: Final = ("town", "vote", "story", "comment", "person", "town_update")


def count_cells(conn: Connection) -> None:
    """The map's cells."""
    keep_join_km(conn, Settings.model_fields["join_km"].default)
    rebuild_cells(conn)


def settle_nearest(conn: Connection, now: datetime) -> None:
    """Every town was compared with every circle while it was made."""
    pins = current_pins(conn, now)
    settle_doubts(conn, doubts_between(known_pins(conn), pins), last_town(conn))


def derive(conn: Connection, now: datetime) -> None:
    """Whatever other features derive from the rows, by their own rebuilding."""
    settle_nearest(conn, now)
    count_cells(conn)
    spell_all_towns(conn)
    post_all_words(conn)


def build_world(url: str, size: Size, say: Say = lambda _line: None) -> World:
    """Fill a migrated database that has places but no towns."""
    begun = time.perf_counter()
    engine = loading_engine(url)
    try:
        with engine.connect() as conn, conn.begin(), at_rest(conn, _RESTING):
            made = Builder(conn, size, say).build()
            derive(conn, size.today)
            go_on_counting(conn, _NUMBERED)
    finally:
        engine.dispose()
    settle(url)
    return made._replace(seconds=time.perf_counter() - begun)


def make_file(file: Path, size: Size, say: Say = print) -> World:
    """A world in a SQLite file, which appears when it is whole."""
    half = file.with_name(f"{file.name}.half")
    shutil.copy(_bare(file.parent, say), half)
    made = build_world(f"sqlite:///{half}", size, say)
    _appear(half, file)
    return made


def kept_world(folder: Path, towns: int) -> Path:
    """The file of a world that is used again until the schema becomes another; made if missing."""
    file = folder / f"world-{towns}-{schema_mark()}.sqlite3"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"world-{towns}-*"):
            old.unlink()
        make_file(file, Size(towns), lambda _line: None)
    return file


def _appear(half: Path, file: Path) -> None:
    for beside in ("-wal", "-shm", ".writer"):
        Path(f"{half}{beside}").unlink(missing_ok=True)
        Path(f"{file}{beside}").unlink(missing_ok=True)
    half.rename(file)


def _bare(folder: Path, say: Say) -> Path:
    """Schema and gazetteer alone, kept: reading it takes longer than making a small world."""
    file = folder / f"bare-{newest()}-{schema_mark()}.sqlite3"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("bare-*"):
            old.unlink()
        half = file.with_suffix(".half")
        half.unlink(missing_ok=True)
        make_bare(f"sqlite:///{half}")
        settle(f"sqlite:///{half}")
        _appear(half, file)
        say("schema and gazetteer are ready")
    return file


def make_bare(url: str) -> None:
    """Schema and gazetteer."""
    database = Database(url)
    migrate(database)
    load_places(database)
    database.close()


def schema_mark() -> str:
    """Another text whenever a migration says something else."""
    files = sorted((ROOT / "alembic" / "versions").glob("*.py"))
    whole = b"".join(file.read_bytes() for file in files)
    return hashlib.blake2b(whole, digest_size=4).hexdigest()


def main() -> None:
    """`python -m tests.bench.worlds`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.worlds", description=__doc__)
    parser.add_argument("--towns", type=int, required=True)
    parser.add_argument("--url", required=True, help="sqlite:////file or postgresql://…, empty")
    parser.add_argument("--circles", type=int, default=CIRCLES)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    size = Size(given.towns, given.circles, given.seed)
    if given.url.startswith("sqlite:///"):
        print(make_file(Path(given.url.removeprefix("sqlite:///")), size))
    else:
        make_bare(given.url)
        print(build_world(given.url, size, print))


if __name__ == "__main__":
    main()
