"""The table of towns in a browser: by keyboard, without JavaScript, clean with everything open."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from board.core import clock
from board.core.http import Board
from board.people.actions import open_session
from tests.invented import add_towns, person, row_of_town, vote
from tests.journeys.walks import sideways_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
COOKIE = "the desk's cookie in this test, long"


@pytest.fixture
def sit(board: Board, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Sue at the desk, in as many browsers as a test wants; five towns ask."""
    now = clock.now()
    with board.database.transaction() as conn:
        sue = person(conn, "Sue", role="staff")
        until = now + timedelta(hours=1)
        open_session(conn, sue.id, COOKIE, desk=True, now=now, expires_at=until)
        add_towns(
            conn,
            [
                row_of_town(n, name=f"Town {n}", vote_count=20 - n, country=("SI", "PL")[n % 2])
                for n in range(4)
            ],
        )
        vote(conn, person(conn, "Alice"))

    def open_page(**how: object) -> Page:
        page = new_page(**how)
        cookie = {"name": "board", "value": COOKIE, "url": board.settings.base_url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    return open_page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def test_towns_are_walked_ticked_and_opened_by_keys(sit: Callable[..., Page]) -> None:
    page = sit()
    page.goto("/staff")
    box = page.locator("[data-keys]")
    # Outside the table a letter is a letter.
    page.get_by_role("searchbox").press("j")
    expect(page.get_by_role("searchbox")).to_have_value("j")
    box.focus()
    for key, town in (("j", "Town 0"), ("j", "Town 1"), ("j", "Town 2"), ("k", "Town 1")):
        page.keyboard.press(key)
        assert focused(page) == town
    expect(page.locator(".row-marked")).to_contain_text("Town 1")
    page.keyboard.press("x")
    expect(page.locator("tbody tr").nth(1).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Control+j")
    assert focused(page) == "Town 1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/towns/*")


def test_keys_work_from_the_first_moment_and_never_while_somebody_chooses(
    sit: Callable[..., Page],
) -> None:
    page = sit()
    page.goto("/staff")
    expect(page.get_by_role("button", name="Keys on")).to_be_visible()
    page.keyboard.press("j")
    assert focused(page) == "Town 0"
    page.get_by_role("combobox").first.focus()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"


def test_keys_are_switched_off_and_stay_off(sit: Callable[..., Page]) -> None:
    page = sit()
    page.goto("/staff")
    switch = page.get_by_role("button", name="Keys on")
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.click()
    page.reload()
    expect(switch).to_have_attribute("aria-pressed", "false")
    page.locator("tbody th a").first.focus()
    page.keyboard.press("j")
    assert focused(page) == "Town 0"


def test_view_is_asked_kept_and_given_away_without_javascript(sit: Callable[..., Page]) -> None:
    page = sit(js=False, width=390)
    page.goto("/staff")
    page.locator("summary", has_text="Any country").click()
    page.get_by_role("checkbox", name="Poland").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("tbody th a")).to_have_text(["Town 1", "Town 3"])
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("checkbox", name="Votes", exact=True).uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("thead .cell-votes")).to_have_count(0)
    expect(page.locator("tbody th a")).to_have_count(2)
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("Name").fill("Polska")
    page.locator(".folders-keep").get_by_role("button", name="Save").click()
    expect(page.locator(".folder[aria-current]")).to_contain_text("Polska")
    page.get_by_role("checkbox", name="1: tick Town 1").check()
    page.locator("#owners").get_by_role("button", name="Save").click()
    expect(page.locator("tbody tr").first.locator(".cell-owner")).to_have_text("Sue")
    page.locator("tbody th a").first.click()
    expect(page.locator("h1")).to_have_text("Town 1")


def wrong_with(page: Page) -> list[str]:
    """Violations of WCAG 2.2 AA, and what sticks out sideways."""
    found = [f"{v['id']} {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"]]
    return [*found, *(["too wide"] if sideways_overflow(page) > 0 else [])]


@pytest.mark.parametrize("width", [1280, 390])
def test_table_is_clean_with_each_part_open(sit: Callable[..., Page], width: int) -> None:
    page = sit(width=width)
    page.goto("/staff?least=1&status=any&column=votes,trend,ready,help,rising,stories,population")
    assert wrong_with(page) == []
    for words in ("Columns", "More", "Save this view"):
        page.locator("summary", has_text=words).click()
        assert wrong_with(page) == [], words
        page.keyboard.press("Escape")
    page.goto("/staff/trends?country=SI")
    assert wrong_with(page) == []
