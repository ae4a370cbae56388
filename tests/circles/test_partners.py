"""Libraries of the content files: read, placed, kept beside P2PU's, shown with their calendar."""

from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from board.circles.import_jobs import LIBRARIES, Wish, bring_in
from board.circles.jobs import refresh_circles
from board.circles.models import PARTNERS_FROM, libraries
from board.circles.partners import FILE, read_partners
from board.circles.reach import Reach
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.http import Board
from tests.circles.conftest import SAMPLE

KNJIZNICA = """
- name: Knjižnica Velenje
  place: si/velenje-3189075
  site: https://knjiznica.example.org/
  calendar: https://knjiznica.example.org/koledar
  checked: 2026-11-03
"""
NORWAY = """
- name: Somewhere
  place: no/nowhere
  checked: 2026-11-03
"""


def settings(folder: Path, text: str | None) -> Settings:
    """The settings of a board whose content folder holds this file."""
    if text is not None:
        (folder / FILE).write_text(text, encoding="utf-8")
    return Settings.model_validate({"content": folder})


def here(db: Database) -> list[tuple[str, str, str]]:
    """The libraries of content files that pages may show."""
    c = libraries.c
    with db.snapshot() as conn:
        rows = conn.execute(
            select(c.name, c.location, c.calendar)
            .where(c.id >= PARTNERS_FROM, c.gone_at.is_(None))
            .order_by(c.name)
        )
        return [tuple(row) for row in rows]


LISTED = ("Knjižnica Velenje", "Velenje", "https://knjiznica.example.org/koledar")


def test_libraries_of_the_file_come_stay_and_go(db: Database, tmp_path: Path) -> None:
    assert refresh_circles(db, settings(tmp_path, None)) == []
    assert here(db) == []
    for _time in range(2):
        refresh_circles(db, settings(tmp_path, KNJIZNICA + NORWAY))
        assert here(db) == [LISTED]
    moved = KNJIZNICA.replace("koledar", "dogodki")
    refresh_circles(db, settings(tmp_path, moved))
    assert here(db) == [(*LISTED[:2], "https://knjiznica.example.org/dogodki")]
    refresh_circles(db, settings(tmp_path, ""))
    assert here(db) == []
    refresh_circles(db, settings(tmp_path, KNJIZNICA))
    assert here(db) == [LISTED]


@pytest.mark.parametrize(
    "broken",
    [
        "- name: [",
        "name: Knjižnica",
        "- name: A",
        KNJIZNICA + "  size: 4",
        KNJIZNICA.replace("https://knjiznica.example.org/koledar", "javascript:alert(1)"),
        KNJIZNICA.replace("2026-11-03", "soon"),
        KNJIZNICA.replace("si/velenje", "Velenje"),
    ],
)
def test_file_that_can_t_be_read_leaves_what_is_there(
    db: Database, tmp_path: Path, broken: str
) -> None:
    refresh_circles(db, settings(tmp_path, KNJIZNICA))
    refresh_circles(db, settings(tmp_path, broken))
    assert here(db) == [LISTED]


def test_import_of_p2pu_s_list_leaves_them_alone(db: Database, tmp_path: Path) -> None:
    refresh_circles(db, settings(tmp_path, KNJIZNICA))
    wish = Wish([str(SAMPLE / "libraries.json")], Reach(()))
    first = bring_in(db, LIBRARIES, wish)
    again = bring_in(db, LIBRARIES, wish)
    assert (first.added, first.gone, again.changes) == (5, 0, 0)
    assert here(db) == [LISTED]


def test_unchanged_file_writes_nothing(db: Database, tmp_path: Path) -> None:
    chosen = settings(tmp_path, KNJIZNICA)
    refresh_circles(db, chosen)
    c = libraries.c
    with db.snapshot() as conn:
        before = conn.execute(select(libraries).order_by(c.id)).all()
    refresh_circles(db, chosen)
    with db.snapshot() as conn:
        assert conn.execute(select(libraries).order_by(c.id)).all() == before


def test_our_own_file_can_be_read() -> None:
    assert read_partners(ROOT / "content") is not None


def test_calendar_and_day_stand_on_the_pages(
    client: TestClient, board: Board, tmp_path: Path
) -> None:
    refresh_circles(
        board.database, settings(tmp_path, KNJIZNICA.replace("velenje-3189075", "velenje"))
    )
    for path in ("/", "/libraries", "/libraries?country=SI", "/towns/si/velenje"):
        page = client.get(path).text
        assert "Knjižnica Velenje" in page, path
        assert "https://knjiznica.example.org/koledar" in page, path
        assert "as of 3 November 2026" in page, path
