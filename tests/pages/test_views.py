"""The content pages over HTTP."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from starlette.testclient import TestClient

from board.core import language
from board.pages.content import Content, load_content

from .conftest import demo_content

PAGES = ("/about", "/start", "/guidelines", "/privacy", "/how-we-count", "/news", "/events")
MID_NOVEMBER = "2026-11-22T12:00:00+00:00"


@pytest.mark.parametrize("code", list(language.NAMES))
@pytest.mark.parametrize("path", [*PAGES, "/news/the-board-is-open"])
def test_page_speaks_its_language(browser: TestClient, path: str, code: str) -> None:
    answer = browser.get(language.localised(path, code))

    assert answer.status_code == 200
    assert f'<html lang="{code}"' in answer.text
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_inline_style_or_script(browser: TestClient, path: str) -> None:
    html = browser.get(path).text

    assert "style=" not in html
    assert re.search(r"\son\w+=", html) is None
    assert re.search(r"<script(?![^>]*src=)", html) is None


@pytest.mark.parametrize("path", PAGES)
def test_ids_on_a_page_are_unique_and_links_to_them_lead_somewhere(
    browser: TestClient, path: str
) -> None:
    html = browser.get(path).text
    ids = re.findall(r'\sid="([^"]+)"', html)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    assert set(re.findall(r'aria-labelledby="([^"]+)"', html)) <= set(ids)


def test_readers_get_no_cookie_and_an_etag(browser: TestClient) -> None:
    answer = browser.get("/about")

    assert "set-cookie" not in answer.headers
    assert (
        browser.get("/about", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    )


@pytest.mark.parametrize("path", ["/news/nothing", "/events/nothing", "/de/news/../x"])
def test_unknown_slug_is_not_found(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_first_answers_stand_open(browser: TestClient) -> None:
    html = browser.get("/about").text

    assert re.search(r'<details class="fold" id="what" open>', html)
    assert re.search(r'<details class="fold" id="cost">', html)


def test_page_without_translation_says_so(
    serve: Callable[[Content], TestClient], folder: Path
) -> None:
    (folder / "de" / "start.md").unlink()

    html = serve(load_content(folder)).get("/de/start").text

    assert '<html lang="de"' in html
    assert '<h1 class="content-title" lang="en">' in html
    assert 'class="notice' in html


def test_translated_page_has_no_such_note(browser: TestClient) -> None:
    html = browser.get("/de/start").text

    assert 'class="notice' not in html
    assert 'lang="en">' not in html.replace('lang="en" hreflang="en">', "")


def test_events_page_invites_when_there_are_none(browser: TestClient) -> None:
    html = browser.get("/events").text

    assert "No dates in the diary yet" in html
    assert 'href="/start"' in html


def test_news_page_invites_when_there_is_none(
    serve: Callable[[Content], TestClient], folder: Path
) -> None:
    for code in language.NAMES:
        (folder / code / "news" / "the-board-is-open.md").unlink()

    assert "Nothing to report yet" in serve(load_content(folder)).get("/news").text


@time_machine.travel(MID_NOVEMBER, tick=False)
def test_event_shows_its_time_zone_and_place(serve: Callable[[Content], TestClient]) -> None:
    html = serve(demo_content()).get("/events/rooms-that-cost-nothing").text

    assert "Thursday, 14:00–15:00 UTC+1 · City library, Nowy Sącz · online" in html
    assert 'datetime="2026-12-10T14:00:00+01:00"' in html
    assert 'href="https://example.org/rooms"' in html


@time_machine.travel("2026-12-11T12:00:00+00:00", tick=False)
def test_event_that_is_over_says_so(serve: Callable[[Content], TestClient]) -> None:
    browser = serve(demo_content())

    shown, index = browser.get("/events/rooms-that-cost-nothing").text, browser.get("/events").text

    assert "This is over." in shown
    assert 'href="https://example.org/rooms"' not in shown
    assert index.index("Welcome evening") < index.index("Past events") < index.index("Rooms that")


@time_machine.travel(MID_NOVEMBER, tick=False)
def test_home_sections_show_news_and_events(serve: Callable[[Content], TestClient]) -> None:
    html = serve(demo_content()).get("/").text

    assert 'href="/news/a-room-a-date-and-a-queue"' in html
    assert 'href="/events/facilitator-drop-in"' in html
    assert "No dates in the diary yet" not in html
