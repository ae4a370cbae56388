"""No page, mail or refusal says a word that nobody can translate.

German is replaced by marked English (tests/marked.py) and every page is read in it: what stands
there without a mark is either data or was forgotten.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx2
import pytest
from jinja2 import Environment
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from board.core import clock, language
from board.core.config import ROOT
from board.core.http import DRAWN_ERRORS, ERROR_HANDLERS, Board
from board.core.rendering import make_environment
from board.core.shell import Shell
from board.mail.letters import draw_letter
from board.pages.content import load_content
from board.people.actions import invite
from board.stories.models import stories
from board.towns.models import towns
from board.updates.actions import Word, publish
from board.votes.rules import Offer
from tests.conftest import PLACES
from tests.door.coming_in import at_the_door, digits, offered, taken_up
from tests.invented import (
    HERE,
    JOENSUU,
    VELENJE,
    add_circles,
    person,
    remembered,
    row_of_circle,
    say,
    tell,
    vote,
)
from tests.marked import LANGUAGE, MarkedWords, unmarked
from tests.post import deliver

TOWN = "/de/towns/si/velenje"
NAMES = {
    "In Your Town", "P2PU", "Maja", "Alice", "Bob", "Sue", "Mo", "Zgornja Vas", "A library",
    "Thursdays suit me.", "A room for you.", "A room for you", "Spreadsheets",
    "The mine is winding down.", "The mine is winding down. We could learn together.",
    "We could learn together.",
} | {word for place in PLACES for word in (place[1], place[4])}  # fmt: skip
STORY = {
    "geonames_id": str(VELENJE),
    "town": "Velenje",
    "why": "The mine is winding down. We could learn together.",
    "how": "Thursdays suit me.",
    "language": "en",
    "name": "Maja",
    "email": "maja@example.org",
    "come": "1",
    "may_show": "1",
}


@pytest.fixture(autouse=True)
def marked() -> Iterator[None]:
    """German is marked English for the length of a test."""
    before = language.catalogue(LANGUAGE)
    language.use_catalogue(LANGUAGE, MarkedWords())
    yield
    language.use_catalogue(LANGUAGE, before)


@pytest.fixture
def world(board: Board) -> Board:
    """Towns in every state, stories, a talk, circles, news and events."""
    board.content = load_content(ROOT / "content", demo_on=date(2026, 11, 22))
    now = clock.now()
    with board.database.transaction() as conn:
        sue = person(conn, "Sue", role="admin")
        for number, place in enumerate(sorted(place[0] for place in PLACES)):
            if place == JOENSUU:
                continue
            offer = Offer(come=True, facilitate=number % 2 == 0, host=number % 3 == 0)
            for voter in range(1 + number % 3):
                who = person(conn, f"Bob{voter}")
                town = vote(conn, who, place, offer=offer if voter else Offer(), nearby=True)
            if place == VELENJE:
                told = [
                    tell(conn, person(conn, "Maja"), town, why="A room for you.") for _ in "12345"
                ]
                say(conn, person(conn, "Alice"), town)
                say(conn, person(conn, "Alice"), town, story_id=told[0])
                for before, after, reason in (
                    ("asking", "talking", ""), ("talking", "not_now", "no_space"),
                ):  # fmt: skip
                    word = Word(town, before, after, reason, "We could learn together.", "en")
                    publish(conn, word, person_id=sue.id, name="Sue", now=now)
        row = 0
        for state in ("now", "soon", "finished"):
            for lat, lng in ((46.36, 15.12), (46.06, 14.51), (-18.1, 178.4)):
                row += 1
                circle = row_of_circle(row, lat, lng, state=state, title="Spreadsheets")
                add_circles(conn, [circle])
        add_circles(conn, [row_of_circle(99, online=True, title="Spreadsheets", starts_at="")])
    return board


def said(answer: httpx2.Response, status: int = 200) -> list[str]:
    """What an answer says without a mark, each with where it was found."""
    assert answer.status_code == status, answer.text[:2_000]
    return [f"{answer.url.path}: {words}" for words in unmarked(answer.text, NAMES)]


PAGES = [
    "/de", "/de/towns", "/de/towns?q=Velenje", "/de/towns?q=zzzz", "/de/towns?q=Joensuu",
    "/de/towns?layer=circles", "/de/towns?layer=circles&country=DE", "/de/towns?view=map",
    "/de/towns?sort=need&status=any", "/de/towns?near=46.4,15.1", "/de/towns?status=planned",
    "/de/towns?country=SI&language=en&circle=none", "/de/towns?at=46.3,15.1,9&view=map",
    TOWN, "/de/towns/fi/joensuu", "/de/towns/fj/suva", "/de/towns/pl/elk", f"{TOWN}/vote",
    "/de/towns/fi/joensuu/vote", "/de/tell", "/de/tell?town=si/velenje",
    "/de/tell?town=fi/joensuu", "/de/stories", "/de/stories?q=zzzz", "/de/stories/1",
    "/de/stories?language=en", "/de/about", "/de/start", "/de/partner", "/de/guidelines",
    "/de/privacy", "/de/how-we-count", "/de/news", "/de/events", "/de/staff/sign-in",
]  # fmt: skip


def test_reading_pages_say_only_what_can_be_translated(world: Board, client: TestClient) -> None:
    wrong = [words for path in PAGES for words in said(client.get(path))]
    assert "\n".join(wrong) == ""


def test_suggestions_say_only_what_can_be_translated(world: Board, client: TestClient) -> None:
    for asked in ("vel", "elk", "zzzz"):
        answer = client.get("/de/towns/suggest", params={"q": asked})
        found = answer.json()
        texts = [found["said"], *(str(text) for one in found["places"] for text in one.values())]
        assert [words for text in texts for words in unmarked(text, NAMES)] == []


def test_news_and_events_say_only_what_can_be_translated(world: Board, client: TestClient) -> None:
    content = world.content
    now = datetime(2026, 11, 22, tzinfo=UTC)
    paths = [f"/de/news/{post.slug}" for post in content.news("de")]
    paths += [f"/de/events/{event.slug}" for event in content.upcoming_events("de", now)]
    assert len(paths) > 3
    wrong = [words for path in paths for words in said(client.get(path))]
    assert "\n".join(wrong) == ""


def test_empty_board_says_only_what_can_be_translated(client: TestClient) -> None:
    paths = ("/de", "/de/towns", "/de/towns?layer=circles", "/de/stories", "/de/news", "/de/events")
    wrong = [words for path in paths for words in said(client.get(path))]
    assert "\n".join(wrong) == ""


# --- a resident's way -----------------------------------------------------------------------


def send(client: TestClient, path: str, **form: str) -> httpx2.Response:
    """Send a form of ours."""
    return client.post(path, data=form, headers=HERE)


def ask(client: TestClient, path: str, **form: str) -> str:
    """Send a form as somebody new; the address of the page they wait on."""
    answer = send(client, path, **form)
    assert answer.status_code == 303, answer.text[:2_000]
    return str(answer.headers["location"])


def test_telling_says_only_what_can_be_translated(world: Board, client: TestClient) -> None:
    by_hand = {**STORY, "geonames_id": "", "town": "Zgornja Vas", "by_hand": "1"}
    wrong = [
        *said(send(client, "/de/tell"), 422),
        *said(send(client, "/de/tell", **{**STORY, "email": "maja@", "may_show": ""}), 422),
        *said(send(client, "/de/tell", **{**STORY, "email": "", "phone": "12", "name": ""}), 422),
        *said(send(client, "/de/tell", **{**STORY, "geonames_id": "", "town": "zzzz"}), 422),
        *said(send(client, "/de/tell", **{**STORY, "geonames_id": "", "town": "el"}), 422),
        *said(send(client, "/de/tell", **by_hand), 422),
        *said(send(client, "/de/tell", **{**STORY, "title": "x" * 200, "why": "x" * 3_000}), 422),
        *said(send(client, "/de/tell", **STORY, preview="1")),
        *said(send(client, "/de/tell", **STORY, change="1")),
        *said(send(client, "/de/tell", **{**by_hand, "country": "SI"}, preview="1")),
    ]
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize(
    ("kind", "path", "form"),
    [
        ("vote", f"{TOWN}/vote", {"email": "bob@example.org"}),
        ("vote", "/de/towns/fi/joensuu/vote", {"email": "bob@example.org"}),
        ("vote", f"{TOWN}/vote", {"phone": "+38640123456"}),
        ("story", "/de/tell", STORY),
        ("story", "/de/tell", {**STORY, "email": "", "phone": "+38640123456"}),
        ("comment", f"{TOWN}/comments",
         {"text": "Thursdays suit me.", "name": "Bob", "email": "bob@example.org"}),
        ("comment", "/de/stories/1/comments",
         {"text": "Thursdays suit me.", "name": "Bob", "phone": "+38640123456"}),
    ],
)  # fmt: skip
def test_confirming_says_only_what_can_be_translated(
    world: Board, client: TestClient, kind: str, path: str, form: dict[str, str]
) -> None:
    page = ask(client, path, **form)
    wrong = said(client.get(page))
    if form.get("email"):
        mail = deliver(world)[-1]
        wrong += [
            *said(client.get(ask(client, f"{page}/again"))),
            *said(client.get(mail.link)),
            *said(send(client, mail.link), 422),
            *said(send(client, page, code="000000" if mail.code != "000000" else "111111"), 422),
        ]
        assert send(client, page, code=mail.code).status_code == 303
        wrong += [*said(client.get(page)), *said(client.get(mail.link))]
    assert "\n".join(wrong) == ""


def test_changing_ones_mind_says_only_what_can_be_translated(
    world: Board, client: TestClient
) -> None:
    first = ask(client, f"{TOWN}/vote", email="eve@example.org")
    send(client, first, code=deliver(world)[-1].code, shared="1")
    again = ask(client, f"{TOWN}/vote", email="eve@example.org")
    also = ask(client, "/de/towns/fi/joensuu/vote", email="eve@example.org", come="1", name="Bob")
    link = deliver(world)[-1].link
    wrong = said(client.get(link))
    send(client, again, code=deliver(world)[-2].code, shared="1")
    wrong += said(client.get(again))
    with world.database.snapshot() as conn:
        town = conn.execute(select(towns.c.id).where(towns.c.name == "Velenje")).scalar_one()
    send(client, "/de/take-back", town_id=str(town), page=first.rpartition("/")[2])
    wrong += [*said(client.get(first)), *said(client.get(also))]
    assert "\n".join(wrong) == ""


def test_asking_who_says_it_says_only_what_can_be_translated(
    world: Board, client: TestClient
) -> None:
    wrong = [
        *said(send(client, f"{TOWN}/comments", text="Thursdays suit me.")),
        *said(send(client, f"{TOWN}/comments", text=""), 422),
        *said(send(client, "/de/stories/1/comments", text="Thursdays suit me.", email=""), 422),
        *said(send(client, f"{TOWN}/vote", email="bob@", come="1"), 422),
        *said(send(client, f"{TOWN}/vote", email="", phone="12"), 422),
        *said(send(client, "/de/partner", organisation="A library"), 422),
        *said(send(client, "/de/partner", organisation="A library", town="el"), 422),
    ]
    assert "\n".join(wrong) == ""


def test_remembered_resident_reads_only_what_can_be_translated(
    world: Board, client: TestClient
) -> None:
    maja = remembered(world, client, "Maja")
    with world.database.transaction() as conn:
        town = vote(conn, maja, offer=Offer(True, True, True, True), nearby=True)
        held = tell(conn, maja, town, visibility="held", why="A room for you.")
        hidden = tell(conn, maja, town, visibility="unlisted", why="A room for you.")
        say(conn, maja, town, visibility="held")
    paths = [
        "/de", TOWN, f"{TOWN}/vote", "/de/towns/fi/joensuu", "/de/towns/fi/joensuu/vote",
        f"/de/stories/{held}", f"/de/stories/{hidden}", "/de/stories/1", "/de/tell",
    ]  # fmt: skip
    wrong = [words for path in paths for words in said(client.get(path))]
    wrong += said(send(client, "/de/towns/fi/joensuu/vote", come="1"), 422)
    assert "\n".join(wrong) == ""


# --- the desk -------------------------------------------------------------------------------


@pytest.fixture
def queue(world: Board, client: TestClient) -> Board:
    """A world where something of every kind waits for a person."""
    ask(client, f"{TOWN}/vote", phone="+38640123456", come="1", help="1", name="Bob")
    ask(client, "/de/tell", **{**STORY, "email": "", "phone": "+38640123457", "name": "Bob"})
    by_hand = {"by_hand": "1", "country": "SI", "lat": "46.4", "lng": "15.1"}
    page = ask(client, "/de/tell", **{**STORY, **by_hand, "geonames_id": "", "town": "Zgornja Vas"})
    send(client, page, code=deliver(world)[-1].code, shared="1")
    letter = {"organisation": "A library", "town": "Velenje", "message": "A room for you."}
    thanks = ask(client, "/de/partner", **letter, name="Alice", email="alice@example.org")
    assert "\n".join(said(client.get(thanks))) == ""
    with world.database.transaction() as conn:
        alice = person(conn, "Alice")
        town = vote(conn, alice)
        tell(conn, alice, town, visibility="held", why="A room for you.", how="Thursdays suit me.")
        say(conn, alice, town, visibility="held", story_id=1)
    return world


def test_desk_says_only_what_can_be_translated(queue: Board, client: TestClient) -> None:
    remembered(queue, client, "Sue", role="admin")
    with queue.database.snapshot() as conn:
        ids = conn.execute(select(towns.c.id)).scalars().all()
        held = conn.execute(select(stories.c.id).where(stories.c.visibility == "held")).scalars()
        story = str(held.first())
    paths = ["/de/staff", "/de/staff?q=zzzz", "/de/staff?sort=need&order=up", "/de/staff/queue"]
    paths += [f"/de/staff/towns/{number}" for number in ids]
    wrong = [words for path in paths for words in said(client.get(path))]
    judged = {"subject": "story", "subject_id": story}
    word = {"seen": "asking", "status": "not_now", "text": "", "language": "en"}
    wrong += [
        *said(send(client, "/de/staff/queue", **judged, act="delete"), 422),
        *said(send(client, "/de/staff/queue", subject="story", subject_id="999", act="keep"), 404),
        *said(send(client, "/de/staff/queue", subject="call", subject_id="999", act="drop"), 409),
        *said(send(client, f"/de/staff/towns/{ids[0]}", **word), 422),
        *said(send(client, f"/de/staff/towns/{ids[0]}", **{**word, "seen": "planned"}), 409),
    ]
    assert "\n".join(wrong) == ""


def test_empty_desk_says_only_what_can_be_translated(board: Board, client: TestClient) -> None:
    remembered(board, client, "Mo", role="moderator")
    wrong = [*said(client.get("/de/staff/queue")), *said(client.get("/de/staff"), 403)]
    remembered(board, client, "Sue", role="admin")
    wrong += said(client.get("/de/staff"))
    assert "\n".join(wrong) == ""


def test_door_of_the_desk_says_only_what_can_be_translated(
    board: Board, client: TestClient
) -> None:
    with board.database.transaction() as conn:
        email = board.keys.seal("invitation.email", "sue@example.org")
        for role in ("moderator", "organiser", "staff", "admin"):
            invite(conn, f"token-{role}", email, role, now=clock.now())
    page = ask(client, "/de/staff/sign-in", email="sue@example.org")
    wrong = [
        *said(send(client, "/de/staff/sign-in", email="sue@"), 422),
        *said(client.get(f"/de{page}")),
        *said(send(client, f"/de{page}", code="000000"), 422),
        *said(send(client, "/de/staff/invitation/token-staff", name=""), 422),
        *said(client.get("/de/staff/invitation/nothing"), 410),
    ]
    for role in ("moderator", "organiser", "staff", "admin"):
        wrong += said(client.get(f"/de/staff/invitation/token-{role}"))
    assert "\n".join(wrong) == ""


def test_second_key_says_only_what_can_be_translated(board: Board, client: TestClient) -> None:
    taken_up(client, board)
    door = "/de/staff/door"
    wrong = [*said(client.get(f"{door}/set-up")), *said(send(client, f"{door}/set-up"), 422)]
    offer = offered(client)
    form = {"offer": offer.token, "code": digits(offer.seed)}
    answer = send(client, f"{door}/set-up", **form)
    wrong += said(answer)
    wrong += said(client.get("/de/staff/seat"))
    wrong += said(send(client, "/de/staff/seat", act="app"), 409)
    wrong += said(send(client, "/de/staff/seat/app"), 422)
    at_the_door(client, board)
    wrong += [*said(client.get(door)), *said(send(client, door, code="x"), 422)]
    wrong += said(send(client, door, paper="x"), 422)
    for _ in range(4):
        answer = send(client, door, code="x")
    wrong += said(answer, 429)
    # The seed and the codes for the paper are nobody's words.
    chance = re.compile(r"(?:[A-Z2-7]{4} ?){8}|[0-9A-Z]{5}-[0-9A-Z]{5}")
    assert [line for line in wrong if not chance.fullmatch(line.partition(": ")[2])] == []


def test_people_of_the_desk_say_only_what_can_be_translated(
    board: Board, client: TestClient
) -> None:
    remembered(board, client, "Sue", role="admin")
    form = {"email": "mo@example.org", "role": "moderator", "language": "en"}
    assert send(client, "/de/staff/people", **form).status_code == 303
    with board.database.transaction() as conn:
        ids = [person(conn, name, role=role).id for name, role in (("Mo", "moderator"),
               ("Alice", "organiser"), ("Bob", "staff"))]  # fmt: skip
    pages = [client.get("/de/staff/people"), *(client.get(f"/de/staff/people/{n}") for n in ids)]
    wrong = [words for page in pages for words in said(page)]
    wrong += said(send(client, "/de/staff/people", email="x", role="x", language="x"), 422)
    wrong += said(send(client, f"/de/staff/people/{ids[1]}", act="town", town="zzzz"), 422)
    form = {"act": "role", "seen": "admin", "role": "staff"}
    wrong += said(send(client, f"/de/staff/people/{ids[2]}", **form), 409)
    # Addresses, links, and what a language calls itself.
    assert [line for line in wrong if not re.search(r"@example|http://|: English$", line)] == []


# --- refusals and mails ---------------------------------------------------------------------


def test_refusals_say_only_what_can_be_translated(world: Board, client: TestClient) -> None:
    with world.database.transaction() as conn:
        conn.execute(update(stories).where(stories.c.id == 1).values(visibility="unlisted"))
    wrong = [
        *said(client.get("/de/nobody-lives-here"), 404),
        *said(client.get("/de/towns/si/nowhere"), 404),
        *said(client.get("/de/stories/999"), 404),
        *said(client.get("/de/stories/1"), 410),
        *said(client.get("/de/confirm/nothing"), 410),
        *said(client.get("/de/confirm/wait/nothing"), 410),
        *said(client.get("/de/take-back"), 405),
        *said(client.post(f"{TOWN}/vote", data={}, headers={"sec-fetch-site": "cross-site"}), 403),
        *said(send(client, "/de/take-back", town_id="1"), 403),
        *said(send(client, "/de/tell", why="x" * 200_000), 413),
    ]
    assert "\n".join(wrong) == ""


def test_every_error_page_says_only_what_can_be_translated(board: Board) -> None:
    async def refuse(request: Request) -> Response:
        raise HTTPException(request.path_params["status"])

    app = Starlette(
        routes=[Route("/{status:int}", refuse)], exception_handlers=dict(ERROR_HANDLERS)
    )
    app.state.board = board
    client = TestClient(Shell(app, secure=False))
    wrong = [
        words
        for status in sorted(DRAWN_ERRORS)
        for words in said(client.get(f"/de/{status}"), status)
    ]
    assert "\n".join(wrong) == ""


def test_mails_say_only_what_can_be_translated() -> None:
    pages = make_environment(ROOT / "templates", build="test")
    kinds = [("confirm", about) for about in ("vote", "story", "comment")]
    wrong = [
        f"{kind} ({about}): {words}"
        for kind, about in [*kinds, ("sign_in", ""), ("invitation", ""), ("test", "")]
        for town in ("Velenje", "")
        for words in unmarked_in_mail(pages, kind, {"kind": about, "town": town})
    ]
    assert "\n".join(wrong) == ""


def unmarked_in_mail(pages: Environment, kind: str, more: dict[str, str]) -> list[str]:
    """What subject, text and HTML of a mail say without a mark."""
    values = {
        "code": "123456", "link": "https://board.example.org/de/confirm/x", "code_minutes": 30,
        "link_hours": 24, "days": 7, "site_name": "In Your Town",
        "home_url": "https://board.example.org",
        "support_email": "support@example.org", **more,
    }  # fmt: skip
    letter = draw_letter(
        pages,
        kind,
        LANGUAGE,
        values,
        sender=("In Your Town", "board@example.org"),
        recipient="bob@example.org",
        message_id="<1@example.org>",
    )
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    texts = [str(letter["Subject"]), *plain.get_content().splitlines(), html.get_content()]
    return [words for text in texts for words in unmarked(text, NAMES)]


# --- templates, whether or not a page above went through them ---------------------------------


def test_no_template_holds_words_outside_of_gettext() -> None:
    env = make_environment(ROOT / "templates", build="test")
    files = [file for file in (ROOT / "templates").rglob("*.*") if file.parent.name != "dev"]
    wrong = [
        f"{file.name}: {words}"
        for file in sorted(files)
        for words in unmarked(own_text(env, file.read_text(encoding="utf-8")), NAMES)
        if words not in IN_TAGS
    ]
    assert len(files) > 80
    assert wrong == []


# Macros that write attributes look like text, because the tag around them is the caller's.
IN_TAGS = {
    '="" aria-describedby="" aria-invalid="true"',
    '=""button button- button- button-wide',
    'lang=""',
}


def own_text(env: Environment, source: str) -> str:
    """What a template itself writes: no expressions, no comments, nothing inside `trans`."""
    written, block, translated = [], "", False
    for _line, kind, value in env.lex(source):
        if kind == "block_begin":
            block = "?"
        elif kind == "name" and block == "?":
            block = value
            translated = value == "trans" or (translated and value != "endtrans")
        elif kind == "data" and not translated:
            written.append(value)
    return "".join(written)


# --- the reader itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>⟦Back to <bdi>Velenje</bdi>⟧</p>", []),
        ("<p>⟦Votes⟧ stay open</p>", ["stay open"]),
        ("<p>⟦a⟧ <b>since ⟦b⟧</b></p>", ["since"]),
        ("<title>⟦Stories⟧ · In Your Town</title>", []),
        ("<title>Stories · In Your Town</title>", ["Stories · In Your Town"]),
        ("<img src='/x.svg' alt='A table'>", ["A table"]),
        ("<input placeholder='⟦Town⟧' aria-label='Town name' value='typed'>", ["Town name"]),
        ("<button data-busy='Sending…' data-module='busy'>⟦Send⟧</button>", ["Sending…"]),
        ("<meta name='description' content='Every town'>", ["Every town"]),
        ("<select><option value='1'>Any country</option></select>", ["Any country"]),
        ("<p lang='sl'>Knjižnica zapre</p><p lang='de'>closes early</p>", ["closes early"]),
        ("<svg><title>On the map</title><text>12</text></svg>", ["On the map"]),
        ("<p>Slowenien · 12,5 km · vor 3 Tagen · 16. November 2026 · Dienstag</p>", []),
    ],
)
def test_reader_names_what_is_neither_marked_nor_data(html: str, found: list[str]) -> None:
    assert unmarked(html, NAMES) == found
