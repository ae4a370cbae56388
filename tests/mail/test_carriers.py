"""Handing mails to a real server, and to servers that refuse, stall, cut or are not there."""

import asyncio
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, ClassVar

import pytest

from board.core.config import Settings
from board.mail import carriers
from board.mail.carriers import Answer, Folder, Smtp, carrier_of
from board.mail.delivery_actions import LEASE
from tests.conftest import MailServer
from tests.free_ports import free_port


def letter(to: str = "bob@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "428193 is your code for Ełk"
    mail["From"] = "In Your Town <hello@example.org>"
    mail["To"] = to
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content("Guten Tag, dzień dobry.\n")
    return mail


def smtp(port: int, **more: Any) -> Smtp:
    given = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", **more}
    return Smtp(Settings(**given))


def carry(carrier: Smtp, to: str = "bob@example.org") -> Answer:
    return asyncio.run(carrier.carry(letter(to)))


def test_mail_arrives_as_it_was_written(mail_server: MailServer) -> None:
    answer = carry(smtp(mail_server.port))
    assert (answer.taken, answer.for_good) == (True, False)
    envelope = mail_server.mails[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@example.org", ["bob@example.org"])
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["Subject"] == "428193 is your code for Ełk"
    assert "dzień dobry" in mail.get_content()


def test_mail_goes_to_its_recipient_and_nobody_else(mail_server: MailServer) -> None:
    mail = letter()
    mail["Cc"] = "eve@example.org"
    mail["Bcc"] = "eve@example.org"
    assert asyncio.run(smtp(mail_server.port).carry(mail)).taken
    assert mail_server.mails[0].rcpt_tos == ["bob@example.org"]


def test_name_in_other_letters_arrives(mail_server: MailServer) -> None:
    assert carry(smtp(mail_server.port), "žiga@example.org").taken
    assert mail_server.mails[0].rcpt_tos == ["žiga@example.org"]


@pytest.mark.parametrize(
    ("said", "for_good"),
    [("550 no such mail", True), ("554 looks like spam", True), ("451 try later", False),
     ("421 closing", False)],
)  # fmt: skip
def test_refused_content_is_final_when_the_server_says_so(
    mail_server: MailServer, said: str, for_good: bool
) -> None:
    mail_server.refuse_with = said
    answer = carry(smtp(mail_server.port))
    assert (answer.taken, answer.for_good) == (False, for_good)
    assert said[:3] in answer.words


# --- servers with manners of their own ------------------------------------------------------


class Rude(socketserver.StreamRequestHandler):
    """Gives the test's answers to commands, and fine ones to all others."""

    answers: ClassVar[dict[str, str]]

    def handle(self) -> None:
        if self.say("hello", "220 here"):
            while line := self.rfile.readline():
                word = line[:4].decode().strip().lower()
                if not self.say(word, "354 go on" if word == "data" else "250 fine"):
                    return
                if word == "data" and not self.take_mail():
                    return

    def say(self, word: str, otherwise: str) -> bool:
        """Answer; False when the connection is to be cut."""
        said = self.answers.get(word, otherwise)
        time.sleep(float(self.answers.get("slow", 0)))
        if said == "silence":
            self.rfile.read()
            return False
        if said != "cut":
            self.wfile.write(said.encode() + b"\r\n")
        return said != "cut"

    def take_mail(self) -> bool:
        """Read a mail to its end, unless it was refused beforehand."""
        if self.answers.get("data", "354").startswith("354"):
            while self.rfile.readline() not in (b".\r\n", b""):
                pass
            return self.say("end", "250 taken")
        return True


@contextmanager
def server(**answers: str) -> Iterator[int]:
    """A server on loopback that talks as the test says; its port."""
    handler = type("Handler", (Rude,), {"answers": answers})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as opened:
        thread = threading.Thread(target=opened.serve_forever, args=(0.02,))
        thread.start()
        yield int(opened.server_address[1])
        opened.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answers", "for_good"),
    [
        ({"rcpt": "550 5.1.1 bob@example.org: nobody of this name"}, True),
        ({"rcpt": "450 greylisted, come again"}, False),
        ({"data": "552 too big for us"}, True),
        ({"end": "554 looks like spam"}, True),
        ({"end": "451 disk full"}, False),
        # What follows is said of us, not of the mail: it waits until the operator has mended it.
        ({"mail": "550 you may not send as hello@example.org"}, False),
        ({"hello": "554 no service here"}, False),
        ({"hello": "421 too busy"}, False),
        ({"ehlo": "550 go away", "helo": "550 go away"}, False),
        ({"rcpt": "cut"}, False),
        ({"data": "cut"}, False),
        ({"end": "gibberish"}, False),
    ],
)
def test_answer_of_a_server_is_final_only_for_the_mail(
    answers: dict[str, str], for_good: bool
) -> None:
    with server(**answers) as port:
        answer = carry(smtp(port))
    assert (answer.taken, answer.for_good) == (False, for_good)
    assert "@" not in answer.words


@pytest.mark.parametrize(
    ("at", "said", "gone"),
    [
        ("rcpt", "550 5.1.1 user unknown", True),
        ("rcpt", "550 no such user", True),
        ("rcpt", "550 5.7.1 relaying denied", False),
        ("rcpt", "550 blocked by our policy", False),
        ("rcpt", "452 4.2.2 mailbox full", False),
        ("mail", "550 5.1.1 no such sender", False),
        ("mail", "553 5.1.8 sender unknown", False),
        ("end", "550 5.1.1 user unknown", False),
        ("data", "550 5.1.1 user unknown", False),
    ],
)
def test_mailbox_is_gone_only_when_its_own_name_is_refused(at: str, said: str, gone: bool) -> None:
    with server(**{at: said}) as port:
        answer = carry(smtp(port))
    assert (answer.taken, answer.gone) == (False, gone)


def test_words_about_a_recipient_are_kept_without_the_address() -> None:
    with server(rcpt="550 5.1.1 <bob@example.org> is unknown") as port:
        words = carry(smtp(port)).words
    assert "550" in words
    assert "is unknown" in words
    assert "bob" not in words


@pytest.mark.parametrize(
    ("setting", "sender"),
    [
        ("", "hello@example.org"),
        ("bounces@example.org", "bounces@example.org"),
        ("bounces+{id}@example.org", "bounces+1@example.org"),
    ],
)
def test_reports_come_back_to_their_own_address(
    mail_server: MailServer, setting: str, sender: str
) -> None:
    assert carry(smtp(mail_server.port, bounce_address=setting)).taken
    assert mail_server.mails[0].mail_from == sender


def test_wrong_password_loses_no_mail() -> None:
    with server(ehlo="250-here\r\n250 AUTH PLAIN LOGIN", auth="535 wrong") as port:
        answer = carry(smtp(port, smtp_user="board", smtp_password="wrong"))
    assert (answer.taken, answer.for_good) == (False, False)
    assert "wrong" not in answer.words.replace("535 wrong", "")


def test_name_that_a_server_can_t_write_is_final() -> None:
    with server() as port:
        answer = carry(smtp(port), "žiga@example.org")
    assert (answer.taken, answer.for_good) == (False, True)


def test_server_without_encryption_gets_no_mail_when_it_is_demanded() -> None:
    with server() as port:
        answer = carry(smtp(port, smtp_security="starttls"))
    assert (answer.taken, answer.for_good) == (False, False)


def test_server_that_is_not_there_is_tried_again() -> None:
    answer = carry(smtp(free_port()))
    assert (answer.taken, answer.for_good) == (False, False)
    assert "Connect" in answer.words


@pytest.mark.parametrize("at", ["hello", "rcpt", "end"])
def test_server_that_stalls_is_left(monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    monkeypatch.setattr(carriers, "STEP_SECONDS", 0.2)
    with server(**{at: "silence"}) as port:
        answer = carry(smtp(port))
    assert (answer.taken, answer.for_good) == (False, False)


def test_server_that_is_slow_at_every_step_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "CARRY_SECONDS", 0.2)
    with server(slow="0.15") as port:
        assert not carry(smtp(port)).taken


def test_lease_on_a_mail_outlasts_the_slowest_server() -> None:
    # Saying goodbye may take one step more.
    slowest = carriers.CARRY_SECONDS + carriers.STEP_SECONDS
    assert LEASE.total_seconds() > slowest + 30


# --- a folder -------------------------------------------------------------------------------


def test_folder_keeps_mails_in_the_order_of_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "mail")
    for name in ("ana", "bob", "cid"):
        assert asyncio.run(folder.carry(letter(f"{name}@example.org"))).taken
    files = sorted((tmp_path / "mail").glob("*.eml"))
    assert [message_from_bytes(file.read_bytes())["To"][:3] for file in files] == [
        "ana", "bob", "cid",
    ]  # fmt: skip


def test_carrier_is_the_server_when_one_is_set(tmp_path: Path) -> None:
    assert isinstance(carrier_of(Settings(smtp_host="mail.example.org")), Smtp)
    folder = carrier_of(Settings(smtp_host="", var=tmp_path))
    assert isinstance(folder, Folder)
    assert folder.folder == tmp_path / "mail"
