"""Every page as a browser sees it: no violation, no overflow, no refused script, small enough."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import Connection

from board.comments.actions import Saying, add_comment
from board.core import clock
from board.core.config import Settings
from board.core.http import Board
from board.people.actions import open_session, remember
from board.people.models import people
from board.stories.actions import submit_story
from board.stories.rules import Telling
from board.taking_part.rules import terms_of
from board.towns.actions import found_town
from board.updates.actions import Word, publish
from board.votes.actions import Ballot, cast_vote
from board.votes.rules import Offer
from tests.journeys.walks import sideways_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PUBLIC = [
    "/", "/towns", "/towns?q=zzzz", "/towns?layer=circles", "/towns?view=map", "/towns/si/velenje",
    "/towns/fi/joensuu", "/towns/si/velenje/vote", "/tell", "/stories", "/stories/1", "/about",
    "/start", "/partner", "/guidelines", "/privacy", "/how-we-count", "/news", "/events",
    "/talk", "/talk?talk=newest", "/towns/si/velenje?reply=1", "/report/story/1",
    "/report/comment/1", "/report/comment/1?sent=1", "/nobody-lives-here", "/staff/sign-in", "/de",
    "/de/tell", "/de/towns/si/velenje", "/record", "/you", "/slip", "/follow?town=si/velenje",
]  # fmt: skip
DESK = [
    "/staff", "/staff/trends", "/staff/queue", "/staff/towns/1", "/staff/talk",
    "/staff/talk?town=1", "/staff/seat", "/staff/seat/app", "/staff/people", "/staff/people/9",
    "/staff/tasks", "/staff/record", "/staff/hints", "/staff/held", "/staff/replies", "/staff/mail",
    "/staff/codes", "/staff/sheets", "/staff/towns/1/votes", "/staff/towns/1/merge",
    "/staff/towns/1/people", "/staff/towns/1/write", "/staff/towns/1/hand-over", "/staff/updates/1",
]  # fmt: skip
COOKIE = "a cookie for tests, thirty-two letters"


@pytest.fixture
def world(board: Board) -> Board:
    """A town with a life: votes, stories, a talk, a word of P2PU, somebody at the desk."""
    with board.database.transaction() as conn:
        fill(conn, board.settings)
    return board


def fill(conn: Connection, settings: Settings) -> None:
    need = terms_of(settings).need
    town = found_town(conn, 3189075, NOW)
    for number in range(8):
        key = f"person{number}".encode()
        person = remember(conn, key, name=f"Maja{number}", language="sl", now=NOW)
        offer = Offer(come=number % 2 == 0, facilitate=number == 1)
        cast_vote(conn, Ballot(town, key, person, "Maja", number < 5, offer), need=need, now=NOW)
        telling = Telling(f"Maja{number}", "", "sl", "Knjižnica zapre ob šestih, vprašanja ne.")
        visibility = "held" if number > 5 else "public"
        submit_story(conn, telling, town_id=town, person_id=person, visibility=visibility, now=NOW)
        saying = Saying(town, None, "Peter", "en", "Would it be in Slovenian? www.example.org")
        add_comment(conn, saying, person_id=person, staff=False, visibility=visibility, now=NOW)
    sue = remember(conn, b"sue", name="Sue", language="en", now=NOW)
    conn.execute(people.update().where(people.c.id == sue).values(role="admin"))
    word = Word(town, "asking", "talking", "", "We spoke with the **library**.", "en")
    publish(conn, word, person_id=sue, name="Sue", now=NOW)
    until = datetime(2100, 1, 1, tzinfo=UTC)
    open_session(conn, sue, COOKIE, desk=True, now=clock.now(), expires_at=until)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_public_pages_are_clean(world: Board, new_page: Callable[..., Page], width: int) -> None:
    page = new_page(width=width)
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    wrong = [found for path in PUBLIC for found in look_at(page, path, axe=width != 320)]
    assert wrong == []
    assert [text for text in refused if "404" not in text] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_desk_pages_are_clean(world: Board, new_page: Callable[..., Page], width: int) -> None:
    page = new_page(width=width)
    cookie = {"name": "board", "value": COOKIE, "url": world.settings.base_url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    assert [found for path in DESK for found in look_at(page, path, axe=True)] == []


def look_at(page: Page, path: str, *, axe: bool) -> list[str]:
    """What is wrong with a page: violations of WCAG 2.2 AA, and what sticks out sideways."""
    page.goto(path)
    wrong = []
    if (px := sideways_overflow(page)) > 0:
        wrong.append(f"{path} is {px} px too wide")
    if axe:
        found = Axe().run(page).response["violations"]
        wrong += [f"{path}: {v['id']} {v['nodes'][0]['target']}" for v in found]
    return wrong


@pytest.mark.parametrize(("path", "most_kb"), [("/towns/si/velenje", 60), ("/towns", 200)])
def test_first_visit_is_small(
    world: Board, new_page: Callable[..., Page], path: str, most_kb: int
) -> None:
    page = new_page(width=390)
    weight = {"fonts": 0, "rest": 0}

    def weigh(request: object) -> None:
        sizes = request.sizes()  # type: ignore[attr-defined]
        kind = "fonts" if request.url.endswith(".woff2") else "rest"  # type: ignore[attr-defined]
        weight[kind] += sizes["responseBodySize"] + sizes["responseHeadersSize"]

    page.on("requestfinished", weigh)
    page.goto(path, wait_until="networkidle")
    assert weight["rest"] <= most_kb * 1024
    assert weight["fonts"] <= 90 * 1024


def test_pages_print_without_furniture(world: Board, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto("/towns/si/velenje")
    page.emulate_media(media="print")
    assert not page.locator("header.header").is_visible()
    assert page.get_by_role("heading", name="Velenje", exact=True).is_visible()
