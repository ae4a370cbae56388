"""No reader ever sees how it was before: after each acknowledged write, from wherever it came.

Two boards stand over one database, one that keeps pages and one that makes each anew. After every
write all kept pages are compared, byte for byte.
"""

import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, select, update
from sqlalchemy.exc import DBAPIError
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
    HERE,
    JOENSUU,
    NOWY_SACZ,
    SUVA,
    VELENJE,
    add_circles,
    person,
    remembered,
    row_of_circle,
    say,
    statements,
    tell,
    vote,
)  # fmt: skip

SEED, STEPS = 20261122, 150
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOWN = "/towns/si/velenje"
PAGES = (
    "/", "/de/", "/towns", "/towns?sort=need&status=any", "/towns?sort=new&country=SI",
    "/towns?sort=rising", "/towns?sort=ready&language=sl", "/towns?layer=circles",
    "/towns?q=maps", "/towns?q=joensuu", "/towns?at=46.3,15.1,9", "/stories",
    "/stories?language=sl", "/stories?q=bread&country=SI", "/stories/1", "/talk", "/record", TOWN,
    f"{TOWN}?talk=newest",
    f"/de{TOWN}", "/towns/fi/joensuu", "/towns/fj/suva", "/towns/pl/elk", "/about", "/how-we-count",
    "/news", "/events", "/libraries", "/libraries?country=SI",
)  # fmt: skip
# For what is tried very often.
ONE_OF_EACH = (
    "/", "/towns", "/towns?q=maps", "/stories", "/stories/1", "/talk", "/record", TOWN,
)  # fmt: skip


@contextmanager
def opened(board: Board, *, megabytes: int) -> Iterator[tuple[TestClient, Engine]]:
    """Another board over the same database, and the engine that it reads with."""
    settings = board.settings.model_copy(update={"page_cache_mb": megabytes})
    database = Database(settings.database_url, keeps_answers=megabytes > 0)
    own = replace(board, settings=settings, database=database)
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

    def __init__(
        self, keeping: TestClient, making: TestClient, reader: Engine, making_reader: Engine
    ) -> None:
        self.keeping, self.making, self.reader = keeping, making, reader
        self.making_reader = making_reader
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
        making, making_reader = stack.enter_context(opened(board, megabytes=0))
        yield Boards(keeping, making, reader, making_reader)


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


def test_words_in_a_town_leave_the_pages_of_others(boards: Boards, board: Board) -> None:
    others = (TOWN, "/about", "/towns", "/towns?sort=new&country=SI", "/stories")
    boards.stale(others)
    with board.database.transaction() as conn:
        ana = person(conn, "Ana")
        say(conn, ana, vote(conn, ana, SUVA))
    boards.keeping.get("/about")
    boards.kept = boards.made = 0
    assert boards.stale(others) == []
    # Only its own story's card, among the newest, says how much was said in it.
    assert boards.kept >= 4


def test_page_of_a_place_becomes_that_of_its_town(boards: Boards, board: Board) -> None:
    path = "/towns/fi/joensuu"
    before = boards.keeping.get(path).text
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Cy"), JOENSUU)
    assert boards.keeping.get(path).text != before
    assert boards.stale([path]) == []


def rows_of(board: Board, table: Table) -> list[Any]:
    with board.database.snapshot() as conn:
        return list(conn.execute(select(table).limit(3)).all())


def another(value: Any) -> Any:
    """A value of the same kind that is another."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1:] != "x" else "y")
    if isinstance(value, datetime):
        return value.replace(year=value.year - 1)
    return None


def test_no_column_can_change_unseen(boards: Boards, board: Board) -> None:
    """Whatever table and column, changed by hand: no kept page differs from what it would be."""
    for name in read_tables(boards, board) - set(UNWATCHED):
        table = metadata.tables[name]
        # Numbers of rows never change.
        for column in (one for one in table.columns if not one.primary_key):
            boards.stale(ONE_OF_EACH)
            if change_by_hand(board, table, column.name):
                assert boards.stale(ONE_OF_EACH) == [], (name, column.name)


def change_by_hand(board: Board, table: Table, column: str) -> bool:
    """Change a column of all rows but those that a rule of the database keeps from it."""
    key = [*table.primary_key.columns]
    changed = False
    for row in rows_of(board, table):
        value = another(row._mapping[column])
        same = [one == row._mapping[one.name] for one in key]
        try:
            with board.database.transaction() as conn:
                conn.execute(update(table).where(*same).values({column: value}))
            changed = True
        except DBAPIError:
            continue
    return changed


def read_tables(boards: Boards, board: Board) -> set[str]:
    """The tables that the kept pages read."""
    found: set[str] = set()
    named = {name: re.compile(rf"\b(FROM|JOIN) \(?{name}\b|, {name}\b") for name in metadata.tables}
    with statements(boards.making_reader) as asked:
        for path in PAGES:
            assert boards.making.get(path).status_code == 200, path
    for name, pattern in named.items():
        if any(pattern.search(statement) for statement in asked):
            found.add(name)
    return found


def test_every_table_of_a_kept_page_is_watched_or_explained(boards: Boards, board: Board) -> None:
    read = read_tables(boards, board)
    assert len(read) > 15
    watched = {watch.table for watch in WATCHED}
    assert read <= watched | set(UNWATCHED)
    assert not watched & set(UNWATCHED)
    assert watched | set(UNWATCHED) <= set(metadata.tables)


def test_every_watched_column_exists() -> None:
    for watch in WATCHED:
        known = set(metadata.tables[watch.table].columns.keys())
        assert set(watch.columns) <= known, watch.name


WRITER = """
import sys
from random import Random
from board.core.db import Database
from tests.invented import SUVA, VELENJE, person, tell, vote
database = Database(sys.argv[1])
for line in sys.stdin:
    with database.transaction() as conn:
        who = person(conn, f"Writer {line.strip()}")
        town_id = vote(conn, who, VELENJE if int(line) % 2 else SUVA)
        if int(line) % 3 == 0:
            tell(conn, who, town_id, title=f"Told {line.strip()}")
    print("done", flush=True)
database.close()
"""


@contextmanager
def another_process(url: str) -> Iterator[Callable[[int], None]]:
    """Somebody who writes from another process; each write is acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, bufsize=1,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None

    def write(number: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        print(number, file=process.stdin, flush=True)
        assert process.stdout.readline() == "done\n"

    yield write
    process.stdin.close()
    process.wait(20)
    process.stdout.close()


def test_write_of_another_process_is_seen_at_once(
    boards: Boards, board: Board, database_url: str
) -> None:
    with another_process(database_url) as write:
        for number in range(40):
            write(number)
            pages = (TOWN, "/towns/fj/suva", "/stories") if number % 2 else ("/", "/towns", TOWN)
            for path in pages:
                assert boards.keeping.get(path).content == boards.making.get(path).content, path


def test_nodes_see_each_others_forms_at_once(board: Board, still: None) -> None:
    """Two boards that both keep pages, and forms that are sent to either."""
    with board.database.transaction() as conn:
        fill(conn)
    draw = Random(3)
    with ExitStack() as stack:
        nodes = [stack.enter_context(opened(board, megabytes=8))[0] for _n in range(2)]
        making = stack.enter_context(opened(board, megabytes=0))[0]
        for n in range(25):
            here = draw.choice(nodes)
            voter = TestClient(here.app, follow_redirects=False)
            who = remembered(board, voter, f"Neighbour {n}")
            sent = voter.post(f"{TOWN}/vote", data={"nearby": "1"}, headers=HERE)
            assert sent.status_code == 303, (who, sent.text)
            for path in (TOWN, "/towns", f"/de{TOWN}"):
                made = making.get(path).content
                assert [node.get(path).content == made for node in nodes] == [True, True], path


def test_readers_and_writers_at_once_see_nothing_old(boards: Boards, board: Board) -> None:
    """Each reader, after hearing that a vote is in, never finds fewer than there were then."""
    acknowledged, wrong, over = [1], list[str](), threading.Event()

    def read() -> None:
        while not over.is_set():
            least = acknowledged[0]
            page = boards.keeping.get(TOWN).text
            shown = int(SHOWN.findall(page)[0])
            if shown < least:
                wrong.append(f"{shown} shown, {least} acknowledged")

    readers = [threading.Thread(target=read) for _n in range(3)]
    for reader in readers:
        reader.start()
    for n in range(60):
        with board.database.transaction() as conn:
            vote(conn, person(conn, f"Voter {n}"), VELENJE)
        acknowledged[0] += 1
    over.set()
    for reader in readers:
        reader.join(20)
    assert wrong == []


# What the page of a town says of its votes.
SHOWN = re.compile(r'<p class="vote-bar-count"><b>(\d+)</b>')
