"""No reader ever sees how it was before: after each acknowledged write, from wherever it came.

Two boards stand over one database, one that keeps pages and one that makes each anew. After every
write all kept pages are compared, byte for byte.
"""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, insert, select, text, update
from starlette.testclient import TestClient

from board.app import make_app
from board.core import clock
from board.core.config import ROOT
from board.core.db import Database
from board.core.http import Board
from board.tables import metadata
from board.watched import UNWATCHED, WATCHED
from tests.happenings import happens
from tests.invented import (
    JOENSUU, NOWY_SACZ, SUVA, VELENJE, add_circles, person, row_of_circle, say, statements, tell,
    vote,
)  # fmt: skip

SEED, STEPS = 20261122, 150
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOWN = "/towns/si/velenje"
PAGES = (
    "/", "/de/", "/towns", "/towns?sort=need&status=any", "/towns?sort=new&country=SI",
    "/towns?sort=rising", "/towns?sort=ready&language=sl", "/towns?layer=circles",
    "/towns?q=maps", "/towns?q=joensuu", "/towns?at=46.3,15.1,9", "/stories", "/stories?language=sl",
    "/stories?q=bread&country=SI", "/stories/1", "/talk", "/record", TOWN, f"{TOWN}?talk=newest",
    f"/de{TOWN}", "/towns/fi/joensuu", "/towns/fj/suva", "/towns/pl/elk", "/about", "/how-we-count",
    "/news", "/events",
)  # fmt: skip


@contextmanager
def opened(board: Board, *, megabytes: int) -> Iterator[tuple[TestClient, Engine]]:
    """Another board over the same database, and the engine that it reads with."""
    settings = board.settings.model_copy(update={"page_cache_mb": megabytes})
    own = replace(board, settings=settings, database=Database(settings.database_url))
    with TestClient(make_app(own, work=False), follow_redirects=False) as client:
        yield client, own.database.reader


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still: what pages say of it must not differ, and nothing grows too old."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def fill(conn: Connection) -> None:
    """A little of everything."""
    ana, bo = person(conn, "Ana"), person(conn, "Bo")
    for place in (VELENJE, SUVA, NOWY_SACZ):
        town_id = vote(conn, ana, place)
        tell(conn, bo, town_id, title="Maps")
        say(conn, ana, town_id)
    add_circles(conn, [row_of_circle(1, 46.3, 15.0), row_of_circle(2, 49.6, 20.6, state="soon")])


class Boards:
    """A board that keeps pages and one that makes each anew, over one database."""

    def __init__(self, keeping: TestClient, making: TestClient, reader: Engine) -> None:
        self.keeping, self.making, self.reader = keeping, making, reader
        self.kept = self.made = 0

    def stale(self, paths: Iterable[str] = PAGES) -> list[str]:
        """The pages that are kept and differ from what would be made now."""
        return [path for path in paths if self._is_stale(path)]

    def _is_stale(self, path: str) -> bool:
        with statements(self.reader) as asked:
            kept = self.keeping.get(path)
        if asked:
            self.made += 1
            return False
        self.kept += 1
        made = self.making.get(path)
        return (kept.status_code, kept.content) != (made.status_code, made.content)


@pytest.fixture
def boards(still: None, board: Board) -> Iterator[Boards]:
    """Two boards over the test's database, with a little of everything."""
    with board.database.transaction() as conn:
        fill(conn)
    with ExitStack() as stack:
        keeping, reader = stack.enter_context(opened(board, megabytes=16))
        making, _reader = stack.enter_context(opened(board, megabytes=0))
        yield Boards(keeping, making, reader)


def test_pages_are_never_stale_whatever_happens(boards: Boards, board: Board) -> None:
    draw, done = Random(SEED), Counter[str]()
    for step in range(STEPS):
        boards.keeping.get("/about")
        assert boards.stale(draw.sample(PAGES, 8)) == [], (step, done)
        with board.database.transaction() as conn:
            act = happens(conn, draw)
        done[act] += 1
    assert len(done) > 20
    assert boards.kept > boards.made / 4
