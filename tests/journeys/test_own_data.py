"""Topics and times after a vote, one's own page, being erased; on a phone without scripts, too."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from board.core.http import Board
from tests.journeys.walks import newest_mail, sideways_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TOWN = "/towns/si/velenje"
SCREENS = pytest.mark.parametrize(("width", "js"), [(1280, True), (390, False)])


@SCREENS
def test_from_vote_to_erasing(
    new_page: Callable[..., Page], board: Board, width: int, js: bool
) -> None:
    page = new_page(width=width, js=js)
    page.goto(f"{TOWN}/vote")
    page.get_by_role("textbox", name="E-mail").fill("ana@example.org")
    page.get_by_role("checkbox", name="I'd come").check()
    page.get_by_role("textbox", name="First name").fill("Ana")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the mail").fill(newest_mail(board).code)
    page.get_by_label("This is a shared computer").check()
    page.get_by_role("button", name="Count my vote").click()
    page.get_by_text("What would you like to learn? Which days?").click()
    page.get_by_role("textbox", name="What would you like to learn?").fill("English, Python")
    page.get_by_role("checkbox", name="Thursday evening").check()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("Kept: your topics and times")).to_be_visible()
    assert sideways_overflow(page) <= 0

    page.goto("/you")
    page.get_by_role("textbox", name="E-mail").fill("ana@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the mail").fill(newest_mail(board, beside=1).code)
    page.get_by_role("button", name="Show me what you know").click()
    expect(page.locator("main")).to_contain_text("English, Python")
    assert sideways_overflow(page) <= 0
    page.get_by_role("link", name=re.compile("Change my offer")).click()
    page.get_by_role("checkbox", name="I could facilitate").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#vote")).to_contain_text("You could facilitate.")
    with page.expect_download() as parcel:
        page.goto("/you")
        page.get_by_role("button", name="Take my data along").click()
    assert parcel.value.suggested_filename.endswith(".zip")

    page.get_by_role("link", name="Erase everything about me").click()
    page.get_by_role("button", name="Erase me").click()
    expect(page.get_by_text("Choose what becomes of your votes.").first).to_be_visible()
    assert sideways_overflow(page) <= 0
    page.get_by_label("Keep them as anonymous numbers").check()
    page.get_by_label(re.compile("Yes, erase everything")).check()
    page.get_by_role("button", name="Erase me").click()
    expect(page.get_by_role("heading", name="We've forgotten you.")).to_be_visible()
    page.goto(TOWN)
    expect(page.locator("#vote")).to_contain_text("1")
    expect(page.locator("#vote")).not_to_contain_text("Your vote counts.")
