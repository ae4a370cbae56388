"""How we count: its numbers are the settings' and the rules', in every language."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from board.core import clock, language
from board.core.config import ROOT, Settings
from board.pages.content import Content
from board.pages.numbers import numbers_of, with_numbers
from board.pages.pieces import Page
from board.towns.rules import (
    NOTHING_RISING,
    Need,
    Readiness,
    half_lives,
    need_score,
    risen,
    risen_now,
)

WRITTEN = sorted(file.parent.name for file in (ROOT / "content").glob("*/how-we-count.md"))
GAP = re.compile(r"\{(\w+)\}")


def text_of(page: Page) -> str:
    return " ".join([page.about, page.intro, *(part.title + part.html for part in page.sections)])


@pytest.mark.parametrize("code", WRITTEN)
def test_page_names_the_same_numbers_in_every_language(content: Content, code: str) -> None:
    page = content.page("how-we-count", code)
    english = content.page("how-we-count", "en")
    assert page.lang == code
    assert set(GAP.findall(text_of(page))) == set(GAP.findall(text_of(english)))
    assert page.anchors == english.anchors


@pytest.mark.parametrize("code", WRITTEN)
def test_every_number_is_put_in_and_used(content: Content, code: str) -> None:
    with language.speaking(code):
        numbers = numbers_of(Settings(answer_days=77, answer_votes=11, learners_needed=9))
        page = content.page("how-we-count", code)
        shown = with_numbers(page, numbers)
    assert set(GAP.findall(text_of(page))) == set(numbers)
    assert not GAP.search(text_of(shown))
    assert not any(GAP.search(side.title) for side in shown.sidenav)
    for number in ("77", "11", "9"):
        assert re.search(rf"\b{number}\b", text_of(shown))


def test_unknown_number_is_an_error_not_a_gap(content: Content) -> None:
    page = content.page("how-we-count", "en")
    with pytest.raises(KeyError):
        with_numbers(page, {})


def test_page_shows_this_board_s_settings(client: TestClient) -> None:
    html = client.get("/how-we-count").text
    assert "10,000 × (votes + 0.5) ÷ (residents + 5,000) × max(0.25, min(km, 100) ÷ 100)" in html
    assert "more than 30 days" in html
    german = client.get("/de/how-we-count").text
    assert "10.000 × (Stimmen + 0,5) ÷ (Einwohner + 5.000)" in german


# --- the formulas as the page writes them ---------------------------------------------------


@pytest.mark.parametrize(
    ("votes", "residents", "km"), [(3, 90, 100), (400, 200_000, 57), (60, 3_000, 3)]
)
def test_need_is_what_the_page_says(votes: int, residents: int, km: float) -> None:
    written = 10_000 * (votes + 0.5) / (residents + 5_000) * max(0.25, min(km, 100) / 100)
    assert need_score(votes, residents, km) == pytest.approx(written)


def test_rising_is_what_the_page_says() -> None:
    now, ages = clock.now(), (0, 3, 30, 61.5, 400)
    rising = NOTHING_RISING
    for age in ages:
        rising = risen(rising, now - timedelta(days=age))
    assert risen_now(rising, now) == pytest.approx(sum(0.5 ** (age / 30) for age in ages))
    assert half_lives(now) - half_lives(now - timedelta(days=30)) == pytest.approx(1)


def test_closest_is_what_the_page_says() -> None:
    for ready, met, missing in (
        (Readiness(4, 0, 0, Need()), 0, 4),
        (Readiness(9, 0, 1, Need()), 2, 1),
        (Readiness(6, 1, 1, Need()), 3, 0),
    ):
        assert ready.closeness == 1_000 * met - missing
