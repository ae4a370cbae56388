"""Imports of long lists: they go on where they broke off, one at a time, and nobody notices."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import time_machine
from sqlalchemy import Connection, event, func, select, text, update
from starlette.testclient import TestClient

from board.circles.answers import FeedError
from board.circles.background import beside
from board.circles.fetch import Bookmark
from board.circles.import_actions import Report
from board.circles.import_jobs import (
    CIRCLES,
    Stopped,
    Taken,
    Wish,
    bring_in,
    drop_what_waits_too_long,
)
from board.circles.import_queries import import_troubles
from board.circles.jobs import import_circles, refresh_circles
from board.circles.models import circle_turns, circles, staged_circles, staged_remarks
from board.circles.queries import latest_import
from board.circles.reach import Reach
from board.circles.turn_actions import TURN, TurnLost, end_turn, keep_turn, reading_of, take_turn
from board.circles.turn_jobs import turn_of
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.http import Board
from board.people.actions import remember
from board.towns.actions import found_town
from board.towns.models import towns
from board.towns.rules import Need
from board.votes.actions import Ballot, cast_vote
from board.votes.rules import Offer
from tests.circles.conftest import FeedServer, invented_circles

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOCAL = Reach((), own_machine=True, read_seconds=1, answer_seconds=2, whole_seconds=30)
Answer = Callable[..., None]


def bring(db: Database, feed: FeedServer, **more: Any) -> Report:
    return import_circles(db, [feed.url], LOCAL, **more)


def titles(db: Database) -> dict[int, str]:
    """The circles that pages may show."""
    with db.snapshot() as conn:
        rows = conn.execute(
            select(circles.c.id, circles.c.title).where(circles.c.gone_at.is_(None))
        )
        return {row.id: row.title for row in rows}


def offsets(feed: FeedServer) -> list[str]:
    return [asked.query["offset"] for asked in feed.asked]


def waiting(db: Database) -> tuple[int, int]:
    """How many rows and remarks are put aside."""
    with db.snapshot() as conn:
        counts = [
            conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (staged_circles, staged_remarks)
        ]
    return counts[0], counts[1]


# --- lists that break in the middle -----------------------------------------------------------


def cut(handler: BaseHTTPRequestHandler, _feed: FeedServer) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"count": 450, "items": [{"id": 200}')
    handler.close_connection = True


def endless(handler: BaseHTTPRequestHandler, feed: FeedServer) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while not feed.done.is_set():
        handler.wfile.write(b" " * 100_000)


def dripping(handler: BaseHTTPRequestHandler, feed: FeedServer) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not feed.done.wait(0.2):
        handler.wfile.write(b" ")


def said(body: bytes, **more: Any) -> Callable[[BaseHTTPRequestHandler, FeedServer], None]:
    return lambda handler, feed: feed.send(handler, body, **more)


BREAKS: dict[str, Callable[[BaseHTTPRequestHandler, FeedServer], None]] = {
    "connection cut": cut,
    "an error": said(b"<h1>Server Error (500)</h1>", status=500, kind="text/html"),
    "busy": said(b"", status=503),
    "half a JSON": said(b'{"count": 450, "items": [{"id": 200'),
    "its own error": said(b'{"status": "error", "errors": {}}'),
    "a longer length": said(b'{"count": 450, "items": []}', Content_Length="4000"),
    "a page to sign in": said(b"", status=302, Location="https://elsewhere.example.org/"),
    "no end": endless,
    "hardly anything": dripping,
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_import_goes_on_at_the_page_where_it_broke(
    db: Database, feed: FeedServer, broken: Callable[..., None]
) -> None:
    feed.items = invented_circles(450)
    feed.act = lambda handler, asked: (
        broken(handler, feed) if asked.query["offset"] == "199" else feed.page(handler, asked)
    )
    with pytest.raises(FeedError):
        bring(db, feed)
    assert (offsets(feed), titles(db), waiting(db)[0]) == (["0", "99", "199"], {}, 200)
    with db.snapshot() as conn:
        assert reading_of(conn, "circles") == Bookmark(200, 450, "#200")
        assert import_troubles(conn)

    feed.asked.clear()
    feed.act = feed.page
    report = bring(db, feed)

    assert offsets(feed) == ["199", "299", "399"]
    assert (report.accepted, report.added, waiting(db)) == (450, 450, (0, 0))
    assert titles(db) == {item["id"]: item["name"] for item in feed.items}
    with db.snapshot() as conn:
        assert (reading_of(conn, "circles"), import_troubles(conn)) == (None, [])


def break_off(db: Database, feed: FeedServer, at: str = "199") -> None:
    """An import that breaks at this page."""

    def act(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        if asked.query["offset"] == at:
            feed.send(handler, b"", status=500)
        else:
            feed.page(handler, asked)

    feed.act = act
    with pytest.raises(FeedError, match="500"):
        bring(db, feed)
    feed.asked.clear()
    feed.act = feed.page


def test_remarks_of_both_halves_are_kept(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(300)
    feed.items[5] = feed.items[5] | {"name": "test"}
    feed.items[250] = feed.items[5]
    feed.items[251] = feed.items[6]
    break_off(db, feed)
    report = bring(db, feed)

    assert [(one.position, one.upstream_id, one.reason) for one in report.rejected] == [
        (5, 6, "test_row"),
        (250, 6, "test_row"),
        (251, 7, "twice"),
    ]
    assert report.accepted == 297


def test_pages_that_wait_too_long_are_read_anew(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)
    with time_machine.travel(NOW, tick=False) as clock:
        break_off(db, feed)
        drop_what_waits_too_long(db, CIRCLES)
        assert waiting(db)[0] == 200
        clock.move_to(NOW + timedelta(hours=1), tick=False)
        assert bring(db, feed).accepted == 250
        assert offsets(feed) == ["0", "99", "199"]


def test_pages_that_nobody_goes_on_with_are_dropped(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)
    with time_machine.travel(NOW, tick=False) as clock:
        break_off(db, feed)
        clock.move_to(NOW + timedelta(hours=1), tick=False)
        assert refresh_circles(db, Settings()) == []
    assert waiting(db) == (0, 0)


def test_pages_of_another_address_are_not_gone_on_with(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)
    break_off(db, feed)
    assert import_circles(db, [feed.url + "?active=true"], LOCAL).accepted == 250
    assert offsets(feed) == ["0", "99", "199"]


@pytest.mark.parametrize("change", ["grown", "moved", "same length"])
def test_list_that_changed_meanwhile_is_read_anew(
    db: Database, feed: FeedServer, change: str
) -> None:
    feed.items = invented_circles(250)
    break_off(db, feed)
    if change == "grown":
        feed.items = invented_circles(251)
    else:
        feed.items = feed.items[1:] + invented_circles(251)[250:][: change == "same length"]
    assert bring(db, feed).accepted == len(feed.items)
    assert offsets(feed) == ["199", "0", "99", "199"]
    assert set(titles(db)) == {item["id"] for item in feed.items}


def test_list_that_was_whole_when_it_broke_is_only_taken_over(
    db: Database, feed: FeedServer
) -> None:
    feed.items = invented_circles(150)
    with db.transaction() as conn:
        conn.execute(text("ALTER TABLE circle_rejection RENAME TO elsewhere"))
    with pytest.raises(Exception, match="circle_rejection"):
        bring(db, feed)
    with db.transaction() as conn:
        conn.execute(text("ALTER TABLE elsewhere RENAME TO circle_rejection"))
    assert titles(db) == {}
    feed.asked.clear()

    assert bring(db, feed).added == 150
    assert offsets(feed) == ["149"]


# --- lists that change while they are read ----------------------------------------------------


def test_list_that_grows_once_is_read_again(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)

    def grow_once(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        if len(feed.asked) == 2:
            feed.items = invented_circles(260)
        feed.page(handler, asked)

    feed.act = grow_once
    assert bring(db, feed).accepted == 260
    assert offsets(feed) == ["0", "99", "0", "99", "199"]


def test_rows_that_shift_without_a_trace_in_the_total_are_noticed(
    db: Database, feed: FeedServer
) -> None:
    """The first left and another came at the end: a row would have been jumped over."""
    feed.items = invented_circles(250)

    def shift_once(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        if len(feed.asked) == 2:
            feed.items = invented_circles(251)[1:]
        feed.page(handler, asked)

    feed.act = shift_once
    assert bring(db, feed).accepted == 250
    assert set(titles(db)) == set(range(2, 252))


def test_list_that_never_stands_still_is_given_up(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)

    def grow(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        feed.items = invented_circles(250 + len(feed.asked))
        feed.page(handler, asked)

    feed.act = grow
    with pytest.raises(FeedError, match="kept changing"):
        bring(db, feed)
    assert (len(feed.asked), titles(db), waiting(db)) == (6, {}, (0, 0))


# --- nothing is written that didn't change ----------------------------------------------------


def versions(db: Database) -> dict[int, Any]:
    """Something of each circle's row that any write to it changes."""
    with db.snapshot() as conn:
        asked = "id, n FROM writes" if db.is_sqlite else "id, xmin::text FROM circle"
        return {row[0]: row[1] for row in conn.execute(text(f"SELECT {asked}"))}


def watch_writes(conn: Connection) -> None:
    """SQLite keeps no version of a row: triggers count."""
    if conn.dialect.name != "sqlite":
        return
    conn.execute(text("CREATE TABLE writes (id INTEGER PRIMARY KEY, n INTEGER)"))
    for what in ("INSERT", "UPDATE"):
        conn.execute(
            text(
                f"CREATE TRIGGER seen_{what} AFTER {what} ON circle BEGIN"
                " INSERT INTO writes VALUES (new.id, 1)"
                " ON CONFLICT (id) DO UPDATE SET n = n + 1; END"
            )
        )


def test_unchanged_list_touches_no_row_and_a_changed_one_its_own(
    db: Database, feed: FeedServer
) -> None:
    with db.transaction() as conn:
        watch_writes(conn)
    feed.items = invented_circles(300)
    bring(db, feed)
    before = versions(db)
    assert len(before) == 300

    assert bring(db, feed).changes == 0
    assert versions(db) == before

    feed.items[7] = feed.items[7] | {"name": "Another name", "latitude": "46.05"}
    feed.items[8] = feed.items[8] | {"signup_count": 3}
    del feed.items[299]
    report = bring(db, feed)
    after = versions(db)

    assert (report.added, report.changed, report.gone) == (0, 1, 1)
    assert {number for number in after if after[number] != before[number]} == {8, 300}


# --- one at a time ----------------------------------------------------------------------------


def test_turn_is_one_holders_until_it_lapses(db: Database) -> None:
    with db.transaction() as conn:
        first = take_turn(conn, "circles", NOW)
        assert first is not None
        assert take_turn(conn, "circles", NOW) is None
        assert take_turn(conn, "libraries", NOW) is not None
        keep_turn(conn, first, NOW + TURN / 2)
        assert take_turn(conn, "circles", NOW + TURN) is None
        second = take_turn(conn, "circles", NOW + 2 * TURN)
        assert second is not None
        with pytest.raises(TurnLost):
            keep_turn(conn, first, NOW)
        end_turn(conn, first)
        assert take_turn(conn, "circles", NOW + 2 * TURN) is None
        end_turn(conn, second)
        assert take_turn(conn, "circles", NOW) is not None


def test_only_one_of_two_nodes_imports(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)
    feed.act = feed.slow_page
    chosen = Settings.model_validate({"circles_url": feed.url, "database_url": db.url})
    nodes = [Database(db.url) for _node in range(3)]
    said: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda node=node: said.append(refresh_circles(node, chosen)))
        for node in nodes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for node in nodes:
        node.close()

    assert said == [[], [], []]
    assert offsets(feed) == ["0", "99", "199"]
    assert len(titles(db)) == 250


def test_second_import_by_hand_is_told_to_wait(db: Database, feed: FeedServer) -> None:
    with turn_of(db, "circles"), pytest.raises(Taken):
        bring(db, feed)
    with db.snapshot() as conn:
        assert import_troubles(conn) == []
    assert feed.asked == []


def test_import_that_was_silent_too_long_takes_nothing_over(db: Database, feed: FeedServer) -> None:
    """A machine that slept: somebody else has the turn by now."""
    feed.items = invented_circles(250)

    def usurp() -> None:
        with db.transaction() as conn:
            conn.execute(update(circle_turns).values(holder="another"))

    with pytest.raises(TurnLost):
        bring_in(db, CIRCLES, Wish([feed.url], LOCAL, between=usurp))
    assert (len(feed.asked), titles(db)) == (2, {})


def test_stopped_import_is_no_failure_and_is_gone_on_with(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        bring_in(db, CIRCLES, Wish([feed.url], LOCAL, between=stop))
    with db.snapshot() as conn:
        assert import_troubles(conn) == []
    feed.asked.clear()
    assert bring(db, feed).accepted == 250
    assert offsets(feed) == ["99", "199"]


@pytest.mark.anyio
async def test_server_that_stops_stops_its_import(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(1_000)
    feed.act = feed.slow_page
    task = asyncio.create_task(
        beside(lambda between: bring_in(db, CIRCLES, Wish([feed.url], LOCAL, between=between)))
    )
    while len(feed.asked) < 3:
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(feed.asked) < 6
    with turn_of(db, "circles") as turn:
        assert turn is not None


IMPORTER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from board.circles.jobs import import_circles
from board.circles.reach import Reach
from board.core.db import Database
url, feed = sys.argv[1:]
import_circles(Database(url), [feed], Reach((), own_machine=True))
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def importer(db: Database, feed: FeedServer) -> subprocess.Popen[str]:
    """An import in a process of its own; says how much memory it took at most, in kB."""
    return subprocess.Popen(
        [sys.executable, "-c", IMPORTER, db.url, feed.url], stdout=subprocess.PIPE, text=True
    )


def test_killed_import_is_gone_on_with_once_its_turn_lapsed(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(450)
    stuck = threading.Event()

    def hold(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        if asked.query["offset"] == "299":
            stuck.set()
            feed.done.wait(20)
        feed.page(handler, asked)

    feed.act = hold
    with importer(db, feed) as process:
        assert stuck.wait(30)
        process.kill()
    feed.done.set()
    feed.asked.clear()

    with pytest.raises(Taken):
        bring(db, feed)
    with time_machine.travel(datetime.now(UTC) + TURN):
        assert bring(db, feed).accepted == 450
    assert offsets(feed) == ["299", "399"]


@pytest.mark.slow
def test_memory_doesnt_grow_with_the_list(db: Database, feed: FeedServer) -> None:
    peaks = []
    for many in (1_000, 10_000):
        feed.items = invented_circles(many)
        with importer(db, feed) as process:
            peaks.append(int(process.communicate(timeout=300)[0]))
    assert len(titles(db)) == 10_000
    assert peaks[1] < 1.35 * peaks[0], peaks


# --- the board goes on ------------------------------------------------------------------------


def test_pages_show_the_old_list_until_the_new_one_is_whole(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(300)
    bring(db, feed)
    feed.items = [item | {"name": item["name"] + " II"} for item in invented_circles(500)]
    seen: list[tuple[int, int]] = []

    def look(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        names = titles(db).values()
        seen.append((len(names), sum(name.endswith(" II") for name in names)))
        feed.page(handler, asked)

    feed.act = look
    bring(db, feed)

    assert set(seen) == {(300, 0)}
    assert all(name.endswith(" II") for name in titles(db).values())


def test_board_is_read_and_voted_on_while_a_slow_list_comes(
    client: TestClient, board: Board, feed: FeedServer
) -> None:
    feed.items = invented_circles(1_200)
    hanging = threading.Event()

    def hang(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        if asked.query["offset"] == "599":
            hanging.set()
            feed.done.wait(60)
        feed.page(handler, asked)

    def take_part(number: int) -> None:
        assert client.get("/towns?layer=circles").status_code == 200
        with board.database.transaction() as conn:
            town = found_town(conn, 3189075, NOW)
            person = remember(conn, b"%d" % number, name="", language="en", now=NOW)
            ballot = Ballot(town, b"%d" % number, person, "", False, Offer())
            cast_vote(conn, ballot, need=Need(), now=NOW)

    feed.act = hang
    reach = Reach((), own_machine=True, read_seconds=60, answer_seconds=60)
    running = threading.Thread(target=import_circles, args=(board.database, [feed.url], reach))
    running.start()
    assert hanging.wait(30)
    voters = 0
    while voters < 10 or running.is_alive():
        take_part(voters)
        voters += 1
        if voters == 10:
            # Half a list is here, and nobody saw anything of it.
            assert titles(board.database) == {}
            feed.done.set()
    running.join()

    with board.database.snapshot() as conn:
        assert conn.execute(select(towns.c.vote_count)).scalar_one() == voters
    assert len(titles(board.database)) == 1_200


def test_taking_over_is_short_and_in_few_statements(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(3_000)
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "circle_staged" in statement and not statement.startswith("INSERT INTO circle_staged"):
            statements.append(statement)

    event.listen(db.writer_engine, "before_cursor_execute", note)
    bring(db, feed)
    event.remove(db.writer_engine, "before_cursor_execute", note)

    took_over = [words for words in statements if not words.startswith("DELETE")]
    assert len(took_over) <= 4


def test_import_trouble_says_since_when(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(3)
    with time_machine.travel(NOW, tick=False) as clock:
        bring(db, feed)
        feed.act = lambda handler, _asked: feed.send(handler, b"", status=502)
        for hour in (1, 2):
            clock.move_to(NOW + timedelta(hours=hour), tick=False)
            with pytest.raises(FeedError):
                bring(db, feed)
    with db.snapshot() as conn:
        [trouble], good = import_troubles(conn), latest_import(conn)
    assert trouble == (
        "circles",
        NOW + timedelta(hours=1),
        NOW + timedelta(hours=2),
        "The other side answers with 502.",
        2,
    )
    assert good is not None
    assert good.finished_at == NOW


def test_list_that_broke_off_is_soon_gone_on_with(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(250)
    chosen = Settings.model_validate({"circles_url": feed.url, "circles_minutes": 60})
    with time_machine.travel(NOW, tick=False) as clock:
        break_off(db, feed)
        clock.move_to(NOW + timedelta(minutes=14), tick=False)
        assert refresh_circles(db, chosen) == []
        assert feed.asked == []
        clock.move_to(NOW + timedelta(minutes=15), tick=False)
        assert refresh_circles(db, chosen) == []
    assert offsets(feed) == ["199"]
    assert len(titles(db)) == 250
