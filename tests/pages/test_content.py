"""Content as it is loaded: languages, fallback, what is withheld, news and events."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from board.core import language
from board.core.config import ROOT
from board.core.errors import NotFound
from board.pages.content import HOME_SECTIONS, PAGES, Content, load_content
from board.pages.making import rendered

from .conftest import demo_content

PASTED = Path(__file__).parent / "pasted"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_every_page_is_written_in_every_language(content: Content) -> None:
    found = {
        (code, slug): content.page(slug, code).lang for code in language.NAMES for slug in PAGES
    }

    assert found == {(code, slug): code for code in language.NAMES for slug in PAGES}


def test_nothing_of_our_own_is_withheld(content: Content) -> None:
    assert content.withheld == ()


def test_home_has_the_six_sections_in_order(content: Content) -> None:
    for code in language.NAMES:
        sections = content.page("home", code).sections
        assert tuple(section.id for section in sections) == HOME_SECTIONS


def test_languages_share_their_anchors(content: Content) -> None:
    for slug in PAGES:
        anchors = {content.page(slug, code).anchors for code in language.NAMES}
        assert len(anchors) == 1


def test_section_has_its_first_paragraph_as_lead(content: Content) -> None:
    section = content.page("home", "en").section("about")

    assert section.lead.startswith("<p>A course on your own")
    assert section.lead.count("<p>") == 1
    assert section.rest.startswith("<p>Learning circles are free")


def test_unknown_section_is_a_key_error(content: Content) -> None:
    with pytest.raises(KeyError):
        content.page("home", "en").section("nowhere")


def test_local_links_speak_the_language_of_the_page(content: Content) -> None:
    german = content.page("home", "de").section("about").rest
    english = content.page("home", "en").section("about").rest

    assert 'href="/de/about"' in german
    assert 'href="/about"' in english


def test_missing_translation_falls_back_to_english_with_local_links(folder: Path) -> None:
    (folder / "de" / "start.md").unlink()

    page = load_content(folder).page("start", "de")

    assert page.lang == "en"
    assert 'href="/de/towns"' in page.section("neighbours").html


def test_unknown_language_reads_english(content: Content) -> None:
    assert content.page("start", "xx").lang == "en"


def test_page_with_a_gap_is_withheld_and_falls_back(folder: Path) -> None:
    file = folder / "de" / "start.md"
    file.write_text(file.read_text().replace("Tante", "(Partner name)"))

    content = load_content(folder)

    assert content.page("start", "de").lang == "en"
    assert [problem.message for problem in content.withheld] == [
        "a name was never filled in: (Partner name)"
    ]


def test_page_with_an_unknown_key_is_withheld(folder: Path) -> None:
    file = folder / "de" / "start.md"
    file.write_text(file.read_text().replace("description:", "descripton:"))

    content = load_content(folder)

    assert content.page("start", "de").lang == "en"
    assert [problem.message for problem in content.withheld] == [
        "`descripton` is not a key we know"
    ]


def test_home_without_a_section_is_withheld(folder: Path) -> None:
    file = folder / "de" / "home.md"
    file.write_text(file.read_text().replace("{#news}", "{#neues}"))

    content = load_content(folder)

    assert content.page("home", "de").lang == "en"
    assert content.withheld[0].message == "the section #news is missing"


def test_board_without_its_english_pages_does_not_start(folder: Path) -> None:
    (folder / "en" / "privacy.md").unlink()

    with pytest.raises(Exception, match=r"privacy\.md:1: this page is needed"):
        load_content(folder)


def test_pasted_pages_are_read_and_withheld_for_their_gaps(folder: Path) -> None:
    for file in PASTED.glob("*.md"):
        shutil.copy(file, folder / "en" / file.name)

    content = load_content(folder)

    with pytest.raises(NotFound):
        content.page("circles", "en")
    assert {problem.file.name for problem in content.withheld} == {"circles.md", "questions.md"}


def test_pasted_pages_with_their_gaps_filled_are_shown(folder: Path) -> None:
    circles = (PASTED / "circles.md").read_text()
    circles = circles.replace("<link to the list>", "").replace("<no link: July 2015>", "")
    (folder / "en" / "circles.md").write_text(circles)
    questions = (PASTED / "questions.md").read_text()
    questions = questions.replace("(Partner name)", "a library").replace("[LANGUAGE]", "Finnish")
    (folder / "en" / "questions.md").write_text(questions)

    content = load_content(folder)

    page = content.page("circles", "en")
    assert [link.id for link in page.sidenav] == ["about", "where", "news"]
    assert [section.title for section in page.sections] == ["What is it?", "Where?", "News"]
    (group,) = content.page("questions", "en").groups
    assert group.title == "Frequently asked questions"
    assert [answer.id for answer in group.answers] == [
        "what-is-it",
        "who-pays-and-is-it-free",
        "can-anybody-start-one",
    ]
    assert "<li>" in group.answers[0].html


def test_html_in_content_is_text() -> None:
    html = rendered('<script>alert(1)</script>\n\n<b onclick="x">Hi</b> [x](javascript:alert(1))')

    assert "<script" not in html
    assert "<b" not in html
    assert "href" not in html


def test_a_real_start_has_true_news_and_no_invented_events(content: Content) -> None:
    assert [post.slug for post in content.news("en")] == ["the-board-is-open"]
    assert content.upcoming_events("en", NOW) == []
    assert content.past_events("en", NOW) == []


def test_demo_adds_invented_news_newest_first() -> None:
    days = [post.date for post in demo_content().news("de")]

    assert len(days) == 4
    assert days == sorted(days, reverse=True)
    assert days[1] == date(2026, 11, 18)


def test_demo_events_are_upcoming_then_past() -> None:
    content = demo_content()

    slugs = [event.slug for event in content.upcoming_events("en", NOW)]

    assert slugs == [
        "facilitator-drop-in",
        "rooms-that-cost-nothing",
        "welcome-evening-for-new-towns",
    ]
    later = datetime(2026, 12, 15, tzinfo=UTC)
    assert [event.slug for event in content.past_events("en", later)] == slugs[1::-1]


def test_demo_is_translated(tmp_path: Path) -> None:
    content = demo_content()

    assert {post.lang for post in content.news("de")} == {"de"}
    assert {event.lang for event in content.upcoming_events("de", NOW)} == {"de"}


def test_event_knows_its_clocks_in_winter_and_summer() -> None:
    content = demo_content()
    summer = load_content(ROOT / "content", demo_on=date(2026, 6, 1))

    winter_event = content.event("rooms-that-cost-nothing", "en")
    summer_event = summer.event("rooms-that-cost-nothing", "en")

    assert (winter_event.offset, winter_event.start.hour) == ("UTC+1", 13)
    assert (summer_event.offset, summer_event.start.hour) == ("UTC+2", 12)
    assert winter_event.weekday == 3


def test_unknown_news_and_events_are_not_found(content: Content) -> None:
    with pytest.raises(NotFound):
        content.news_post("nothing", "en")
    with pytest.raises(NotFound):
        content.event("nothing", "en")
