"""A letter to the people who offered: to whom it goes, once, and what each of them hears of it."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.desk.merge_actions import merge_towns
from board.desk.models import outreaches
from board.desk.write_actions import write_letter
from board.desk.write_forms import LetterForm
from board.digests.rules import terms_of
from board.digests.writing import Desk
from board.mail.actions import stop_stream, suppress
from board.mail.models import outgoing_mails
from board.people.models import contact_uses, contacts, people
from board.record.models import decisions
from board.taking_part.erase_actions import erase_person
from board.towns.queries import get_town
from board.votes.actions import take_back_vote
from board.votes.models import votes
from board.votes.offer_actions import set_offer
from board.votes.rules import Offer
from board.votes.void_actions import void_votes
from tests.desk.offering import COME, HOSTS, LEADS, offers
from tests.invented import HERE, JOENSUU, NEED, Person, person, remembered, vote
from tests.post import deliver

LETTER = {
    "come": "1",
    "facilitate": "1",
    "language": "en",
    "text": "There is a room.\nhttps://example.org/room",
}


def three(board: Board) -> tuple[list[Person], int]:
    with board.database.transaction() as conn:
        found = [
            offers(board, conn, name, offer)
            for name, offer in (("Ana", LEADS), ("Bo", COME), ("Cy", HOSTS))
        ]
    return [who for who, _town in found], found[0][1]


def once_in(text: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', text)
    assert found, text
    return found.group(1)


def send(client: TestClient, town: int, **more: str) -> str:
    """Preview and send a letter; where the answer leads."""
    path = f"/staff/towns/{town}/write"
    seen = client.post(path, data={**LETTER, **more}, headers=HERE)
    assert seen.status_code == 200, seen.text
    form = {**LETTER, **more, "once": once_in(seen.text), "act": "send"}
    sent = client.post(path, data=form, headers=HERE)
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


def test_a_letter_goes_to_who_offered_that_and_each_knows(board: Board, client: TestClient) -> None:
    (ana, bo, cy), town = three(board)
    sue = remembered(board, client, "Sue", role="staff")
    assert "3 people can be written to" in client.get(f"/staff/towns/{town}/write").text
    after = client.get(send(client, town))
    assert "It is on its way to 2 people" in after.text
    posts = deliver(board)
    assert sorted(post.to for post in posts) == ["ana@example.org", "bo@example.org"]
    assert {post.subject for post in posts} == {"P2PU writes about your offer in Velenje"}
    assert all("There is a room." in post.text for post in posts)
    assert b'href="https://example.org/room"' in posts[0].raw.replace(b"=\n", b"").replace(
        b"=3D", b"="
    )
    assert b"List-Unsubscribe:" in posts[0].raw
    assert b"sue@" not in posts[0].raw
    with board.database.snapshot() as conn:
        o, d, u = outreaches.c, decisions.c, contact_uses.c
        assert conn.execute(select(o.asked_for, o.people)).all() == [("come facilitate", 2)]
        act = conn.execute(select(d.actor_id, d.act, d.subject, d.town_id, d.before, d.after)).one()
        assert act == (sue.id, "wrote", "letter", town, "come facilitate", "2")
        uses = set(conn.execute(select(u.person_id, u.actor_id, u.purpose)).all())
        assert uses == {(ana.id, sue.id, "letter"), (bo.id, sue.id, "letter")}
    for path in (f"/staff/towns/{town}", f"/staff/towns/{town}/write", "/staff/record"):
        assert "@example.org" not in client.get(path).text
    remembered(board, client, "Ana")
    assert "To write to you about your offer" in client.get("/you").text
    remembered(board, client, "Cy")
    assert "To write to you about your offer" not in client.get("/you").text
    assert cy.id


def test_the_page_sent_twice_sends_one_letter(board: Board, client: TestClient) -> None:
    _people, town = three(board)
    remembered(board, client, "Sue", role="staff")
    path = f"/staff/towns/{town}/write"
    seen = client.post(path, data=LETTER, headers=HERE)
    form = {**LETTER, "once": once_in(seen.text), "act": "send"}
    answers = [client.post(path, data=form, headers=HERE) for _n in range(3)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    with board.database.snapshot() as conn:
        for table, n in ((outreaches, 1), (outgoing_mails, 2), (contact_uses, 2), (decisions, 1)):
            assert conn.execute(select(func.count()).select_from(table)).scalar() == n, table.name


@pytest.mark.parametrize(
    "why", ["taken back", "voided", "blocked", "lapsed", "erased", "stopped", "all stopped"]
)
def test_who_is_not_to_be_written_to_is_not(board: Board, client: TestClient, why: str) -> None:
    (ana, bo, _cy), town = three(board)
    now = clock.now()
    with board.database.transaction() as conn:
        if why == "taken back":
            take_back_vote(conn, town, bo.key, need=NEED, now=now)
        elif why == "voided":
            ids = conn.execute(select(votes.c.id).where(votes.c.person_id == bo.id)).scalars()
            void_votes(conn, list(ids), "fraud", need=NEED, now=now)
        elif why == "blocked":
            conn.execute(update(people).where(people.c.id == bo.id).values(blocked_at=now))
        elif why == "lapsed":
            conn.execute(
                update(contacts)
                .where(contacts.c.person_id == bo.id)
                .values(expires_at=now - timedelta(seconds=1))
            )
        elif why == "erased":
            erase_person(conn, board.keys, bo.id, bo.key, take_back=False, need=NEED, now=now)
        elif why == "stopped":
            stop_stream(conn, bo.key, "offers", now)
        else:
            suppress(conn, bo.key, "asked", now)
    remembered(board, client, "Sue", role="staff")
    page = client.get(f"/staff/towns/{town}/write").text
    assert "2 people can be written to" in page
    assert ("1 has stopped such mail" in page) == ("stopped" in why)
    send(client, town)
    assert [post.to for post in deliver(board)] == ["ana@example.org"]
    assert ana.id


def test_what_is_missing_is_said_and_nothing_lost(board: Board, client: TestClient) -> None:
    _people, town = three(board)
    remembered(board, client, "Sue", role="staff")
    path = f"/staff/towns/{town}/write"
    for form, sentence in (
        ({**LETTER, "text": " "}, "Write them a line or two first."),
        ({**LETTER, "come": "", "facilitate": ""}, "Choose at least one kind of offer."),
        ({**LETTER, "language": "xx"}, "Choose the language you wrote in."),
        ({**LETTER, "text": "x" * 5_001}, "5000"),
    ):
        answer = client.post(path, data={**form, "once": "o", "act": "send"}, headers=HERE)
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
        if form["text"].startswith("There"):
            assert "There is a room." in answer.text
    nobody = client.post(
        path, data={"help": "1", "language": "en", "text": "Hi", "once": "o", "act": "send"},
        headers=HERE,
    )  # fmt: skip
    assert nobody.status_code == 422
    back = client.post(path, data={**LETTER, "act": "edit"}, headers=HERE)
    assert (back.status_code, "There is a room." in back.text) == (200, True)
    assert deliver(board) == []
    with board.database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(outreaches)).scalar() == 0


def test_what_staff_type_is_text_everywhere(board: Board, client: TestClient) -> None:
    _people, town = three(board)
    remembered(board, client, "Sue", role="staff")
    bad = '<script>alert(1)</script>\n\n"><img src=x onerror=alert(1)> {{ 7*7 }}'
    seen = client.post(
        f"/staff/towns/{town}/write", data={**LETTER, "text": bad}, headers=HERE
    ).text
    assert "<script>alert" not in seen
    assert "<img src=x" not in seen
    send(client, town, text=bad)
    for post in deliver(board):
        html = post.raw.decode().replace("=\n", "").partition("text/html")[2]
        assert "<script>" not in html
        assert "&lt;script&gt;" in html
        assert "<img" not in html
        assert "{{ 7*7 }}" in post.text


@pytest.mark.parametrize("role", ["moderator", "organiser", ""])
def test_nobody_else_writes(board: Board, client: TestClient, role: str) -> None:
    _people, town = three(board)
    remembered(board, client, "Mo", role=role)
    form = {**LETTER, "once": "o", "act": "send"}
    answer = client.post(f"/staff/towns/{town}/write", data=form, headers=HERE)
    assert answer.status_code in (303, 403)
    assert deliver(board) == []


def test_two_presses_at_one_moment_send_one_letter(board: Board) -> None:
    (ana, _bo, _cy), town_id = three(board)
    desk = Desk(board.keys, terms_of(board.settings), clock.now())
    form = LetterForm.model_validate({**LETTER, "once": "one page"})
    gate = threading.Barrier(4)

    def press(_n: int) -> int:
        gate.wait()
        with board.database.transaction() as conn:
            return write_letter(conn, desk, get_town(conn, town_id), form, actor_id=ana.id)

    with ThreadPoolExecutor(4) as presses:
        assert len(set(presses.map(press, range(4)))) == 1
    with board.database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(outgoing_mails)).scalar() == 2


# --- what ends between writing and sending --------------------------------------------------


@pytest.mark.parametrize(
    "ended", ["taken back", "voided", "blocked", "lapsed", "other offer", "nothing"]
)
def test_letter_goes_only_to_who_still_offers_when_it_is_carried(
    client: TestClient, board: Board, ended: str
) -> None:
    (_ana, bo, _cy), town = three(board)
    remembered(board, client, "Sue", role="staff")
    assert send(client, town).endswith("#sent")
    now = clock.now()
    with board.database.transaction() as conn:
        if ended == "taken back":
            take_back_vote(conn, town, bo.key, need=NEED, now=now)
        elif ended == "voided":
            ids = conn.execute(select(votes.c.id).where(votes.c.person_id == bo.id)).scalars()
            void_votes(conn, list(ids), "fraud", need=NEED, now=now)
        elif ended == "blocked":
            conn.execute(update(people).where(people.c.id == bo.id).values(blocked_at=now))
        elif ended == "lapsed":
            over = update(contacts).where(contacts.c.person_id == bo.id)
            conn.execute(over.values(expires_at=now))
        elif ended == "other offer":
            set_offer(conn, town, bo.key, Offer(host=True), nearby=False, need=NEED, now=now)
    got = {mail.to for mail in deliver(board)}
    assert got == {"ana@example.org", *(["bo@example.org"] if ended == "nothing" else [])}
    page = client.get(f"/staff/towns/{town}/write").text
    assert ("1 no longer offered it and got no mail" in page) == (ended != "nothing")
    with board.database.snapshot() as conn:
        lapsed = conn.execute(
            select(outgoing_mails.c.recipient, outgoing_mails.c.payload).where(
                outgoing_mails.c.state == "lapsed"
            )
        ).all()
    assert all(tuple(row) == (b"", b"") for row in lapsed)


def test_letter_follows_an_offer_into_the_town_that_theirs_was_merged_into(
    client: TestClient, board: Board
) -> None:
    _three, town = three(board)
    remembered(board, client, "Sue", role="staff")
    assert send(client, town).endswith("#sent")
    with board.database.transaction() as conn:
        sue = person(conn, "Sue")
        into = vote(conn, person(conn, "Dee"), JOENSUU)
        merge_towns(conn, town, into, actor_id=sue.id, need=NEED, now=clock.now())
    assert {mail.to for mail in deliver(board)} == {"ana@example.org", "bo@example.org"}
