"""Contacts never leak: after a whole walk none is on a public page, in a log or in the database.

Neither as it was typed, nor in another spelling, nor as a hash that a list of addresses would
give away. Names and stories may be found: they were told to be shown.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from board.app import make_app
from board.core import clock
from board.core.http import Board
from board.mail.carriers import Smtp
from board.people.actions import invite
from board.people.models import waitings
from board.stories.models import stories
from board.tables import metadata
from tests.conftest import MailServer
from tests.door.coming_in import begin
from tests.loglines import logged
from tests.mail.outbox import deliver_with
from tests.post import Post, read_post

HERE = {"sec-fetch-site": "same-origin"}
TOWN = "/towns/si/velenje"
# Each is given at one place of the walk; the words in them are found nowhere else.
MAILBOXES: Final = {
    "teller": "Quokka.Teller+circle@Marsupial.example",
    "voter": "wombat_voter@marsupial.example",
    "offerer": "numbat-offerer@marsupial.example",
    "talker": "bilby.talker@marsupial.example",
    "waiter": "potoroo.waiter@marsupial.example",
    "mistaken": "dunnart.mistaken@@marsupial.example",
    "refused": "quoll.refused@marsupial.example",
    "partner": "bandicoot.partner@marsupial.example",
    "staff": "pademelon.staff@marsupial.example",
    "knocker": "kowari.knocker@marsupial.example",
    "crashed": "bettong.crashed@marsupial.example",
}
NUMBERS: Final = {
    "teller": ("041 765 431", "+38641765431"),
    "offerer": ("041 765 432", "+38641765432"),
    "caller": ("041 765 433", "+38641765433"),
    "partner": ("+386 41 765 434", "+38641765434"),
}


def spellings() -> set[str]:
    """Every contact of the walk as it might be written down."""
    found: set[str] = {"marsupial"}
    for address in MAILBOXES.values():
        local = address.partition("@")[0]
        plain = local.partition("+")[0]
        found |= {address, local, plain, f"{plain}@marsupial.example"}
    for typed, e164 in NUMBERS.values():
        found |= {typed, e164, e164[1:], e164[4:], f"tel:{e164}"}
    return found | {one.lower() for one in found}


def hashes() -> set[bytes]:
    """What an unkeyed hash would make of them: raw, hex and base64."""
    found: set[bytes] = set()
    for spelling in spellings():
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            digest = hashlib.new(name, spelling.encode()).digest()
            found |= {digest, digest.hex().encode(), digest.hex().upper().encode()}
            found |= {base64.b64encode(digest), base64.urlsafe_b64encode(digest).rstrip(b"=")}
    return found


WORDS: Final = {spelling.lower().encode() for spelling in spellings()}
HASHES: Final = hashes()


def leaked(where: bytes) -> list[bytes]:
    """The contacts that can be read out of something."""
    lower = where.lower()
    return [word for word in WORDS if word in lower] + [h for h in HASHES if h in where]


class Walk:
    """Everybody who leaves a contact, each in their own way."""

    def __init__(self, board: Board, server: MailServer) -> None:
        self.board = board
        self.server = server
        self.app = make_app(board, work=False)

    def browser(self) -> TestClient:
        """Somebody new."""
        return TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)

    def post(self, client: TestClient, path: str, **form: str) -> Any:
        """Send a form."""
        return client.post(path, data=form, headers=HERE)

    def mail(self) -> Post:
        """Deliver what is due; the newest mail."""
        deliver_with(self.board, Smtp(self.board.settings))
        return read_post(self.server.mails[-1].content)

    def residents(self) -> None:
        """Tell, vote, offer, comment, and some who never confirm."""
        me, phone = MAILBOXES, {who: typed for who, (typed, _e164) in NUMBERS.items()}
        teller = self.browser()
        page = self.post(
            teller, "/tell", town="Velenje", why="The mine closes.", name="Maja", may_show="1",
            email=me["teller"], phone=phone["teller"], facilitate="1",
        ).headers["location"]  # fmt: skip
        teller.get(page)
        self.post(teller, page, code="000000")
        self.post(teller, page, code=self.mail().code)
        teller.get(page)
        self.post(self.browser(), f"{TOWN}/vote", email=me["voter"])
        link = self.mail().link
        shown = self.browser().get(link)
        form = re.findall(r'name="(form-\d+)"', shown.text)[0]
        self.post(self.browser(), link, **{form: "1"})
        offerer = self.browser()
        page = self.post(
            offerer, f"{TOWN}/vote", email=me["offerer"], phone=phone["offerer"], name="Nina",
            come="1", host="1",
        ).headers["location"]  # fmt: skip
        self.post(offerer, page, code=self.mail().code)
        talker = self.browser()
        page = self.post(
            talker, f"{TOWN}/comments", text="I would come.", name="Bojan", email=me["talker"]
        ).headers["location"]
        self.post(talker, page, code=self.mail().code)
        waiting = self.post(self.browser(), f"/de{TOWN}/vote", email=me["waiter"])
        self.browser().get(waiting.headers["location"])
        self.mail()
        called = self.post(
            self.browser(), f"{TOWN}/vote", phone=phone["caller"], name="Cilka", come="1"
        )
        self.browser().get(called.headers["location"])
        assert self.post(self.browser(), "/tell", email=me["mistaken"]).status_code == 422

    def failures(self) -> None:
        """A mail server that repeats the address, and a board that breaks."""
        self.server.refuse_with = f"550 no such mailbox <{MAILBOXES['refused']}>"
        self.post(self.browser(), f"{TOWN}/vote", email=MAILBOXES["refused"])
        deliver_with(self.board, Smtp(self.board.settings))
        self.server.refuse_with = ""
        with self.board.database.transaction() as conn:
            conn.execute(text("ALTER TABLE waiting RENAME TO lost"))
        answer = self.post(self.browser(), f"{TOWN}/vote", email=MAILBOXES["crashed"])
        assert answer.status_code == 500
        with self.board.database.transaction() as conn:
            conn.execute(text("ALTER TABLE lost RENAME TO waiting"))

    def desk(self) -> None:
        """An invitation, a partner's message, a call, the story shown; somebody who knocks."""
        sealed = self.board.keys.seal("invitation.email", MAILBOXES["staff"])
        with self.board.database.transaction() as conn:
            invite(conn, "token", sealed, "admin", now=clock.now())
        staff = self.browser()
        self.post(staff, "/staff/invitation/token", name="Sue")
        paper = begin(staff).codes
        self.post(staff, "/staff/sign-out")
        page = self.post(staff, "/staff/sign-in", email=MAILBOXES["staff"]).headers["location"]
        self.post(staff, page, code=self.mail().code)
        self.post(staff, "/staff/door", paper=paper[0])
        self.post(self.browser(), "/staff/sign-in", email=MAILBOXES["knocker"])
        self.post(
            self.browser(), "/partner", organisation="Library", name="Lea", message="Rooms!",
            email=MAILBOXES["partner"], phone=NUMBERS["partner"][0], at="si/velenje",
        )  # fmt: skip
        queue = staff.get("/staff/queue").text
        # The test would see nothing if nothing was there: staff do see these two.
        assert MAILBOXES["partner"] in queue
        assert NUMBERS["caller"][1] in re.sub(r"\s", "", queue)
        with self.board.database.snapshot() as conn:
            story = conn.execute(select(stories.c.id)).scalar_one()
            call = conn.execute(select(waitings.c.id).where(waitings.c.channel == "phone")).scalar()
        for subject, subject_id, act in (("story", story, "keep"), ("call", call, "reached")):
            done = self.post(
                staff, "/staff/queue", subject=subject, subject_id=str(subject_id), act=act
            )
            assert done.status_code == 303
        self.post(staff, "/staff/towns/1", seen="asking", status="review", text="We read it.")


def kind_of(path: str) -> str:
    """A list with other values of the same parameters is the same kind of page."""
    address, _mark, query = path.partition("?")
    return f"{address}?{sorted(part.partition('=')[0] for part in query.split('&'))}"


def crawl(client: TestClient) -> Iterator[tuple[str, bytes]]:
    """Every kind of page that a stranger reaches from the first one, in both languages."""
    waits, seen = ["/", "/de", f"{TOWN}/vote", "/healthz", "/towns/suggest?q=vel"], set()
    while waits:
        path = waits.pop()
        if kind_of(path) not in seen:
            seen.add(kind_of(path))
            answer = client.get(path)
            yield path, repr(dict(answer.headers)).encode() + answer.content
            links = re.findall(r'href="(/(?!staff|static|dev)[^"#]*)"', answer.text)
            waits += [unescape(link) for link in links if link.count("=") < 3]


def rows(board: Board) -> Iterator[tuple[str, bytes]]:
    """Every value of every table."""
    with board.database.snapshot() as conn:
        for name, table in metadata.tables.items():
            for row in conn.execute(select(table)):
                for column, value in row._mapping.items():
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    yield f"{name}.{column}", raw


@pytest.mark.timeout(120)
def test_contacts_leak_nowhere(
    board: Board,
    mail_server: MailServer,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    board.settings = board.settings.model_copy(
        update={
            "smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_security": "none",
            "mail_per_hour": 50, "mail_per_day": 50,
        }
    )  # fmt: skip
    walk = Walk(board, mail_server)
    # The mail server of the tests writes down what it is told; it is not ours.
    caplog.set_level(logging.ERROR, "mail")
    with logged() as log, TestClient(walk.app) as stranger:
        walk.residents()
        walk.failures()
        walk.desk()
        pages = dict(crawl(stranger))
        found = {path for path, page in pages.items() if leaked(page)}
        assert found == set()
        assert {place for place, value in rows(board) if leaked(value)} == set()
    assert len(pages) > 30
    assert any(b"The mine closes." in page for page in pages.values())
    assert len(log.about("answered")) > 60
    assert len(log.about("unexpected")) == 1
    assert leaked(log.text.encode()) == []
    said = capfd.readouterr()
    assert leaked((said.out + said.err).encode()) == []
    if board.database.is_sqlite:
        # The application has closed the database: what is left is what a thief would find.
        file = Path(make_url(board.database.url).database or "")
        for one in file.parent.glob(f"{file.name}*"):
            assert leaked(one.read_bytes()) == [], one.name
        assert b"The mine closes." in file.read_bytes()
