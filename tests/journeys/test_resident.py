"""A resident's way in a real browser: wide and narrow, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from board.core.http import Board
from tests.journeys.walks import newest_mail

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TOWN = "/towns/si/velenje"
SCREENS = pytest.mark.parametrize(
    ("width", "js"), [(1280, True), (390, True), (1280, False), (390, False)]
)


def type_code(page: Page, board: Board, button: str, *, beside: int = 0) -> None:
    page.get_by_label("Code from the mail").fill(newest_mail(board, beside=beside).code)
    page.get_by_role("button", name=button).click()


@SCREENS
def test_tell_a_story_from_the_home_page(
    new_page: Callable[..., Page], board: Board, width: int, js: bool
) -> None:
    page = new_page(width=width, js=js)
    page.goto("/tell")
    page.get_by_label("Which town is it about?").fill("nowy sacz")
    if js:
        page.get_by_role("option", name=re.compile("Nowy Sącz")).click()
    page.get_by_label("Why is learning together needed where you live?").fill(
        "Our library closes at six.\n\nOur questions do not. www.example.org"
    )
    page.get_by_role("textbox", name="First name").fill("Wiktoria")
    page.get_by_label("E-mail").fill("wiktoria@example.org")
    page.get_by_label(re.compile("My first name and my story may appear")).check()
    page.get_by_role("button", name="Send my story").click()
    type_code(page, board, "Send my story")
    expect(page.locator("main")).to_contain_text(re.compile("pair of eyes|read", re.I))
    page.goto("/towns/pl/nowy-sacz")
    expect(page.get_by_text("Only you see this yet").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("Our questions do not.")
    stranger = new_page(width=width, js=js)
    stranger.goto("/towns/pl/nowy-sacz")
    expect(stranger.locator("main")).not_to_contain_text("Our questions do not.")
    expect(stranger.locator("#vote")).to_contain_text("1")


@SCREENS
def test_vote_take_back_and_be_forgotten(
    new_page: Callable[..., Page], board: Board, width: int, js: bool
) -> None:
    page = new_page(width=width, js=js)
    page.goto(TOWN)
    page.get_by_role("link", name="I want this here").first.click()
    page.get_by_label("E-mail").fill("bob@example.org")
    page.get_by_role("button", name="Send me a code").click()
    type_code(page, board, "Count my vote")
    expect(page.get_by_text("That makes 1.")).to_be_visible()
    page.goto(TOWN)
    page.get_by_role("button", name=re.compile("take.*back", re.I)).first.click()
    expect(page.locator("#vote")).to_contain_text("0")
    page.goto("/")
    page.get_by_role("button", name="Forget me on this computer").click()
    assert page.context.cookies() == []


@SCREENS
def test_comment_by_somebody_new_keeps_the_words(
    new_page: Callable[..., Page], board: Board, width: int, js: bool
) -> None:
    page = new_page(width=width, js=js)
    page.goto(TOWN)
    page.get_by_label("Add to the conversation").fill("The fire brigade hall has heating.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("textarea")).to_have_value("The fire brigade hall has heating.")
    page.get_by_role("textbox", name="First name").fill("Sanela")
    page.get_by_label("E-mail").fill("sanela@example.org")
    page.get_by_role("button", name=re.compile("code", re.I)).click()
    type_code(page, board, "Post my comment")
    page.goto(TOWN)
    expect(page.locator("#talk")).to_contain_text("The fire brigade hall has heating.")


@SCREENS
def test_link_in_the_mail_shows_and_its_button_acts(
    new_page: Callable[..., Page], board: Board, width: int, js: bool
) -> None:
    page = new_page(width=width, js=js)
    page.goto(f"{TOWN}/vote")
    page.get_by_label("E-mail").fill("bob@example.org")
    page.get_by_role("button", name="Send me a code").click()
    link = newest_mail(board).link
    phone = new_page(width=390, js=js)
    for _ in range(3):
        phone.goto(link)
    stranger = new_page(width=390, js=False)
    stranger.goto(TOWN)
    expect(stranger.locator("#vote")).not_to_contain_text("Your vote")
    phone.get_by_role("button", name="Yes, that's mine").click()
    expect(phone.get_by_text("That makes 1.")).to_be_visible()


def test_mistakes_are_summed_up_and_nothing_is_lost(new_page: Callable[..., Page]) -> None:
    page = new_page(width=390)
    page.goto("/tell")
    page.get_by_label("Why is learning together needed where you live?").fill("Because.")
    page.get_by_label("E-mail").fill("wiktoria@example")
    page.get_by_role("button", name="Send my story").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value("wiktoria@example")
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    summary.get_by_role("link").last.click()
    expect(page.locator("main")).to_contain_text("Everything you wrote is still here.")


def test_keyboard_alone_finds_a_town_and_votes(new_page: Callable[..., Page], board: Board) -> None:
    page = new_page()
    page.goto("/tell")
    page.get_by_label("Which town is it about?").focus()
    page.keyboard.type("joen")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".picker-chosen")).to_contain_text("North Karelia")
    page.goto("/towns/fi/joensuu/vote")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.get_by_label("E-mail").focus()
    page.keyboard.type("bob@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code from the mail")).to_be_visible()
    page.get_by_label("Code from the mail").focus()
    page.keyboard.type(newest_mail(board).code)
    page.keyboard.press("Enter")
    expect(page.get_by_text("That makes 1.")).to_be_visible()
