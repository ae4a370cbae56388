"""The town picker as people meet it: suggestions, the field, the list, with and without JS."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import Connection, update
from starlette.testclient import TestClient

from board.core import clock
from board.core.config import ROOT
from board.core.db import Database
from board.core.http import Board
from board.core.language import speaking
from board.core.rendering import make_environment
from board.towns.actions import found_town
from board.towns.models import towns
from board.towns.place_queries import find_places
from board.towns.suggestions import how_many_fit, suggestion_of, where_it_lies

NOWY_SACZ = 763166


@pytest.fixture
def asked_town(database: Database) -> None:
    with database.transaction() as conn:
        town_id = found_town(conn, NOWY_SACZ, clock.now())
        counts = {"vote_count": 12, "story_count": 3}
        conn.execute(update(towns).where(towns.c.id == town_id).values(**counts))


# --- suggestions ----------------------------------------------------------------------------


def test_suggestions_are_ready_to_show(client: TestClient, asked_town: None) -> None:
    answer = client.get("/towns/suggest?q=nowy")
    assert answer.json() == {
        "said": "1 place fits.",
        "places": [
            {
                "id": NOWY_SACZ,
                "name": "Nowy Sącz",
                "where": "Lesser Poland, Poland",
                "asked": "12 votes, 3 stories",
                "company": "You're not alone. In Nowy Sącz so far: 12 votes, 3 stories. Add yours.",
                "path": "/towns/pl/nowy-sacz",
            }
        ],
    }


def test_suggestions_may_be_kept_and_set_no_cookie(client: TestClient) -> None:
    answer = client.get("/towns/suggest?q=elk")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in answer.headers


def test_suggestions_speak_the_language_of_the_page(client: TestClient) -> None:
    place = client.get("/de/towns/suggest?q=nowy").json()["places"][0]
    assert place["where"] == "Lesser Poland, Polen"
    assert place["path"] == "/de/towns/pl/nowy-sacz"


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=qqqq", "?q=%00", "?q=%ff%fe", "?country=PL", "?q=" + "x" * 5_000]
)
def test_suggestions_for_nothing_are_none(client: TestClient, query: str) -> None:
    answer = client.get(f"/towns/suggest{query}")
    assert (answer.status_code, answer.json()["places"]) == (200, [])


def test_suggestions_are_small(world: Connection) -> None:
    for text in ("s", "москва", "東京", "san", "القاهرة"):
        shown = [suggestion_of(place)._asdict() for place in find_places(world, text, limit=6)]
        assert len(str(shown).encode()) < 2_000


def test_place_without_votes_says_nobody_yet(world: Connection) -> None:
    shown = suggestion_of(find_places(world, "elk")[0])
    assert (shown.asked, shown.company) == ("nobody yet", "")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("elk", "Warmińsko-Mazurskie, Poland"),
        ("berlin", "Germany"),
        ("singapore", "Singapore"),
        ("boston ma", "Massachusetts, United States"),
    ],
)
def test_where_a_place_lies_says_nothing_twice(world: Connection, text: str, where: str) -> None:
    assert where_it_lies(find_places(world, text)[0]) == where


def test_count_is_spoken_in_the_right_number() -> None:
    said = [how_many_fit(count) for count in (0, 1, 6)]
    assert said == ["We know no place of this name.", "1 place fits.", "6 places fit."]


# --- the field without JavaScript -----------------------------------------------------------


def draw(source: str, **values: object) -> str:
    env = make_environment(ROOT / "templates", build="test")
    head = '{% from "towns/_picker.html" import choices, picker %}'
    with speaking("en"):
        return env.from_string(head + source).render(**values)


def test_field_is_a_plain_labelled_text_field() -> None:
    html = draw('{{ picker("town", "Your town", "<Elk>", {}, "Type it.") }}')
    assert '<label class="label" for="field-town">Your town</label>' in html
    assert 'value="&lt;Elk&gt;"' in html
    assert 'aria-describedby="hint-town"' in html
    assert 'role="combobox"' not in html


def test_field_points_to_its_error() -> None:
    html = draw('{{ picker("town", "Your town", errors={"town": "Which one?"}) }}')
    assert 'aria-describedby="error-town"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="error-town"' in html


def test_choices_are_radios_with_what_each_town_has(database: Database, asked_town: None) -> None:
    with database.snapshot() as conn:
        found = [suggestion_of(place) for place in find_places(conn, "elk")]
        found += [suggestion_of(place) for place in find_places(conn, "nowy")]
    html = draw('{{ choices(found, "Elk", value) }}', found=found, value=NOWY_SACZ)
    assert f"{len(found)} places fit “Elk”. Which one is yours?" in html
    assert f'name="geonames_id" value="{NOWY_SACZ}" checked' in html
    assert html.count('type="radio"') == len(found)
    assert "12 votes, 3 stories" in html


# --- the list with JavaScript ---------------------------------------------------------------

FORM = """
<!doctype html><html lang="en"><head><title>Try</title>
<link rel="stylesheet" href="/static/{{ build }}/css/tokens.css">
<link rel="stylesheet" href="/static/{{ build }}/css/base.css">
<link rel="stylesheet" href="/static/{{ build }}/css/components.css">
<link rel="stylesheet" href="/static/{{ build }}/css/picker.css">
<script type="module" src="/static/{{ build }}/js/app.js"></script></head><body><main><h1>Try</h1>
<form>{{ picker("town", "Which town?", hint="Type three letters.", go=go) }}
<details><summary>Not in the list?</summary><label><input type="checkbox" name="by_hand"> As typed
</label><label>Country <select name="country"><option>FJ</option></select></label></details>
</form></main></body></html>
"""


@pytest.fixture
def open_form(new_page: Callable[..., Page], board: Board, asked_town: None) -> Callable[..., Page]:
    def opened(*, go: bool = False, **more: object) -> Page:
        html = draw(FORM, build=board.pages.globals["build"], go=go)

        def answer(route: Route) -> None:
            route.fulfill(body=html, content_type="text/html")

        page = new_page(**more)
        page.route("**/try-the-picker", answer)
        page.goto("/try-the-picker")
        return page

    return opened


def values_of(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.locator("form").evaluate(
        "form => Object.fromEntries(new FormData(form))"
    )
    return found


def field(page: Page) -> Locator:
    return page.get_by_label("Which town?")


@pytest.mark.browser
def test_typing_shows_a_list_to_choose_from_by_keyboard(open_form: Callable[..., Page]) -> None:
    page = open_form()
    field(page).press_sequentially("elk")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_contain_text("Ełk")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(options.last).to_contain_text("Not in the list?")
    expect(field(page)).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"[2-9] places fit\."))
    city = page.get_by_role("option", name="Elk City")
    while city.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    expect(field(page)).to_have_attribute("aria-activedescendant", str(city.get_attribute("id")))
    page.keyboard.press("Enter")
    assert values_of(page) == {
        "town": "Elk City, Oklahoma, United States",
        "geonames_id": "4534928",
        "country": "FJ",
    }
    expect(page.get_by_role("button", name="Another town")).to_be_focused()


@pytest.mark.browser
def test_escape_closes_the_list_and_keeps_the_text(open_form: Callable[..., Page]) -> None:
    page = open_form()
    field(page).press_sequentially("elk")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field(page)).to_have_attribute("aria-expanded", "false")
    assert values_of(page) == {"town": "elk", "country": "FJ"}


@pytest.mark.browser
def test_town_with_votes_is_company_and_can_be_changed(open_form: Callable[..., Page]) -> None:
    page = open_form(width=390)
    field(page).press_sequentially("nowy sa")
    page.get_by_role("option", name="Nowy Sącz").click()
    expect(page.locator(".picker-company")).to_contain_text("12 votes, 3 stories")
    page.get_by_role("button", name="Another town").click()
    expect(field(page)).to_be_focused()
    assert "geonames_id" not in values_of(page)


@pytest.mark.browser
def test_town_that_is_not_listed_is_sent_as_typed(open_form: Callable[..., Page]) -> None:
    page = open_form()
    field(page).press_sequentially("Nukuleka")
    expect(page.get_by_role("status")).to_have_text("We know no place of this name.")
    page.get_by_role("option", name="Not in the list?").click()
    assert values_of(page) == {"town": "Nukuleka", "by_hand": "on", "country": "FJ"}
    expect(page.get_by_label("Country")).to_be_focused()


@pytest.mark.browser
def test_search_field_opens_the_chosen_town(open_form: Callable[..., Page]) -> None:
    page = open_form(go=True)
    field(page).press_sequentially("velen")
    page.get_by_role("option", name="Velenje").wait_for()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/towns/si/velenje")


@pytest.mark.browser
def test_failing_suggestions_leave_a_plain_field(open_form: Callable[..., Page]) -> None:
    page = open_form()
    page.route("**/towns/suggest*", lambda route: route.abort())
    with page.expect_request("**/towns/suggest*"):
        field(page).press_sequentially("elk")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert values_of(page) == {"town": "elk", "country": "FJ"}


@pytest.mark.browser
def test_without_javascript_the_text_is_sent(open_form: Callable[..., Page]) -> None:
    page = open_form(js=False)
    field(page).fill("Elk")
    page.keyboard.press("Enter")
    page.wait_for_url("**/try-the-picker?**")
    assert "town=Elk" in page.url
