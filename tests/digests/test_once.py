"""Exactly once: two jobs at the same time, and jobs killed in the middle."""

import multiprocessing
import time
from collections import Counter
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import func, select

from board.core import clock
from board.core.http import Board
from board.follows.actions import follow
from board.follows.rules import Subject
from board.mail.carriers import Smtp
from board.mail.models import announcements, outgoing_mails
from board.people.models import contact_uses
from tests.conftest import SECRET, MailServer
from tests.digests.telling import make_ready, offering, queued, reached, speak, tell
from tests.digests.worker import work
from tests.invented import add_circles, row_of_circle
from tests.mail.outbox import deliver_with

FOLLOWERS = 60


@pytest.fixture
def processes() -> ForkServerContext:
    """Processes that are there quickly."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.digests.worker"])
    return context


def worker(board: Board, processes: ForkServerContext, rounds: int = 1) -> BaseProcess:
    """A process that tells, not started yet."""
    given = (board.settings.database_url, board.settings.var, SECRET, rounds)
    return processes.Process(target=work, args=given)


def full_board(board: Board) -> int:
    """A town that is ready, P2PU's word on it, a circle, and many who follow; how many mails."""
    with board.database.transaction() as conn:
        town_id = make_ready(conn, board.keys)
        for number in range(FOLLOWERS):
            who = reached(conn, board.keys, f"Flo{number}")
            follow(conn, who.id, Subject("town", town_id=town_id), pace="instant", now=clock.now())
        offering(conn, board.keys, "Late")
        for step in (("asking", "in_review"), ("in_review", "talking"), ("talking", "planned")):
            speak(conn, town_id, *step)
        add_circles(conn, [row_of_circle(7, 46.36, 15.12)])
    return 9 + 4 * (FOLLOWERS + 9)


def test_two_jobs_at_once_double_nothing(board: Board, processes: ForkServerContext) -> None:
    mails = full_board(board)
    both = [worker(board, processes, rounds=2) for _one in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
        assert one.exitcode == 0
    assert sum(queued(board).values()) == mails
    with board.database.snapshot() as conn:
        uses = conn.execute(select(func.count()).select_from(contact_uses)).scalar_one()
    assert uses == 9 * 5


def test_ready_town_reaches_every_mailbox_once_over_smtp(
    board: Board, mail_server: MailServer
) -> None:
    with board.database.transaction() as conn:
        make_ready(conn, board.keys)
    for _round in range(2):
        tell(board)
        given = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_security": "none"}
        deliver_with(board, Smtp(board.settings.model_copy(update=given)))
    assert Counter(mail.rcpt_tos[0] for mail in mail_server.mails) == Counter(
        [f"learner{n}@example.org" for n in range(6)] + ["fay@example.org", "hugo@example.org"]
    )
    for mail in mail_server.mails:
        assert b"List-Unsubscribe: <http://testserver/mail/stop/" in mail.content


def test_killed_jobs_lose_and_double_nothing(board: Board, processes: ForkServerContext) -> None:
    mails = full_board(board)
    wait = 0.01
    for _kill in range(6):
        one = worker(board, processes)
        one.start()
        time.sleep(wait)
        one.kill()
        one.join(10)
        wait += 0.06
    last = worker(board, processes)
    last.start()
    last.join(60)
    assert last.exitcode == 0
    assert sum(queued(board).values()) == mails
    with board.database.snapshot() as conn:
        m, a = outgoing_mails.c, announcements.c
        ids = conn.execute(select(m.message_id)).scalars().all()
        undone = conn.execute(select(a.id).where(a.done_at.is_(None))).all()
    assert len(set(ids)) == mails
    assert undone == []
