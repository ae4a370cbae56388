"""Handing a town over: everybody is asked, only a yes is passed on, and each of them knows."""

import csv
import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from board.core import clock
from board.core.errors import Conflict, Gone
from board.core.http import Board
from board.desk.hand_over_actions import begin_hand_over, open_bundle
from board.desk.hand_over_forms import FacilitatorForm
from board.desk.hand_over_links import BundleLink, create_circle_link, read_bundle_link
from board.desk.models import hand_over_yeses, hand_overs
from board.digests.rules import terms_of
from board.digests.writing import Desk
from board.mail.models import outgoing_mails
from board.mail.values import PURPOSE, bundle_token
from board.people.models import contact_uses, contacts
from board.record.models import decisions
from board.taking_part.erase_actions import erase_person
from board.taking_part.retention_jobs import tidy
from board.taking_part.rules import terms_of as desk_terms_of
from board.towns.queries import get_town
from board.votes.actions import take_back_vote
from board.votes.offer_actions import ask_for
from tests.desk.offering import COME, HOSTS, LEADS, offers
from tests.invented import ELK, HERE, NEED, Person, remembered
from tests.post import Post, deliver

ZALA = {"name": "Zala", "email": "zala@example.org"}


class World:
    """A town with three people who offered, and staff at the desk who handed it over."""

    def __init__(self, board: Board, client: TestClient, **leads: str) -> None:
        self.board, self.client = board, client
        with board.database.transaction() as conn:
            found = [
                offers(board, conn, name, offer)
                for name, offer in (("Ana", LEADS), ("Bo", COME), ("Cy", HOSTS))
            ]
            self.town = found[0][1]
            self.ana, self.bo, self.cy = (who for who, _town in found)
            ask_for(conn, self.town, self.bo.key, topics=["=Excel"], slots=["thu_evening"])
        self.staff()
        self.page = f"/staff/towns/{self.town}/hand-over"
        answer = client.post(self.page, data=leads or ZALA, headers=HERE)
        assert answer.status_code == 303, answer.text
        with board.database.snapshot() as conn:
            self.id = int(conn.execute(select(func.max(hand_overs.c.id))).scalar_one())

    def staff(self) -> None:
        self.sue = remembered(self.board, self.client, "Sue", role="staff")

    def path(self, who: Person) -> str:
        return f"/pass-on/{self.board.keys.row_token(PURPOSE, who.id)}/{self.id}"

    def says(self, who: Person, act: str = "yes") -> int:
        self.client.cookies.clear()
        answer = self.client.post(self.path(who), data={"act": act}, headers=HERE)
        self.staff()
        return answer.status_code

    def settle(self, act: str) -> str:
        answer = self.client.post(f"/staff/hand-overs/{self.id}", data={"act": act}, headers=HERE)
        assert answer.status_code in (200, 303), answer.text
        return answer.text

    def yeses(self) -> set[int]:
        with self.board.database.snapshot() as conn:
            return set(conn.execute(select(hand_over_yeses.c.person_id)).scalars())

    def bundle_mail(self) -> Post:
        self.settle("send")
        return [post for post in deliver(self.board) if post.to == "zala@example.org"][-1]


def link_in(post: Post, name: str) -> str:
    found = re.search(rf"https?://[^/\s]+(/{name}/\S+)", post.text)
    assert found, post.text
    return found.group(1)


def test_everybody_who_offered_is_asked_but_not_who_facilitates(
    board: Board, client: TestClient
) -> None:
    world = World(board, client)
    posts = deliver(board)
    assert sorted(p.to for p in posts) == ["ana@example.org", "bo@example.org", "cy@example.org"]
    assert all("Zala will facilitate. Pass on my contact?" in p.text for p in posts)
    assert {p.subject for p in posts} == {"A circle in Velenje: may we pass on your contact?"}
    assert all(b"zala@" not in p.raw for p in posts)
    assert "zala@" not in client.get(world.page).text
    assert link_in(posts[0], "pass-on") == world.path(world.ana)
    with board.database.snapshot() as conn:
        sealed = conn.execute(select(hand_overs.c.email)).scalar_one()
        assert b"zala" not in sealed
        uses = conn.execute(select(contact_uses.c.person_id, contact_uses.c.purpose)).all()
        assert {use.purpose for use in uses} == {"pass_on"}
        assert len(uses) == 3


def test_who_offered_to_can_be_picked_and_is_not_asked(board: Board, client: TestClient) -> None:
    with board.database.transaction() as conn:
        ana, _town = offers(board, conn, "Ana", LEADS)
        bo, _town = offers(board, conn, "Bo", COME)
    world = World(board, client, person=str(ana.id))
    posts = deliver(board)
    assert sorted(post.to for post in posts) == ["bo@example.org", "cy@example.org"]
    assert "Ana will facilitate" in posts[0].text
    client.post(f"/staff/hand-overs/{world.id}", data={"act": "close"}, headers=HERE)
    other = client.post(world.page, data={"person": str(bo.id)}, headers=HERE)
    assert other.status_code == 422


def test_a_name_is_never_in_a_header_nor_markup(board: Board, client: TestClient) -> None:
    world = World(board, client, name="<b>Bcc: x@y.z", email="zala@example.org")
    for post in deliver(board):
        head, _gap, body = post.raw.partition(b"\n\n")
        assert b"x@y.z" not in head
        assert b"<b>Bcc" not in body.partition(b"text/html")[2].replace(b"=\n", b"")
    client.cookies.clear()
    page = client.get(world.path(world.bo)).text
    assert "<b>Bcc" not in page
    assert "&lt;b&gt;Bcc" in page


def test_a_get_says_nothing_a_post_is_yes_and_can_be_taken_back(
    board: Board, client: TestClient
) -> None:
    world = World(board, client)
    client.cookies.clear()
    for _n in range(3):
        shown = client.get(world.path(world.bo))
        assert shown.status_code == 200
    assert "zala@" not in shown.text
    assert world.yeses() == set()
    assert [world.says(world.bo) for _n in range(2)] == [303, 303]
    assert world.yeses() == {world.bo.id}
    assert "You said yes" in client.get(world.path(world.bo)).text
    assert world.says(world.bo, "no") == 303
    assert world.yeses() == set()
    assert world.says(world.bo, "maybe") == 422


def test_nobody_says_yes_for_others_or_elsewhere(board: Board, client: TestClient) -> None:
    world = World(board, client)
    with board.database.transaction() as conn:
        dee, _elk = offers(board, conn, "Dee", COME, place=ELK)
    assert world.says(dee) == 410
    assert "Zala" not in client.get(world.path(dee)).text
    token = board.keys.row_token(PURPOSE, world.bo.id)
    for path in (
        f"/pass-on/{token[:-2]}/{world.id}",
        f"/pass-on/{board.keys.row_token('draft', world.bo.id)}/{world.id}",
        f"/pass-on/{world.ana.id}{token[token.index('-') :]}/{world.id}",
        f"/pass-on/{token}/999",
    ):
        assert client.post(path, data={"act": "yes"}, headers=HERE).status_code in (404, 410)
    assert world.yeses() == set()


def test_the_bundle_holds_only_the_yeses_and_is_written_down(
    board: Board, client: TestClient
) -> None:
    world = World(board, client)
    world.says(world.bo)
    world.says(world.cy)
    assert "bo@example.org" not in client.get(world.page).text
    shown = world.settle("show")
    assert "bo@example.org" in shown
    assert "cy@example.org" in shown
    assert "ana@" not in shown
    rows = list(csv.reader(io.StringIO(world.settle("csv").lstrip("\ufeff"))))
    assert [row[:2] for row in rows[1:]] == [
        ["Cy", "cy@example.org"], ["Bo", "bo@example.org"],
    ]  # fmt: skip
    assert rows[2][4:6] == ["'=Excel", "Thursday evening"]
    page = world.settle("html")
    assert "bo@example.org" in page
    assert "<script" not in page
    with board.database.snapshot() as conn:
        u, d = contact_uses.c, decisions.c
        uses = conn.execute(select(u.person_id, u.actor_id).where(u.purpose == "hand_over")).all()
        assert set(uses) == {(world.bo.id, world.sue.id), (world.cy.id, world.sue.id)}
        acts = conn.execute(select(d.act).where(d.subject == "hand_over").order_by(d.id)).scalars()
        assert list(acts) == ["asked", "passed_on", "passed_on", "passed_on"]
    assert "@example.org" not in client.get("/staff/record").text
    assert world.says(world.bo, "no") == 409
    assert "Your contact was passed on" in client.get(world.path(world.bo)).text
    remembered(board, client, "Bo")
    assert "To pass it on, as you allowed" in client.get("/you").text


def test_the_mailed_link_opens_once_and_no_get_opens_it(board: Board, client: TestClient) -> None:
    world = World(board, client)
    world.says(world.bo)
    mail = world.bundle_mail()
    assert b"bo@example.org" not in mail.raw
    path = link_in(mail, "bundle")
    client.cookies.clear()
    for _n in range(3):
        seen = client.get(path)
        assert (seen.status_code, "bo@" in seen.text) == (200, False)
    opened = client.post(path, headers=HERE)
    assert "bo@example.org" in opened.text
    assert opened.headers["cache-control"] == "private, no-store"
    assert client.post(path, headers=HERE).status_code == 410
    assert client.get(path).status_code == 410
    save = re.search(r'name="save" value="([^"]+)"', opened.text)
    assert save
    world.says(world.ana)
    form = {"save": save.group(1), "act": "csv"}
    client.cookies.clear()
    file = client.post(path, data=form, headers=HERE)
    assert file.headers["content-type"].startswith("text/csv")
    assert "bo@example.org" in file.text
    assert "ana@" not in file.text
    wrong = client.post(path, data={"save": "x" * 43, "act": "csv"}, headers=HERE)
    assert (wrong.status_code, "bo@" in wrong.text) == (410, False)
    with board.database.transaction() as conn:
        conn.execute(update(hand_overs).values(opened_at=clock.now() - timedelta(hours=2)))
    assert client.post(path, data=form, headers=HERE).status_code == 410


def test_a_newer_link_a_day_or_closing_ends_the_older_one(board: Board, client: TestClient) -> None:
    world = World(board, client)
    world.says(world.bo)
    first = link_in(world.bundle_mail(), "bundle")
    second = link_in(world.bundle_mail(), "bundle")
    assert client.post(first, headers=HERE).status_code == 410
    with board.database.transaction() as conn:
        conn.execute(
            update(hand_overs).values(sent_at=clock.now() - timedelta(hours=24, seconds=1))
        )
    assert client.post(second, headers=HERE).status_code == 410
    third = link_in(world.bundle_mail(), "bundle")
    world.settle("close")
    assert client.post(third, headers=HERE).status_code == 410
    assert world.says(world.cy) == 410
    again = client.post(f"/staff/hand-overs/{world.id}", data={"act": "show"}, headers=HERE)
    assert (again.status_code, "bo@" in again.text) == (409, False)


def test_who_left_after_a_yes_is_not_passed_on(board: Board, client: TestClient) -> None:
    world = World(board, client)
    for who in (world.ana, world.bo, world.cy):
        world.says(who)
    now = clock.now()
    with board.database.transaction() as conn:
        take_back_vote(conn, world.town, world.ana.key, need=NEED, now=now)
        conn.execute(
            update(contacts).where(contacts.c.person_id == world.cy.id).values(expires_at=now)
        )
    shown = world.settle("show")
    assert "bo@example.org" in shown
    assert "ana@" not in shown
    assert "cy@" not in shown
    with board.database.transaction() as conn:
        erase_person(
            conn, board.keys, world.bo.id, world.bo.key, take_back=False, need=NEED, now=now
        )
    assert world.says(world.bo) == 410
    assert world.bo.id not in world.yeses()
    assert "bo@" not in world.settle("show")


def test_sent_twice_it_asks_once(board: Board, client: TestClient) -> None:
    world = World(board, client)
    again = client.post(world.page, data=ZALA, headers=HERE)
    assert again.status_code == 409
    with board.database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(hand_overs)).scalar() == 1
        assert conn.execute(select(func.count()).select_from(outgoing_mails)).scalar() == 3


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Who facilitates?"),
        ({"name": "Zala", "email": "zala@"}, "Something is missing in this address."),
        ({"person": "99"}, "They don&#39;t offer to facilitate any more"),
    ],
)
def test_who_facilitates_is_asked_for(
    board: Board, client: TestClient, form: dict[str, str], sentence: str
) -> None:
    with board.database.transaction() as conn:
        _ana, town = offers(board, conn, "Ana", LEADS)
    remembered(board, client, "Sue", role="staff")
    answer = client.post(f"/staff/towns/{town}/hand-over", data=form, headers=HERE)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with board.database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(hand_overs)).scalar() == 0


@pytest.mark.parametrize("role", ["moderator", "organiser", ""])
def test_nobody_else_hands_over_or_opens(board: Board, client: TestClient, role: str) -> None:
    world = World(board, client)
    world.says(world.bo)
    remembered(board, client, "Mo", role=role)
    for path, form in (
        (world.page, ZALA),
        (f"/staff/hand-overs/{world.id}", {"act": "show"}),
        (f"/staff/hand-overs/{world.id}", {"act": "csv"}),
    ):
        answer = client.post(path, data=form, headers=HERE)
        assert answer.status_code in (303, 403)
        assert "bo@" not in answer.text


def test_the_facilitator_s_mailbox_goes_90_days_after_closing(
    board: Board, client: TestClient
) -> None:
    world = World(board, client)
    world.settle("close")

    def kept() -> tuple[str, bool]:
        tidy(board.database, board.settings, everything=True)
        with board.database.snapshot() as conn:
            row = conn.execute(select(hand_overs.c.name, hand_overs.c.email)).one()
        return row.name, bool(row.email)

    assert kept() == ("Zala", True)
    with board.database.transaction() as conn:
        conn.execute(update(hand_overs).values(closed_at=clock.now() - timedelta(days=91)))
    assert kept() == ("", False)
    assert client.get(world.page).status_code == 200


def test_the_link_to_p2pu_s_form_carries_what_we_know(board: Board) -> None:
    with board.database.transaction() as conn:
        _ana, town_id = offers(board, conn, "Ana")
        town = get_town(conn, town_id)
    link = create_circle_link("https://example.org/create/?a=1", town, "Slovenia", "en")
    given = parse_qs(urlsplit(link).query)
    assert given["a"] == ["1"]
    assert (given["city"], given["country"]) == (["Velenje"], ["Slovenia"])


@pytest.mark.parametrize("token", ["", "1", "1-2", "1-2-x", "a-b-c", "9999999999-1-x", "１-1-x"])
def test_a_link_that_is_none_opens_nothing(board: Board, client: TestClient, token: str) -> None:
    assert read_bundle_link(board.keys, token) is None
    assert client.get(f"/bundle/{token or '-'}").status_code in (404, 410)
    good = bundle_token(board.keys, 1, 2)
    assert read_bundle_link(board.keys, good) == (1, 2)
    assert client.get(f"/bundle/{good}").status_code == 404


def test_two_who_begin_at_one_moment_ask_once(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offers(board, conn, "Ana", LEADS)
    desk = Desk(board.keys, terms_of(board.settings), clock.now())
    form, gate = FacilitatorForm.model_validate(ZALA), threading.Barrier(4)

    def begin(_n: int) -> bool:
        gate.wait()
        try:
            with board.database.transaction() as conn:
                begin_hand_over(conn, desk, get_town(conn, town_id), form, actor_id=ana.id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as presses:
        assert sum(presses.map(begin, range(4))) == 1


def test_a_link_opened_twice_at_one_moment_opens_once(board: Board, client: TestClient) -> None:
    world = World(board, client)
    world.says(world.bo)
    world.settle("send")
    gate = threading.Barrier(4)

    def press(_n: int) -> bool:
        gate.wait()
        try:
            with board.database.transaction() as conn:
                terms = desk_terms_of(board.settings)
                link = BundleLink(world.id, 1)
                open_bundle(conn, board.keys, link, terms=terms, now=clock.now())
        except Gone:
            return False
        return True

    with ThreadPoolExecutor(4) as presses:
        assert sum(presses.map(press, range(4))) == 1
