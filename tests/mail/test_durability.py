"""Workers that are killed, servers that are away or slow: every mail arrives, hardly one twice.

Real processes, a real mail server, both databases. Exactly once over SMTP can't be (DECISIONS 17):
a worker that dies between "taken" and its commit leaves a mail that goes out again under the same
Message-ID, so each kill may cost one extra copy and never a mail.
"""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
import time_machine

from board.core import clock
from board.core.http import Board
from board.mail.carriers import Smtp
from tests.conftest import SECRET, MailServer, wait_until
from tests.free_ports import free_port
from tests.mail.outbox import deliver_with, put_now, rows
from tests.mail.worker import work

MAILS, KILLS, WORKERS = 40, 20, 2
# Long enough that only a killed worker's mail is ever taken over, however busy the machine is.
LEASE = 4.0


class SlowServer(MailServer):
    """Takes its time with every mail, so that a kill finds some in flight."""

    pause = 0.05

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take the mail after a while."""
        await asyncio.sleep(self.pause / 2)
        self.mails.append(envelope)
        await asyncio.sleep(self.pause / 2)
        return "250 taken"


@pytest.fixture
def slow() -> Iterator[SlowServer]:
    """A mail server that is slow."""
    server = SlowServer()
    server.controller.start()
    yield server
    server.controller.stop()


def arrived(server: MailServer) -> Counter[str]:
    """How often each mail arrived, by its Message-ID."""
    return Counter(str(message_from_bytes(mail.content)["Message-ID"]) for mail in server.mails)


def fill(board: Board, count: int = MAILS) -> set[str]:
    """Put mails into the outbox; what their Message-IDs are, as promised by the commit."""
    past = clock.now() - timedelta(minutes=1)
    for number in range(count):
        put_now(board, event=f"e:{number}", to=f"bob{number}@example.org", now=past)
    return {row.message_id for row in rows(board)}


class Crew:
    """Workers in processes of their own; whoever is killed is replaced."""

    def __init__(self, board: Board, port: int) -> None:
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(["tests.mail.worker"])
        self.given = (board.settings.database_url, port, board.settings.var, SECRET, LEASE)
        self.workers: list[BaseProcess] = [self.hire() for _ in range(WORKERS)]

    def hire(self) -> BaseProcess:
        worker: BaseProcess = self.processes.Process(target=work, args=self.given)
        worker.start()
        return worker

    def kill_one(self, number: int) -> bool:
        """kill -9 the worker whose turn it is; False when it had nothing left to do."""
        place = number % WORKERS
        worker = self.workers[place]
        if not worker.is_alive():
            return False
        worker.kill()
        worker.join(10)
        self.workers[place] = self.hire()
        return True

    def finish(self) -> list[int | None]:
        for worker in self.workers:
            worker.join(90)
        return [worker.exitcode for worker in self.workers]


def test_no_mail_is_lost_while_workers_are_killed_again_and_again(
    board: Board, slow: SlowServer
) -> None:
    promised = fill(board)
    crew, kills = Crew(board, slow.port), 0
    for number in range(KILLS):
        seen = len(slow.mails)
        if seen >= MAILS:
            break
        wait_until(lambda seen=seen: len(slow.mails) > seen or len(slow.mails) >= MAILS, 30)  # type: ignore[misc]
        kills += crew.kill_one(number)
        # Of the next mail a little more is done before the next kill.
        time.sleep(0.005 * (number % 8))
    assert crew.finish() == [0] * WORKERS
    copies = arrived(slow)
    assert set(copies) == promised
    assert copies.total() <= MAILS + kills
    assert {row.state for row in rows(board)} == {"sent"}
    assert all((row.recipient, row.payload) == (b"", b"") for row in rows(board))
    assert kills >= KILLS // 2


def test_workers_side_by_side_send_each_mail_once(board: Board, slow: SlowServer) -> None:
    promised = fill(board)
    assert Crew(board, slow.port).finish() == [0] * WORKERS
    assert arrived(slow) == Counter(promised)


def test_slow_server_gets_each_mail_once(board: Board, slow: SlowServer) -> None:
    slow.pause = 0.8
    promised = fill(board, 4)
    assert Crew(board, slow.port).finish() == [0] * WORKERS
    assert arrived(slow) == Counter(promised)


def smtp(board: Board, port: int) -> Smtp:
    here = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    return Smtp(board.settings.model_copy(update=here))


def test_mails_wait_while_the_server_is_away_and_go_once_it_is_back(board: Board) -> None:
    promised, port, start = fill(board, 3), free_port(), clock.now()
    carrier = smtp(board, port)
    assert deliver_with(board, carrier) == 3
    assert {row.state for row in rows(board)} == {"waiting"}
    server = MailServer()
    server.controller.port = port
    server.controller.start()
    try:
        with time_machine.travel(start + timedelta(minutes=2), tick=True):
            assert deliver_with(board, carrier) == 3
    finally:
        server.controller.stop()
    assert arrived(server) == Counter(promised)


def test_mails_survive_a_server_that_is_away_for_three_days(board: Board) -> None:
    """A weekend without a mail server loses nobody the news that a circle starts."""
    put_now(board, event="start:1", stream="start", now=clock.now())
    carrier, start = smtp(board, free_port()), clock.now()
    for hours in range(3 * 24):
        with time_machine.travel(start + timedelta(hours=hours, minutes=hours), tick=True):
            deliver_with(board, carrier)
    (row,) = rows(board)
    assert (row.state, row.recipient != b"") == ("waiting", True)


def test_451_first_and_taken_then(board: Board, mail_server: MailServer) -> None:
    promised, start = fill(board, 5), clock.now()
    mail_server.refuse_with = "451 4.7.1 greylisted, come again"
    carrier = smtp(board, mail_server.port)
    deliver_with(board, carrier)
    mail_server.refuse_with = ""
    with time_machine.travel(start + timedelta(minutes=1), tick=True):
        deliver_with(board, carrier)
    assert arrived(mail_server) == Counter(promised)
    assert {row.attempts for row in rows(board)} == {2}
