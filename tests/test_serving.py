"""The server itself, on a real port: slow, oversized and tricky senders, and an orderly end."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from board import serving
from board.core.config import ROOT
from board.core.http import on_hang_up
from board.core.ready import READY
from board.serving import HEAD_BYTES, GuardedProtocol
from tests.conftest import SECRET, wait_until
from tests.free_ports import free_port

HEAD = b"Host: 127.0.0.1\r\n"


async def echo(request: Request) -> Response:
    """Says how much came, after as long as the path asks."""
    body = await request.body()
    await asyncio.sleep(float(request.query_params.get("wait", "0")))
    return PlainTextResponse(f"{request.method} {request.url.path} {len(body)}")


class Ready:
    """Answers like a kept page: as it is written, where the server can."""

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        head = b"HTTP/1.1 200 OK\r\nx-ready: yes\r\ncontent-length: 5\r\n"
        if not scope["extensions"][READY](scope, head, b"ready"):
            headers = [(b"content-length", b"5"), (b"x-ready", b"no")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"ready"})


@pytest.fixture(scope="module")
def served() -> Iterator[int]:
    """A small application behind the guard; its port."""
    app = Starlette(
        routes=[Route("/ready", Ready()), Route("/{path:path}", echo, methods=["GET", "POST"])],
        exception_handlers={ClientDisconnect: on_hang_up},
    )
    port = free_port()
    config = uvicorn.Config(
        app, port=port, http=GuardedProtocol, ws="none", log_config=None, access_log=False,
        timeout_keep_alive=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield port
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.3)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def everything(peer: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    said = b""
    try:
        while piece := peer.recv(65_536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def talk(port: int, *pieces: bytes) -> bytes:
    """Send some pieces and hear all that is answered; the server must hang up by itself."""
    with closing(connect(port)) as peer:
        try:
            for piece in pieces:
                peer.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return everything(peer)


def statuses(said: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", said)]


def get(path: bytes = b"/", more: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HEAD + more + b"\r\n"


LAST = b"Connection: close\r\n"


# --- what is served -------------------------------------------------------------------------


def test_requests_on_one_connection_are_answered_in_order(served: int) -> None:
    said = talk(served, get(b"/1?wait=0.2") + get(b"/2"), get(b"/3"), get(b"/4", LAST))
    assert re.findall(rb"GET /(\d) 0", said) == [b"1", b"2", b"3", b"4"]
    assert statuses(said) == [200] * 4


def test_connection_is_kept_for_the_next_request(served: int) -> None:
    with closing(connect(served)) as peer:
        for number in range(3):
            peer.sendall(get(b"/%d" % number))
            assert statuses(peer.recv(65_536)) == [200]
            time.sleep(0.05)
        # Idle, it is closed by keep-alive's own limit, without a word.
        assert everything(peer) == b""


READY_OR_ECHO = re.compile(rb"GET /\d 0|x-ready: \w+")


def test_requests_without_an_end_are_not_kept(served: int) -> None:
    asked = get(b"/1?wait=0.2") + 3_000 * get(b"/2")
    assert len(statuses(talk(served, asked))) <= serving.MOST_WAITING


def test_what_is_written_already_is_sent_in_its_turn(served: int) -> None:
    with closing(connect(served)) as peer:
        peer.sendall(get(b"/1?wait=0.2") + get(b"/ready"))
        said = b""
        while not said.endswith(b"\r\n\r\nready"):
            said += peer.recv(65_536)
        peer.sendall(get(b"/2", LAST))
        said += everything(peer)
    assert READY_OR_ECHO.findall(said) == [b"GET /1 0", b"x-ready: yes", b"GET /2 0"]
    assert said.count(b"\r\ndate: ") == 3


def test_what_is_written_already_is_said_anew_where_more_is_to_be_done(served: int) -> None:
    """The next request waits already, or the connection is to end."""
    said = talk(served, get(b"/ready") + get(b"/2"), get(b"/ready", LAST))
    assert READY_OR_ECHO.findall(said) == [b"x-ready: no", b"GET /2 0", b"x-ready: no"]
    assert b"x-ready: no" in talk(served, b"GET /ready HTTP/1.0\r\n" + HEAD + b"\r\n")


def test_body_comes_whole_in_any_pieces(served: int) -> None:
    body = b"x" * 120_000
    head = b"POST /b HTTP/1.1\r\n" + HEAD + LAST + b"Content-Length: 120000\r\n\r\n"
    for pieces in ((head + body,), (head[:-1], head[-1:] + body), (head, body[:1], body[1:])):
        assert b"POST /b 120000" in talk(served, *pieces)


def test_chunked_body_and_upgrade_are_plain_requests(served: int) -> None:
    chunked = b"POST /c HTTP/1.1\r\n" + HEAD + LAST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert b"POST /c 5" in talk(served, chunked, b"5\r\nhello\r\n", b"0\r\n\r\n")
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"
    assert statuses(talk(served, get(b"/", upgrade))) == [200]


# --- slow senders ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begun",
    [b"", b"G", b"GET / HTTP/1.1\r\n" + HEAD, get()[:-1], b"\r\n", b"\r\n\r\n\r\n"],
)
def test_head_that_does_not_come_is_cut(served: int, impatient: None, begun: bytes) -> None:
    began = time.monotonic()
    said = talk(served, begun)
    assert statuses(said) == [408]
    assert 0.2 < time.monotonic() - began < 3


def test_head_that_drips_is_cut(served: int, impatient: None) -> None:
    with closing(connect(served)) as peer:
        began = time.monotonic()
        try:
            for number in range(200):
                peer.sendall(b"GET / HTTP/1.1\r\nX-%d: " % number if number == 0 else b"x")
                time.sleep(0.02)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - began < 3


def test_second_head_that_does_not_come_is_cut(served: int, impatient: None) -> None:
    for begun in (b"GET /2", b"\r\n", b"\r\n\r\n"):
        with closing(connect(served)) as peer:
            peer.sendall(get())
            assert statuses(peer.recv(65_536)) == [200]
            peer.sendall(begun)
            assert statuses(everything(peer)) == [408], begun


def test_body_that_does_not_come_is_cut(served: int, impatient: None) -> None:
    head = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 100\r\n\r\n"
    for begun in (head, head + b"x", head + b"x" * 99):
        assert statuses(talk(served, begun)) == [408]
    chunked = b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel"
    assert statuses(talk(served, chunked)) == [408]


def test_large_body_that_keeps_coming_is_not_cut(served: int, impatient: None) -> None:
    """A picture from a phone: slower than any form may be, but never silent for long."""
    portion, portions = b"x" * serving.PORTION, 6
    head = b"POST / HTTP/1.1\r\n" + HEAD + LAST
    with closing(connect(served)) as peer:
        peer.sendall(head + b"Content-Length: %d\r\n\r\n" % (len(portion) * portions))
        for _time in range(portions):
            peer.sendall(portion)
            time.sleep(0.15)
        assert b"POST / %d" % (len(portion) * portions) in everything(peer)
    with closing(connect(served)) as peer:
        peer.sendall(head + b"Content-Length: %d\r\n\r\n" % (len(portion) * portions))
        peer.sendall(portion + b"x")
        assert statuses(everything(peer)) == [408]


def test_slow_answer_is_not_cut(served: int, impatient: None) -> None:
    assert b"GET /slow 0" in talk(served, get(b"/slow?wait=0.6", LAST))


def test_stalled_senders_do_not_keep_others_waiting(served: int) -> None:
    stalled = [connect(served) for _ in range(100)]
    for peer in stalled:
        peer.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 9\r\n\r\n")
    began = time.monotonic()
    assert statuses(talk(served, get(b"/", LAST))) == [200]
    assert time.monotonic() - began < 2
    for peer in stalled:
        peer.close()


# --- too much -------------------------------------------------------------------------------


def test_head_over_the_limit_is_refused(served: int) -> None:
    long = b"X-Long: " + b"x" * (HEAD_BYTES + 1) + b"\r\n"
    many = b"".join(b"X-%d: y\r\n" % number for number in range(3_000))
    for request in (get(b"/", long), get(b"/", many), get(b"/" + b"x" * HEAD_BYTES)):
        assert statuses(talk(served, request)) == [431]
        pieces = (request[start : start + 997] for start in range(0, 40_000, 997))
        assert statuses(talk(served, *pieces)) == [431]


def test_head_without_an_end_is_refused_early(served: int) -> None:
    with closing(connect(served)) as peer:
        sent = 0
        try:
            peer.sendall(b"GET / HTTP/1.1\r\nX-Endless: ")
            while sent < 50_000_000:
                sent += peer.send(b"x" * 65_536)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 20_000_000


def test_second_head_over_the_limit_is_refused_too(served: int) -> None:
    long = get(b"/2", b"X-Long: " + b"x" * (HEAD_BYTES + 1) + b"\r\n")
    with closing(connect(served)) as peer:
        peer.sendall(get())
        assert statuses(peer.recv(65_536)) == [200]
        peer.sendall(long)
        assert statuses(everything(peer)) == [431]


def test_head_just_under_the_limit_is_read(served: int) -> None:
    long = b"X-Long: " + b"x" * (HEAD_BYTES - 200) + b"\r\n"
    said = talk(served, get(b"/1", long) + get(b"/2", long) + get(b"/3", long + LAST))
    assert statuses(said) == [200] * 3


# --- tricks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: stranger.example\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nhOST: 127.0.0.1\r\n",
        b"GET http://stranger.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET http://127.0.0.1@stranger.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET http://127.0.0.1/ HTTP/1.1\r\n",
        b"GET ftp://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"CONNECT stranger.example:443 HTTP/1.1\r\nHost: stranger.example:443\r\n",
        b"GET * HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n",
        b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n folded: 1\r\n",
        b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_trick_is_refused_once_and_the_line_is_cut(served: int, head: bytes) -> None:
    said = talk(served, head + b"\r\n" + b"hello" + get(b"/after", LAST))
    assert statuses(said) == [400]
    assert b"/after" not in said


def test_whole_address_of_ours_is_answered(served: int) -> None:
    request = b"GET http://127.0.0.1/here HTTP/1.1\r\n" + HEAD + LAST + b"\r\n"
    assert b"GET /here 0" in talk(served, request)


@pytest.mark.parametrize(
    "trick",
    [b"GET /2 HTTP/1.1\r\n" + HEAD + HEAD + b"\r\n", b"\x00 nothing that HTTP knows\r\n\r\n"],
)
def test_refusal_is_not_taken_for_the_answer_before_it(served: int, trick: bytes) -> None:
    said = talk(served, get(b"/1?wait=0.2") + trick)
    assert statuses(said) in ([], [200])


# --- the whole board ------------------------------------------------------------------------


def test_sigterm_finishes_what_is_under_way(sqlite_template: Path, tmp_path: Path) -> None:
    """`board serve` as an operator runs it: no answer is lost, and it ends by itself."""
    port, file = free_port(), tmp_path / "board.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    env = {
        **os.environ,
        "BOARD_DATABASE_URL": f"sqlite:///{file}", "BOARD_VAR": str(tmp_path / "var"),
        "BOARD_BASE_URL": f"http://127.0.0.1:{port}", "BOARD_VOTER_SECRET": SECRET,
        "BOARD_SEALING_KEYS": SECRET, "BOARD_LINK_SECRET": SECRET,
    }  # fmt: skip
    command = [sys.executable, "-c", "from board.cli import main; main()", "serve"]
    with subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    ) as board:
        try:
            wait_until(lambda: answers(port), 60)
            body = b"email=bob@example.org"
            head = (
                b"POST /towns/si/velenje/vote HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Sec-Fetch-Site: same-origin\r\nContent-Length: %d\r\nExpect: 100-continue\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
            ) % len(body)
            peers = [connect(port) for _ in range(5)]
            for peer in peers:
                peer.sendall(head)
                # Once the board says so, it is reading this form.
                assert statuses(peer.recv(100)) == [100]
            board.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            for peer in peers:
                peer.sendall(body)
            answered = []
            for peer in peers:
                with closing(peer):
                    answered.append(everything(peer))
            # uvicorn cleans up, then ends as the signal asks.
            assert board.wait(15) in (0, -signal.SIGTERM)
        finally:
            board.kill()
        log = board.stderr.read() if board.stderr else ""
    # The mailbox has a limit of three mails: all are answered, none is lost or cut.
    assert sorted(status for said in answered for status in statuses(said)) == [303] * 3 + [422] * 2
    assert all(b"connection: close" in said.lower() for said in answered)
    assert "Traceback" not in log
    assert "bob" not in log


def answers(port: int) -> bool:
    """Whether somebody listens."""
    try:
        with closing(connect(port)) as peer:
            peer.sendall(b"GET /readyz HTTP/1.1\r\n" + HEAD + LAST + b"\r\n")
            return b"200 OK" in everything(peer)
    except ConnectionRefusedError:
        return False
