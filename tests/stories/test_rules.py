"""What a story is called, how it is kept, and when it appears."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.core.text import tidy, words_asked
from board.stories.rules import (
    MOST_LINKS,
    TITLE_LENGTH,
    Telling,
    first_visibility,
    rendered,
    title_of,
)

SOME_TEXT = st.text(max_size=400).map(tidy)
TELLINGS = st.builds(
    Telling, st.just("Alice"), st.just(""), st.just("en"), SOME_TEXT, SOME_TEXT, SOME_TEXT
).filter(lambda telling: any(telling.texts))


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (("The mine is winding down. What then?", "", ""), "The mine is winding down"),
        (("", "In the library! On Thursdays.", ""), "In the library"),
        (("", "", "I came here in 1998\nand stayed."), "I came here in 1998"),
        (("Why? Because we could learn it together.", "", ""), "Why? Because we could learn it"),
        (("... ", "", ""), "..."),
        (("毎週木曜日に一緒に勉強しましょう。図書館で。", "", ""), "毎週木曜日に一緒に勉強"),
        (("word " * 40, "", ""), ("word " * 14).strip() + "…"),
    ],
)
def test_title_is_made_of_the_first_words(texts: tuple[str, str, str], title: str) -> None:
    assert title_of(Telling("Alice", "", "en", *texts)).startswith(title)


def test_title_that_is_given_stays() -> None:
    assert title_of(Telling("Alice", "After the shift", "en", "Because.")) == "After the shift"


@given(telling=TELLINGS)
def test_title_of_any_story_is_one_short_line(telling: Telling) -> None:
    title = title_of(telling)
    assert 0 < len(title) <= TITLE_LENGTH
    assert "\n" not in title


def test_rendered_keeps_paragraphs_and_links_and_nothing_else() -> None:
    telling = Telling(
        "Alice", "Title", "en", why="One.\n\nTwo, see https://example.org/a?b=1&c=2",
        how="<script>alert(1)</script> & <b>bold</b>",
    )  # fmt: skip
    html = rendered(telling)
    assert html["why_html"] == (
        '<p>One.</p><p>Two, see <a href="https://example.org/a?b=1&amp;c=2" '
        'rel="nofollow ugc noopener noreferrer">https://example.org/a?b=1&amp;c=2</a></p>'
    )
    assert "<script" not in html["how_html"]
    assert "<b>" not in html["how_html"]
    assert html["own_html"] == ""


@given(telling=TELLINGS)
def test_rendered_is_found_by_every_word_of_it(telling: Telling) -> None:
    kept = rendered(telling)["folded"].split()
    for text in (*telling.texts, telling.name):
        for word, begun in words_asked(text, last=True):
            assert word in kept or (begun and any(one.startswith(word) for one in kept))


@pytest.mark.parametrize(
    ("trusted", "publish_first", "links", "visibility"),
    [
        (False, False, 0, "held"),
        (True, False, 0, "public"),
        (True, False, MOST_LINKS + 5, "public"),
        (False, True, 0, "public"),
        (False, True, MOST_LINKS, "public"),
        (False, True, MOST_LINKS + 1, "held"),
    ],
)
def test_first_visibility_by_trust_setting_and_links(
    trusted: bool, publish_first: bool, links: int, visibility: str
) -> None:
    found = first_visibility(trusted=trusted, publish_first=publish_first, links=links)
    assert found == visibility
