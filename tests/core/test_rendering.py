"""Dates, numbers, names and addresses, as each language writes them."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from jinja2 import Environment

from board.core import language
from board.core.config import ROOT
from board.core.rendering import (
    ago,
    clock_time,
    country_name,
    day_month,
    kilometres,
    language_name,
    locale_of,
    long_date,
    make_environment,
    moment,
    month,
    month_name,
    number,
    own_name,
    url,
    weekday,
)

DAY = date(2026, 11, 16)
EVENING = datetime(2026, 11, 16, 17, 5, tzinfo=UTC)
SHOWN: tuple[tuple[Callable[..., str], tuple[Any, ...], str, str], ...] = (
    (long_date, (DAY,), "16 November 2026", "16. November 2026"),
    (long_date, (date(2026, 3, 1),), "1 March 2026", "1. März 2026"),
    (day_month, (date(2026, 9, 3),), "3 Sep", "3. Sept."),
    (month_name, (date(2026, 12, 3),), "Dec", "Dez"),
    (month, (date(2026, 5, 1),), "May 2026", "Mai 2026"),
    (weekday, (0,), "Monday", "Montag"),
    (weekday, (6,), "Sunday", "Sonntag"),
    (moment, (EVENING,), "16 November 2026, 17:05", "16. November 2026, 17:05"),
    (moment, (EVENING, "Pacific/Fiji"), "17 November 2026, 05:05", "17. November 2026, 05:05"),
    (clock_time, (EVENING, "Europe/Ljubljana"), "18:05", "18:05"),
    (number, (26742,), "26,742", "26.742"),
    (number, (0.5,), "0.5", "0,5"),
    (kilometres, (5.64,), "5.6 km", "5,6 km"),
    (kilometres, (9.94,), "9.9 km", "9,9 km"),
    (kilometres, (9.96,), "10 km", "10 km"),
    (kilometres, (1234.4,), "1,234 km", "1.234 km"),
    (country_name, ("si",), "Slovenia", "Slowenien"),
    (country_name, ("q?",), "Q?", "Q?"),
    (language_name, ("sl",), "Slovenian", "Slowenisch"),
    (language_name, ("pt-BR",), "Portuguese", "Portugiesisch"),
    (own_name, ("sl",), "Slovenščina", "Slovenščina"),
    (own_name, ("ka",), "ქართული", "ქართული"),
)


@pytest.mark.parametrize(("draw", "given", "english", "german"), SHOWN)
def test_value_is_drawn_as_the_language_writes_it(
    draw: Callable[..., str], given: tuple[Any, ...], english: str, german: str
) -> None:
    drawn = []
    for code in ("en", "de"):
        with language.speaking(code):
            drawn.append(draw(*given))
    assert drawn == [english, german]


@pytest.mark.parametrize(
    ("past", "english", "german"),
    [
        (timedelta(days=2), "2 days ago", "vor 2 Tagen"),
        (timedelta(hours=2), "2 hours ago", "vor 2 Stunden"),
        (timedelta(seconds=5), "5 seconds ago", "vor 5 Sekunden"),
        (-timedelta(days=3), "in 3 days", "in 3 Tagen"),
    ],
)
def test_ago_counts_from_now(past: timedelta, english: str, german: str) -> None:
    with time_machine.travel(EVENING, tick=False):
        said = [ago(EVENING - past)]
        with language.speaking("de"):
            said.append(ago(EVENING - past))
    assert said == [english, german]


def test_locale_of_portuguese_is_portugal_s() -> None:
    assert str(locale_of("pt")) == "pt_PT"


@pytest.mark.parametrize("code", ["", "xx", "no such", "en_XX_YY_ZZ"])
def test_locale_of_no_language_is_english(code: str) -> None:
    assert locale_of(code).language == "en"


@pytest.mark.parametrize(
    ("path", "german"),
    [
        ("/", "/de"),
        ("/towns", "/de/towns"),
        ("/towns/si/velenje#vote", "/de/towns/si/velenje#vote"),
        ("/tell?town=si/velenje", "/de/tell?town=si/velenje"),
        ("/staff", "/staff"),
        ("/staff/queue", "/staff/queue"),
        ("/t/bcdfg", "/t/bcdfg"),
        ("/static/x/css/base.css", "/static/x/css/base.css"),
        ("/dev/mail", "/dev/mail"),
    ],
)
def test_url_carries_the_language_where_there_are_several(path: str, german: str) -> None:
    assert url(path) == path
    with language.speaking("de"):
        assert url(path) == german


def test_environment_escapes_pages_and_leaves_mails_as_they_are() -> None:
    env = make_environment(ROOT / "templates", build="b1")
    assert env.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    autoescape = env.autoescape
    assert callable(autoescape)
    kinds = {name: autoescape(name) for name in ("a.html", "a.xml", "a.svg", "a.txt")}
    assert kinds == {"a.html": True, "a.xml": True, "a.svg": True, "a.txt": False}
    assert env.from_string("{{ static('css/a.css') }}").render() == "/static/b1/css/a.css"


def test_compiled_templates_are_kept_until_their_text_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, folder = tmp_path / "a.html", tmp_path / "compiled"
    file.write_text("{{ 1 + 1 }}")

    def shown() -> str:
        env = make_environment(tmp_path, build="b1", compiled=folder)
        return env.get_template("a.html").render()

    assert shown() == "2"
    with monkeypatch.context() as patch:
        patch.setattr(Environment, "compile", None)
        assert shown() == "2"
    file.write_text("{{ 1 + 2 }}")
    assert shown() == "3"


def test_page_is_made_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("words")
    env = make_environment(tmp_path, build="b1", compiled=tmp_path / "compiled")
    shutil.rmtree(tmp_path / "compiled")
    assert env.get_template("a.html").render() == "words"
