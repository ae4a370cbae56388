"""Topics and times: asked after confirming, summed up for the town, never telling who said what."""

import re

import pytest
from starlette.testclient import TestClient

from board.core import clock
from board.core.db import Database
from board.core.http import Board
from board.votes.actions import take_back_vote
from board.votes.offer_actions import ask_for
from board.votes.queries import own_wishes, votes_of, wishes_of_town
from board.votes.rules import SLOTS, Offer, slots_in, topics_in
from board.votes.void_actions import void_votes
from tests.invented import HERE, JOENSUU, NEED, person, remembered, statements, vote
from tests.post import deliver

TOWN = "/towns/si/velenje"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", []),
        ("English", ["English"]),
        ("English, Python\nsewing", ["English", "Python", "sewing"]),
        ("english,  ENGLISH ,Énglish", ["english"]),
        ("日本語、Łódź", ["日本語", "Łódź"]),
        (" , \n ,!!!,—", []),
        ("a\u202eb, two\x00words", ["ab", "twowords"]),
    ],
)
def test_topics_are_parted_and_each_counts_once(typed: str, words: list[str]) -> None:
    assert topics_in(typed) == words


def test_slots_are_the_week_and_nothing_else() -> None:
    assert len(SLOTS) == 21
    assert slots_in({"thu_evening": "1", "mon_morning": "1", "xyz_night": "1"}) == [
        "mon_morning",
        "thu_evening",
    ]


def test_town_sums_up_its_counted_voters(database: Database) -> None:
    with database.transaction() as conn:
        wanted = {
            "Alice": (["English", "Python"], ["thu_evening", "thu_morning"]),
            "Bob": (["english", "Sewing"], ["thu_evening"]),
            "Cilka": (["English"], ["mon_evening"]),
            "Dana": (["Python"], ["thu_morning"]),
            "Gone": (["Sewing"], ["sat_morning"]),
            "Void": (["Sewing"], ["sun_morning"]),
        }
        town = 0
        for name, (topics, slots) in wanted.items():
            who = person(conn, name)
            town = vote(conn, who)
            assert ask_for(conn, town, who.key, topics=topics, slots=slots)
        take_back_vote(conn, town, person(conn, "Gone").key, need=NEED, now=clock.now())
        void = votes_of(conn, person(conn, "Void").key)[0].id
        void_votes(conn, [void], "fraud", need=NEED, now=clock.now())
    with database.snapshot() as conn:
        public = wishes_of_town(conn, town, asked_by=2)
        desk = wishes_of_town(conn, town, asked_by=1)
    assert public.topics == (("English", 3), ("Python", 2))
    assert desk.topics == (("English", 3), ("Python", 2), ("Sewing", 1))
    assert public.days == (("thu", 3), ("mon", 1))
    assert public.slots[0] == ("thu_morning", 2)


def test_summing_up_takes_two_statements(database: Database) -> None:
    with database.transaction() as conn:
        for n in range(30):
            who = person(conn, f"Voter {n}")
            town = vote(conn, who)
            ask_for(conn, town, who.key, topics=[f"Topic {n % 9}"], slots=["mon_evening"])
    with statements(database.reader) as seen, database.snapshot() as conn:
        shown = wishes_of_town(conn, town, asked_by=2)
    assert (len(seen), len(shown.topics)) == (2, 8)


def test_new_wishes_take_the_place_of_the_old(database: Database) -> None:
    with database.transaction() as conn:
        who = person(conn, "Alice")
        town = vote(conn, who)
        ask_for(conn, town, who.key, topics=["English"], slots=["mon_evening"])
        ask_for(conn, town, who.key, topics=["Sewing"], slots=[])
        assert own_wishes(conn, town, who.key) == (("Sewing",), ())
        take_back_vote(conn, town, who.key, need=NEED, now=clock.now())
        assert not ask_for(conn, town, who.key, topics=["English"], slots=[])


# --- over HTTP ------------------------------------------------------------------------------


def confirmed(client: TestClient, board: Board, email: str = "ana@example.org", **form: str) -> str:
    """Vote and confirm; the page that confirmed it."""
    sent = client.post(f"{TOWN}/vote", data={"email": email, **form}, headers=HERE)
    page: str = sent.headers["location"]
    code = deliver(board)[-1].code
    assert client.post(page, data={"code": code, "shared": "1"}, headers=HERE).status_code == 303
    return page


def test_done_page_asks_and_keeps_for_who_isnt_remembered(client: TestClient, board: Board) -> None:
    page = confirmed(client, board)
    shown = client.get(page).text
    assert "What would you like to learn?" in shown
    assert shown.count('type="checkbox"') == 21
    secret = page.rsplit("/", 1)[1]
    form = {"page": secret, "topics": "English, Python", "thu_evening": "1"}
    kept = client.post(f"{TOWN}/wishes", data=form, headers=HERE)
    assert (kept.status_code, kept.headers["location"]) == (303, f"{page}#wishes")
    assert "Kept: your topics and times" in client.get(page).text
    with board.database.snapshot() as conn:
        key = board.keys.person_key("ana@example.org")
        assert votes_of(conn, key)[0].wishes == (("English", "Python"), ("thu_evening",))


def test_too_many_or_long_topics_are_said_and_nothing_is_lost(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
    remembered(board, client, "Alice")
    for typed, said in (
        ("a, b, c, d, e, f", "Choose the 5 you want most."),
        ("x" * 61, "A word or two is enough"),
    ):
        form = {"topics": typed, "sun_morning": "1"}
        answer = client.post(f"{TOWN}/wishes", data=form, headers=HERE)
        assert answer.status_code == 422
        assert said in answer.text
        assert typed in answer.text
        assert re.search(r'name="sun_morning" value="1" checked', answer.text)


def test_wishes_of_others_are_out_of_reach(client: TestClient, board: Board) -> None:
    page = confirmed(client, board)
    secret = page.rsplit("/", 1)[1]
    stranger = {"topics": "Crime"}
    assert client.post(f"{TOWN}/wishes", data=stranger, headers=HERE).status_code == 403
    forged = {**stranger, "page": secret[:-1] + "x"}
    assert client.post(f"{TOWN}/wishes", data=forged, headers=HERE).status_code == 403
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"), JOENSUU)
    # A page confirms a vote in its own town, in no other.
    other = "/towns/fi/joensuu/wishes"
    assert client.post(other, data={**stranger, "page": secret}, headers=HERE).status_code == 403
    # And at a shared computer it is the page's person who speaks, not the remembered one.
    remembered(board, client, "Alice")
    client.post(f"{TOWN}/wishes", data={"topics": "Knitting", "page": secret}, headers=HERE)
    with board.database.snapshot() as conn:
        ana = votes_of(conn, board.keys.person_key("ana@example.org"))
        assert ana[0].wishes.topics == ("Knitting",)


def test_town_page_says_it_in_words(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        for name, topics in (("A", ["<b>x", "English"]), ("B", ["english"]), ("C", ["Secret"])):
            who = person(conn, name)
            town = vote(conn, who)
            ask_for(conn, town, who.key, topics=topics, slots=["thu_evening"])
    shown = client.get(TOWN).text
    assert "3 could on Thursdays." in shown
    assert "Thursday evening" in shown
    assert '<bdi lang="">English</bdi>' in shown
    assert "Secret" not in shown
    assert "&lt;b&gt;x" not in shown
    remembered(board, client, "Sue", role="staff")
    desk = client.get("/staff/towns/1").text
    assert "&lt;b&gt;x" in desk or "Secret" in desk


def test_strangers_and_nonvoters_are_led_to_voting(client: TestClient, board: Board) -> None:
    for room in ("wishes", "offer"):
        there = client.get(f"{TOWN}/{room}")
        assert (there.status_code, there.headers["location"]) == (303, f"{TOWN}/vote")
    remembered(board, client, "Alice")
    assert client.get(f"{TOWN}/wishes").status_code == 303
    sent = client.post(f"{TOWN}/offer", data={"come": "1"}, headers=HERE)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{TOWN}/vote")


def test_offer_changes_later_and_asks_for_the_address_again(
    client: TestClient, board: Board
) -> None:
    page = confirmed(client, board, "ana@example.org")
    key = board.keys.person_key("ana@example.org")
    client.post("/you", data={"email": "ana@example.org"}, headers=HERE)
    link = re.findall(r"/you/enter/\S+", deliver(board)[-1].text)[0]
    client.post(link, headers=HERE)
    assert page
    shown = client.get(f"{TOWN}/offer")
    assert shown.status_code == 200
    assert "we need a way to reach you" in shown.text
    form = {"come": "1", "host": "1", "nearby": "1", "name": "Ana"}
    for contact, status in (
        ({}, 422), ({"email": "bob@example.org"}, 422), ({"phone": "12"}, 422),
        ({"email": "Ana+news@example.org"}, 303),
    ):  # fmt: skip
        answer = client.post(f"{TOWN}/offer", data={**form, **contact}, headers=HERE)
        assert answer.status_code == status, contact
    with board.database.snapshot() as conn:
        own = votes_of(conn, key)[0]
    assert (own.offer, own.nearby) == (Offer(come=True, host=True), True)
    # From now on the contact is known; and empty ticks end the offer, never the vote.
    assert client.post(f"{TOWN}/offer", data={"facilitate": "1"}, headers=HERE).status_code == 303
    assert client.post(f"{TOWN}/offer", data={}, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        own = votes_of(conn, key)[0]
    assert (own.state, own.offer, own.nearby) == ("counted", Offer(), False)
