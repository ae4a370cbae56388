"""Telling, voting and commenting up to the moment of confirming: the town is found, every word
survives, and who is remembered needs no second step."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import Row, Table, insert, select
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core.http import Board
from board.core.text import search_form
from board.people.models import contacts, people, waitings
from board.stories.models import stories
from board.taking_part.rules import StoryWish, VoteWish, wishes
from board.towns.models import place_names, places, town_addresses, towns
from board.votes.models import votes
from tests.invented import (
    ELK,
    HERE,
    JOENSUU,
    NOWY_SACZ,
    VELENJE,
    person,
    remembered,
    tell,
    vote,
)
from tests.post import deliver

TOWN = "/towns/si/velenje"
ALICE = "alice@example.org"
STORY = {
    "at": "si/velenje",
    "why": "The mine is winding down.\r\n\r\nWe could learn together.",
    "name": "Alice",
    "email": ALICE,
    "may_show": "1",
}


class Form(HTMLParser):
    """What a browser would send back from the page's form to `/tell`, as it stands."""

    def __init__(self, html: str, action: str = "/tell") -> None:
        super().__init__()
        self.action, self.inside, self.area, self.option = action, False, "", ""
        self.fields: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("action") == self.action
        if not self.inside:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            self.fields[name] = given.get("value", "")
        if tag == "textarea":
            self.area, self.fields[name] = name, ""
        if tag == "select":
            self.option = name
        if tag == "option" and self.option and "selected" in given:
            self.fields[self.option] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            # The first line break in a text field is not part of it.
            self.fields[self.area] = self.fields[self.area].removeprefix("\n")
            self.area = ""
        if tag == "form":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area] += data


def send(client: TestClient, path: str = "/tell", **changes: str) -> tuple[int, str]:
    """Send the story with changes; status and page, or where to look next."""
    answer = client.post(path, data={**STORY, **changes}, headers=HERE)
    return answer.status_code, answer.headers.get("location", answer.text)


def waits(board: Board) -> tuple[Row[Any], StoryWish]:
    """The one form that waits, opened."""
    with board.database.snapshot() as conn:
        row = conn.execute(waitings.select()).one()
    wish = wishes.validate_json(board.keys.open("waiting.payload", row.payload))
    assert isinstance(wish, StoryWish)
    return row, wish


def confirm(client: TestClient, board: Board, page: str) -> None:
    """Type the code that was mailed last."""
    code = deliver(board)[-1].code
    assert client.post(page, data={"code": code}, headers=HERE).status_code == 303


def rows(board: Board, table: Table) -> list[Row[Any]]:
    with board.database.snapshot() as conn:
        return list(conn.execute(table.select().order_by(*table.primary_key.columns)).all())


def errors(html: str) -> list[str]:
    """The fields that the page marks, each with its sentence where its input points to."""
    found = [name for name in re.findall(r'id="error-([\w-]+)"', html) if name != "summary-title"]
    for name in found:
        assert f'href="#field-{name}"' in html or "error-summary" not in html, name
        assert re.search(rf'aria-describedby="[^"]*error-{name}[" ]', html), name
        assert f'id="field-{name}"' in html, name
    return found


def same_name(board: Board) -> None:
    """Another Velenje, in another country."""
    with board.database.transaction() as conn:
        conn.execute(
            insert(places).values(
                geonames_id=900, name="Velenje", country="AT", region_code="2", region="Carinthia",
                lat=46.6, lng=14.3, population=900, timezone="Europe/Vienna", rank=900,
                slug="velenje",
            )
        )  # fmt: skip
        conn.execute(
            insert(place_names).values(norm=search_form("Velenje"), geonames_id=900, weight=1)
        )


# --- which town -----------------------------------------------------------------------------


MEANT: list[tuple[dict[str, str], int]] = [
    ({"at": "si/velenje"}, VELENJE),
    ({"at": "/towns/si/velenje"}, VELENJE),
    ({"at": "", "town": "Velenje"}, VELENJE),
    ({"at": "", "town": " velenje, slovenia "}, VELENJE),
    ({"at": "", "town": "Velen"}, VELENJE),
    ({"at": "", "town": "NOWY SACZ"}, NOWY_SACZ),
    ({"at": "", "town": "Elk"}, ELK),
    ({"at": "", "town": "whatever", "geonames_id": str(JOENSUU)}, JOENSUU),
    ({"at": "", "town": "Velenje", "geonames_id": "999999999"}, VELENJE),
    ({"at": "", "town": "Velenje", "geonames_id": "x" * 30}, VELENJE),
]


def test_town_is_the_one_that_is_meant(client: TestClient, board: Board) -> None:
    found = []
    for n, (given, _expected) in enumerate(MEANT):
        status, page = send(client, **given, email=f"resident{n}@example.org")
        assert (status, page[:14]) == (303, "/confirm/wait/"), given
        found.append(rows(board, waitings)[-1].geonames_id)
    assert found == [expected for _given, expected in MEANT]


def test_town_of_an_old_address_is_found(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "Bob"))
        conn.execute(insert(town_addresses).values(country="SI", slug="old", town_id=town_id))
    assert send(client, at="si/old")[0] == 303
    assert waits(board)[0].town_id == town_id
    assert "Velenje" in client.get("/tell?town=si/old").text


def test_town_of_two_places_is_asked_back_with_both(client: TestClient, board: Board) -> None:
    same_name(board)
    status, html = send(client, at="", town="Velenje")
    assert status == 422
    assert "More than one place fits “Velenje”. Which one is yours?" in unescape(html)
    assert errors(html) == ["town"]
    assert f'type="radio" name="geonames_id" value="{VELENJE}"' in html
    assert 'type="radio" name="geonames_id" value="900"' in html
    assert "Carinthia" in html
    assert "The mine is winding down." in html
    assert send(client, at="", town="Velenje", geonames_id="900")[0] == 303


def test_town_nobody_knows_is_sent_as_typed(client: TestClient, board: Board) -> None:
    status, html = send(client, at="", town="Spodnji Log")
    assert status == 422
    assert errors(html) == ["town"]
    assert 'name="by_hand"' in html
    status, html = send(client, at="", town="Spodnji Log", by_hand="1")
    assert status == 422
    assert "In which country is it?" in html
    by_hand = {"at": "", "town": "Spodnji  Log", "by_hand": "1", "country": "si"}
    status, page = send(client, **by_hand, lat="46,1", lng="15.0")
    assert status == 303
    confirm(client, board, page)
    (town,) = rows(board, towns)
    assert (town.name, town.country, town.standing) == ("Spodnji Log", "SI", "by_hand")
    assert (town.lat, town.lng, town.vote_count) == (46.1, 15.0, 1)
    # The next one who types it lands in the same town.
    client.cookies.clear()
    status, page = send(client, **{**by_hand, "town": "spodnji log", "email": "bob@example.org"})
    confirm(client, board, page)
    (town,) = rows(board, towns)
    assert town.vote_count == 2


@pytest.mark.parametrize(
    ("point", "field"),
    [
        ({"lat": "91", "lng": "15"}, "lat"),
        ({"lat": "46", "lng": "-180.5"}, "lng"),
        ({"lat": "1e999", "lng": "15"}, ""),
        ({"lat": "nan", "lng": "nan"}, ""),
        ({"lat": "46", "lng": ""}, ""),
        ({"lat": "here", "lng": "there"}, ""),
    ],
)
def test_point_off_the_globe_is_refused_and_none_is_fine(
    client: TestClient, board: Board, point: dict[str, str], field: str
) -> None:
    status, page = send(client, at="", town="Log", by_hand="1", country="SI", **point)
    if field:
        assert (status, errors(page)) == (422, [field])
        return
    assert status == 303
    where = waits(board)[1].where
    assert (where.lat, where.lng) == (None, None)
    confirm(client, board, page)


@pytest.mark.parametrize("at", ["si/atlantis", "x", "/" * 140, "si/dropped"])
def test_town_that_is_gone_is_asked_back_and_no_word_is_lost(
    client: TestClient, board: Board, at: str
) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Bob"))
        conn.execute(towns.update().values(slug="dropped", standing="dropped"))
    status, html = send(client, at=at)
    assert status == 422
    assert "town" in errors(html)
    assert "The mine is winding down." in html
    assert 'name="town"' in html
    assert Form(html).fields.get("at", "") == ""


def test_town_without_a_word_of_it_is_asked_for(client: TestClient) -> None:
    status, html = send(client, at="", phone="041 234 567")
    # A local number can't be judged before the town is known.
    assert (status, errors(html)) == (422, ["town"])


def test_town_that_asks_already_says_that_nobody_is_alone(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        tell(conn, bob, vote(conn, bob))
    html = client.get("/tell?town=si/velenje").text
    assert "You're not alone. <bdi>Velenje</bdi> already has 1 vote and 1 story." in unescape(html)
    assert "not alone" not in client.get("/tell?town=fi/joensuu").text
    assert client.get("/tell?town=si/atlantis").status_code == 404


# --- every word survives --------------------------------------------------------------------

WHOLE = {
    **STORY,
    "how": "  In the library,\n\n\n“on Thursdays” & after <b>five</b>.  ",
    "own": "I came in 1998.",
    "title": "After the <i>shift</i>",
    "language": "sl",
    "phone": "041 234 567",
    "nearby": "1",
    "come": "1",
    "host": "1",
}


def test_preview_shows_the_story_and_sends_all_of_it(client: TestClient, board: Board) -> None:
    status, html = send(client, **WHOLE, preview="1")
    assert status == 200
    assert deliver(board) == []
    assert "<p>The mine is winding down.</p><p>We could learn together.</p>" in html
    assert "after &lt;b&gt;five&lt;/b&gt;." in html
    assert "After the &lt;i&gt;shift&lt;/i&gt;" in html
    assert "Would come, has a space" in html
    carried = Form(html).fields
    assert {name: carried.get(name) for name in WHOLE} == WHOLE
    assert client.post("/tell", data=carried, headers=HERE).status_code == 303
    row, wish = waits(board)
    assert board.keys.open("waiting.contact", row.contact) == ALICE
    assert wish == StoryWish(
        where=wish.where, name="Alice", language="sl", phone="+38641234567", nearby=True,
        offer=wish.offer, title="After the <i>shift</i>",
        why="The mine is winding down.\n\nWe could learn together.",
        how="In the library,\n\n\n“on Thursdays” & after <b>five</b>.", own="I came in 1998.",
    )  # fmt: skip
    assert wish.offer._asdict() == {
        "come": True, "facilitate": False, "host": True, "help": False,
    }  # fmt: skip


def test_change_after_the_preview_brings_the_form_back_filled(client: TestClient) -> None:
    _status, html = send(client, **WHOLE, preview="1")
    answer = client.post("/tell", data={**Form(html).fields, "change": "1"}, headers=HERE)
    assert answer.status_code == 200
    filled = Form(answer.text).fields
    assert {name: filled.get(name) for name in WHOLE} == WHOLE
    assert errors(answer.text) == []


def test_preview_makes_a_title_of_the_first_words(client: TestClient) -> None:
    _status, html = send(client, preview="1")
    assert Form(html).fields["title"] == "The mine is winding down"


MISTAKES: list[tuple[dict[str, str], list[str]]] = [
    ({"why": "", "how": "", "own": ""}, ["why"]),
    ({"why": " \r\n ", "how": "\u200b", "own": ""}, ["why"]),
    ({"why": "x" * 2_001}, ["why"]),
    ({"how": "x" * 2_001, "own": "y" * 2_001}, ["how", "own"]),
    ({"title": "x" * 121}, ["title"]),
    ({"name": ""}, ["name"]),
    ({"name": "x" * 41}, ["name"]),
    ({"email": "", "phone": ""}, ["email"]),
    ({"email": "alice@"}, ["email"]),
    ({"email": "x" * 250 + "@example.org"}, ["email"]),
    ({"phone": "12"}, ["phone"]),
    ({"email": "", "phone": "041 234"}, ["phone"]),
    ({"may_show": ""}, ["may_show"]),
    (
        {"name": "", "email": "", "phone": "", "may_show": "", "why": "", "how": "", "own": ""},
        ["why", "name", "email", "may_show"],
    ),
]


def test_mistake_is_said_at_its_field_and_every_word_is_kept(
    client: TestClient, board: Board
) -> None:
    for changes, fields in MISTAKES:
        typed = {**WHOLE, **changes}
        status, html = send(client, **typed)
        assert (status, sorted(errors(html))) == (422, sorted(fields))
        assert html.count('class="error-summary"') == 1
        again = Form(html).fields
        for name, value in typed.items():
            if value.strip(" \r\n\u200b"):
                kept = again.get(name, "").replace("\r\n", "\n")
                assert kept == value.replace("\r\n", "\n"), name
    assert rows(board, waitings) == []
    assert deliver(board) == []


def test_texts_of_full_length_fit_in_any_script(client: TestClient, board: Board) -> None:
    """2,000 Georgian letters in each prompt are 54,000 bytes on the wire."""
    long = "ქ" * 1_999 + "!"
    full = {"why": long, "how": long, "own": long, "title": "ა" * 120, "name": "ნ" * 40}
    assert send(client, **full, preview="1")[0] == 200
    status, page = send(client, **full)
    assert status == 303
    confirm(client, board, page)
    (story,) = rows(board, stories)
    assert (story.why, story.how, story.own) == (long, long, long)
    assert (story.title, story.name) == (full["title"], full["name"])


def test_line_breaks_of_browsers_count_once(client: TestClient) -> None:
    assert send(client, why="ab\r\n" * 500)[0] == 303


def test_body_over_the_limit_is_refused_before_it_is_read(client: TestClient) -> None:
    assert send(client, why="x" * 140_000)[0] == 413


def test_story_is_plain_text_with_links(client: TestClient, board: Board) -> None:
    why = "See www.example.org/a(b)\n<script>alert(1)</script> javascript:alert(1) mailto:x@y.org"
    _status, page = send(client, why=why)
    confirm(client, board, page)
    (story,) = rows(board, stories)
    assert story.why == why
    assert story.why_html.count("<a ") == 1
    assert 'href="https://www.example.org/a(b)"' in story.why_html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in story.why_html
    assert "alert(1)&lt;/script&gt; javascript:alert(1)" in client.get(f"/stories/{story.id}").text


@pytest.mark.parametrize(
    ("chosen", "kept"), [("sl", "sl"), ("", "en"), ("xx", "en"), ("<b>", "en")]
)
def test_story_is_written_in_a_language_on_offer(
    client: TestClient, board: Board, chosen: str, kept: str
) -> None:
    assert send(client, language=chosen)[0] == 303
    assert waits(board)[1].language == kept


def test_story_told_on_a_german_page_gets_a_german_mail(client: TestClient, board: Board) -> None:
    answer = client.post("/de/tell", data=STORY, headers=HERE)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/de/confirm/wait/")
    assert waits(board)[1].language == "de"
    assert "/de/confirm/" in deliver(board)[-1].text


# --- phone numbers --------------------------------------------------------------------------


PHONES = {
    ("si/velenje", "041 234 567"): "+38641234567",
    ("si/velenje", "+48 18 443 53 08"): "+48184435308",
    ("pl/nowy-sacz", "18 443 53 08"): "+48184435308",
    ("fi/joensuu", "040 123 4567"): "+358401234567",
    ("us/pittsburgh", "(412) 622-3114"): "+14126223114",
}


def test_phone_is_read_by_the_town_s_country(client: TestClient, board: Board) -> None:
    found = {}
    for at, typed in PHONES:
        status, page = send(client, at=at, email="", phone=typed)
        assert status == 303
        row = rows(board, waitings)[-1]
        assert row.channel == "phone"
        found[at, typed] = board.keys.open("waiting.contact", row.contact)
        assert f"…{found[at, typed][-3:]}" in client.get(page).text
    assert found == PHONES


def test_phone_beside_an_address_is_kept_with_it(client: TestClient, board: Board) -> None:
    _status, page = send(client, phone="041 234 567", come="1")
    confirm(client, board, page)
    kept = {row.kind: board.keys.open("contact.value", row.value) for row in rows(board, contacts)}
    assert kept == {"email": ALICE, "phone": "+38641234567"}


# --- who is remembered ----------------------------------------------------------------------


@pytest.fixture
def alice(client: TestClient, board: Board) -> TestClient:
    """Alice's browser: her vote in Velenje was confirmed there."""
    with board.database.transaction() as conn:
        key = board.keys.person_key(ALICE)
        vote(conn, person(conn, "Alice", key=key))
    remembered(board, client, "Alice")
    return client


def test_remembered_person_tells_at_once(alice: TestClient, board: Board) -> None:
    status, path = send(alice, email="Alice+board@example.org", come="1")
    (story,) = rows(board, stories)
    assert (status, path) == (303, f"/stories/{story.id}")
    assert alice.get(path).status_code == 200
    assert deliver(board) == []
    (town,) = rows(board, towns)
    assert (town.vote_count, town.come_count) == (1, 1)
    (kept,) = rows(board, contacts)
    assert board.keys.open("contact.value", kept.value) == "Alice+board@example.org"


def test_remembered_person_with_another_address_has_to_confirm_it(
    alice: TestClient, board: Board
) -> None:
    status, page = send(alice, email="bob@example.org")
    assert (status, page[:14]) == (303, "/confirm/wait/")
    assert rows(board, stories) == []
    confirm(alice, board, page)
    (story,) = rows(board, stories)
    (bob,) = [one for one in rows(board, people) if one.id == story.person_id]
    assert bob.key == board.keys.person_key("bob@example.org")
    assert rows(board, towns)[0].vote_count == 2


def test_remembered_person_comments_with_the_text_alone(alice: TestClient, board: Board) -> None:
    answer = alice.post(f"{TOWN}/comments", data={"text": "Me too."}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/comments/1")
    (comment,) = rows(board, comments)
    assert (comment.name, comment.visibility, comment.html) == ("Alice", "public", "<p>Me too.</p>")
    other = alice.post("/towns/fi/joensuu/comments", data={"text": "Here too."}, headers=HERE)
    assert other.status_code == 303
    # She has no vote there: a first comment waits for a look, and she sees it in its place.
    assert rows(board, comments)[1].visibility == "held"
    assert "Here too." in alice.get("/towns/fi/joensuu").text


def test_remembered_person_comments_under_a_story(alice: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        story_id = tell(conn, bob, vote(conn, bob))
    path = f"/stories/{story_id}"
    answer = alice.post(f"{path}/comments", data={"text": "Same here."}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/comments/1")
    assert "Same here." in alice.get(path).text
    assert alice.post("/stories/999/comments", data={"text": "x"}, headers=HERE).status_code == 404


def test_remembered_person_without_a_name_is_asked_for_it_alone(
    client: TestClient, board: Board
) -> None:
    remembered(board, client, "Alice")
    with board.database.transaction() as conn:
        conn.execute(people.update().values(name=""))
    answer = client.post(f"{TOWN}/comments", data={"text": "Me too."}, headers=HERE)
    assert answer.status_code == 200
    assert 'name="name"' in answer.text
    assert 'name="email"' not in answer.text
    assert "Me too." in answer.text
    form = {"text": "Me too.", "name": "Ali"}
    assert client.post(f"{TOWN}/comments", data=form, headers=HERE).status_code == 303
    assert rows(board, comments)[0].name == "Ali"


def test_remembered_person_who_offers_gives_an_address_once(
    alice: TestClient, board: Board
) -> None:
    offer = {"come": "1", "name": "Alice"}
    answer = alice.post(f"{TOWN}/vote", data=offer, headers=HERE)
    assert answer.status_code == 422
    assert "email" in errors(answer.text)
    answer = alice.post(f"{TOWN}/vote", data={**offer, "email": ALICE}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{TOWN}#vote")
    assert rows(board, towns)[0].come_count == 1
    # From now on we know how to reach her.
    host = {"host": "1", "name": "Alice"}
    assert alice.post("/towns/fi/joensuu/vote", data=host, headers=HERE).status_code == 303
    assert rows(board, towns)[1].host_count == 1
    assert deliver(board) == []


def test_remembered_person_who_offers_with_another_address_confirms_it(
    alice: TestClient, board: Board
) -> None:
    form = {"come": "1", "name": "Bob", "email": "bob@example.org"}
    answer = alice.post(f"{TOWN}/vote", data=form, headers=HERE)
    assert answer.headers["location"].startswith("/confirm/wait/")
    assert rows(board, towns)[0].come_count == 0


# --- strangers ------------------------------------------------------------------------------


def test_stranger_s_comment_keeps_its_words_through_every_step(
    client: TestClient, board: Board
) -> None:
    path, text = f"{TOWN}/comments", "I have a key\nto the <old> school."
    first = client.post(path, data={"text": text, "language": "sl"}, headers=HERE)
    assert first.status_code == 200
    assert errors(first.text) == []
    typed = Form(first.text, path).fields
    assert (typed["text"], typed["language"]) == (text, "sl")
    second = client.post(path, data={**typed, "name": "", "email": "bob@"}, headers=HERE)
    assert second.status_code == 422
    assert sorted(errors(second.text)) == ["email", "name"]
    typed = Form(second.text, path).fields
    assert typed["text"] == text
    third = client.post(
        path, data={**typed, "name": "Bob", "email": "bob@example.org"}, headers=HERE
    )
    assert third.status_code == 303
    confirm(client, board, third.headers["location"])
    (comment,) = rows(board, comments)
    assert (comment.text, comment.language, comment.name) == (text, "sl", "Bob")
    # Nobody counted his vote, so a moderator looks first.
    assert comment.visibility == "held"


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2_001])
def test_comment_without_words_or_with_too_many_is_asked_again(
    client: TestClient, text: str
) -> None:
    answer = client.post(f"{TOWN}/comments", data={"text": text}, headers=HERE)
    assert answer.status_code == 422
    assert "text" in errors(answer.text)
    assert text.strip() in answer.text


def test_vote_with_mistakes_is_asked_again(client: TestClient, board: Board) -> None:
    mistakes: list[tuple[dict[str, str], list[str]]] = [
        ({"email": ""}, ["email"]),
        ({"email": "bob@"}, ["email"]),
        ({"email": "bob@example.org", "come": "1"}, ["name"]),
        ({"email": "bob@example.org", "phone": "x"}, ["phone"]),
        ({"email": "bob@example.org", "name": "x" * 41}, ["name"]),
    ]
    for form, fields in mistakes:
        answer = client.post(f"{TOWN}/vote", data=form, headers=HERE)
        assert (answer.status_code, errors(answer.text)) == (422, fields)
        assert all(value in answer.text for value in form.values())
    assert rows(board, waitings) == []


def test_vote_button_of_a_stranger_begins_the_form(client: TestClient) -> None:
    answer = client.post(f"{TOWN}/vote", headers=HERE)
    assert answer.status_code == 200
    assert errors(answer.text) == []
    assert 'name="email"' in answer.text


def test_bare_vote_asks_no_name_and_carries_its_ticks(client: TestClient, board: Board) -> None:
    form = {"email": "bob@example.org", "nearby": "1"}
    assert client.post(f"{TOWN}/vote", data=form, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        sealed = conn.execute(select(waitings.c.payload)).scalar_one()
    wish = wishes.validate_json(board.keys.open("waiting.payload", sealed))
    assert isinstance(wish, VoteWish)
    assert (wish.name, wish.nearby, wish.offer.any) == ("", True, False)
    assert rows(board, votes) == []
