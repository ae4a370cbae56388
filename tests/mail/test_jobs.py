"""Delivery from the outbox to a real server: words, headers, failures, and killed workers."""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from starlette.testclient import TestClient

from board.core import clock, language
from board.core.http import Board
from board.mail.carriers import Answer, Folder, Smtp
from board.mail.jobs import deliver_forever
from board.mail.models import outgoing_mails
from board.people.rules import email_reach
from board.towns.models import towns
from tests.conftest import SECRET, MailServer, wait_until
from tests.mail.outbox import deliver_with, put_now, rows
from tests.mail.worker import work
from tests.marked import MarkedWords
from tests.post import deliver, read_post

HERE = {"sec-fetch-site": "same-origin"}
VOTE = "/towns/si/velenje/vote"
THEN = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


def smtp(board: Board, server: MailServer) -> Smtp:
    given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
    board.settings = board.settings.model_copy(update=given)
    return Smtp(board.settings)


def mail_of(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def states(board: Board) -> list[str]:
    return [row.state for row in rows(board)]


# --- a mail ---------------------------------------------------------------------------------


def test_mail_of_a_form_arrives_and_its_code_confirms(
    client: TestClient, board: Board, mail_server: MailServer
) -> None:
    page = client.post(VOTE, data={"email": "bob@example.org"}, headers=HERE).headers["location"]
    assert deliver_with(board, smtp(board, mail_server)) == 1
    envelope = mail_server.mails[0]
    assert envelope.rcpt_tos == ["bob@example.org"]
    code = read_post(envelope.content).code
    assert client.post(page, data={"code": code}, headers=HERE).status_code == 303


def test_accepted_mail_leaves_neither_recipient_nor_content(
    board: Board, mail_server: MailServer
) -> None:
    put_now(board, now=clock.now())
    deliver_with(board, smtp(board, mail_server))
    (row,) = rows(board)
    assert (row.state, row.recipient, row.payload, row.attempts) == ("sent", b"", b"", 1)
    assert row.answer == "taken"
    assert deliver_with(board, smtp(board, mail_server)) == 0


def test_headers_say_who_when_and_that_a_machine_wrote(
    board: Board, mail_server: MailServer
) -> None:
    board.settings = board.settings.model_copy(update={"site_name": "Łódź, Velenje & co"})
    put_now(board, now=clock.now())
    with time_machine.travel(THEN, tick=True):
        deliver_with(board, smtp(board, mail_server))
    mail = mail_of(mail_server.mails[0].content)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == rows(board)[0].message_id
    sent = parsedate_to_datetime(mail["Date"]).replace(tzinfo=UTC)
    assert timedelta(0) <= sent - THEN < timedelta(minutes=1)
    sender = mail["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("Łódź, Velenje & co", "hello@example.org")
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_mail_speaks_the_language_of_the_page_it_began_on(
    client: TestClient, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_catalogues", {"de": MarkedWords()})
    for number, path in enumerate((VOTE, f"/de{VOTE}", "/de/tell")):
        form = {
            "email": f"bob{number}@example.org", "name": "Bob", "town": "Velenje", "why": "So.",
            "may_show": "1",
        }  # fmt: skip
        assert client.post(path, data=form, headers=HERE).status_code == 303
    english, *german = deliver(board)
    assert "⟦" not in english.text + english.subject
    assert english.link.startswith("/confirm/")
    for mail in german:
        assert mail.subject.startswith("⟦")
        assert "⟦Hello,⟧" in mail.text
        assert mail.link.startswith("/de/confirm/")
        assert '<html lang="de"' in mail_of(mail.raw).get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert client.get(mail.link).status_code == 200


def test_language_of_a_mail_does_not_reach_the_next(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_catalogues", {"de": MarkedWords()})
    for number, code in enumerate(("de", "en", "de", "xx")):
        put_now(board, event=f"e:{number}", language=code, now=clock.now())
    assert ["⟦" in mail.text for mail in deliver(board)] == [True, False, True, False]


# --- what people type -----------------------------------------------------------------------

HOSTILE = (
    "Velenje\r\nBcc: eve@example.org",
    "Velenje\nBcc: eve@example.org\n\nHello",
    "=?utf-8?q?Velenje=0D=0ABcc=3A_eve=40example.org?=",
    "Ełk =?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLm9yZw==?= x",
    "\u2028Bcc: eve@example.org",
    "x" * 3_000,
    "<b>Velenje</b> {{ 7 * 7 }} %(town)s",
)


def test_hostile_name_makes_no_header(board: Board, mail_server: MailServer) -> None:
    """No user's text gets this far; if it ever does, it still makes no header."""
    for number, town in enumerate(HOSTILE):
        put_now(board, event=f"e:{number}", town=town, now=clock.now())
    deliver_with(board, smtp(board, mail_server))
    assert len(mail_server.mails) == len(HOSTILE)
    for envelope in mail_server.mails:
        assert envelope.rcpt_tos == ["bob@example.org"]
        names = mail_of(envelope.content).keys()
        assert Counter(names) == Counter(
            ["Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted", "MIME-Version",
             "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post"]
        )  # fmt: skip
        assert b"49" not in envelope.content.split(b"Date:")[0]


def test_town_typed_by_hand_is_in_no_subject(client: TestClient, board: Board) -> None:
    form = {
        "town": "Cheap Watches", "by_hand": "1", "country": "SI", "why": "So.", "name": "Eve",
        "email": "bob@example.org", "may_show": "1",
    }  # fmt: skip
    page = client.post("/tell", data=form, headers=HERE).headers["location"]
    first = deliver(board)[-1]
    client.post(page, data={"code": first.code, "shared": "1"}, headers=HERE)
    with board.database.transaction() as conn:
        conn.execute(update(towns).values(standing="listed"))
        slug = conn.execute(select(towns.c.slug)).scalar_one()
    client.post(f"/towns/si/{slug}/vote", data={"email": "ana@example.org"}, headers=HERE)
    mails = deliver(board)
    assert len(mails) == 2
    assert all("Watches" not in mail.subject for mail in mails)


@pytest.mark.parametrize(
    "typed",
    ["=?utf-8?q?x=0ABcc=3Aeve=40example.org?=@example.org", "a=?utf-8?q?b?=@example.org",
     "bob@example.org\r\nBcc: eve@example.org", "bob@example.org, eve@example.org",
     "bob@example.org;eve@example.org", "<bob@example.org>", '"bob" <bob@example.org>',
     "bob@[127.0.0.1]", "bob@localhost", '"b\nob"@example.org', "bob\x00@example.org\x0d"],
)  # fmt: skip
def test_hostile_address_is_no_address(typed: str) -> None:
    reach = email_reach(typed)
    assert reach is None or reach.address == "bob@example.org"


def test_domain_in_other_letters_goes_out_in_ascii(
    client: TestClient, board: Board, mail_server: MailServer
) -> None:
    client.post(VOTE, data={"email": "ana@bücher.example"}, headers=HERE)
    deliver_with(board, smtp(board, mail_server))
    envelope = mail_server.mails[0]
    assert envelope.rcpt_tos == ["ana@xn--bcher-kva.example"]
    assert mail_of(envelope.content)["To"] == "ana@xn--bcher-kva.example"


# --- when something fails -------------------------------------------------------------------


def test_mail_that_can_t_be_drawn_stops_none_of_the_others(board: Board) -> None:
    past = clock.now() - timedelta(minutes=1)
    put_now(board, event="e:1", kind="no-such-letter", now=past)
    put_now(board, event="e:2", to="=?utf-8?q?x=0Ay?=@example.org", now=past)
    put_now(board, event="e:3", now=past)
    assert [mail.to for mail in deliver(board)] == ["bob@example.org"]
    assert states(board) == ["waiting", "waiting", "sent"]
    assert rows(board)[0].answer == "could not be drawn: TemplateNotFound"
    assert "example.org" not in rows(board)[1].answer


def test_mail_sealed_with_a_lost_key_is_given_up(board: Board) -> None:
    put_now(board, event="e:1", now=clock.now())
    with board.database.transaction() as conn:
        conn.execute(update(outgoing_mails).values(recipient=b"lost"))
    put_now(board, event="e:2", now=clock.now())
    assert len(deliver(board)) == 1
    assert states(board) == ["failed", "sent"]


def test_refused_mails_wait_and_arrive_once_the_server_takes_them(
    board: Board, mail_server: MailServer
) -> None:
    carrier, start = smtp(board, mail_server), clock.now()
    for number in range(3):
        put_now(board, event=f"e:{number}", now=start)
    mail_server.refuse_with = "451 come again"
    assert deliver_with(board, carrier) == 3
    assert states(board) == ["waiting"] * 3
    assert deliver_with(board, carrier) == 0
    mail_server.refuse_with = ""
    with time_machine.travel(start + timedelta(minutes=1), tick=True):
        assert deliver_with(board, carrier) == 3
    assert states(board) == ["sent"] * 3
    assert len(mail_server.mails) == 3


def test_mail_refused_for_good_is_emptied(board: Board, mail_server: MailServer) -> None:
    put_now(board, now=clock.now())
    mail_server.refuse_with = "550 nobody of this name"
    deliver_with(board, smtp(board, mail_server))
    (row,) = rows(board)
    assert (row.state, row.recipient, row.payload) == ("failed", b"", b"")
    assert row.answer == "550 nobody of this name"


@pytest.mark.anyio
async def test_deliver_forever_goes_on_after_a_failing_round(board: Board) -> None:
    class Stumbling:
        """Falls once, then carries into the folder."""

        def __init__(self) -> None:
            self.fell = False
            self.folder = Folder(board.settings.mail_folder)

        async def carry(self, mail: EmailMessage) -> Answer:
            if not self.fell:
                self.fell = True
                raise RuntimeError("it fell")
            return await self.folder.carry(mail)

    for number in range(2):
        put_now(board, event=f"e:{number}", now=clock.now() - timedelta(seconds=5))
    carrier = Stumbling()
    task = asyncio.create_task(
        deliver_forever(board.database, board.keys, board.settings, board.pages, carrier)
    )
    await asyncio.to_thread(wait_until, lambda: "sent" in states(board))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert states(board) == ["sending", "sent"]


# --- killed workers -------------------------------------------------------------------------


class DeadlyServer(MailServer):
    """Kills the worker with every other mail: before it is taken, or before it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.worker: BaseProcess | None = None
        self.seen = self.kills = self.kills_after_taking = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take the mail or not, and kill or not."""
        self.seen += 1
        if self.seen % 4 == 1:
            self.kill()
            return "451 never heard"
        answer = await super().handle_DATA(_server, _session, envelope)
        if self.seen % 4 == 3:
            self.kills_after_taking += 1
            self.kill()
        return answer

    def kill(self) -> None:
        """kill -9."""
        if self.worker is not None:
            self.kills += 1
            self.worker.kill()
            # Dead before it could hear an answer; the test itself waits for its end.
            time.sleep(0.05)


@pytest.fixture
def deadly() -> Iterator[DeadlyServer]:
    """A mail server that kills."""
    server = DeadlyServer()
    server.controller.start()
    yield server
    server.controller.stop()


def test_killed_worker_loses_no_mail_and_doubles_one_at_most(
    board: Board, deadly: DeadlyServer
) -> None:
    for number in range(8):
        put_now(board, event=f"e:{number}", to=f"bob{number}@example.org", now=clock.now())
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.mail.worker"])
    ended = None
    while ended != 0:
        given = (board.settings.database_url, deadly.port, board.settings.var, SECRET)
        worker = processes.Process(target=work, args=given)
        deadly.worker = worker
        worker.start()
        worker.join(60)
        ended = worker.exitcode
        assert ended in (0, -9)
    arrived = Counter(str(mail_of(mail.content)["Message-ID"]) for mail in deadly.mails)
    assert set(arrived) == {row.message_id for row in rows(board)}
    assert states(board) == ["sent"] * 8
    assert deadly.kills >= 5
    assert arrived.total() <= 8 + deadly.kills_after_taking
    assert all((row.recipient, row.payload) == (b"", b"") for row in rows(board))
