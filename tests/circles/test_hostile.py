"""A P2PU server gone mad: whatever it sends, imports fail in sentences, and the board goes on."""

import copy
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from board.circles.answers import MOST_VALUES, FeedError, read_page
from board.circles.fetch import PAGE, read_pages
from board.circles.import_jobs import CIRCLES, LIBRARIES, Wish, bring_in
from board.circles.import_queries import import_troubles
from board.circles.jobs import import_circles, refresh_circles
from board.circles.models import circles
from board.circles.reach import Reach
from board.core.config import Settings
from board.core.db import Database
from board.core.http import Board
from tests.circles.conftest import Asked, FeedServer, invented_circles

LOCAL = Reach((), own_machine=True, read_seconds=1, answer_seconds=2, whole_seconds=60)
Answer = Callable[..., None]


def names(db: Database) -> dict[int, str]:
    """The circles that pages may show."""
    c = circles.c
    with db.snapshot() as conn:
        rows = conn.execute(select(c.id, c.title).where(c.gone_at.is_(None)))
        return {row.id: row.title for row in rows}


# --- what stands in a row ---------------------------------------------------------------------

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 10**30, 1.5, 1e308, float("inf"), float("nan"), "", "\x00",
    "a\x00b", "\ud800", "x" * 100_000, "２０２６-１１-０２", "2026-13-45", "0001-01-01",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "24:00", "<b>x</b>", [], {}, [[[]]],
    {"a": {}}, "javascript:alert(1)", "https://x" * 3_000, "\u202e", "1e999", "90.0001", "181", "٣",
    "http://[::1", "//[", "𝕏" * 50,
)  # fmt: skip


def team(number: int) -> dict[str, Any]:
    """A team as the API sends it."""
    spot = {"longitude": "14.5", "latitude": "46.05"}
    return {
        "id": number, "name": f"Team {number}", "page_slug": "x", "location": "Ljubljana",
        "website": "https://example.org/", "studygroup_count": 3, "coordinates": spot,
    }  # fmt: skip


def spoil(row: dict[str, Any], chance: random.Random) -> None:
    """Put odd things into a row, and into what it holds."""
    for name, value in list(row.items()):
        if isinstance(value, dict):
            spoil(value, chance)
        if chance.random() < 0.06:
            row[name] = copy.deepcopy(chance.choice(ODD))
    if chance.random() < 0.03:
        row.clear()


def test_rows_of_anything_are_refused_or_mended_but_never_a_crash(
    db: Database, tmp_path: Path
) -> None:
    chance, file = random.Random(7), tmp_path / "answer.json"
    for _turn in range(40):
        for kind, rows in (
            (CIRCLES, invented_circles(12)),
            (LIBRARIES, [team(number) for number in range(1, 8)]),
        ):
            items: list[Any] = copy.deepcopy(rows)
            for row in items:
                spoil(row, chance)
            items[chance.randrange(len(items))] = chance.choice(ODD)
            file.write_text(json.dumps({"count": len(items), "items": items}))
            report = bring_in(db, kind, Wish([str(file)], LOCAL, allow_empty=True))
            assert report.accepted + len(report.rejected) == len(items)


# --- what comes over the wire -----------------------------------------------------------------


@contextmanager
def saying(data: bytes) -> Iterator[str]:
    """A server that answers with these bytes, whatever it is asked; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                visitor, _address = server.accept()
            except OSError:
                return
            with visitor:
                try:
                    visitor.recv(65_536)
                    visitor.sendall(data)
                    visitor.shutdown(socket.SHUT_WR)
                except OSError:
                    continue

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """The same bytes with some of them changed, lost, or put between."""
    found = bytearray(data)
    for _time in range(chance.randint(1, 4)):
        at = chance.randrange(min(len(found), 150))
        way = chance.randrange(4)
        if way == 0:
            found[at] = chance.randrange(256)
        elif way == 1:
            del found[at : at + chance.randint(1, 9)]
        elif way == 2:
            found[at:at] = chance.randbytes(chance.randint(1, 6))
        else:
            found[at:at] = b"\r\n"
        found = found or bytearray(b"x")
    return bytes(found)


def test_answers_of_any_bytes_are_told_in_a_sentence() -> None:
    chance = random.Random(3)
    rows = invented_circles(3)
    body = json.dumps({"count": 3, "items": rows}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    whole = (
        head + b"Content-Length: %d\r\n\r\n" % len(body) + body,
        head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
    )
    with saying(whole[0]) as url:
        assert [page.items for page in read_pages(url, LOCAL, paged=True)] == [rows]
    refused = 0
    for turn in range(60):
        with saying(spoilt(whole[turn % 3], chance)) as url:
            try:
                list(read_pages(url, LOCAL, paged=True))
            except FeedError as error:
                refused += bool(str(error))
    assert refused > 20


def test_links_to_a_next_page_lead_nowhere(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(2 * PAGE + 10)

    def page(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        first, many = int(asked.query["offset"]), int(asked.query["limit"])
        said = {
            "count": len(feed.items), "items": feed.items[first : first + many],
            "next": "https://elsewhere.example.org/", "links": {"next": feed.url},
            "previous": asked.path,
        }  # fmt: skip
        feed.send(handler, json.dumps(said).encode(), Link=f'<{feed.url}>; rel="next"')

    feed.act = page
    assert import_circles(db, [feed.url], LOCAL).accepted == 2 * PAGE + 10
    assert len(feed.asked) == 3


def test_byte_by_byte_for_a_while_is_waited_for(db: Database, feed: FeedServer) -> None:
    feed.items = invented_circles(PAGE + 20)

    def drip(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        first = int(asked.query["offset"])
        said = {"count": len(feed.items), "items": feed.items[first : first + PAGE + 1]}
        body = json.dumps(said).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        for at in range(3):
            handler.wfile.write(body[at : at + 1])
            time.sleep(0.3)
        handler.wfile.write(body[3:])

    feed.act = drip
    assert import_circles(db, [feed.url], LOCAL).accepted == PAGE + 20


@pytest.mark.parametrize("unit", ["[],", "{},", "[[[[1]]]],", '{"a":1},'])
def test_answer_of_nothing_but_brackets_is_refused_beyond_a_measure(unit: str) -> None:
    each = sum(unit.count(mark) for mark in ",[{")
    fits = '{"count":1,"items":[' + unit * (MOST_VALUES // each - 4) + "1]}"
    assert len(read_page(fits.encode()).items) > 1_000
    with pytest.raises(FeedError, match="more than a list"):
        read_page(fits.replace(unit, unit * 2, 9).encode())


# --- a bad day --------------------------------------------------------------------------------


def test_bad_day_ends_with_the_list_as_it_is(
    client: TestClient, board: Board, feed: FeedServer
) -> None:
    """Rows come, go and move from page to page, answers break off; the board shows one list or
    another, whole, and answers all the while."""
    chance, db = random.Random(5), board.database
    feed.items = invented_circles(7 * PAGE)
    lists = [dict[int, str]()]

    def misfortune(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        assert client.get("/readyz").text.startswith("ok\n")
        assert names(db) in lists
        way = chance.random()
        if way < 0.04:
            feed.send(handler, b"<h1>500</h1>", status=500, kind="text/html")
        elif way < 0.08:
            feed.send(handler, b'{"count": 700, "items": [{"id": 2', Content_Length="90000")
            handler.close_connection = True
        elif way < 0.11:
            feed.send(handler, b'{"count": "many", "items": null}')
        elif way < 0.13:
            # The first one goes: all others move up, and one of page 2 stands on page 1.
            feed.items = feed.items[1:]
            feed.page(handler, asked)
        elif way < 0.15:
            feed.items = [*feed.items[1:], *invented_circles(2_000 + len(feed.asked))[-1:]]
            feed.page(handler, asked)
        else:
            feed.page(handler, asked)

    feed.act = misfortune
    for _try in range(14):
        try:
            import_circles(db, [feed.url], LOCAL)
        except FeedError:
            continue
        lists.append(names(db))
        assert lists[-1] == {item["id"]: item["name"] for item in feed.items}
    assert len(lists) > 3
    with db.snapshot() as conn:
        assert len(import_troubles(conn)) <= 1


def test_list_that_we_stumble_over_keeps_the_other_from_nobody(
    db: Database, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours in one list must not keep the libraries and the nearest circles waiting."""
    feed.items = [team(1)]
    settings = Settings.model_validate({"circles_url": feed.url, "libraries_url": feed.url})

    def stumble(*_args: object) -> None:
        raise KeyError("ours")

    broken = CIRCLES._replace(parse=stumble)  # type: ignore[arg-type]
    monkeypatch.setattr("board.circles.jobs.CIRCLES", broken)
    assert refresh_circles(db, settings) == ["circles: KeyError"]
    with db.snapshot() as conn:
        assert [(one.kind, one.error) for one in import_troubles(conn)] == [("circles", "KeyError")]
