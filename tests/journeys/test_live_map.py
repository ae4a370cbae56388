"""The live map in a real browser: by mouse, keys and touch, calm, narrow, and without scripts."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from board.core.http import Board
from tests.invented import add_circles, add_towns, row_of_circle, row_of_town
from tests.journeys.walks import sideways_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Open = Callable[..., Page]
SLOVENIA = "/towns?at=46.2,15,7"
SCREENS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def world(board: Board) -> Board:
    """Towns and circles in Slovenia, two towns far away, and Fiji on both sides of the line."""
    with board.database.transaction() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, name="Velenje", lat=46.36, lng=15.11, vote_count=86),
                row_of_town(2, name="Treviso", lat=45.67, lng=12.24, country="IT", vote_count=12),
                row_of_town(3, name="Ptuj", lat=46.42, lng=15.87, vote_count=41),
                row_of_town(4, name="Joensuu", lat=62.6, lng=29.76, country="FI", vote_count=74),
                row_of_town(5, name="Suva", lat=-18.14, lng=178.44, country="FJ", vote_count=9),
                row_of_town(6, name="Taveuni", lat=-16.8, lng=-179.97, country="FJ", vote_count=3),
            ],
        )
        add_circles(
            conn,
            [
                row_of_circle(1, 46.06, 14.51),
                row_of_circle(2, 45.8, 15.17, state="soon"),
                row_of_circle(3, 45.25, 13.6, state="finished"),
                row_of_circle(4, -18.6, -178.8),
            ],
        )
    return board


@pytest.fixture
def wide(world: Board, new_page: Open) -> Page:
    """A desktop without anything in the way."""
    return new_page()


def alive(page: Page, path: str) -> Page:
    """The page once its map is alive."""
    page.goto(path)
    page.locator(".map[data-ready]").wait_for()
    return page


def pin(page: Page, words: str) -> Locator:
    """The marker that says this; of several copies the one that Tab comes by."""
    return page.locator(f'.pin-button[tabindex="0"][aria-label*="{words}"]')


def left(marker: Locator) -> float:
    """Where a marker begins on the screen."""
    box = marker.bounding_box()
    assert box
    return box["x"]


def said(page: Page) -> Locator:
    """What the map says aloud."""
    return page.locator("[data-said]")


def rows(page: Page) -> list[str]:
    return page.locator("#list .town-row-name").all_inner_texts()


def touch(page: Page, way: list[list[tuple[float, float]]]) -> None:
    """Fingers that go along these places, and leave."""
    hand = page.context.new_cdp_session(page)
    for step, fingers in enumerate(way):
        kind = "touchMove" if step else "touchStart"
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(fingers)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(20)
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)


@SCREENS
def test_map_is_complete_and_clean(world: Board, new_page: Open, width: int) -> None:
    page = new_page(width=width)
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    alive(page, "/towns?view=map&at=46.2,15,7" if width == 390 else SLOVENIA)
    pin(page, "Velenje").click()
    expect(page.locator("[data-popup] .town-card-name")).to_have_text("Velenje")
    # What turned its colour on the way has its own by now.
    page.wait_for_timeout(400)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert sideways_overflow(page) <= 0
    assert refused == []


def test_markers_stand_in_the_order_of_the_list(wide: Page) -> None:
    alive(wide, SLOVENIA)
    names = wide.locator('.pin-button[tabindex="0"]').evaluate_all(
        "(all) => all.map((one) => one.getAttribute('aria-label'))"
    )
    assert names == [
        "Velenje, Slovenia: 86 votes, asking",
        "Ptuj, Slovenia: 41 votes, asking",
        "Treviso, Italy: 12 votes, asking",
        *(one.get_attribute("data-name") for one in wide.locator("#list .rows-item").all()),
    ]
    boxes = [one.bounding_box() for one in wide.locator(".pin-button").all()]
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)


def test_keys_alone_move_open_and_come_back(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.locator(".map-skip").focus()
    wide.keyboard.press("Tab")
    stage = wide.locator(".map-stage")
    expect(stage).to_be_focused()
    expect(stage).to_have_attribute("aria-describedby", "towns-map-help")
    wide.keyboard.press("Tab")
    expect(pin(wide, "Velenje")).to_be_focused()
    # Pointing at it by Tab marks its row.
    expect(wide.locator('li[data-thing="town-1"]')).to_have_class(re.compile("town-row-selected"))
    wide.keyboard.press("Enter")
    card = wide.get_by_role("dialog", name=re.compile("Velenje"))
    expect(card).to_be_focused()
    expect(pin(wide, "Velenje")).to_have_attribute("aria-label", re.compile("selected"))
    wide.keyboard.press("Tab")
    expect(wide.locator("[data-popup] [data-close]")).to_be_focused()
    wide.keyboard.press("Escape")
    expect(pin(wide, "Velenje")).to_be_focused()
    expect(pin(wide, "selected")).to_have_count(0)
    wide.keyboard.press("-")
    expect(said(wide)).to_contain_text("3 towns asking and 3 circles")
    assert ",6," in wide.url
    wide.keyboard.press("ArrowRight")
    wide.keyboard.press("ArrowRight")
    wide.wait_for_url(re.compile(r"at=46\.\d+,2\d\.\d+,6,"))


def test_focus_survives_what_becomes_one_marker(wide: Page) -> None:
    alive(wide, SLOVENIA)
    pin(wide, "Ptuj").focus()
    for _step in range(4):
        wide.keyboard.press("-")
        wide.wait_for_timeout(400)
    expect(wide.locator(".map-stage")).to_be_focused()
    several = pin(wide, "zoom in").first
    several.focus()
    wide.keyboard.press("Enter")
    expect(wide.locator(".map-stage")).to_be_focused()
    expect(said(wide)).to_contain_text("in this part of the map")


def test_skip_link_leads_past_the_markers(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.locator(".map-skip").focus()
    wide.keyboard.press("Enter")
    expect(wide.locator("#towns-map-end")).to_be_focused()


def test_list_follows_and_agrees_with_the_map(wide: Page) -> None:
    alive(wide, "/towns?view=map")
    expect(wide.get_by_label("List follows the map")).to_be_checked()
    wide.get_by_role("button", name="Whole world").click()
    before = rows(wide)
    assert len(before) == 6
    alive(wide, SLOVENIA)
    wide.get_by_role("button", name="Zoom in").click()
    expect(wide.locator(".explore-found")).to_contain_text("2 towns are asking in this part")
    assert rows(wide) == ["Velenje", "Ptuj"]
    assert re.search(r"at=46\.2\d*,1[45][.\d]*,8,\d+x\d+", wide.url)
    expect(said(wide)).to_contain_text("2 towns asking and")
    expect(wide.locator("[data-layer=towns] b")).to_have_text("2")
    # Sorting keeps the place, and the link is a page of its own.
    assert "at=46" in (wide.get_by_role("link", name="Newest").get_attribute("href") or "")
    wide.reload()
    wide.locator(".map[data-ready]").wait_for()
    assert rows(wide) == ["Velenje", "Ptuj"]
    expect(pin(wide, "Velenje")).to_have_count(1)


def test_list_stays_when_it_is_told_to(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.get_by_text("List follows the map").click()
    address = wide.url
    wide.get_by_role("button", name="Zoom in").click()
    expect(said(wide)).to_contain_text("2 towns asking")
    assert len(rows(wide)) == 3
    assert wide.url == address
    wide.reload()
    expect(wide.get_by_label("List follows the map")).not_to_be_checked()


def test_rows_and_markers_point_at_each_other(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.get_by_role("link", name="Ptuj").hover()
    lit = wide.locator(".pin-lit .pin-button")
    expect(lit).to_have_attribute("aria-label", re.compile("Ptuj"))
    wide.locator('li[data-thing="circle-2"] a').first.focus()
    expect(lit).to_have_attribute("aria-label", re.compile("Circle 2"))
    pin(wide, "Circle 1,").hover()
    expect(wide.locator('li[data-thing="circle-1"]')).to_have_class(re.compile("town-row-selected"))
    pin(wide, "Circle 1,").click()
    expect(wide.get_by_role("dialog")).to_contain_text("Circle 1")
    expect(wide.locator('li[data-thing="circle-1"]')).to_be_in_viewport()


@SCREENS
def test_card_that_opens_below_the_screen_comes_into_it(
    world: Board, new_page: Open, width: int
) -> None:
    page = new_page(width=width, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 700})
    alive(page, "/towns?view=map&at=46.2,15,7")
    pin(page, "Velenje").click()
    for part in (".town-card-name", ".town-card-ways a >> nth=0"):
        expect(page.locator(f"[data-popup] {part}")).to_be_in_viewport(ratio=1)
    expect(pin(page, "Velenje")).to_be_in_viewport()


def test_dragging_moves_the_map_and_opens_nothing(wide: Page) -> None:
    alive(wide, SLOVENIA)
    box = pin(wide, "Velenje").bounding_box()
    assert box
    x, y = box["x"] + 20, box["y"] + 20
    wide.mouse.move(x, y)
    wide.mouse.down()
    wide.mouse.move(x - 150, y + 40, steps=8)
    wide.mouse.up()
    wide.wait_for_url(re.compile("at=46"))
    expect(wide.get_by_role("dialog")).to_have_count(0)
    moved = pin(wide, "Velenje").bounding_box()
    assert moved
    assert moved["x"] < box["x"] - 100
    pin(wide, "Velenje").click()
    expect(wide.get_by_role("dialog")).to_contain_text("Velenje")


def drag(page: Page, right: float, down: float) -> None:
    """Take the map by its sea and let it go elsewhere."""
    box = page.locator(".map-stage").bounding_box()
    assert box
    x, y = box["x"] + 60, box["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=6)
    # Held for a moment, so that it doesn't glide on.
    page.wait_for_timeout(150)
    page.mouse.up()


def test_back_leads_to_the_view_before(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.wait_for_url(re.compile(r",7,\d+x\d+$"))
    wide.evaluate("window.stayed = true")
    first, place = wide.url, left(pin(wide, "Velenje"))
    drag(wide, 250, 0)
    wide.wait_for_url(lambda url: url != first)
    expect(pin(wide, "Ptuj")).to_have_count(0)
    expect(wide.locator("#list .town-row-name")).to_have_text(["Velenje", "Treviso"])
    second = wide.url
    wide.wait_for_timeout(1_600)
    wide.get_by_role("button", name="Zoom out").click()
    wide.wait_for_url(re.compile(",6,"))
    wide.go_back()
    wide.wait_for_url(second)
    expect(wide.locator("#list .town-row-name")).to_have_text(["Velenje", "Treviso"])
    wide.go_back()
    wide.wait_for_url(first)
    expect(pin(wide, "Ptuj")).to_have_count(1)
    expect(wide.locator("#list .town-row-name")).to_have_text(["Velenje", "Ptuj", "Treviso"])
    assert abs(left(pin(wide, "Velenje")) - place) <= 2
    wide.go_forward()
    wide.wait_for_url(second)
    expect(pin(wide, "Ptuj")).to_have_count(0)
    assert wide.evaluate("window.stayed") is True


def test_back_leads_to_the_first_view_which_has_no_address(wide: Page) -> None:
    alive(wide, "/towns")
    place = left(pin(wide, "towns").first)
    for _step in range(3):
        wide.locator(".map-stage").press("ArrowRight")
    wide.wait_for_url(re.compile("at="))
    # Steps that follow each other fast are one way.
    assert wide.evaluate("history.length") == 3
    wide.locator(".map-skip").focus()
    wide.keyboard.press("Enter")
    wide.wait_for_url(re.compile("#towns-map-end"))
    wide.go_back()
    wide.go_back()
    wide.wait_for_url(re.compile("/towns$"))
    expect(wide.locator("#list .town-row-name")).to_have_count(6)
    wide.wait_for_timeout(300)
    assert abs(left(pin(wide, "towns").first) - place) <= 2


def test_back_brings_a_layer_back(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.locator("[data-layer=towns] label").click()
    expect(wide.locator("#list .town-row")).to_have_count(0)
    wide.go_back()
    expect(wide.locator("[data-layer=towns] input")).to_be_checked()
    expect(pin(wide, "Velenje")).to_have_count(1)
    expect(wide.locator("#list .town-row")).to_have_count(3)


def test_window_of_another_size_is_no_move(wide: Page) -> None:
    alive(wide, "/towns")
    steps = wide.evaluate("history.length")
    wide.set_viewport_size({"width": 1200, "height": 760})
    wide.wait_for_timeout(800)
    assert wide.url.endswith("/towns")
    alive(wide, SLOVENIA + "&after=12~7")
    wide.set_viewport_size({"width": 1280, "height": 700})
    size = wide.locator(".map-stage").evaluate("(one) => `${one.clientWidth}x${one.clientHeight}`")
    wide.wait_for_url(re.compile(rf"at=[^&]*,7,{size}&after=12"))
    # A map that isn't shown shows no nothing.
    before = wide.url
    wide.set_viewport_size({"width": 600, "height": 700})
    wide.wait_for_timeout(800)
    assert wide.url == before
    assert wide.evaluate("history.length") == steps + 1


def test_filters_carry_along_what_the_map_was_told(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.locator("[data-layer=towns] label").click()
    expect(wide.locator(".filters [name=layer]")).to_have_value("circles")
    # Now somebody is about to ask: what they typed stays.
    wide.locator("#q").fill("circle")
    wide.locator("[data-layer=libraries] label").click()
    expect(wide.locator(".filters [name=libraries]")).to_have_value("1")
    expect(wide.locator("#q")).to_have_value("circle")
    wide.locator("#q").press("Enter")
    wide.wait_for_url(re.compile("(?=.*libraries=1)(?=.*q=circle)(?=.*layer=circles)"))


def test_edge_of_the_world_is_counted_once(world: Board, new_page: Open) -> None:
    with world.database.transaction() as conn:
        add_circles(conn, [row_of_circle(5, 64.4, -180.0)])
    page = alive(new_page(), "/towns?at=0,0,1")
    expect(page.locator("[data-layer=now] b")).to_have_text("3")
    alone = page.locator('.pin-button[tabindex="0"]').evaluate_all(
        "(all) => all.filter((one) => one.dataset.thing === 'circle-5').length"
    )
    assert alone <= 1


def test_wheel_moves_the_page_until_the_map_has_the_focus(wide: Page) -> None:
    alive(wide, SLOVENIA)
    stage = wide.locator(".map-stage")
    stage.hover(position={"x": 300, "y": 60})
    wide.mouse.wheel(0, 120)
    wide.wait_for_timeout(400)
    assert wide.evaluate("scrollY") > 50
    assert ",7," in wide.url or wide.url.endswith(",7")
    stage.click(position={"x": 300, "y": 300})
    wide.mouse.wheel(0, -240)
    wide.wait_for_url(re.compile(r",(8|9|10),\d+x"))


def test_layers_switch_without_a_reload(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.evaluate("window.stayed = true")
    wide.locator("[data-layer=towns] label").click()
    expect(pin(wide, "Velenje")).to_have_count(0)
    expect(pin(wide, "Circle 1")).to_have_count(1)
    expect(wide.locator("#list .town-row")).to_have_count(0)
    assert "layer=circles" in wide.url
    expect(wide.get_by_role("heading", level=1)).to_have_text("Find a circle")
    wide.locator("[data-layer=finished] label").click()
    expect(pin(wide, "Circle 3")).to_have_count(0)
    expect(pin(wide, "Circle 1")).to_have_count(1)
    wide.locator("[data-layer=towns] input").press("Space")
    expect(pin(wide, "Velenje")).to_have_count(1)
    expect(wide.locator("#list .town-row")).to_have_count(3)
    assert "layer=" not in wide.url
    assert wide.evaluate("window.stayed") is True


def test_world_goes_on_past_the_antimeridian(wide: Page) -> None:
    alive(wide, "/towns?at=-17.5,179.5,6")
    suva, taveuni, circle = (left(pin(wide, name)) for name in ("Suva", "Taveuni", "Circle 4"))
    # A degree is 45 px here: Taveuni lies east of Suva, not at the other end of the world.
    assert 50 < taveuni - suva < 90
    assert 100 < circle - suva < 160
    assert rows(wide) == ["Suva", "Taveuni"]
    stage = wide.locator(".map-stage")
    stage.focus()
    wide.keyboard.press("ArrowRight")
    wide.wait_for_url(re.compile("at=-17[^,]*,-17"))
    expect(pin(wide, "Suva")).to_have_count(1)
    expect(wide.locator(".explore-found")).to_contain_text("2 towns")


def test_every_copy_of_the_world_has_its_markers(wide: Page) -> None:
    wide.set_viewport_size({"width": 1900, "height": 900})
    alive(wide, "/towns?at=30,10,1,934x820")
    drawn = wide.locator('.pin-button[aria-label*="Joensuu"], .pin-button[aria-label*="towns"]')
    assert drawn.count() > wide.locator('.pin-button[tabindex="0"]').count()
    expect(said(wide)).to_be_empty()
    expect(wide.locator("[data-layer=towns] b")).to_have_text("6")


def test_calm_screens_see_no_motion(world: Board, new_page: Open) -> None:
    page = new_page(reduced_motion="reduce")
    alive(page, SLOVENIA)
    page.get_by_role("button", name="Zoom in").click()
    assert page.locator(".leaflet-zoom-anim").count() == 0
    page.locator(".map-stage").press("ArrowUp")
    assert page.locator(".leaflet-pan-anim").count() == 0


def test_thumb_opens_a_card_and_one_finger_moves_the_page(world: Board, new_page: Open) -> None:
    page = new_page(width=390, has_touch=True, is_mobile=True)
    alive(page, "/towns?view=map&at=46.2,15,7")
    address = page.url
    expect(page.locator("details.map-key")).not_to_have_attribute("open", "")
    box = page.locator(".map-stage").bounding_box()
    assert box
    x, y = box["x"] + 180, box["y"] + 250
    touch(page, [[(x, y - 15 * step)] for step in range(11)])
    assert page.evaluate("scrollY") > 100
    assert page.url == address
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    touch(page, [[(x - 40 - 6 * step, y), (x + 40 + 6 * step, y)] for step in range(11)])
    page.wait_for_url(re.compile(r"at=[^&]*,8,390x"))
    assert page.evaluate("visualViewport.scale") == 1
    pin(page, "Velenje").tap()
    expect(page.get_by_role("dialog")).to_contain_text("Velenje")
    page.locator("[data-close]").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_list_of_a_phone_fetches_no_map(world: Board, new_page: Open) -> None:
    page = new_page(width=390)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto("/towns", wait_until="networkidle")
    assert [url for url in fetched if "leaflet" in url or "world-" in url or "/map/" in url] == []


@SCREENS
def test_without_scripts_the_still_map_has_the_links(
    world: Board, new_page: Open, width: int
) -> None:
    page = new_page(width=width, js=False)
    page.goto("/towns?view=map&at=46.2,15,7,640x560")
    marker = page.locator("a.map-marker:visible", has_text="Circle 3")
    expect(marker).to_have_attribute("href", re.compile("/signup/3/"))
    expect(page.get_by_role("link", name="Zoom in", exact=True)).to_be_visible()
    expect(page.locator("[data-follow]")).to_be_hidden()


def test_map_stays_still_where_leaflet_does_not_come(world: Board, new_page: Open) -> None:
    page = new_page()
    page.route("**/leaflet.js", lambda route: route.abort())
    page.goto(SLOVENIA)
    page.wait_for_timeout(500)
    expect(page.locator("a.map-marker:visible", has_text="Velenje")).to_have_count(1)


@pytest.mark.parametrize("failure", ["offline", "broken"])
def test_map_stays_still_where_its_first_tiles_do_not_come(
    world: Board, new_page: Open, failure: str
) -> None:
    page = new_page()
    fail = (lambda route: route.abort()) if failure == "offline" else _broken
    page.route("**/map/7/*/*", fail)
    page.goto(SLOVENIA)
    page.wait_for_timeout(800)
    expect(page.locator("a.map-marker:visible", has_text="Velenje")).to_have_count(1)
    expect(page.locator("[data-layer=towns] a")).to_have_count(1)
    expect(page.locator(".map-stage")).to_have_count(0)
    page.get_by_role("link", name="Zoom in", exact=True).click()
    expect(page.locator(".map[data-ready]")).to_have_count(1)


def _broken(route: Route) -> None:
    route.fulfill(status=500, body="")


def test_still_land_lies_under_the_markers_until_ours_is_drawn(wide: Page) -> None:
    held: list[Route] = []
    wide.route("**/world-*.json", lambda route: held.append(route))
    alive(wide, SLOVENIA)
    still = wide.locator(".leaflet-still-pane .map-land")
    expect(still).to_be_visible()
    wide.wait_for_timeout(300)
    for route in held:
        route.continue_()
    expect(still).to_have_count(0)
    expect(wide.locator("canvas.leaflet-tile-loaded").first).to_be_visible()


def test_own_land_stands_in_for_an_operators_pictures(world: Board, new_page: Open) -> None:
    page = new_page()

    def with_pictures(route: Route) -> None:
        html = route.fetch().text()
        own = '"tilesUrl": "/pictures/{z}/{x}/{y}.png", "credit": "Somebody"'
        route.fulfill(body=html.replace('"tilesUrl": ""', own), content_type="text/html")

    page.route("**/towns?*", with_pictures, times=1)
    page.route("**/pictures/**", _broken)
    alive(page, SLOVENIA)
    expect(page.locator("canvas.leaflet-tile-loaded").first).to_be_visible()
    expect(page.locator(".map-credit")).to_have_count(0)


def test_list_that_does_not_come_says_so_until_it_comes(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.route("**/towns?*", lambda route: route.abort())
    wide.get_by_role("button", name="Zoom in").click()
    anew = wide.get_by_role("link", name="The list didn't come along with the map. Load it anew.")
    expect(anew).to_have_attribute("href", re.compile(r"at=46\.2.*,8,"))
    assert len(rows(wide)) == 3
    wide.unroute("**/towns?*")
    anew.click()
    wide.locator(".map[data-ready]").wait_for()
    expect(anew).to_have_count(0)
    assert rows(wide) == ["Velenje", "Ptuj"]


def test_tiles_that_fail_are_said_and_asked_for_again(wide: Page) -> None:
    alive(wide, SLOVENIA)
    wide.route("**/map/8/**", lambda route: route.abort())
    wide.get_by_role("button", name="Zoom in").click()
    expect(said(wide)).to_contain_text("Parts of the map didn't come")
    # Also to those who look; and nobody is told of no towns where only their number is unknown.
    expect(said(wide)).not_to_have_class(re.compile("unseen"))
    expect(wide.locator("[data-layer=towns] b")).to_be_empty()
    wide.unroute("**/map/8/**")
    wide.locator(".map-stage").press("ArrowRight")
    expect(said(wide)).not_to_contain_text("didn't come")
    expect(said(wide)).to_have_class(re.compile("unseen"))
    expect(wide.locator("[data-layer=towns] b")).not_to_be_empty()


def test_german_map_speaks_german(world: Board, new_page: Open) -> None:
    page = new_page(locale="de-DE")
    alive(page, "/de/towns?at=46.2,15,7")
    expect(pin(page, "Velenje, Slowenien: 86 Stimmen")).to_have_count(1)


@pytest.mark.parametrize(("width", "path"), [(1280, "/towns"), (390, "/towns?view=map")])
def test_first_visit_with_the_live_map_is_small(
    world: Board, new_page: Open, width: int, path: str
) -> None:
    page = new_page(width=width)
    weight = {"fonts": 0, "rest": 0}

    def weigh(request: object) -> None:
        sizes = request.sizes()  # type: ignore[attr-defined]
        kind = "fonts" if request.url.endswith(".woff2") else "rest"  # type: ignore[attr-defined]
        weight[kind] += sizes["responseBodySize"] + sizes["responseHeadersSize"]

    page.on("requestfinished", weigh)
    alive(page, path)
    page.wait_for_load_state("networkidle")
    assert weight["rest"] <= 200 * 1024
    assert weight["fonts"] <= 90 * 1024
