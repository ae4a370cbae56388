"""Content files as people write and paste them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.pages.documents import ContentError, parts_of, read_document, tidied
from board.pages.making import rendered

PASTED = Path(__file__).parent / "pasted"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "page.md"
    file.write_text(text, encoding="utf-8")
    return file


def test_pasted_page_is_cut_at_its_headings() -> None:
    document = read_document(PASTED / "circles.md")

    parts = parts_of(document)

    assert [(part.id, part.title, part.line) for part in parts] == [
        ("about", "What is it?", 16),
        ("where", "Where?", 22),
        ("news", "News", 34),
    ]


def test_pasted_front_matter_survives_empty_lines() -> None:
    document = read_document(PASTED / "circles.md")

    assert document.meta["title"] == "Study together"
    assert [side["link"] for side in document.meta["sidenav"]] == ["about", "where", "news"]


def test_pasted_links_are_mended() -> None:
    where, news = parts_of(read_document(PASTED / "circles.md"))[1:]

    assert 'href="https://forum.example.org/t/tables"' in rendered(where.source)
    assert 'href="http://diary.example.org/category/tables/"' in rendered(news.source)


def test_pasted_gap_is_text_and_never_a_tag() -> None:
    where = parts_of(read_document(PASTED / "circles.md"))[1]

    assert "&lt;link to the list&gt;" in rendered(where.source)


def test_front_matter_values_know_their_lines() -> None:
    document = read_document(PASTED / "questions.md")

    assert document.line_of("title") == 2
    assert document.line_of("faq", 1) == 23
    assert document.line_of("faq", 2, "a") == 26
    assert document.line_of("faq", 2, "nothing") == 25
    assert document.line_of("nothing") == 1


def test_page_of_front_matter_alone_has_no_parts() -> None:
    assert parts_of(read_document(PASTED / "questions.md")) == []


def test_heading_in_a_code_block_is_no_heading(tmp_path: Path) -> None:
    file = written(tmp_path, "## One {#one}\n\n```\n## Two\n```\n")

    assert [part.id for part in parts_of(read_document(file))] == ["one"]


def test_heading_without_an_id_gets_one_from_its_words(tmp_path: Path) -> None:
    file = written(tmp_path, "## Über Łódź, kurz\n\nText.\n")

    assert parts_of(read_document(file))[0].id == "uber-lodz-kurz"


def test_words_before_the_first_heading_are_a_part_without_title(tmp_path: Path) -> None:
    file = written(tmp_path, "---\ntitle: A\n---\nHello.\n\n## One {#one}\n\nText.\n")

    assert [part.title for part in parts_of(read_document(file))] == ["", "One"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("---\ntitle: A\n\nText.\n", 1, "the front matter has no closing ---"),
        ("---\ntitle: A\nabout: [\n---\nText.\n", 4, "the front matter isn't YAML"),
        ("---\n\n\ntitle: A\nb: 'c\n---\n", 6, "the front matter isn't YAML"),
        ("---\n- a\n- b\n---\n", 1, "the front matter isn't made of keys and values"),
    ],
)
def test_broken_front_matter_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    with pytest.raises(ContentError) as caught:
        read_document(written(tmp_path, text))

    problem = caught.value.problems[0]
    assert (problem.line, problem.message) == (line, message)


def test_other_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_bytes("---\ntitle: Köln\n---\n".encode("latin-1"))

    with pytest.raises(ContentError, match="UTF-8"):
        read_document(file)


def test_windows_line_ends_and_byte_order_mark_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_bytes(b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\n## One {#one}\r\n\r\nText.\r\n")

    document = read_document(file)

    assert document.meta == {"title": "A"}
    assert [part.line for part in parts_of(document)] == [4]


MARKDOWN = st.text(alphabet="#[](){}<>-=`~*\n |:/.!ab1 ", max_size=120)


@given(MARKDOWN)
def test_tidying_keeps_the_lines(markdown: str) -> None:
    assert tidied(markdown).count("\n") == markdown.count("\n")


@given(MARKDOWN)
def test_tidying_twice_changes_nothing_more(markdown: str) -> None:
    assert tidied(tidied(markdown)) == tidied(markdown)


@given(MARKDOWN)
def test_rendered_markdown_holds_no_foreign_tag(markdown: str) -> None:
    html = rendered(markdown)

    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html.lower().split("href=")[-1]
