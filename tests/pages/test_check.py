"""`check` finds each planted fault, names its line, and finds nothing in what we publish."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.core.config import ROOT
from board.pages.check import check
from board.pages.documents import Document, tidied
from board.pages.rules import heading_slips, leftovers, slips, targets

from .conftest import PATHS

PASTED = Path(__file__).parent / "pasted"


def found(folder: Path) -> list[str]:
    return [
        f"{problem.file.relative_to(folder).as_posix()}:{problem.line}: {problem.message}"
        for problem in check(folder, PATHS)
    ]


def plant(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; the line where it stood."""
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text.count("\n", 0, text.index(old)) + 1


def test_our_own_content_is_whole() -> None:
    assert found(ROOT / "content") == []


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("en/start.md", "a neighbour", "a <link to a neighbour>", "a gap was never filled in: "),
        ("en/start.md", "an evening", "an [LANGUAGE] evening", "a gap was never filled in: "),
        ("de/start.md", "einen Abend", "[ÜBERSETZUNG]", "a gap was never filled in: "),
        ("en/about.md", "Please do.", "(Partner name)", "a name was never filled in: "),
        ("en/about.md", "Please do.", "<your town here>", "a gap was never filled in: "),
        ("en/start.md", "electricity", "{{ power }}", "a template mark was left in: "),
        ("en/start.md", "electricity", "TODO", "a note was left in: TODO"),
        ("en/start.md", "(/towns)", "(/cities)", "there is no such page on the board: /cities"),
        ("en/start.md", "(/towns)", "(/about#nothing)", "the page has no such id: /about#nothing"),
        ("en/start.md", "(/towns)", "(#nothing)", "the page has no such id: #nothing"),
        ("en/start.md", "(/towns)", "(/news/nothing)", "there is no such page on the board: "),
        ("en/start.md", "(/towns)", "(towns)", "this link leads nowhere: towns"),
        ("en/start.md", "(/towns)", "(//example.org)", "this link leads nowhere: //example.org"),
        ("en/start.md", "https://docs", "docs", "an address without https://: docs.p2pu.org/"),
        ("en/start.md", "(https://docs.", "(https://docs\n.", "an address broken over two lines"),
        ("en/start.md", "electricity", "power [1]", "a footnote without a target: [1]"),
        ("en/start.md", "electricity", "<b>power</b>", "HTML isn't shown in content: <b>"),
        ("en/start.md", "## What you", "# What you", "a heading of level 1"),
        ("en/start.md", "## What you", "#What you", "a heading of level 1"),
        ("en/start.md", "## What you", "### What you", "a heading of level 3 after one of level 1"),
        ("en/start.md", "{#steps}", "{#need}", "the id need is there 2 times"),
        ("en/about.md", "id: cost", "id: what", "the id what is there 2 times"),
        ("en/about.md", "link: data", "link: dates", "the side link #dates leads nowhere"),
        (
            "en/about.md",
            "- id: joining\n    group: data",
            "- id: joining",
            "the question stands in no",
        ),
        ("en/start.md", "underline: yourself", "underline: myself", "must be words of the title"),
        ("en/start.md", "description:", "descripton:", "`descripton` is not a key we know"),
        ("en/about.md", "picture: asks", "picture: moon", "`steps.1.picture` Input should be"),
        ("en/news/the-board-is-open.md", "2026-11-22", "2026-11-31", "must be a day like"),
        ("en/news/the-board-is-open.md", "summary:", "sumary:", "`sumary` is not a key we know"),
        ("demo/en/events/facilitator-drop-in.md", "UTC", "Mars", "must be a name like"),
        ("demo/en/events/facilitator-drop-in.md", "+10 days 17:00", "soon", "must be a day and a"),
    ],
)
def test_planted_fault_is_found_at_its_line(
    folder: Path, name: str, old: str, new: str, message: str
) -> None:
    line = plant(folder, name, old, new)

    here = [problem for problem in check(folder, PATHS) if problem.file == folder / name]

    assert {problem.line for problem in here if message in problem.message} == {line}


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("de/start.md", "{#help}", "{#hilfe}", "#help is there in English and missing here"),
        ("de/start.md", "{#help}", "{#hilfe}", "#hilfe is not there in English"),
        ("de/about.md", "id: cost", "id: kosten", "#cost is there in English and missing here"),
        ("de/about.md", "    open: true\n", "", "`faq`: every `open` must be as in English"),
        ("de/about.md", "group: circles", "group: data", "`faq`: every `group` must be as in"),
        ("de/about.md", "picture: asks", "picture: meet", "`steps`: every `picture` must be"),
        ("de/home.md", "glyph: space", "glyph: learners", "`needs`: every `glyph` must be as in"),
        ("de/privacy.md", "retention: true\n", "", "`retention` is there in English and missing"),
        ("de/start.md", "title: ", "faq_title: Fragen\ntitle: ", "`faq_title` is not there in"),
        ("de/home.md", "{#news}", "{#neues}", "the section #news is missing"),
    ],
)
def test_translation_that_differs_is_found(
    folder: Path, name: str, old: str, new: str, expected: str
) -> None:
    plant(folder, name, old, new)

    assert any(one.startswith(name) and expected in one for one in found(folder))


def test_parts_in_another_order_are_found(folder: Path) -> None:
    plant(folder, "de/start.md", "{#need}", "{#other}")
    plant(folder, "de/start.md", "{#steps}", "{#need}")
    plant(folder, "de/start.md", "{#other}", "{#steps}")

    assert found(folder) == [
        "de/start.md:1: the parts stand in another order than in English",
    ]


def test_missing_page_is_found(folder: Path) -> None:
    (folder / "de" / "guidelines.md").unlink()

    assert found(folder) == ["de/guidelines.md:1: this page is missing"]


def test_page_without_an_english_one_is_found(folder: Path) -> None:
    (folder / "de" / "extra.md").write_text("---\ntitle: Mehr\n---\n\nText.\n")

    assert found(folder) == ["de/extra.md:1: there is no English page of this name"]


def test_english_page_without_translation_is_found(folder: Path) -> None:
    (folder / "en" / "extra.md").write_text("---\ntitle: More\n---\n\nText.\n")

    assert found(folder) == ["de/extra.md:1: this page is missing"]


def test_news_may_be_in_english_alone(folder: Path) -> None:
    (folder / "de" / "news" / "the-board-is-open.md").unlink()

    assert found(folder) == []


def test_link_to_existing_news_is_fine(folder: Path) -> None:
    plant(folder, "en/start.md", "(/towns)", "(/news/the-board-is-open)")
    plant(folder, "de/start.md", "(/towns)", "(/towns/si/velenje?x=1#stories)")

    assert found(folder) == []


def test_folder_of_no_kind_and_of_no_language_are_found(folder: Path) -> None:
    (folder / "en" / "recipes").mkdir()
    (folder / "en" / "recipes" / "cake.md").write_text("Cake.")
    (folder / "german").mkdir()
    (folder / "german" / "home.md").write_text("Hallo.")
    (folder / "pictures").mkdir()

    assert found(folder) == [
        "en/recipes/cake.md:1: no kind of content lives in recipes/",
        "german:1: is not named like a language (en, de, …)",
    ]


def test_unreadable_front_matter_is_found_and_the_rest_still_checked(folder: Path) -> None:
    (folder / "en" / "news" / "new.md").write_text("---\ntitle: [\n---\nText.\n")

    assert found(folder) == ["en/news/new.md:3: the front matter isn't YAML"]


def test_pasted_page_is_told_all_its_leftovers(folder: Path) -> None:
    shutil.copy(PASTED / "circles.md", folder / "en" / "circles.md")

    told = [one for one in found(folder) if one.startswith("en/circles.md")]

    assert told == [
        "en/circles.md:16: a heading of level 1: only the title is one, write ##",
        "en/circles.md:18: a footnote without a target: [1]",
        "en/circles.md:22: a heading of level 1: only the title is one, write ##",
        "en/circles.md:27: a gap was never filled in: <link to the list>",
        "en/circles.md:28: a gap was never filled in: <no link: July 2015>",
        "en/circles.md:30: an address without https://: forum.example.org/t/tables",
        "en/circles.md:34: a heading of level 1: only the title is one, write ##",
        "en/circles.md:35: an address broken over two lines: http://diary.exam",
    ]


def test_pasted_questions_are_told_all_their_leftovers(folder: Path) -> None:
    shutil.copy(PASTED / "questions.md", folder / "en" / "questions.md")

    told = [one for one in found(folder) if one.startswith("en/questions.md")]

    assert told == [
        "en/questions.md:7: an address without https://: www.library.example.org/events",
        "en/questions.md:10: a name was never filled in: (Partner name)",
        "en/questions.md:27: a gap was never filled in: [LANGUAGE]",
        "en/questions.md:28: there is no such page on the board: /facilitate",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "A [link](https://example.org/a_(b)) and [CC BY-SA 4.0](https://example.org).",
        "See <https://example.org/x> or <hello@example.org>.",
        "An arrow: a < b and b > a.",
        "The formula is `need = <votes> [LANGUAGE] {{ x }}`.",
        "Your name (the first name is enough), or todo el mundo.",
        "A note[^1] with its target.\n\n[^1]: Here.",
        '<div id="about"></div>',
    ],
)
def test_ordinary_writing_is_no_leftover(line: str) -> None:
    document = Document(Path("x.md"), line, {}, None, tidied(line), 1)

    assert leftovers(document) == []
    assert slips(document) == []


@given(st.text(alphabet="#[](){}<>-=`~*\n |:/.!aB1 ^", max_size=160))
def test_rules_survive_any_markdown(text: str) -> None:
    document = Document(Path("x.md"), text, {}, None, tidied(text), 1)
    last = text.count("\n") + 1

    problems = [*leftovers(document), *slips(document), *heading_slips(document)]

    assert all(1 <= problem.line <= last for problem in problems)
    assert all(1 <= line <= last for line, _target in targets(document))
