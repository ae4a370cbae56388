"""The reading pages: home, map and list, a town's page, stories; as strangers and authors see them.

What is hidden stays hidden, what moved leads on, and every page can be asked for twice.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, update
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.explore.story_pages import STORIES_A_PAGE
from board.stories.models import stories
from board.towns.actions import found_by_hand
from board.towns.models import town_addresses, towns
from board.towns.rules import place_code
from tests.invented import (
    JOENSUU,
    NOWY_SACZ,
    SUVA,
    VELENJE,
    add_circles,
    add_towns,
    person,
    remembered,
    row_of_circle,
    row_of_town,
    say,
    tell,
    vote,
)

TOWN = "/towns/si/velenje"
NO_INDEX = '<meta name="robots" content="noindex">'


def rows(html: str) -> list[str]:
    """The towns of the list, in order."""
    return re.findall(r'<h3 class="town-row-name"><a[^>]*><bdi[^>]*>([^<]+)', html)


def told(html: str) -> list[str]:
    """The stories on a page, by title, in order."""
    return re.findall(r'<a class="link-plain" href="/stories/\d+">([^<]+)', html)


def held(conn: Connection, name: str, number: int = VELENJE, *, title: str) -> int:
    """A story that waits for a look."""
    who = person(conn, name)
    return tell(conn, who, vote(conn, who, number), title=title, visibility="held")


def page_link(html: str, way: str = "next") -> str:
    """The address of the next page, or of the one before ("prev")."""
    found = re.search(rf'href="([^"]+)" rel="{way}"', html)
    return found.group(1).replace("&amp;", "&") if found else ""


# --- home -----------------------------------------------------------------------------------


def test_home_without_anything_is_honest_and_inviting(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert '<b class="number">0</b> towns are asking' in answer.text
    assert 'href="/tell' in answer.text


def test_home_shows_numbers_towns_stories_and_circles(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        tell(conn, alice, vote(conn, alice), title="A second life for the mine")
        held(conn, "Bob", JOENSUU, title="Nobody read me yet")
        add_towns(conn, [row_of_town(1, name="Got One", status="launched")])
        add_circles(conn, [row_of_circle(1), row_of_circle(2, state="soon")])
    html = client.get("/").text
    assert '<b class="number">2</b> towns are asking' in html
    assert '<b class="number">1</b> circle meets right now' in html
    assert '<b class="number">1</b> starts soon' in html
    assert '<b class="number">1</b> town asked, and got one' in html
    assert told(html) == ["A second life for the mine"]
    assert 'href="/towns/si/velenje"' in html
    assert "Circle 2" in html


# --- map and list ---------------------------------------------------------------------------


def test_towns_without_any_asks_for_the_first(client: TestClient) -> None:
    html = client.get("/towns").text
    assert rows(html) == []
    assert 'href="/tell"' in html


def test_towns_fill_pages_in_order_and_every_row_is_a_link(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        add_towns(conn, [row_of_town(n, vote_count=n) for n in range(1, 46)])
    found, address, pages = list[str](), "/towns", 0
    while address:
        html = client.get(address).text
        found += rows(html)
        address, pages = page_link(html), pages + 1
    assert found == [f"Town {n}" for n in range(45, 0, -1)]
    assert pages == 3
    first = client.get("/towns").text
    assert "45 towns are asking." in first
    assert "1 to 20 of 45" in first
    assert NO_INDEX not in first


def test_towns_page_of_a_question_is_not_indexed(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        add_towns(conn, [row_of_town(1)])
    for query in ("q=town", "country=SI", "near=46.4,15.1", "at=46,15,6", "after=3~9"):
        assert (
            '<meta name="robots" content="noindex, follow">' in client.get(f"/towns?{query}").text
        )


def test_towns_near_somebody_are_stored_nowhere(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
    answer = client.get("/towns?near=46.1,14.6")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    assert "km from you" in answer.text
    assert "km from you" not in client.get("/towns").text


def test_towns_near_keeps_the_sort_that_is_chosen(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, name="Here", lat=46.4, lng=15.1),
                row_of_town(2, name="Loud", lat=60.0, lng=25.0, vote_count=9),
            ],
        )
    html = client.get("/towns?near=46.4,15.1").text
    assert rows(html) == ["Here", "Loud"]
    chip = re.search(r'href="([^"]+)">Most votes', html)
    assert chip is not None
    assert rows(client.get(chip[1].replace("&amp;", "&")).text) == ["Loud", "Here"]


def test_near_me_leads_away_from_where_the_map_was(client: TestClient) -> None:
    html = client.get("/towns?view=map&country=SI&at=46,15,6").text
    ways = re.findall(r'data-module="near" data-href="([^"]+)"', html)
    assert ways == ["/towns?country=SI&amp;sort=near&amp;view=map"] * 2


@pytest.mark.parametrize("view", ["", "&at=50,15,5", "&at=50,15,5,624x720"])
def test_still_map_around_nobody_counts_whom_it_shows(
    client: TestClient, board: Board, view: str
) -> None:
    with board.database.transaction() as conn:
        add_towns(conn, [row_of_town(1, name="Near", lat=50.2, lng=20.1, vote_count=7)])
    html = client.get(f"/towns?q=nowy+sacz{view}").text
    assert re.search(r"Near, [^<]*: 7 votes", html)
    count = re.search(r'data-layer="towns".*?<b>(\d+)</b>', html, re.DOTALL)
    assert count is not None
    assert count[1] == "1"


def test_towns_searched_without_success_offer_the_place_itself(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
    html = client.get("/towns?q=nowy+sacz").text
    assert rows(html) == []
    assert "Nobody has asked in <bdi>Nowy Sącz</bdi> yet. Be the first." in html
    assert 'href="/tell?town=pl/nowy-sacz"' in html
    assert 'href="/towns/pl/nowy-sacz/vote"' in html
    assert "Velenje" in html


def test_towns_searched_for_nothing_we_know_can_be_typed_by_hand(client: TestClient) -> None:
    html = client.get("/towns?q=<b>Xyzzy</b>").text
    assert "&lt;b&gt;Xyzzy&lt;/b&gt;" in html
    assert "<b>Xyzzy</b>" not in html
    assert "type it by hand" in html


def test_layers_show_circles_in_list_and_map(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
        add_circles(conn, [row_of_circle(n, 60.0 + n % 7, 10.0 + n // 7) for n in range(1, 31)])
    both = client.get("/towns").text
    assert rows(both) == ["Velenje"]
    assert "All 30 circles" in both
    towns_only = client.get("/towns?layer=towns").text
    assert "Circle 1" not in towns_only
    address, numbers = "/towns?layer=circles", list[int]()
    while address:
        html = client.get(address).text
        assert rows(html) == []
        numbers += [int(n) for n in re.findall(r'class="[^"]*rows-name"[^>]*>Circle (\d+)<', html)]
        address = page_link(html)
    assert sorted(numbers) == list(range(1, 31))
    assert "30 circles." in client.get("/towns?layer=circles").text


def test_circles_without_any_are_asked_for(client: TestClient) -> None:
    html = client.get("/towns?layer=circles").text
    assert "None near you? Ask for one." in html


def test_town_at_the_antimeridian_stands_in_its_view(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"), SUVA)
        vote(conn, person(conn, "Bob"), VELENJE)
    for at in ("-18.1,179.9,6", "-18.1,-179.9,6", "-18.1,178.4,11"):
        html = client.get(f"/towns?at={at}").text
        assert rows(html) == ["Suva"], at
        assert "<title>Suva, Fiji: 1 vote, asking</title>" in html
        assert "1 town is asking in this part of the map." in html


@pytest.mark.parametrize(
    "query",
    [
        "at=99,99,99", "at=x", "near=x", "near=si/atlantis", "sort=x", "layer=x", "after=x",
        "q=%00", "q=" + "a" * 3_000, "country=%F0%9F%87%B8", "q=%ED%A0%80", "q=%25_%5C'%22",
        "near=1e309,0", "at=46.36,15.11,6&near=si/velenje&view=map&layer=circles&after=1~1",
    ],
)  # fmt: skip
def test_towns_answer_any_address(client: TestClient, query: str) -> None:
    assert client.get(f"/towns?{query}").status_code == 200


# --- a town ---------------------------------------------------------------------------------


def test_town_asked_for_shows_its_numbers_stories_and_talk(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        vote(conn, bob)
        tell(conn, alice, town_id, title="After the shift", language="sl")
        say(conn, bob, town_id, "I have a key to the old school.")
    html = client.get(TOWN).text
    assert "<bdi>Velenje</bdi> wants a circle." in html
    assert told(html) == ["After the shift"]
    assert "people here write in Slovenian" in html
    assert "I have a key to the old school." in html
    assert f"http://testserver/t/{place_code(VELENJE)}" in html
    assert NO_INDEX not in html


def test_town_nobody_asked_for_has_its_page_and_makes_no_town(
    client: TestClient, board: Board
) -> None:
    answer = client.get("/towns/fi/joensuu")
    assert answer.status_code == 200
    assert "Nobody has asked in <bdi>Joensuu</bdi> yet. Be the first." in answer.text
    assert 'href="/tell?town=fi/joensuu"' in answer.text
    with board.database.snapshot() as conn:
        assert conn.execute(towns.select()).first() is None


def test_town_whose_only_vote_was_taken_back_invites_again(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        add_towns(conn, [row_of_town(1, name="Ptuj", vote_count=0)])
    html = client.get("/towns/si/ptuj-1").text
    assert "Nobody has asked in <bdi>Ptuj</bdi> yet." in html
    assert rows(client.get("/towns").text) == []


def test_town_typed_by_hand_has_a_page_but_no_place_on_the_list(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        town_id = found_by_hand(
            conn, name="Spodnji Log", country="SI", lat=46.1, lng=15.0, now=clock.now()
        )
        conn.execute(update(towns).where(towns.c.id == town_id).values(vote_count=1))
        tell(conn, alice, town_id, title="Seen on its page")
        slug = conn.execute(towns.select().where(towns.c.id == town_id)).one().slug
    answer = client.get(f"/towns/si/{slug}")
    assert answer.status_code == 200
    assert NO_INDEX in answer.text
    assert "Somebody typed this town by hand." in answer.text
    listed, home = client.get("/towns").text, client.get("/").text
    assert "Spodnji Log" not in listed
    assert '<b class="number">0</b> towns are asking' in home


def test_town_that_was_none_is_gone(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        add_towns(conn, [row_of_town(1, slug="nirgendwo", standing="dropped")])
    for path in ("/towns/si/nirgendwo", "/towns/si/nirgendwo/vote"):
        assert client.get(path).status_code == 410
    assert client.get("/towns?near=si/nirgendwo").status_code == 200


def test_town_that_moved_leads_to_its_new_address(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "Alice"))
        conn.execute(
            insert(town_addresses).values(country="SI", slug="titovo-velenje", town_id=town_id)
        )
    answer = client.get("/towns/si/titovo-velenje")
    assert (answer.status_code, answer.headers["location"]) == (301, TOWN)
    answer = client.get("/de/towns/si/titovo-velenje")
    assert answer.headers["location"] == f"/de{TOWN}"
    assert client.get("/towns/si/titovo-velenje/vote").status_code == 200


@pytest.mark.parametrize(
    "path", ["/towns/si/atlantis", "/towns/xx/velenje", "/towns/slovenia/velenje", "/towns/si/%F0"]
)
def test_town_nobody_knows_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_town_shows_circles_to_join_above_the_vote(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        add_circles(
            conn,
            [
                row_of_circle(1, 46.3, 15.1),
                row_of_circle(2, 46.36, 15.11, signup_open=False),
                row_of_circle(3, 46.05, 14.5),
                row_of_circle(4, 46.36, 15.11, online=True),
            ],
        )
    html = client.get(TOWN).text
    above = html[html.index('class="join-first"') : html.index('class="vote-head"')]
    assert "Circle 1" in above
    assert not any(f"Circle {n}" in above for n in (2, 3, 4))
    assert "Circle 3" in html


# --- a story --------------------------------------------------------------------------------


def test_story_that_is_held_is_its_author_s_alone(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        story_id = held(conn, "Alice", title="Between us")
    assert client.get(f"/stories/{story_id}").status_code == 404
    remembered(board, client, "Bob")
    assert client.get(f"/stories/{story_id}").status_code == 404
    assert "Between us" not in client.get(TOWN).text
    remembered(board, client, "Alice")
    answer = client.get(f"/stories/{story_id}")
    assert answer.status_code == 200
    assert "Only you see this yet." in answer.text
    assert "card-dotted" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert told(client.get(TOWN).text) == ["Between us"]
    remembered(board, client, "Mo", role="moderator")
    assert client.get(f"/stories/{story_id}").status_code == 200


def test_story_that_was_taken_away_is_gone_for_others(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        story_id = held(conn, "Alice", title="Buy now")
    for visibility, own in (("unlisted", 200), ("archived", 410), ("deleted", 410)):
        with board.database.transaction() as conn:
            conn.execute(update(stories).values(visibility=visibility))
        client.cookies.clear()
        assert client.get(f"/stories/{story_id}").status_code == 410
        remembered(board, client, "Alice")
        assert client.get(f"/stories/{story_id}").status_code == own
    assert client.get("/stories/123456789").status_code == 404


def test_story_shows_its_answers_and_talk(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        story_id = tell(
            conn, alice, town_id, "See https://example.org/mine\nand <b>this</b>.",
            how="Thursdays.", title="<i>Mine</i>", language="sl",
        )  # fmt: skip
        say(conn, bob, town_id, "Same here.", story_id=story_id)
        say(conn, bob, town_id, "Not yet.", story_id=story_id, visibility="held")
    html = client.get(f"/stories/{story_id}").text
    assert "&lt;i&gt;Mine&lt;/i&gt;" in html
    assert "&lt;b&gt;this&lt;/b&gt;" in html
    assert '<a href="https://example.org/mine" rel="nofollow ugc noopener noreferrer">' in html
    assert "Thursdays." in html
    assert "Same here." in html
    assert "Not yet." not in html
    assert 'lang="sl"' in html
    remembered(board, client, "Bob")
    assert "Not yet." in client.get(f"/stories/{story_id}").text


def test_stories_come_by_pages_newest_first(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        many = range(2 * STORIES_A_PAGE + 3)
        for n in many:
            # Some were published in the same moment.
            tell(conn, alice, town_id, title=f"Story {n}", now=moments(len(many))[n // 3])
        held(conn, "Bob", title="Held")
    there, back = pages_of(client, "/stories", "next"), pages_of(client, last_page(client), "prev")
    assert [title for page in there for title in page] == [f"Story {n}" for n in reversed(many)]
    assert [len(page) for page in there] == [STORIES_A_PAGE, STORIES_A_PAGE, 3]
    # From the end: whole pages, as many as fit; what is left over at the top is a page that is
    # whole, too.
    assert back[0] == there[-1]
    assert back[1] == there[-2]
    assert back[-1] == there[0]


def pages_of(client: TestClient, address: str, way: str) -> list[list[str]]:
    """The stories of a page and of all that its links lead to, page by page."""
    found = []
    while address:
        html = client.get(address).text
        found.append(told(html))
        address = page_link(html, way)
    return found


def last_page(client: TestClient) -> str:
    """The address of the last page of stories."""
    address, following = "/stories", "/stories"
    while following:
        address, following = following, page_link(client.get(following).text, "next")
    return address


def test_stories_turned_back_stay_among_those_asked_for(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        velenje, sacz = vote(conn, alice), vote(conn, alice, NOWY_SACZ)
        for n in range(STORIES_A_PAGE + 1):
            tell(conn, alice, velenje, "Bread.", title=f"Story {n}", language="en")
            tell(conn, alice, sacz, "Bread.", title=f"Zgodba {n}", language="sl")
    asked = "/stories?q=bread&country=SI&language=en"
    second = page_link(client.get(asked).text, "next")
    first = page_link(client.get(second).text, "prev")

    assert told(client.get(second).text) == ["Story 0"]
    assert "Back to the newest ones" in client.get(second).text
    assert told(client.get(first).text) == told(client.get(asked).text)
    assert page_link(client.get(first).text, "prev") == ""


def moments(count: int) -> Sequence[datetime]:
    """A moment an hour, up to now."""
    return [clock.now() - timedelta(hours=count - n) for n in range(count)]


def test_stories_filter_by_words_country_and_language(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        velenje, sacz = vote(conn, alice), vote(conn, alice, NOWY_SACZ)
        tell(conn, alice, velenje, "Znanje.", title="Rudnik", language="sl")
        tell(conn, alice, velenje, "Knowledge.", title="The mine", language="en")
        tell(conn, alice, sacz, "Żółw uczy się wolno.", title="Żółw", language="pl")
    expected = {
        "": ["Żółw", "The mine", "Rudnik"],
        "country=PL": ["Żółw"],
        "country=pl": ["Żółw"],
        "language=sl": ["Rudnik"],
        "q=zolw+wolno": ["Żółw"],
        "q=velenje": ["The mine", "Rudnik"],
        "q=velenje&language=en": ["The mine"],
        "q=mine&country=PL": [],
        "q=%25": ["Żółw", "The mine", "Rudnik"],
        "country=XX": [],
    }
    assert {query: told(client.get(f"/stories?{query}").text) for query in expected} == expected
    assert "No story fits all of this." in client.get("/stories?country=XX").text


def test_stories_without_any_invite_to_tell(client: TestClient) -> None:
    assert "Tell the first story" in client.get("/stories").text


@pytest.mark.parametrize(
    "after",
    ["x", "~", "2026-01-01~1", "2026-01-01T00:00:00~1", "2026-01-01T00:00:00%2B00:00~" + "9" * 30,
     "9999-12-31T23:59:59-14:00~1", "0001-01-01T00:00:00%2B14:00~1", "%00~1"],
)  # fmt: skip
def test_stories_answer_any_cursor(client: TestClient, after: str) -> None:
    assert client.get(f"/stories?after={after}").status_code == 200
    assert client.get(f"/stories?before={after}").status_code == 200


# --- asking twice ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/towns", "/stories", TOWN, "/towns/fi/joensuu"])
def test_page_asked_for_again_is_not_sent_again(
    client: TestClient, board: Board, path: str
) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        tell(conn, alice, vote(conn, alice))
    first = client.get(path)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in first.headers
    again = client.get(path, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(path).status_code == 200
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        tell(conn, bob, vote(conn, bob, JOENSUU))
        tell(conn, bob, vote(conn, bob))
    assert client.get(path, headers={"if-none-match": etag}).status_code == 200


def test_page_of_a_remembered_person_is_theirs_alone(client: TestClient, board: Board) -> None:
    remembered(board, client, "Alice")
    answer = client.get("/towns")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
