"""The queue by keyboard, in a real browser: letters press its buttons while the queue has the
focus, and not at all once they are switched off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from board.core import clock
from board.core.http import Board
from board.people.actions import open_session
from board.people.browser import new_secret
from board.stories.models import stories
from tests.desk.queueing import row_of
from tests.invented import person, tell, vote

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A browser with JavaScript."""
    return new_page()


@pytest.fixture
def told(board: Board, live: str, page: Page) -> list[int]:
    """Three stories wait before Mo, who has the queue open."""
    cookie, now = new_secret(), clock.now()
    with board.database.transaction() as conn:
        mo = person(conn, "Mo", role="moderator")
        until = now.replace(year=now.year + 1)
        open_session(conn, mo.id, cookie, desk=True, now=now, expires_at=until)
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        ids = [
            tell(conn, alice, town_id, title=title, visibility="held")
            for title in ("First", "Second", "Third")
        ]
    page.context.add_cookies([{"name": "board", "value": cookie, "url": live}])
    page.goto(f"{live}/staff/queue")
    page.wait_for_selector("[data-keys-help]:not([hidden])")
    return ids


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def states(board: Board, told: list[int]) -> list[str]:
    return [row_of(board, stories, one)["visibility"] for one in told]


def test_letters_work_through_the_queue_and_back(board: Board, page: Page, told: list[int]) -> None:
    page.keyboard.press("a")
    assert states(board, told) == ["held"] * 3
    page.focus(f"#story-{told[0]}")
    page.keyboard.press("j")
    assert focused(page) == f"story-{told[1]}"
    with page.expect_navigation():
        page.keyboard.press("a")
    page.wait_for_function(f"() => document.activeElement.id === 'story-{told[2]}'")
    # What goes needs a reason first: its choices open, and nothing is sent.
    page.keyboard.press("h")
    page.keyboard.press("Space")
    assert states(board, told) == ["held", "public", "held"]
    with page.expect_navigation():
        page.keyboard.press("h")
    page.wait_for_function(f"() => document.activeElement.id === 'story-{told[0]}'")
    assert states(board, told) == ["held", "public", "unlisted"]
    with page.expect_navigation():
        page.keyboard.press("u")
    page.wait_for_function(f"() => document.activeElement.id === 'story-{told[2]}'")
    assert states(board, told) == ["held", "public", "held"]


def test_letters_are_switched_off_for_this_browser(
    board: Board, page: Page, told: list[int]
) -> None:
    page.click(".queue-keys button")
    page.reload()
    page.wait_for_selector('.queue-keys button[aria-pressed="false"]')
    page.focus(f"#story-{told[0]}")
    for letter in "jatd":
        page.keyboard.press(letter)
    assert focused(page) == f"story-{told[0]}"
    assert states(board, told) == ["held"] * 3
