"""What the page tells its live map: the right question, and words in every form a number takes."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations

import pytest
from starlette.testclient import TestClient

from board.core import language
from board.core.config import ROOT
from board.core.rendering import locale_of
from board.explore.live_map import SCRIPTS, forms, words

SPOKEN = ("en", "de", "pl", "ro", "pt", "fi", "es", "fr")


class Slavic(NullTranslations):
    """A catalogue with four forms, as Polish has."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form's number, so that a test sees it."""
        few = n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14)
        return f"form {0 if n == 1 else 1 if few else 2}"


@contextmanager
def speaking(monkeypatch: pytest.MonkeyPatch, code: str, words: NullTranslations) -> Iterator[None]:
    """A language whose translation isn't there yet."""
    monkeypatch.setitem(language._catalogues, code, words)
    with language.speaking(code):
        yield


def test_forms_have_every_category_with_the_words_that_its_numbers_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with speaking(monkeypatch, "pl", Slavic()):
        found = forms(lambda n: language.ngettext("%(n)s town", "%(n)s towns", n))
    assert found == {"one": "form 0", "few": "form 1", "many": "form 2"}


@pytest.mark.parametrize("code", SPOKEN)
def test_every_number_finds_its_form(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    rule = locale_of(code).plural_form
    with speaking(monkeypatch, code, NullTranslations()):
        found = forms(lambda n: language.ngettext("%(n)s town", "%(n)s towns", n))
    assert {rule(n) for n in (*range(1000), 10**6, 3 * 10**6)} <= found.keys()


def test_words_keep_their_places_for_numbers_and_names() -> None:
    said = words()
    assert said["town"] == {"one": "%(n)s town asking", "other": "%(n)s towns asking"}
    assert all("%(things)s" in said[name] for name in ("closer", "list", "inView"))


def live_of(client: TestClient, path: str) -> dict[str, object]:
    """The page's `data-live`."""
    html = client.get(path).text
    found: dict[str, object] = json.loads(html.split("data-live='")[1].split("'")[0])
    return found


IMPORTED = re.compile(r'^import (?:.* from )?"\./([\w-]+\.js)";', re.MULTILINE)


def imported_by(script: str) -> set[str]:
    """The scripts that one needs before it runs."""
    return {f"js/{name}" for name in IMPORTED.findall((ROOT / "static" / script).read_text())}


def test_page_asks_for_every_script_of_the_live_map_at_once() -> None:
    needed, waiting = {"js/map.js"}, ["js/map.js", "js/live-map.js"]
    while waiting:
        script = waiting.pop()
        needed.add(script)
        waiting += imported_by(script) - needed
    assert sorted(SCRIPTS) == sorted(needed)


def test_phone_with_a_list_is_told_of_no_script(client: TestClient) -> None:
    hint = '<link rel="modulepreload" href="[^"]*/js/live-map.js"[^>]*'
    (beside,) = re.findall(hint, client.get("/towns").text)
    assert 'media="(min-width: 65em)"' in beside
    (alone,) = re.findall(hint, client.get("/towns?view=map").text)
    assert 'media="all"' in alone


def test_page_tells_its_question_but_not_who_asks(client: TestClient) -> None:
    path = "/de/towns?q=K%27%22%3Cb%3E&country=pl&near=46.1,14.5&sort=new&at=46.1,14.5,7,640x560"
    live = live_of(client, path)
    assert live["tiles"] == "/map/{z}/{x}/{y}?q=K%27%22%3Cb%3E&country=PL"
    assert live["popup"] == "/de/map/popup"
    assert live["view"] == [46.1, 14.5, 7.0, 640, 560]
    assert (live["moved"], live["towns"], live["circles"]) == (True, True, True)


def test_place_that_nobody_asked_for_is_a_marker_among_those_around(client: TestClient) -> None:
    live = live_of(client, "/towns?q=joensuu")
    assert live["tiles"] == "/map/{z}/{x}/{y}"
    assert live["nobody"] == {
        "lat": 62.6012,
        "lng": 29.7632,
        "tag": "Joensuu",
        "name": "Joensuu: nobody has asked yet",
        "href": "/towns/fi/joensuu",
    }
