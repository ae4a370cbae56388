"""No reader ever sees how it was before: after each acknowledged write, from wherever it came.

Two boards stand over one database, one that keeps pages and one that makes each anew. After every
write all kept pages are compared, byte for byte.
"""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, text, update
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
def opened(board: Board, *, megabytes: int) -> Iterator[TestClient]:
    """Another board over the same database."""
    settings = board.settings.model_copy(update={"page_cache_mb": megabytes})
    own = replace(board, settings=settings, database=Database(settings.database_url))
    with TestClient(make_app(own, work=False), follow_redirects=False) as client:
        yield client


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still: what pages say of it must not differ, and nothing grows too old."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def pair(still: None, board: Board) -> Iterator[tuple[TestClient, TestClient]]:
    """A board that keeps pages and one that doesn't."""
    with opened(board, megabytes=16) as keeping, opened(board, megabytes=0) as making:
        yield keeping, making


def fill(conn: Connection) -> None:
    """A little of everything."""
    ana, bo = person(conn, "Ana"), person(conn, "Bo")
    for place in (VELENJE, SUVA, NOWY_SACZ):
        town_id = vote(conn, ana, place)
        tell(conn, bo, town_id, title="Maps")
        say(conn, ana, town_id)
    add_circles(conn, [row_of_circle(1, 46.3, 15.0), row_of_circle(2, 49.6, 20.6, state="soon")])


def stale(keeping: TestClient, making: TestClient) -> list[str]:
    """The pages on which the two boards differ."""
    found = []
    for path in PAGES:
        kept, made = keeping.get(path), making.get(path)
        if (kept.status_code, kept.content) != (made.status_code, made.content):
            found.append(path)
    return found


def test_pages_are_never_stale_whatever_happens(
    pair: tuple[TestClient, TestClient], board: Board
) -> None:
    draw, done = Random(20261122), Counter[str]()
    with board.database.transaction() as conn:
        fill(conn)
    assert stale(*pair) == []
    for step in range(150):
        with board.database.transaction() as conn:
            act = happens(conn, draw)
        done[act] += 1
        assert stale(*pair) == [], (step, act)
    assert len(done) > 20
