"""Pages, forms and errors: what may be kept, what hostile requests get, where paths lead."""

import asyncio
import re
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select
from starlette.testclient import TestClient

from board.app import make_app
from board.core import writer
from board.core.http import Board, local_path
from board.core.limits import PostLimiter, network_of
from board.people.models import waitings
from tests.post import deliver

HERE = {"sec-fetch-site": "same-origin"}
VOTE = "/towns/si/velenje/vote"
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def calm(board: Board) -> Iterator[TestClient]:
    """A client that gets the page of a crash instead of the exception."""
    app = make_app(board, work=False)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as opened:
        yield opened


def forms_waiting(board: Board) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(waitings)).scalar_one())


# --- what may be kept -----------------------------------------------------------------------


def test_reader_s_page_is_asked_again_and_not_sent_again(client: TestClient) -> None:
    for path in ("/", "/de/towns", "/towns/si/velenje", "/about"):
        first = client.get(path)
        assert first.headers["cache-control"] == "no-cache", path
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["content-security-policy"]
        other = client.get(path, headers={"if-none-match": 'W/"of-yesterday"'})
        assert other.status_code == 200


def test_head_says_what_get_says_without_the_page(client: TestClient) -> None:
    for path in ("/", "/towns/si/velenje", "/nowhere", "/confirm/x"):
        shown, asked = client.get(path), client.head(path)
        assert (asked.status_code, asked.content) == (shown.status_code, b"")
        for name in ("cache-control", "etag", "content-type"):
            assert asked.headers.get(name) == shown.headers.get(name), (path, name)


def test_any_cookie_makes_a_page_private(client: TestClient) -> None:
    for cookie in ("board=unknown", "other=1"):
        answer = client.get("/towns/si/velenje", headers={"cookie": cookie})
        assert answer.headers["cache-control"] == "private, no-store"
        assert "etag" not in answer.headers


def test_remembered_browser_gets_every_answer_private(client: TestClient, board: Board) -> None:
    page = client.post(VOTE, data={"email": "bob@example.org"}, headers=HERE).headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    etag = TestClient(client.app).get("/about").headers["etag"]
    for path in ("/", "/about", "/towns", "/towns/suggest?q=vel", "/healthz", "/nowhere"):
        answer = client.get(path, headers={"if-none-match": etag})
        assert answer.headers["cache-control"] == "private, no-store", path
        assert answer.status_code != 304


def test_kinds_of_answers_say_how_long_they_may_be_kept(client: TestClient, board: Board) -> None:
    kept = {
        f"/static/{board.static.name}/css/base.css": "max-age=315360000, public, immutable",
        "/towns/suggest?q=vel": "public, max-age=300",
        "/stories": "no-cache",
        "/towns?near=46.4,15.1": "private, no-store",
        "/towns?near=si/velenje": "private, no-store",
        "/healthz": "private, no-store",
        "/staff": "private, no-store",
        "/confirm/wait/x": "private, no-store",
        "/nowhere": "private, no-store",
    }
    assert {path: client.get(path).headers["cache-control"] for path in kept} == kept


# --- errors are pages -----------------------------------------------------------------------


def test_error_page_says_what_to_do_in_the_page_s_language(client: TestClient) -> None:
    shown = {path: client.get(path) for path in ("/nowhere", "/de/nowhere")}
    headings = {re.findall(r"<h1>(.*?)</h1>", answer.text)[0] for answer in shown.values()}
    assert len(headings) == 2
    assert 'href="/de/towns"' in shown["/de/nowhere"].text


def test_method_that_is_not_taken_says_which_are(client: TestClient) -> None:
    answer = client.put("/tell", headers=HERE)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert "<h1>" in answer.text


def test_full_writer_asks_to_come_back(
    calm: TestClient, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WAITING", 1)
    board.database.writer = writer.Writer(board.database.writer_engine, board.database.lock)
    begun, gate = threading.Event(), threading.Event()

    def hold(_conn: Connection) -> None:
        begun.set()
        gate.wait(20)

    async def occupy() -> None:
        held = asyncio.ensure_future(board.database.write(hold))
        await asyncio.to_thread(begun.wait, 20)
        await asyncio.gather(held, board.database.write(hold))

    thread = threading.Thread(target=asyncio.run, args=(occupy(),))
    thread.start()
    begun.wait(20)
    while not board.database.writer._jobs.qsize():
        pass
    answer = calm.post(VOTE, data={"email": "bob@example.org"}, headers=HERE)
    gate.set()
    thread.join()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "<h1>" in answer.text
    assert forms_waiting(board) == 0


def test_limit_of_one_network_holds_for_that_network_alone(board: Board) -> None:
    board.limiter = PostLimiter(3)
    app = make_app(board, work=False)
    with TestClient(app, client=("192.0.2.7", 1)) as flooder:
        assert [flooder.post(VOTE, headers=HERE).status_code for _ in range(4)] == [
            200, 200, 200, 429,
        ]  # fmt: skip
        assert flooder.get(VOTE).status_code == 200
        other = TestClient(app, client=("192.0.2.8", 1))
        assert other.post(VOTE, headers=HERE).status_code == 200


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_network_of_a_peer(peer: str, network: str) -> None:
    assert network_of(peer) == network


# --- hostile addresses ----------------------------------------------------------------------

ODD = ("%00", "a%00b", "%FF%FE", "%ED%A0%80", "%F0%9F%8F%9A", "%2E%2E%2F", "%E2%80%AE", "9" * 30)
ADDRESSES = (
    "/{}", "/de/{}", "/stories/{}", "/towns/si/{}", "/towns/{}/velenje", "/towns/si/{}/vote",
    "/t/{}", "/news/{}", "/events/{}", "/confirm/{}", "/confirm/wait/{}", "/static/{}",
    "/staff/towns/{}", "/staff/invitation/{}", "/dev/mail/{}", "/towns?q={}", "/towns?after={}",
    "/towns?near={}", "/towns?at={}", "/towns?country={}&language={}&status={}",
    "/towns/suggest?q={}&country={}", "/stories?q={}&country={}&language={}", "/stories?after={}",
    "/tell?town={}", "/partner?town={}", "/{}={}?{}={}&{}",
)  # fmt: skip


def test_odd_address_gets_a_page_and_never_a_crash(calm: TestClient) -> None:
    crashed = {}
    for address in ADDRESSES:
        for odd in ODD:
            path = address.replace("{}", odd)
            status = calm.get(path).status_code
            if status >= 500:
                crashed[path] = status
    assert crashed == {}


def test_number_that_is_nobody_s_is_not_found(client: TestClient) -> None:
    for number in ("0", "2147483647", "2147483648", "9" * 15, "9" * 30):
        told, town = f"/stories/{number}", {"town_id": number}
        assert client.get(told).status_code == 404, number
        assert client.post(f"{told}/comments", data={"text": "Hello."}, headers=HERE).is_error
        assert client.post("/take-back", data=town, headers=HERE).status_code == 404, number


CURSORS = (
    "1~" + "9" * 40, "9" * 40 + "~1", "nan~1", "1e999~1", "2026-01-01~1", "~", "~~~", "-1~-1",
    "0001-01-01T00:00:00+23:59~1", "2026-01-01T00:00:00~1",
    "2026-01-01T00:00:00+00:00~" + "9" * 20,
)  # fmt: skip


def test_cursor_made_by_hand_is_no_crash(client: TestClient) -> None:
    lists = (
        "/stories?after=",
        *(f"/towns?sort={sort}&after=" for sort in ("votes", "new", "need")),
    )
    for cursor in CURSORS:
        for path in lists:
            assert client.get(path + quote(cursor)).status_code == 200, (path, cursor)


def test_url_of_a_page_may_be_long(calm: TestClient) -> None:
    assert calm.get("/confirm/wait/" + "x" * 9_000).status_code == 410
    assert calm.get("/towns?q=" + "%CC%81" * 1_000).status_code == 200


# --- hostile forms --------------------------------------------------------------------------

STORY = {
    "town": "Velenje", "why": "Because.", "name": "Maja", "email": "maja@example.org",
    "may_show": "1",
}  # fmt: skip
NUL = (
    (VOTE, {"email": "bob@example.org", "name": "B\0b", "come": "1\0", "\0": "\0"}),
    (VOTE, {"email": "bob\0@example.org"}),
    (VOTE, {"phone": "041\0234 567"}),
    ("/tell", {**STORY, "why": "wh\0y", "name": "M\0", "title": "\0", "language": "\0"}),
    ("/tell", {**STORY, "at": "si/\0velenje"}),
    ("/tell", {**STORY, "at": "\0"}),
    ("/tell", {**STORY, "town": "Now\0here", "by_hand": "1", "country": "SI"}),
    ("/tell", {**STORY, "town": "Nowhere", "by_hand": "1", "country": "S\0"}),
    ("/tell", {**STORY, "why": "\0", "email": "\0"}),
    ("/towns/si/velenje/comments", {"text": "\0", "name": "\0", "email": "\0"}),
    ("/towns/si/velenje/comments",
     {"text": "a\0b", "name": "B\0", "email": "bob@example.org", "language": "\0"}),
    ("/partner",
     {"organisation": "\0x", "name": "x\0", "message": "\0x", "email": "x@example.org"}),
    ("/take-back", {"town_id": "\0", "page": "\0"}),
    ("/forget", {"back": "/\0"}),
    ("/confirm/wait/x", {"code": "\0"}),
    ("/confirm/x", {"form-1": "\0"}),
    ("/staff/sign-in", {"email": "su\0e@example.org"}),
    ("/staff/sign-in/x", {"code": "\0"}),
    ("/staff/invitation/x", {"name": "\0"}),
)  # fmt: skip


def test_nul_in_any_field_is_no_crash(calm: TestClient) -> None:
    answers = [(path, calm.post(path, data=form, headers=HERE).status_code) for path, form in NUL]
    assert [answer for answer in answers if answer[1] >= 500] == []


def part(name: str, value: bytes, charset: str = "", more: str = "") -> tuple[str, bytes]:
    """A multipart form of one field: its content type and its body."""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
    kind = f"multipart/form-data; boundary=x{f'; charset={charset}' if charset else ''}"
    return kind, head + value + b"\r\n--x--\r\n"


BROKEN = (
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=x", b"no boundary in sight"),
    ("multipart/form-data; boundary=" + "x" * 300, b"--x\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"),
    ("multipart/form-data; boundary=x", b"--x\r\nX-Other: 1\r\n\r\na\r\n--x--"),
    part("photo", b"GIF89a", more='; filename="a.gif"'),
    (URLENCODED, b"&".join(b"f%d=1" % number for number in range(10_000))),
)
STRANGE = (
    part("name", b"hello", "undefined"),
    part("name", b"xn--99999999", "punycode"),
    part("name", b"+2AA-", "utf-7"),
    part("email", rb"\ud800", "unicode_escape"),
    part("email", b"xn--\xff", "idna"),
    part("email", b"abc", "rot13"),
    part("email", b"abc", "no-such-thing"),
    part("\\ud800", b"abc", "unicode_escape"),
    ("multipart/form-data; boundary=x", b"--x\r\ncut off in the mid"),
    ("application/json", b'{"email": {"a": [1]}}'),
    ("text/plain", b"email=bob@example.org"),
    ("", b"email=bob@example.org"),
    (";;;", b"\xff\x00"),
    (URLENCODED, b"&&&=&=%&%zz=%&email=%ED%A0%80&name=\xff\xfe"),
    (f"{URLENCODED}; charset=utf-7", b"email=%2B2AA-&name=%00"),
)


def test_form_that_can_t_be_read_gets_a_page_that_says_so(calm: TestClient) -> None:
    for path in (VOTE, "/de/tell", "/confirm/x", "/staff/sign-in"):
        for kind, body in BROKEN:
            answer = calm.post(path, content=body, headers={**HERE, "content-type": kind})
            assert (answer.status_code, "<h1>" in answer.text) == (422, True), (path, kind)


def test_form_of_a_strange_kind_does_nothing(calm: TestClient, board: Board) -> None:
    for path in (VOTE, "/de/tell", "/confirm/x", "/staff/sign-in"):
        for kind, body in STRANGE:
            answer = calm.post(path, content=body, headers={**HERE, "content-type": kind})
            assert answer.status_code in (200, 410, 422), (path, kind)
    assert forms_waiting(board) == 0


@examples(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from([URLENCODED, "multipart/form-data; boundary=x", "application/json"]),
    body=st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda b: b"--x\r\n" + b)),
)
def test_bytes_of_any_kind_are_no_crash(client: TestClient, kind: str, body: bytes) -> None:
    answer = client.post(VOTE, content=body, headers={**HERE, "content-type": kind})
    assert answer.status_code in (200, 422)


# --- where paths lead -----------------------------------------------------------------------


def as_a_browser_reads(location: str) -> str:
    """Browsers drop tabs and newlines, and take a backslash for a slash."""
    return re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")


@given(st.one_of(st.text(alphabet="/\\ \t\n.:@a?#%", max_size=12), st.text(max_size=30)))
def test_local_path_is_never_another_host(value: str) -> None:
    seen = as_a_browser_reads(local_path(value))
    assert seen.startswith("/")
    assert not seen.startswith("//")


@pytest.mark.parametrize("value", ["/", "/towns", "/de/towns?q=a#b", "/towns/si/velenje#vote"])
def test_local_path_keeps_a_path_of_ours(value: str) -> None:
    assert local_path(value) == value


STRANGE_WAYS = (
    "//stranger.example", "/\\stranger.example", "https://stranger.example", "javascript:alert(1)",
    "/\t/stranger.example", "/\r\nset-cookie: a=b", "\\\\stranger.example", "stranger.example", "",
)  # fmt: skip


def test_way_back_leads_to_no_other_site(client: TestClient) -> None:
    for back in STRANGE_WAYS:
        answer = client.post("/forget", data={"back": back}, headers=HERE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), back
        assert "a=b" not in answer.headers.get("set-cookie", "")
