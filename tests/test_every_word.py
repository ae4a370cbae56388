"""No page, mail or refusal says a word that nobody can translate.

German is replaced by marked English (tests/marked.py) and every page is read in it: what stands
there without a mark is either data or was forgotten.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import httpx2
import pytest
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
from board.core.shell import Shell
from board.mail.letters import draw_letter
from board.pages.content import load_content
from board.people.actions import invite
from board.people.models import people
from board.stories.models import stories
from board.towns.models import towns
from board.updates.actions import Word, publish
from board.votes.rules import Offer
from tests.conftest import PLACES
from tests.invented import (
    HERE,
    JOENSUU,
    VELENJE,
    Person,
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
    "Thursdays suit me.", "A room for you.", "Spreadsheets", "The mine is winding down.",
    "The mine is winding down. We could learn together.", "We could learn together.",
    "SPF", "DKIM", "/staff", "#", "Tests", "Savinjska",
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
                told = [tell(conn, person(conn, "Maja"), town, why="A room for you.") for _ in "12345"]
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
