"""What comes back of a mail: real shapes of reports, forged ones, broken ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.core.db import Database
from board.core.keys import Keys
from board.mail.delivery_actions import accepted, claim, hear_back
from board.mail.models import outgoing_mails
from board.mail.queries import suppression_of
from board.mail.reports import read_report
from board.mail.rules import mailbox_is_gone
from tests.mail.outbox import NOW, put

OURS = "<0123456789abcdef0123456789abcdef@board.example.org>"


def returned(message_id: str, *, headers_only: bool) -> str:
    """What a report returns of the mail."""
    headers = f"From: hello@board.example.org\nMessage-ID: {message_id}\nSubject: Your code\n"
    if headers_only:
        return f"Content-Type: text/rfc822-headers\n\n{headers}"
    return f"Content-Type: message/rfc822\n\n{headers}\nHello,\n"


def report_of(kind: str, fields: str, mail: str, *, to: str) -> bytes:
    """A report with its three parts: for people, for machines, and the mail itself."""
    return (
        f"From: MAILER-DAEMON@mx.example.net\nTo: {to}\nSubject: Returned mail\n"
        "Message-ID: <ffffffffffffffffffffffffffffffff@mx.example.net>\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="next"\n\n'
        "--next\nContent-Type: text/plain\n\nI'm sorry to have to inform you…\n"
        f"--next\nContent-Type: message/{kind}\n\n{fields}\n"
        f"--next\n{mail}\n--next--\n"
    ).encode()


def delivery_report(
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "smtp; 550 5.1.1 <bob@example.org>: user unknown",
    *,
    message_id: str = OURS,
    headers_only: bool = True,
    to: str = "hello@board.example.org",
) -> bytes:
    """A delivery report as mail servers write it (RFC 3464)."""
    fields = (
        "Reporting-MTA: dns; mx.example.net\n\n"
        f"Final-Recipient: rfc822; bob@example.org\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: {said}\n"
    )
    mail = returned(message_id, headers_only=headers_only)
    return report_of("delivery-status", fields, mail, to=to)


def complaint(kind: str = "abuse", *, message_id: str = OURS) -> bytes:
    """A complaint as mail providers send it (RFC 5965)."""
    fields = f"Feedback-Type: {kind}\nUser-Agent: Example/1.0\nVersion: 1\n"
    mail = returned(message_id, headers_only=False)
    return report_of("feedback-report", fields, mail, to="hello@board.example.org")


@pytest.mark.parametrize("headers_only", [True, False])
def test_delivery_report_says_which_mail_found_no_mailbox(headers_only: bool) -> None:
    report = read_report(delivery_report(headers_only=headers_only))
    assert (report.verdict, report.ids) == ("gone", (OURS,))
    assert report.words.startswith("5.1.1 smtp; 550")


@pytest.mark.parametrize(
    ("status", "action", "said", "verdict"),
    [
        ("5.0.0", "failed", "smtp; 550 No such user here", "gone"),
        ("5.1.10", "failed", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound", "gone"),
        ("5.7.1", "failed", "smtp; 554 5.7.1 Message rejected as spam", "refused"),
        ("5.2.2", "failed", "smtp; 552 5.2.2 mailbox full", "refused"),
        ("5.1.8", "failed", "smtp; 550 5.1.8 sender's domain doesn't exist", "refused"),
        ("5.0.0", "failed", "smtp; 550 blocked by our block list", "refused"),
        ("4.4.1", "delayed", "smtp; 451 no answer", "later"),
        ("4.2.2", "failed", "smtp; 452 4.2.2 over quota", "later"),
        ("2.1.5", "delivered", "smtp; 250 fine", "unknown"),
        ("2.1.5", "relayed", "smtp; 250 fine", "unknown"),
        ("", "", "", "unknown"),
    ],
)
def test_delivery_report_is_final_only_when_it_says_so(
    status: str, action: str, said: str, verdict: str
) -> None:
    assert read_report(delivery_report(status, action, said)).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("abuse", "complained"), ("fraud", "complained"), ("opt-out", "complained"),
     ("not-spam", "unknown"), ("virus", "unknown"), ("", "unknown")],
)  # fmt: skip
def test_complaint_counts_when_it_is_one(kind: str, verdict: str) -> None:
    report = read_report(complaint(kind))
    assert (report.verdict, report.ids) == (verdict, (OURS,))


def test_address_of_a_report_names_the_mail_when_nothing_is_returned() -> None:
    name = OURS[1:33]
    raw = delivery_report(to=f"bounces+{name}@board.example.org", message_id="<other@example.net>")
    report = read_report(raw)
    assert (report.ids, report.names) == ((), (name,))


def test_own_id_of_a_report_is_not_that_of_a_mail() -> None:
    assert read_report(delivery_report(message_id="<x@example.net>")).ids == ()


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00", b"hello", b"Content-Type: multipart/report\n\n", b"\xff" * 2_000,
     b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n",
     delivery_report()[:300], delivery_report().replace(b"message/delivery-status", b"text/plain"),
     b"Content-Type: message/rfc822\n\n" * 3_000],
)  # fmt: skip
def test_anything_else_is_no_report(raw: bytes) -> None:
    assert read_report(raw).verdict == "unknown"


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_broken_reports_are_read_without_stumbling(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([delivery_report(), complaint()])))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
        if not raw:
            break
    read_report(bytes(raw))


# --- what a report changes ------------------------------------------------------------------


def send_one(database: Database, keys: Keys) -> str:
    """A mail that the server took; its Message-ID."""
    with database.transaction() as conn:
        put(conn, keys)
        mail = claim(conn, now=NOW)
        assert mail is not None
        accepted(conn, mail, answer="250 taken", now=NOW)
    return mail.message_id


def hear(database: Database, raw: bytes) -> str:
    with database.transaction() as conn:
        return hear_back(conn, read_report(raw), NOW)


def outcome(database: Database, keys: Keys) -> tuple[str, str]:
    """The mail's state, and why Bob gets no more."""
    with database.snapshot() as conn:
        row = conn.execute(outgoing_mails.select()).one()
        return row.state, suppression_of(conn, keys.person_key("bob@example.org"))


@pytest.mark.parametrize(
    ("raw", "heard", "state", "reason"),
    [
        (delivery_report, "done", "bounced", "bounced"),
        (complaint, "done", "complained", "complained"),
    ],
)
def test_report_about_our_mail_silences_its_mailbox(
    database: Database, keys: Keys, raw: object, heard: str, state: str, reason: str
) -> None:
    assert callable(raw)
    message_id = send_one(database, keys)
    for _ in range(2):
        assert hear(database, raw(message_id=message_id)) == heard
    assert outcome(database, keys) == (state, reason)


def test_report_by_its_address_silences_its_mailbox(database: Database, keys: Keys) -> None:
    name = send_one(database, keys)[1:33]
    raw = delivery_report(to=f"bounces+{name}@board.example.org", message_id="<a@example.net>")
    assert hear(database, raw) == "done"
    assert outcome(database, keys) == ("bounced", "bounced")


def test_policy_fails_the_mail_and_leaves_the_mailbox(database: Database, keys: Keys) -> None:
    message_id = send_one(database, keys)
    raw = delivery_report("5.7.1", said="smtp; 550 5.7.1 no SPF", message_id=message_id)
    assert hear(database, raw) == "noted"
    assert outcome(database, keys) == ("failed", "")


@pytest.mark.parametrize(
    "raw",
    [
        delivery_report(), complaint(), delivery_report(message_id="<guess@board.example.org>"),
        delivery_report(to="bounces+0123456789abcdef0123456789abcdef@board.example.org"),
        b"From: eve@example.org\nSubject: bob@example.org bounced\n\nSuppress bob@example.org!",
    ],
)  # fmt: skip
def test_forged_report_changes_nothing(database: Database, keys: Keys, raw: bytes) -> None:
    send_one(database, keys)
    assert hear(database, raw) == "unknown"
    assert outcome(database, keys) == ("sent", "")


def test_delayed_report_changes_nothing(database: Database, keys: Keys) -> None:
    message_id = send_one(database, keys)
    raw = delivery_report("4.4.7", "delayed", "smtp; 451 later", message_id=message_id)
    assert hear(database, raw) == "unknown"
    assert outcome(database, keys) == ("sent", "")


# --- what a refusal means -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words", "gone"),
    [
        (550, "5.1.1 <bob@example.org>: Recipient address rejected: User unknown", True),
        (550, "No such user here", True),
        (550, "mailbox unavailable", True),
        (553, "5.1.3 bad address syntax", True),
        (551, "user not local", True),
        (550, "5.1.10 recipient not found", True),
        (550, "5.2.1 the account is disabled", True),
        (550, "5.7.1 relaying denied", False),
        (550, "relaying denied", False),
        (550, "Blocked, see https://block.example.net", False),
        (550, "5.7.26 unauthenticated mail is not accepted due to DMARC", False),
        (550, "sender verify failed", False),
        (550, "5.1.8 sender's domain unknown", False),
        (550, "5.1.7 bad sender", False),
        (552, "5.2.2 mailbox full", False),
        (552, "over quota", False),
        (554, "transaction failed", False),
        (450, "4.2.1 try again later", False),
        (451, "greylisted", False),
        (500, "what?", False),
        (550, "", True),
    ],
)
def test_mailbox_is_gone_only_when_nothing_else_is_meant(code: int, words: str, gone: bool) -> None:
    assert mailbox_is_gone(code, words) is gone
