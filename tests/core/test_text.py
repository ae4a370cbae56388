"""Texts: what stays, how it is searched, and that nothing of it ever runs."""

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.core.text import count_links, excerpt, fold, tidy, tidy_line, to_html

HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg><style><img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '<math><mtext></p><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    'http://example.org/"onmouseover="alert(1)',
    "https://example.org/'><script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<template><script>1</script></template>",
)


def allowed(html: str) -> bool:
    """An independent sanitiser, told of the same small allow-list, finds nothing to take away."""
    cleaned = nh3.clean(
        html,
        tags={"p", "br", "a"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return nh3.clean(cleaned, tags={"p", "br", "a"}, link_rel=None) == nh3.clean(
        html, tags={"p", "br", "a"}, link_rel=None
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_to_html_lets_nothing_run(text: str) -> None:
    html = to_html(text)
    for word in ("<script", "<img", "<svg", "onerror=alert(1)>", 'href="javascript'):
        assert word not in html
    assert allowed(html)


@given(st.lists(st.sampled_from([*HOSTILE, "a", " ", "\n\n", "<", ">", '"', "&", "www.e.org"])))
def test_to_html_of_any_mix_stays_inside_the_allow_list(parts: list[str]) -> None:
    assert allowed(to_html("".join(parts)))


def test_to_html_makes_paragraphs_breaks_and_links() -> None:
    assert to_html("One.\nTwo www.example.org\n\nThree") == (
        "<p>One.<br>Two "
        '<a href="https://www.example.org" rel="nofollow ugc noopener noreferrer">'
        "www.example.org</a></p><p>Three</p>"
    )


def test_to_html_links_no_mail_address() -> None:
    assert "<a" not in to_html("write to ana@example.org")


@pytest.mark.parametrize("hostile", ["![", "http://", "a@", "(", "\u0301"])
@pytest.mark.timeout(60)
def test_to_html_of_the_longest_text_has_an_end(hostile: str) -> None:
    """A pattern that backtracks would need hours for this; it takes some milliseconds."""
    assert to_html((hostile * 64_000)[:64_000])


def test_tidy_drops_controls_bidi_and_heaps_of_marks() -> None:
    assert tidy("a\x00b\u202ec\r\nd\u200be") == "abc\nde"
    assert tidy("e" + "\u0334" * 40) == "e" + "\u0334" * 3


def test_tidy_line_is_one_line() -> None:
    assert tidy_line("  Ana \n Marija ") == "Ana Marija"


@given(st.text())
def test_tidy_twice_is_tidy_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Łódź", "lodz"),
        ("São Paulo", "sao paulo"),
        ("Köln", "koln"),
        ("Straße", "strasse"),
        ("St. Louis", "st louis"),
        ("МОСКВА", "москва"),
        ("İstanbul", "istanbul"),
        ("Tromsø", "tromso"),
        ("Biel/Bienne", "biel bienne"),
    ],
)
def test_fold_of_a_name(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(st.text())
def test_fold_twice_is_fold_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_count_links_counts_web_addresses_alone() -> None:
    assert count_links("www.a.org, https://b.org and ana@example.org") == 2


def test_excerpt_ends_at_a_word() -> None:
    assert excerpt("one two three four", 10) == "one two…"
