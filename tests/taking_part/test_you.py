"""One's own page: the way to it, what stands on it, what one changes; nobody else's things."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, insert, select
from starlette.testclient import TestClient

from board.app import make_app
from board.core import clock
from board.core.http import Board
from board.follows.models import follows
from board.mail.models import outgoing_mails
from board.people.actions import keep_contact, open_session
from board.people.browser import new_secret
from board.people.models import contact_uses, people, sessions, waitings
from board.stories.models import stories
from board.taking_part.erase_actions import erase_person
from board.votes.offer_actions import ask_for
from board.votes.rules import Offer
from tests.invented import (
    HERE,
    JOENSUU,
    NEED,
    VELENJE,
    person,
    remembered,
    say,
    statements,
    tell,
    vote,
)
from tests.post import deliver

ANA = "ana@example.org"


def browser(board: Board) -> TestClient:
    """Somebody new."""
    return TestClient(make_app(board, work=False), follow_redirects=False)


def known(board: Board, email: str = ANA, name: str = "Ana") -> int:
    """Somebody who voted once; their id."""
    with board.database.transaction() as conn:
        who = person(conn, name, key=board.keys.person_key(email))
        vote(conn, who)
        return who.id


def ask(client: TestClient, board: Board, email: str = ANA) -> tuple[str, str, str]:
    """Ask for the way in: the page one waits on, the code and the link of the mail."""
    sent = client.post("/you", data={"email": email}, headers=HERE)
    assert sent.status_code == 303
    mail = deliver(board)[-1]
    return sent.headers["location"], mail.code, re.findall(r"/you/enter/\S+", mail.text)[0]


def sessions_of(board: Board) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(sessions)).scalar_one())


# --- the way in -----------------------------------------------------------------------------


def test_code_lets_in_for_an_hour(client: TestClient, board: Board) -> None:
    known(board)
    page, code, _link = ask(client, board, "Ana+x@Example.org")
    assert client.get(page).status_code == 200
    wrong = "000000" if code != "000000" else "111111"
    answer = client.post(page, data={"code": wrong}, headers=HERE)
    assert (answer.status_code, "4 tries left" in answer.text) == (422, True)
    answer = client.post(page, data={"code": code}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/you")
    assert 3500 < int(re.findall(r"Max-Age=(\d+)", answer.headers["set-cookie"])[0]) <= 3600
    assert "You, <bdi>Ana</bdi>" in client.get("/you").text
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert "Send me a code" in client.get("/you").text


def test_ticked_browser_is_remembered_for_long(client: TestClient, board: Board) -> None:
    known(board)
    _page, _code, link = ask(client, board)
    answer = client.post(link, data={"remember": "1"}, headers=HERE)
    assert int(re.findall(r"Max-Age=(\d+)", answer.headers["set-cookie"])[0]) > 86_400 * 89


def test_scanner_changes_nothing_and_the_link_works_once(client: TestClient, board: Board) -> None:
    known(board)
    _page, code, link = ask(client, board)
    for _time in range(20):
        assert browser(board).get(link).status_code == 200
        browser(board).head(link)
    assert sessions_of(board) == 0
    assert client.post(link, headers=HERE).status_code == 303
    assert browser(board).post(link, headers=HERE).status_code == 410
    assert browser(board).post(_page, data={"code": code}, headers=HERE).status_code == 410
    assert sessions_of(board) == 1


def test_links_and_codes_open_nothing_but_their_own_door(client: TestClient, board: Board) -> None:
    known(board)
    _page, _code, link = ask(client, board)
    token, secret = link.rsplit("/", 1)[1], _page.rsplit("/", 1)[1]
    assert client.get(f"/confirm/{token}").status_code == 410
    assert client.post(f"/confirm/{token}", headers=HERE).status_code == 410
    assert client.get(f"/confirm/wait/{secret}").status_code == 410
    assert client.get(f"/staff/sign-in/{secret}").status_code in (200, 410)
    sent = client.post("/towns/si/velenje/vote", data={"email": "bob@example.org"}, headers=HERE)
    confirm = deliver(board)[-1].link
    assert sent.status_code == 303
    assert client.get(confirm.replace("/confirm/", "/you/enter/")).status_code == 410
    assert client.get(f"/you/wait/{sent.headers['location'].rsplit('/', 1)[1]}").status_code == 410


def test_a_number_of_a_form_is_never_given_twice(client: TestClient, board: Board) -> None:
    """Codes and links derive from it: an old link would open somebody else's form."""
    known(board)
    _page, _code, link = ask(client, board)
    client.post(link, headers=HERE)
    with board.database.snapshot() as conn:
        assert conn.execute(select(waitings.c.id)).first() is None
    other = browser(board)
    other.post("/you", data={"email": "bob@example.org"}, headers=HERE)
    again = re.findall(r"/you/enter/\S+", deliver(board)[-1].text)[0]
    assert again != link
    assert client.get(link).status_code == 410


def test_nobody_learns_whether_an_address_is_known(client: TestClient, board: Board) -> None:
    known(board)
    pages = []
    with statements(board.database.writer_engine) as of_ana:
        pages.append(client.post("/you", data={"email": ANA}, headers=HERE))
    with statements(board.database.writer_engine) as of_bob:
        pages.append(client.post("/you", data={"email": "bob@example.org"}, headers=HERE))
    assert [one.status_code for one in pages] == [303, 303]
    assert len(of_ana) == len(of_bob)
    page, code, _link = ask(client, board, "cilka@example.org")
    shown = client.post(page, data={"code": code}, headers=HERE)
    assert "Nothing is kept under this address" in shown.text
    assert "set-cookie" not in shown.headers
    with board.database.snapshot() as conn:
        key = board.keys.person_key("cilka@example.org")
        assert conn.execute(select(waitings.c.id).where(waitings.c.key == key)).first() is None
        assert conn.execute(select(people.c.id).where(people.c.key == key)).first() is None


def test_limits_trap_and_slips_of_the_pen(client: TestClient, board: Board) -> None:
    answer = client.post("/you", data={"email": "ana@@example.org"}, headers=HERE)
    assert (answer.status_code, "ana@@example.org" in answer.text) == (422, True)
    assert client.post("/you", data={"email": "x" * 300}, headers=HERE).status_code == 422
    for _time in range(3):
        assert client.post("/you", data={"email": ANA}, headers=HERE).status_code == 303
    assert client.post("/you", data={"email": ANA}, headers=HERE).status_code == 422
    bait = {"email": "bot@example.org", "website": "http://x.example"}
    assert client.post("/you", data=bait, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        assert len(conn.execute(select(outgoing_mails.c.id)).all()) == 3


def test_one_network_cannot_write_to_everybody(client: TestClient, board: Board) -> None:
    board.settings = board.settings.model_copy(update={"people_per_hour": 5})
    answers = [
        client.post("/you", data={"email": f"p{n}@example.org"}, headers=HERE).status_code
        for n in range(7)
    ]
    assert answers == [303] * 5 + [429] * 2


# --- what stands there ----------------------------------------------------------------------


def furnish(board: Board, n: int = 1) -> int:
    """Somebody with n of everything; their id."""
    now = clock.now()
    with board.database.transaction() as conn:
        ana = person(conn, "Ana", key=board.keys.person_key(ANA))
        bob = person(conn, "Bob")
        sue = person(conn, "Sue", role="staff")
        town = vote(conn, ana, offer=Offer(come=True), nearby=True)
        other = vote(conn, bob, JOENSUU)
        ask_for(conn, town, ana.key, topics=["Knitting"], slots=["thu_evening"])
        tell(conn, bob, other, title="Bob's own secret story")
        say(conn, bob, town, "Bob's words")
        sealed = board.keys.seal("contact.value", ANA)
        until = now + timedelta(days=300)
        keep_contact(conn, ana.id, "email", sealed, now=now, expires_at=until)
        for number in range(n):
            tell(conn, ana, town, title=f"Story {number}")
            say(conn, ana, town, f"Word {number}")
            use = {"person_id": ana.id, "actor_id": sue.id, "purpose": "contact", "at": now}
            conn.execute(insert(contact_uses).values(town_id=town, **use))
            about = {"about": f"area:{VELENJE}:{number}", "kind": "area", "km": 25}
            conn.execute(
                insert(follows).values(
                    person_id=ana.id, geonames_id=VELENJE, created_at=now, **about
                )
            )
            open_session(conn, ana.id, new_secret(), desk=False, now=now, expires_at=until)
        return ana.id


def test_page_shows_what_is_mine_and_nobody_elses(client: TestClient, board: Board) -> None:
    furnish(board)
    remembered(board, client, "Ana")
    answer = client.get("/you")
    shown = re.sub(r"\s+", " ", answer.text)
    for mine in (
        "Velenje", "d come", "Knitting", "Thursday evening", "Story 0", "Word 0", "a…@example.org",
        "P2PU's team", "To answer you about your town", "25 km around", "This one",
        "/stories/2/edit", "/towns/si/velenje/offer",
    ):  # fmt: skip
        assert mine in shown, mine
    for not_mine in ("Bob", "Sue", ANA, "secret"):
        assert not_mine not in shown, not_mine
    assert answer.headers["cache-control"] == "private, no-store"


def test_page_takes_as_many_statements_for_thirty_things_as_for_one(
    client: TestClient, board: Board
) -> None:
    seen = []
    for more in (1, 2, 27):
        with board.database.transaction() as conn:
            conn.execute(follows.delete())
        furnish(board, more)
        remembered(board, client, "Ana")
        with statements(board.database.reader) as asked:
            assert client.get("/you").status_code == 200
        seen.append(len(asked))
    assert len(set(seen)) == 1
    assert seen[0] <= 20


def test_held_blocked_and_staff_see_their_state(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ana = person(conn, "Ana")
        town = vote(conn, ana)
        tell(conn, ana, town, title="Held one", visibility="held")
        conn.execute(people.update().where(people.c.id == ana.id).values(blocked_at=clock.now()))
    remembered(board, client, "Ana")
    shown = client.get("/you").text
    assert "Waits for a moderator" in shown
    assert "takes no more part" in shown
    remembered(board, client, "Sue", role="staff")
    assert "/you/erase" not in client.get("/you").text


# --- what one changes -----------------------------------------------------------------------


@pytest.mark.parametrize("everywhere", [False, True])
def test_name_changes_and_on_request_under_old_texts(
    client: TestClient, board: Board, everywhere: bool
) -> None:
    furnish(board)
    remembered(board, client, "Ana")
    form = {"name": "Anica", "language": "de", **({"everywhere": "1"} if everywhere else {})}
    assert client.post("/you/name", data=form, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        names = set(conn.execute(select(stories.c.name)).scalars())
        row = conn.execute(select(people.c.language).where(people.c.name == "Anica")).scalar_one()
    assert names == {"Bob", "Anica" if everywhere else "Ana"}
    assert row == "de"
    again = client.post("/you/name", data={"name": ""}, headers=HERE)
    assert again.status_code == 422
    assert client.post("/you/name", data={"name": "x" * 41}, headers=HERE).status_code == 422


def test_browsers_are_forgotten_one_or_all_others(client: TestClient, board: Board) -> None:
    furnish(board, 3)
    remembered(board, client, "Ana")
    names = re.findall(r'name="browser" value="([0-9a-f]{64})"', client.get("/you").text)
    assert len(names) == 4
    here = client.post("/you/browsers", data={"others": "1"}, headers=HERE)
    assert here.status_code == 303
    left = re.findall(r'name="browser" value="([0-9a-f]{64})"', client.get("/you").text)
    assert len(left) == 1
    for odd in ("", "zz", names[0] if names[0] != left[0] else names[1]):
        answer = client.post("/you/browsers", data={"browser": odd}, headers=HERE)
        assert answer.status_code == 410
    gone = client.post("/you/browsers", data={"browser": left[0]}, headers=HERE)
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert "Send me a code" in client.get("/you").text


def test_others_things_are_out_of_reach(client: TestClient, board: Board) -> None:
    furnish(board)
    with board.database.snapshot() as conn:
        browser_of_ana = conn.execute(select(sessions.c.id)).scalars().first()
        follow_of_ana = conn.execute(select(follows.c.id)).scalar_one()
    assert browser_of_ana is not None
    stranger = browser(board)
    for path, form in (
        ("/you/name", {"name": "Eve"}), ("/you/browsers", {"others": "1"}),
        ("/you/unfollow", {"follow": str(follow_of_ana)}), ("/you/export", {}),
        ("/you/pace", {"follow": str(follow_of_ana), "pace": "instant"}),
        ("/you/erase", {"votes": "keep", "sure": "1"}),
    ):  # fmt: skip
        answer = stranger.post(path, data=form, headers=HERE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/you")
    assert stranger.get("/you/erase").status_code == 303
    remembered(board, client, "Bob")
    form = {"browser": bytes(browser_of_ana).hex()}
    assert client.post("/you/browsers", data=form, headers=HERE).status_code == 410
    client.post("/you/unfollow", data={"follow": str(follow_of_ana)}, headers=HERE)
    form = {"follow": str(follow_of_ana), "pace": "instant"}
    assert client.post("/you/pace", data=form, headers=HERE).status_code == 404
    with board.database.snapshot() as conn:
        left = conn.execute(select(follows.c.id, follows.c.pace)).one()
        assert tuple(left) == (follow_of_ana, "weekly")
        assert conn.execute(select(people.c.id).where(people.c.name == "Ana")).first() is not None


def test_follow_ends_here(client: TestClient, board: Board) -> None:
    furnish(board)
    remembered(board, client, "Ana")
    number = re.findall(r'name="follow" value="(\d+)"', client.get("/you").text)[0]
    answer = client.post("/you/unfollow", data={"follow": number}, headers=HERE)
    assert answer.status_code == 303
    assert "Following is off" in client.get("/you").text


def test_pace_of_a_follow_changes_here_and_back(client: TestClient, board: Board) -> None:
    furnish(board)
    remembered(board, client, "Ana")
    for offered, other in (("instant", "weekly"), ("weekly", "instant")):
        form = re.search(
            r'action="/you/pace"><input type="hidden" name="pace" value="(\w+)">'
            r'<button[^>]* name="follow" value="(\d+)"',
            client.get("/you").text,
        )
        assert form is not None
        assert form[1] == offered
        said = {"pace": form[1], "follow": form[2]}
        answer = client.post("/you/pace", data=said, headers=HERE)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/you?said=kept#follows-title",
        )
        with board.database.snapshot() as conn:
            assert conn.execute(select(follows.c.pace)).scalar_one() == offered != other
    odd = {"pace": "hourly", "follow": said["follow"]}
    assert client.post("/you/pace", data=odd, headers=HERE).status_code == 422


def test_cookie_of_somebody_erased_meanwhile_is_worth_nothing(
    client: TestClient, board: Board
) -> None:
    who = furnish(board)
    remembered(board, client, "Ana")
    with board.database.transaction() as conn:
        key = board.keys.person_key(ANA)
        erase_person(conn, board.keys, who, key, take_back=False, need=NEED, now=clock.now())
    assert "Send me a code" in client.get("/you").text
