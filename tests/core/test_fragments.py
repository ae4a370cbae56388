"""Fragments: rendered once for what they show, never shown for anything else."""

from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError

from board.core import language
from board.core.fragments import Fragments
from board.core.rendering import make_environment, saved_html


class Row(NamedTuple):
    """What a row shows."""

    name: str
    votes: int


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "row.html").write_text(
        "<li>{{ row.name }}: {{ row.votes|number }} {{ language }}</li>"
    )
    (folder / "asks.html").write_text("{{ viewer.name }}")
    (folder / "page.html").write_text('{{ fragment("row.html", row=row) }}')
    return make_environment(Path(folder), build="x")


@given(name=st.text(max_size=20), votes=st.integers(0, 10**6))
def test_fragment_is_escaped_once_and_the_same_again(
    pages: Environment, name: str, votes: int
) -> None:
    page = pages.get_template("page.html")
    plain = pages.get_template("row.html").render(row=Row(name, votes), language="en")
    assert page.render(row=Row(name, votes)) == plain
    assert page.render(row=Row(name, votes)) == plain


def test_fragment_speaks_the_language_of_its_page(pages: Environment) -> None:
    page, said = pages.get_template("page.html"), {}
    for _turn in range(2):
        for code in ("en", "de"):
            with language.speaking(code):
                said[code] = page.render(row=Row("Ełk", 12_345))
    assert "12,345 en" in said["en"]
    assert "12.345 de" in said["de"]


def test_fragment_of_another_value_is_another(pages: Environment) -> None:
    page = pages.get_template("page.html")
    assert "1 en" in page.render(row=Row("Ełk", 1))
    assert "2 en" in page.render(row=Row("Ełk", 2))


def test_fragment_knows_nothing_but_its_values(pages: Environment) -> None:
    with pytest.raises(UndefinedError):
        Fragments(pages, saved_html)("asks.html", row=Row("Ełk", 1))


def test_fragment_of_what_may_change_unseen_is_refused(pages: Environment) -> None:
    with pytest.raises(TypeError):
        Fragments(pages, saved_html)("row.html", row=["Ełk"])  # type: ignore[arg-type]


def test_fragments_are_bounded_and_the_longest_unasked_goes_first(pages: Environment) -> None:
    kept = Fragments(pages, saved_html, room=3 * len("<li>a: 0 en</li>"))
    first = kept("row.html", row=Row("a", 0))
    for n in range(1, 10):
        kept("row.html", row=Row("a", n))
        assert kept("row.html", row=Row("a", 0)) is first
        assert len(kept) == min(3, n + 1)


def test_fragment_without_room_is_made_anew(pages: Environment) -> None:
    kept = Fragments(pages, saved_html, room=0)
    assert kept("row.html", row=Row("a", 1)) == "<li>a: 1 en</li>"
    assert len(kept) == 0
