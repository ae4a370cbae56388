"""A library evening in a real browser: slips are printed, scanned, used, and looked at again."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import segno
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from board.core import clock
from board.core.http import Board
from board.drawing.qr import QUIET
from board.people.actions import open_session
from tests.invented import person
from tests.journeys.walks import newest_mail, sideways_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TOWN = "/towns/si/velenje"
COOKIE = "the desk's cookie in this test, long"


@pytest.fixture
def desk(board: Board, new_page: Callable[..., Page]) -> Page:
    """Sue at the desk, on a phone without JavaScript."""
    now = clock.now()
    with board.database.transaction() as conn:
        sue = person(conn, "Sue", role="staff")
        until = now + timedelta(hours=1)
        open_session(conn, sue.id, COOKIE, desk=True, now=now, expires_at=until)
    page = new_page(width=390, js=False)
    cookie = {"name": "board", "value": COOKIE, "url": board.settings.base_url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


def print_slips(page: Page, count: int) -> list[str]:
    """Make a batch by hand; its codes, as they stand on the sheet."""
    page.goto("/staff/codes")
    page.get_by_label("Which town are they for?").fill("Velenje")
    page.get_by_label("How many slips?").fill(str(count))
    page.get_by_role("button", name="Make the slips").last.click()
    expect(page.locator("h1")).to_contain_text(f"{count} slips, batch")
    return page.locator(".slip-code").all_inner_texts()


def modules_of(square: Locator, side: int) -> list[list[int]]:
    """The dark and light modules of a drawn square, read off its picture as a scanner does."""
    picture = Image.open(io.BytesIO(square.screenshot())).convert("1", dither=Image.Dither.NONE)
    step = picture.width / (side + 2 * QUIET)
    middles = [int((place + QUIET + 0.5) * step) for place in range(side)]
    return [[int(not picture.getpixel((x, y))) for x in middles] for y in middles]


def test_square_in_the_picture_reads_as_the_slips_address(desk: Page, board: Board) -> None:
    code = print_slips(desk, 1)[0]
    address = f"{board.settings.base_url}/slip/{code}"
    matrix = segno.make(address, error="m", micro=False, boost_error=False).matrix
    desk.set_viewport_size({"width": 1280, "height": 900})
    square = desk.locator(".slip-qr")
    assert modules_of(square, len(matrix)) == [list(row) for row in matrix]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_sheet_prints_twelve_to_a_page(desk: Page, paper: str) -> None:
    print_slips(desk, 25)
    pdf = desk.pdf(format=paper, print_background=False)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 3
    desk.emulate_media(media="print")
    expect(desk.locator(".paper-notes")).to_be_hidden()
    desk.goto("/staff/codes/sheet?town=si/velenje")
    pdf = desk.pdf(format=paper, print_background=False)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_scanned_slip_votes_and_is_looked_at_again(
    desk: Page, new_page: Callable[..., Page]
) -> None:
    first, second, third = print_slips(desk, 3)
    page = new_page(width=390, js=False)
    page.goto(f"/slip/{first}")
    assert sideways_overflow(page) == 0
    page.get_by_role("button", name="Count my vote", exact=True).click()
    expect(page.locator("h1")).to_have_text("That makes 1. You're the first.")
    page.get_by_role("button", name="Take my vote back").click()
    expect(page.locator("h1")).to_have_text("Your vote is out of the count.")

    page.goto(TOWN + "/vote")
    page.get_by_text("Have a slip from your library?").click()
    page.get_by_label("Code on your slip").fill(f" {second.lower()} ")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.locator("h1")).to_contain_text("That makes 1")

    page.goto(f"/slip/{second}")
    page.get_by_text("Or say a word in the talk").click()
    page.get_by_label("Your words").fill("On Thursdays, please.")
    page.get_by_label("First name").last.fill("Zala")
    page.get_by_role("button", name="Post my comment").click()
    expect(page.get_by_label("Your words")).to_have_value("On Thursdays, please.")
    expect(page.locator(".error-summary")).to_contain_text("This slip was used already")

    page.goto(f"/slip/{third}")
    page.locator("main").get_by_role("link", name="Tell your story").click()
    page.get_by_label("Why is learning together needed where you live?").fill("To learn to fix.")
    page.get_by_role("textbox", name="First name").fill("Zala")
    page.get_by_label(re.compile("My first name and my story may appear")).check()
    page.get_by_role("button", name="Send my story").last.click()
    expect(page.locator("h1")).to_have_text("Waiting for a pair of eyes.")

    page.goto("/slip")
    page.get_by_label("Code on your slip").fill(third.replace("-", " "))
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("/you"))


def test_sheet_is_keyed_in_by_hand(desk: Page, board: Board) -> None:
    desk.goto("/staff/sheets?town=si/velenje")
    first = desk.get_by_role("group", name="Row 1", exact=True)
    first.get_by_label("First name").fill("Ana")
    first.get_by_label("E-mail, phone or slip code").fill("ana@example.org")
    first.get_by_label("I'd come").check()
    second = desk.get_by_role("group", name="Row 2", exact=True)
    second.get_by_label("E-mail, phone or slip code").fill("not a way")
    desk.get_by_role("button", name="Key these rows in").last.click()
    expect(desk.get_by_text("Row 1, Ana")).to_be_visible()
    expect(desk.locator(".key-row")).to_have_count(1)
    desk.get_by_label("E-mail, phone or slip code").fill("041 765 432")
    desk.get_by_role("button", name="Key these rows in").last.click()
    expect(desk.get_by_role("status")).to_contain_text("1 to call")
    assert "a library keyed it in" in newest_mail(board).text


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_of_slips_are_clean(
    desk: Page, board: Board, new_page: Callable[..., Page], width: int
) -> None:
    code = print_slips(desk, 1)[0]
    page = new_page(width=width)
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    paths = ["/slip", f"/slip/{code}", "/de/slip"]
    wrong = [found for path in paths for found in faults_of(page, path)]
    cookie = {"name": "board", "value": COOKIE, "url": board.settings.base_url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    paths = ["/staff/codes", "/staff/codes/1", "/staff/codes/sheet", "/staff/sheets",
             "/staff/codes/sheet?town=si/velenje"]  # fmt: skip
    wrong += [found for path in paths for found in faults_of(page, path)]
    assert wrong == []
    assert refused == []


def faults_of(page: Page, path: str) -> list[str]:
    page.goto(path)
    found = [f"{path}: {v['id']}" for v in Axe().run(page).response["violations"]]
    if sideways_overflow(page) > 0:
        found.append(f"{path}: wider than the screen")
    return found
