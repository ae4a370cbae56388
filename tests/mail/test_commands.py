"""`board mail`: the dialogue of a test mail, and reading what came back."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from board.core.config import Settings
from board.core.http import Board
from board.digests.standing import stands_for
from board.mail.commands import mail_commands
from board.mail.queries import is_suppressed
from board.people.rules import canonical_mailbox
from tests.conftest import MailServer
from tests.free_ports import free_port
from tests.mail.outbox import put_now, rows
from tests.mail.test_carriers import server
from tests.mail.test_reports import delivery_report


def run(settings: Settings, *words: str, given: bytes = b"") -> tuple[int, str]:
    """Run `board mail …`; exit code and all that was printed."""
    result = CliRunner().invoke(mail_commands(stands_for), list(words), obj=settings, input=given)
    return result.exit_code, result.output


def settings_for(board: Board, port: int, **more: Any) -> Settings:
    here = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", **more}
    return board.settings.model_copy(update=here)


# --- trying the mail server -----------------------------------------------------------------


def test_test_mail_shows_what_is_said_on_the_way(board: Board, mail_server: MailServer) -> None:
    code, said = run(settings_for(board, mail_server.port), "test", "bob@example.org")
    assert code == 0
    for line in (
        "> ehlo ",
        "< 250 ",
        "> mail FROM:<hello@example.org>",
        "> rcpt TO:<bob@example.org>",
        "> data",
        "< 250 taken",
        "The server took the mail.",
    ):
        assert line in said
    assert len(mail_server.mails) == 1
    for word in ("SPF", "DKIM", "DMARC", "v=spf1", "_dmarc.example.org", "_domainkey.example.org"):
        assert word in said


@pytest.mark.parametrize("at", ["mail", "rcpt", "data", "end"])
def test_test_mail_that_is_refused_says_by_which_words(board: Board, at: str) -> None:
    with server(**{at: "550 5.7.1 not from here"}) as port:
        code, said = run(settings_for(board, port), "test", "bob@example.org")
    assert code == 1
    assert "< 550 5.7.1 not from here" in said
    assert "did not go out" in said


def test_test_mail_never_shows_the_password(board: Board) -> None:
    secret = {"smtp_user": "board-user", "smtp_password": "board-password"}
    fine = {"ehlo": "250-here\r\n250 AUTH PLAIN LOGIN", "auth": "535 5.7.8 wrong"}
    with server(**fine) as port:
        code, said = run(settings_for(board, port, **secret), "test", "bob@example.org")
    assert code == 1
    assert "> AUTH …" in said
    assert "535 5.7.8 wrong" in said
    for word in ("board-password", "board-user", "Ym9hcmQ", "AGJvYXJk"):
        assert word not in said


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_test_mail_without_a_server_there_says_so(board: Board, security: str) -> None:
    given = settings_for(board, free_port(), smtp_security=security)
    code, said = run(given, "test", "bob@example.org")
    assert code == 1
    assert "ConnectionRefusedError" in said


def test_test_mail_demands_the_encryption_that_is_set(board: Board) -> None:
    with server() as port:
        given = settings_for(board, port, smtp_security="starttls")
        code, said = run(given, "test", "bob@example.org")
    assert code == 1
    assert "STARTTLS" in said
    assert "rcpt" not in said


def test_test_mail_goes_into_the_folder_while_no_server_is_set(board: Board) -> None:
    code, said = run(board.settings, "test", "bob@example.org")
    assert code == 0
    assert "BOARD_SMTP_HOST isn't set" in said
    assert len(list(board.settings.mail_folder.glob("*.eml"))) == 1


@pytest.mark.parametrize(
    "address", ["bob", "bob@", "@x", "a@b@c", "bob@example.org\r\nRCPT TO:<x>"]
)
def test_test_mail_refuses_what_is_no_address(board: Board, address: str) -> None:
    assert run(board.settings, "test", address)[0] == 2


# --- what came back -------------------------------------------------------------------------


def sent(board: Board) -> str:
    """A mail that was delivered into the folder; its Message-ID."""
    put_now(board)
    assert run(board.settings, "deliver")[0] == 0
    return str(rows(board)[0].message_id)


def silenced(board: Board) -> bool:
    with board.database.snapshot() as conn:
        return is_suppressed(conn, board.keys.person_key(canonical_mailbox("bob@example.org")))


def test_bounce_from_stdin_silences_the_mailbox(board: Board) -> None:
    raw = delivery_report(message_id=sent(board))
    code, said = run(board.settings, "bounces", given=raw)
    assert (code, "gets no more mail" in said) == (0, True)
    assert silenced(board)
    assert rows(board)[0].state == "bounced"


def test_bounces_from_a_maildir_are_read_once(board: Board, tmp_path: Path) -> None:
    box = tmp_path / "bounces"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new" / "1.mx").write_bytes(delivery_report(message_id=sent(board)))
    (box / "new" / "2.mx").write_bytes(b"From: eve@example.org\n\nbuy watches")
    code, said = run(board.settings, "bounces", str(box))
    assert code == 0
    assert "1.mx: this mailbox gets no more mail" in said
    assert "2.mx: nothing changed" in said
    assert silenced(board)
    assert sorted(file.name for file in (box / "cur").iterdir()) == ["1.mx:2,S", "2.mx:2,S"]
    assert run(board.settings, "bounces", str(box)) == (0, "")


def test_bounce_from_a_file_stays_where_it_is(board: Board, tmp_path: Path) -> None:
    file = tmp_path / "report.eml"
    file.write_bytes(delivery_report(message_id=sent(board)))
    assert run(board.settings, "bounces", str(file))[0] == 0
    assert file.exists()
    assert silenced(board)


@pytest.mark.parametrize("raw", [b"", delivery_report(), b"\xff" * 3_000, b"x" * 3_000_000])
def test_anything_else_is_said_and_changes_nothing(board: Board, raw: bytes) -> None:
    sent(board)
    code, said = run(board.settings, "bounces", given=raw)
    assert (code, "nothing changed" in said) == (0, True)
    assert not silenced(board)
    assert rows(board)[0].state == "sent"
