"""Following: off until asked for, by code or from a remembered browser, each thing once."""

import re

import pytest
from sqlalchemy import Connection, select
from starlette.testclient import TestClient

from board.core import clock
from board.core.errors import Mistake, NotFound
from board.core.http import Board
from board.digests.audience_actions import stop_following
from board.follows.actions import change_pace, follow, unfollow
from board.follows.models import follows
from board.follows.queries import Spot, follows_of, instant_followers
from board.follows.rules import MOST_FOLLOWS, Subject
from board.mail.actions import stop_stream
from board.mail.queries import stopped_streams_of
from board.people.actions import open_session
from board.people.browser import cookie_name, new_secret
from board.people.models import contacts, people
from board.towns.models import towns
from board.votes.models import votes
from tests.digests.telling import reached
from tests.invented import HERE, Person, person, remembered, vote
from tests.post import deliver

FOLLOW = "/follow"
VELENJE_AT = {"at": "si/velenje", "what": "town", "pace": "weekly"}


def rows(board: Board) -> list[tuple[str, str]]:
    with board.database.snapshot() as conn:
        found = conn.execute(select(follows.c.about, follows.c.pace).order_by(follows.c.id))
        return [(row.about, row.pace) for row in found]


def known_browser(board: Board, client: TestClient, name: str) -> Person:
    """A browser of somebody whose address is kept."""
    cookie, now = new_secret(), clock.now()
    with board.database.transaction() as conn:
        who = reached(conn, board.keys, name)
        until = now.replace(year=now.year + 1)
        open_session(conn, who.id, cookie, desk=False, now=now, expires_at=until)
    client.cookies.set(cookie_name(secure=board.settings.secure), cookie)
    return who


# --- the page -------------------------------------------------------------------------------


def test_town_page_leads_to_following(client: TestClient) -> None:
    assert "/follow?town=si/velenje" in client.get("/towns/si/velenje").text
    page = client.get("/follow?town=si/velenje")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    for words in ("Velenje</bdi> alone", "and 25 km around", "All of Slovenia", "Once a week"):
        assert words in page.text


def test_country_alone_can_be_followed_from_the_list(client: TestClient) -> None:
    assert "/follow?country=PL" in client.get("/towns?country=PL").text
    page = client.get("/follow?country=pl").text
    assert "All of Poland" in page
    assert "km around" not in page


@pytest.mark.parametrize("query", ["", "?country=zz", "?country=%00", "?country=Poland"])
def test_following_nothing_leads_to_the_towns(client: TestClient, query: str) -> None:
    answer = client.get(FOLLOW + query)
    assert (answer.status_code, answer.headers["location"]) == (303, "/towns")


def test_following_an_unknown_town_is_not_found(client: TestClient) -> None:
    assert client.get("/follow?town=si/nowhere").status_code == 404
    form = {**VELENJE_AT, "at": "si/nowhere", "email": "bob@example.org"}
    assert client.post(FOLLOW, data=form, headers=HERE).status_code == 404


# --- a stranger -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "about"), [("town", "town:1"), ("25", "area:3189075:25"), ("country", "country:si")]
)
def test_stranger_follows_by_code(client: TestClient, board: Board, what: str, about: str) -> None:
    form = {**VELENJE_AT, "what": what, "pace": "instant", "email": "bob@example.org"}
    page = client.post(FOLLOW, data=form, headers=HERE).headers["location"]
    assert rows(board) == []
    assert "Now your code" in client.get(page).text
    mail = deliver(board)[-1]
    assert "you'd like to hear what happens" in mail.text
    assert client.post(page, data={"code": mail.code}, headers=HERE).status_code == 303
    done = client.get(page).text
    assert "We&#39;ll write to you." in done or "We'll write to you." in done
    assert rows(board) == [(about, "instant")]
    with board.database.snapshot() as conn:
        assert len(conn.execute(select(contacts)).all()) == 1
        assert conn.execute(select(votes)).all() == []


def test_stranger_follows_by_the_mailed_link(client: TestClient, board: Board) -> None:
    form = {**VELENJE_AT, "what": "country", "email": "bob@example.org"}
    client.post(FOLLOW, data=form, headers=HERE)
    link = deliver(board)[-1].link
    page = client.get(link).text
    assert "Mails to you about <bdi>Slovenia</bdi>" in page
    assert rows(board) == []
    number = re.findall(r'name="(form-\d+)"', page)[0]
    assert client.post(link, data={number: "1"}, headers=HERE).status_code == 303
    assert rows(board) == [("country:si", "weekly")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": ""}, "email"), ({"email": "nobody"}, "email"), ({"what": "13"}, "what"),
        ({"what": ""}, "what"), ({"what": "start"}, "what"), ({"pace": "hourly"}, "pace"),
    ],
)  # fmt: skip
def test_mistake_keeps_what_was_typed(
    client: TestClient, board: Board, change: dict[str, str], field: str
) -> None:
    form = {**VELENJE_AT, "email": "bob@example.org", **change}
    answer = client.post(FOLLOW, data=form, headers=HERE)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert form["email"] in answer.text
    assert deliver(board) == []


def test_town_nobody_asked_in_can_be_followed_and_counts_no_vote(
    client: TestClient, board: Board
) -> None:
    form = {**VELENJE_AT, "at": "fj/suva", "email": "bob@example.org"}
    page = client.post(FOLLOW, data=form, headers=HERE).headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    with board.database.snapshot() as conn:
        assert conn.execute(select(towns.c.name, towns.c.vote_count)).all() == [("Suva", 0)]


# --- a remembered browser -------------------------------------------------------------------


def test_remembered_person_types_the_address_again(client: TestClient, board: Board) -> None:
    address = "ana@example.org"
    who = remembered(board, client, "Ana")
    with board.database.transaction() as conn:
        key = board.keys.person_key(address)
        conn.execute(people.update().where(people.c.id == who.id).values(key=key))
    assert client.post(FOLLOW, data=VELENJE_AT, headers=HERE).status_code == 422
    other = client.post(FOLLOW, data={**VELENJE_AT, "email": "eve@example.org"}, headers=HERE)
    assert other.headers["location"].startswith("/confirm/wait/")
    assert rows(board) == []
    own = client.post(FOLLOW, data={**VELENJE_AT, "email": "ANA@example.org"}, headers=HERE)
    assert own.headers["location"] == "/follow?town=si/velenje&kept=1"
    assert rows(board) == [("town:1", "weekly")]
    with board.database.snapshot() as conn:
        assert len(conn.execute(select(contacts)).all()) == 1


def test_known_person_follows_with_one_press(client: TestClient, board: Board) -> None:
    known_browser(board, client, "Ana")
    assert 'name="email"' not in client.get("/follow?town=si/velenje").text
    for pace in ("weekly", "instant"):
        answer = client.post(FOLLOW, data={**VELENJE_AT, "pace": pace}, headers=HERE)
        assert answer.status_code == 303
    assert rows(board) == [("town:1", "instant")]
    assert "Kept." in client.get(answer.headers["location"]).text


# --- the one box ----------------------------------------------------------------------------


def test_box_on_the_vote_form_is_unticked_and_keeps_the_address(
    client: TestClient, board: Board
) -> None:
    vote_page = "/towns/si/velenje/vote"
    box = re.search(r'<input[^>]*name="tell_me"[^>]*>', client.get(vote_page).text)
    assert box is not None
    assert "checked" not in box.group()
    form = {"email": "bob@example.org", "tell_me": "1"}
    page = client.post(vote_page, data=form, headers=HERE).headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    assert rows(board) == [("start:1", "weekly")]
    with board.database.snapshot() as conn:
        assert len(conn.execute(select(contacts)).all()) == 1


def test_bare_vote_follows_nothing_and_keeps_no_address(client: TestClient, board: Board) -> None:
    page = client.post(
        "/towns/si/velenje/vote", data={"email": "bob@example.org"}, headers=HERE
    ).headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    assert rows(board) == []
    with board.database.snapshot() as conn:
        assert conn.execute(select(contacts)).all() == []


def test_box_without_an_address_is_asked_back(client: TestClient) -> None:
    form = {"phone": "+386 31 555 123", "tell_me": "1"}
    answer = client.post("/towns/si/velenje/vote", data=form, headers=HERE)
    assert answer.status_code == 422
    assert "untick that" in answer.text


def test_box_of_a_remembered_person_needs_the_address(client: TestClient, board: Board) -> None:
    remembered(board, client, "Ana")
    answer = client.post("/towns/si/velenje/vote", data={"tell_me": "1"}, headers=HERE)
    assert answer.status_code == 422
    assert rows(board) == []


# --- rules ----------------------------------------------------------------------------------


def followed(conn: Connection, name: str, subject: Subject) -> tuple[Person, int]:
    who = person(conn, name)
    return who, follow(conn, who.id, subject, now=clock.now())


def test_follows_are_shown_with_their_names(board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "First"))
        ana, _id = followed(conn, "Ana", Subject("town", town_id=town_id))
        area = Subject("area", geonames_id=763166, lat=49.6, lng=20.7, km=10)
        follow(conn, ana.id, area, now=clock.now())
        follow(conn, ana.id, Subject("country", country="de"), now=clock.now())
        shown = {(f.kind, f.name, f.path, f.km) for f in follows_of(conn, ana.id)}
    assert shown == {
        ("town", "Velenje", "/towns/si/velenje", None),
        ("area", "Nowy Sącz", "/towns/pl/nowy-sacz", 10),
        ("country", "", "/towns?country=DE", None),
    }


def test_nobody_ends_or_changes_somebody_elses_follow(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, number = followed(conn, "Ana", Subject("country", country="SI"))
        eve = person(conn, "Eve")
        assert not unfollow(conn, eve.id, number)
        with pytest.raises(NotFound):
            change_pace(conn, eve.id, number, "instant")
        change_pace(conn, ana.id, number, "instant")
        assert unfollow(conn, ana.id, number)
        assert not unfollow(conn, ana.id, number)


def test_address_goes_with_the_last_reason_to_keep_it(board: Board) -> None:
    with board.database.transaction() as conn:
        ana = reached(conn, board.keys, "Ana")
        numbers = [
            follow(conn, ana.id, Subject("country", country=code), now=clock.now())
            for code in ("SI", "PL")
        ]
        left = []
        for number in numbers:
            assert stop_following(conn, ana.id, number)
            left.append(len(conn.execute(select(contacts)).all()))
    assert left == [1, 0]


def test_following_again_after_a_stop_lifts_it(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, number = followed(conn, "Ana", Subject("country", country="SI"))
        for stream in ("digest", "status", "offers"):
            stop_stream(conn, ana.key, stream, clock.now())
        follow(conn, ana.id, Subject("country", country="SI"), now=clock.now())
        assert stopped_streams_of(conn, ana.key) == {"status", "offers"}
        change_pace(conn, ana.id, number, "instant")
        assert stopped_streams_of(conn, ana.key) == {"offers"}


def test_there_is_an_end_to_following(board: Board) -> None:
    with board.database.transaction() as conn:
        ana = person(conn, "Ana")
        codes = [f"{a}{b}" for a in "ABCDEFGH" for b in "ABCDEFGH"][: MOST_FOLLOWS + 1]
        for code in codes[:-1]:
            follow(conn, ana.id, Subject("country", country=code), now=clock.now())
        with pytest.raises(Mistake):
            follow(conn, ana.id, Subject("country", country=codes[-1]), now=clock.now())


def test_area_reaches_as_far_as_it_says(board: Board) -> None:
    with board.database.transaction() as conn:
        ana = person(conn, "Ana")
        area = Subject("area", geonames_id=1, lat=46.0, lng=15.0, km=50)
        follow(conn, ana.id, area, pace="instant", now=clock.now())
        found = [bool(instant_followers(conn, Spot((), lat, 15.0, "SI"))) for lat in (46.44, 46.46)]
    assert found == [True, False]
