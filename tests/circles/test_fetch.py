"""Reading over the network, from a real server on loopback that behaves well, badly and oddly."""

import gzip
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from typing import Any

import pytest

from board.circles.answers import FeedError, ListMoved
from board.circles.fetch import Bookmark, read_pages
from board.circles.reach import Reach, is_public

LOCAL = Reach((), own_machine=True, connect_seconds=2, read_seconds=1, whole_seconds=5)
ROWS = [{"id": number} for number in range(1, 251)]

Answer = Callable[..., None]


def fetch_list(url: str, reach: Reach, *, paged: bool) -> list[Any]:
    """All rows of a list."""
    return [item for page in read_pages(url, reach, paged=paged) for item in page.items]


def read(feed: Any, **more: Any) -> list[Any]:
    return fetch_list(feed.url, LOCAL, **{"paged": True, **more})


def test_list_is_read_in_pages_that_overlap_by_a_row(feed: Any) -> None:
    feed.items = ROWS
    pages = list(read_pages(feed.url, LOCAL, paged=True))

    assert [item for page in pages for item in page.items] == ROWS
    assert [asked.query for asked in feed.asked] == [
        {"limit": "100", "offset": "0"},
        {"limit": "101", "offset": "99"},
        {"limit": "101", "offset": "199"},
    ]
    assert [(page.first, page.here) for page in pages] == [
        (0, Bookmark(100, 250, "#100")),
        (100, Bookmark(200, 250, "#200")),
        (200, Bookmark(250, 250, "#250")),
    ]


def test_list_is_read_from_a_bookmark_on(feed: Any) -> None:
    feed.items = ROWS
    pages = list(read_pages(feed.url, LOCAL, paged=True, start=Bookmark(200, 250, "#200")))

    assert [page.items for page in pages] == [ROWS[200:]]
    assert len(feed.asked) == 1


def test_list_that_was_read_to_its_end_has_no_more_pages(feed: Any) -> None:
    feed.items = ROWS

    assert not list(read_pages(feed.url, LOCAL, paged=True, start=Bookmark(250, 250, "#250")))
    assert [asked.query["offset"] for asked in feed.asked] == ["249"]


@pytest.mark.parametrize(
    "bookmark",
    [Bookmark(100, 249, "#100"), Bookmark(100, 250, "#99"), Bookmark(250, 250, "#249")],
    ids=["another total", "rows moved", "another end"],
)
def test_bookmark_that_doesnt_fit_the_list_is_told(feed: Any, bookmark: Bookmark) -> None:
    feed.items = ROWS

    with pytest.raises(ListMoved):
        list(read_pages(feed.url, LOCAL, paged=True, start=bookmark))


def test_rows_without_a_number_are_known_by_what_they_say(feed: Any) -> None:
    feed.items = [{"name": f"Circle {n}"} for n in range(150)] + [None, ["x"], {"id": [1]}]

    assert read(feed) == feed.items


def test_request_asks_for_english_json_and_says_who_asks(feed: Any) -> None:
    read(feed)

    headers = feed.asked[0].headers
    assert headers["Accept-Language"] == "en"
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Host"] == feed.url.split("/")[2]
    assert "Cookie" not in headers


def test_own_query_of_the_address_stays(feed: Any) -> None:
    fetch_list(feed.url + "?active=true&limit=7#top", LOCAL, paged=True)

    assert feed.asked[0].query == {"active": "true", "limit": "100", "offset": "0"}


def test_unpaged_list_is_asked_once_without_pages(feed: Any) -> None:
    feed.items = ROWS

    assert read(feed, paged=False) == ROWS
    assert [asked.query for asked in feed.asked] == [{}]


@pytest.mark.parametrize("query", ["draft=true", "id=7", "active=true&ID=7", "dr%61ft=1"])
def test_what_is_not_public_is_never_asked(feed: Any, query: str) -> None:
    with pytest.raises(FeedError, match="draft="):
        fetch_list(f"{feed.url}?{query}", LOCAL, paged=True)
    assert feed.asked == []


def test_server_may_give_smaller_pages_than_asked(feed: Any, answer: Answer) -> None:
    def pages_of_25(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        offset = int(asked.query["offset"])
        said = {"count": 250, "items": ROWS[offset : offset + 25]}
        answer(handler, json.dumps(said).encode())

    feed.act = pages_of_25

    assert read(feed) == ROWS
    assert len(feed.asked) == 11


def test_server_may_give_everything_at_once(feed: Any, answer: Answer) -> None:
    said = {"count": 250, "items": ROWS}
    feed.act = lambda handler, _asked: answer(handler, json.dumps(said).encode())

    assert read(feed) == ROWS
    assert len(feed.asked) == 1


def test_list_that_grows_while_it_is_read_is_told(feed: Any) -> None:
    feed.items = list(ROWS)

    def grow(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        feed.items.append({"id": 1000 + len(feed.asked)})
        feed.page(handler, asked)

    feed.act = grow

    with pytest.raises(ListMoved, match="kept changing"):
        read(feed)
    assert len(feed.asked) == 2


@pytest.mark.parametrize("by", [-1, 1])
def test_rows_that_move_on_are_noticed_though_the_total_stays(
    feed: Any, answer: Answer, by: int
) -> None:
    """One went in front and one came at the end: without the overlap a row would be missed."""

    def shift(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
        start = offset + by if offset else 0
        answer(handler, json.dumps({"count": 250, "items": ROWS[start : start + limit]}).encode())

    feed.act = shift

    with pytest.raises(ListMoved):
        read(feed)


def test_rows_that_really_stand_there_twice_are_handed_on(feed: Any) -> None:
    feed.items = [*ROWS[:150], ROWS[3], *ROWS[150:]]

    assert read(feed) == feed.items


def test_server_that_ignores_the_offset_is_refused(feed: Any, answer: Answer) -> None:
    said = {"count": 300, "items": ROWS[:100]}
    feed.act = lambda handler, _asked: answer(handler, json.dumps(said).encode())

    with pytest.raises(FeedError, match="same page"):
        read(feed)


def test_list_that_ends_too_early_is_refused(feed: Any, answer: Answer) -> None:
    def short(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        rows = ROWS[:100] if asked.query["offset"] == "0" else []
        answer(handler, json.dumps({"count": 250, "items": rows}).encode())

    feed.act = short

    with pytest.raises(FeedError, match="250 rows, but 100"):
        read(feed)


@pytest.mark.parametrize(
    ("body", "more", "says"),
    [
        (b'{"status": "error", "errors": {"limit": ["Not a valid integer"]}}', {}, "integer"),
        (b"<h1>Server Error (500)</h1>", {"status": 500, "kind": "text/html"}, "500"),
        (b"[]", {"status": 404}, "404"),
        (b"[]", {"status": 204}, "204"),
        (b"<p>Please sign in</p>", {"kind": "text/html; charset=utf-8"}, "text/html"),
        (b'{"count": 0, "items": []}', {"kind": ""}, "not JSON"),
        (b'{"count": 2, "items": [{"id": 1}', {}, "not JSON"),
        (gzip.compress(b"[]"), {"Content_Encoding": "gzip"}, "packed"),
    ],
    ids=["error", "500", "404", "204", "a page", "nothing said", "cut off", "packed"],
)
def test_answers_that_are_no_list_are_refused(
    feed: Any, answer: Answer, body: bytes, more: dict[str, Any], says: str
) -> None:
    feed.act = lambda handler, _asked: answer(handler, body, **more)

    with pytest.raises(FeedError, match=says):
        read(feed)


def test_error_on_a_later_page_is_refused(feed: Any, answer: Answer) -> None:
    feed.items = ROWS

    def fail_late(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        if asked.query["offset"] == "199":
            answer(handler, b"Server Error", status=500, kind="text/html")
        else:
            feed.page(handler, asked)

    feed.act = fail_late

    with pytest.raises(FeedError, match="500"):
        read(feed)


def test_connection_that_breaks_in_the_middle_is_refused(feed: Any) -> None:
    def broken(handler: BaseHTTPRequestHandler, _asked: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"count": 1, "items": [')

    feed.act = broken

    with pytest.raises(FeedError, match="connection"):
        read(feed)


def test_nobody_listening_is_refused(feed: Any) -> None:
    url = feed.url
    feed.server.socket.close()

    with pytest.raises(FeedError, match="connection"):
        fetch_list(url, LOCAL, paged=True)


def test_silent_server_is_given_up(feed: Any) -> None:
    feed.act = lambda _handler, _asked: feed.done.wait(10)

    started = time.monotonic()
    with pytest.raises(FeedError, match="too long"):
        read(feed)
    feed.done.set()
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("part", ["head", "body"])
def test_dripping_server_is_given_up(feed: Any, part: str) -> None:
    """Each byte comes in time, but the whole would take for ever."""

    def drip(handler: BaseHTTPRequestHandler, _asked: Any) -> None:
        ends = b"\r\n\r\n" if part == "body" else b"\r\nX-Slow: "
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json" + ends)
        while not feed.done.wait(0.1):
            handler.wfile.write(b"1")
            handler.wfile.flush()

    feed.act = drip
    reach = Reach((), own_machine=True, read_seconds=1, whole_seconds=1)

    started = time.monotonic()
    with pytest.raises(FeedError, match="too long"):
        fetch_list(feed.url, reach, paged=True)
    feed.done.set()
    assert time.monotonic() - started < 3


def test_flood_is_cut_off(feed: Any) -> None:
    sent = [0]

    def flood(handler: BaseHTTPRequestHandler, _asked: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        while sent[0] < 200_000_000:
            sent[0] += handler.wfile.write(bytes(1_000_000))

    feed.act = flood

    with pytest.raises(FeedError, match="8 MB"):
        read(feed)
    assert sent[0] < 60_000_000


def test_list_without_end_is_not_begun(feed: Any, answer: Answer) -> None:
    said = {"count": 10**9, "items": ROWS}
    feed.act = lambda handler, _asked: answer(handler, json.dumps(said).encode())

    with pytest.raises(FeedError, match="1000000000 rows"):
        read(feed)
    assert len(feed.asked) == 1


@pytest.mark.parametrize(("claimed", "says"), [(10, "not JSON"), (10_000, "connection")])
def test_answer_of_another_length_than_it_claims_is_refused(
    feed: Any, claimed: int, says: str
) -> None:
    def lie(handler: BaseHTTPRequestHandler, _asked: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(claimed))
        handler.end_headers()
        handler.wfile.write(json.dumps({"count": 250, "items": ROWS}).encode())
        handler.close_connection = True

    feed.act = lie

    with pytest.raises(FeedError, match=says):
        read(feed)


def test_whole_list_has_an_end_in_time_though_each_page_is_quick(feed: Any) -> None:
    feed.items = ROWS

    def slow(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        time.sleep(0.4)
        feed.page(handler, asked)

    feed.act = slow
    reach = Reach((), own_machine=True, read_seconds=1, whole_seconds=1)

    with pytest.raises(FeedError, match="too long"):
        fetch_list(feed.url, reach, paged=True)
    assert len(feed.asked) == 3


def redirecting(answer: Answer, to: str) -> Callable[[BaseHTTPRequestHandler, Any], None]:
    return lambda handler, _asked: answer(handler, b"", status=302, Location=to)


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:1/api/",
        "http://localhost/api/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/",
        "https://192.168.1.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://other.example.org/",
        "https://learningcircles.p2pu.org@other.example.org/",
        "https://learningcircles.p2pu.org:8443/",
        "http://learningcircles.p2pu.org/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://",
        "https://[::1",
    ],
)
def test_redirect_to_elsewhere_is_refused(feed: Any, answer: Answer, to: str) -> None:
    feed.act = redirecting(answer, to)
    reach = Reach(("learningcircles.p2pu.org",), own_machine=True, whole_seconds=5)

    with pytest.raises(FeedError):
        fetch_list(feed.url, reach, paged=True)
    assert len(feed.asked) == 1


def test_redirect_to_what_is_not_public_is_refused(feed: Any, answer: Answer) -> None:
    feed.act = redirecting(answer, "/api/learningcircles/?draft=true")

    with pytest.raises(FeedError, match="draft="):
        read(feed)
    assert len(feed.asked) == 1


def test_redirect_on_the_same_host_is_followed(feed: Any, answer: Answer) -> None:
    feed.items = ROWS[:3]

    def slash(handler: BaseHTTPRequestHandler, asked: Any) -> None:
        if asked.path.endswith("/new/"):
            feed.page(handler, asked)
        else:
            answer(handler, b"", status=301, Location="new/?limit=100&offset=0")

    feed.act = slash

    assert read(feed) == ROWS[:3]


def test_redirects_without_end_are_refused(feed: Any, answer: Answer) -> None:
    feed.act = redirecting(answer, "/api/learningcircles/")

    with pytest.raises(FeedError, match="address to address"):
        read(feed)
    assert len(feed.asked) == 4


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/api/",
        "https://example.org/api/",
        "https://learningcircles.p2pu.org.example.org/",
        "https://learningcircles.p2pu.org:8443/",
        "ftp://learningcircles.p2pu.org/",
        "https://user@learningcircles.p2pu.org/",
        "https://learningcircles.p2pu.org:x/",
    ],
)
def test_only_named_hosts_are_asked(url: str) -> None:
    with pytest.raises(FeedError):
        fetch_list(url, Reach(("learningcircles.p2pu.org",), own_machine=True), paged=True)


def test_own_machine_is_asked_only_where_it_may_be(feed: Any) -> None:
    port = feed.url.split(":")[2].split("/")[0]
    for reach in (Reach(()), Reach(("127.0.0.1", f"127.0.0.1:{port}"))):
        with pytest.raises(FeedError, match="https"):
            fetch_list(feed.url, reach, paged=True)
    assert feed.asked == []


def test_named_host_at_a_private_address_is_refused() -> None:
    with pytest.raises(FeedError, match="private"):
        fetch_list("https://localhost/api/", Reach(("localhost",)), paged=True)


def test_unknown_host_is_refused() -> None:
    with pytest.raises(FeedError):
        fetch_list("https://nobody.invalid/", Reach(("nobody.invalid",)), paged=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::1", False),
    ],
)
def test_is_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public
