"""Circles and libraries as rows of a page."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from jinja2 import Environment

from board.circles.rows import LatestImport, LibrariesOf, ShownCircle, ShownLibrary
from board.circles.rules import State
from board.core.config import ROOT
from board.core.rendering import make_environment

CIRCLE = ShownCircle(
    id=7,
    title="Writing for the web",
    course="Writing",
    city="Chicago",
    region="Illinois",
    country="US",
    lat=41.85,
    lng=-87.65,
    online=False,
    starts_on=date(2026, 11, 9),
    ends_on=date(2026, 12, 14),
    begins_at=datetime(2026, 11, 9, 6, 0, tzinfo=UTC),
    weekday=0,
    starts_at="18:00",
    meetings=6,
    language="en",
    signup_open=True,
    url="https://learningcircles.p2pu.org/en/signup/7/",
    state="now",
    done=3,
)


@pytest.fixture(scope="module")
def pages() -> Environment:
    """The environment of the board's pages."""
    return make_environment(ROOT / "templates", build="test")


def drawn(pages: Environment, macro: str, *values: Any) -> str:
    """What a macro draws, its words with single spaces."""
    file = "_libraries" if "librar" in macro else "_row"
    template = pages.from_string(
        f"{{% from 'circles/{file}.html' import {macro} with context %}}{{{{ {macro}(*values) }}}}"
    )
    return " ".join(template.render(values=values, language="en").split())


@pytest.mark.parametrize("macro", ["next_row", "near_row", "list_row", "join_row"])
@pytest.mark.parametrize("state", ["now", "soon", "finished"])
def test_row_escapes_what_the_feed_says(pages: Environment, macro: str, state: State) -> None:
    html = drawn(
        pages,
        macro,
        CIRCLE._replace(title="<script>x</script>", city='"><b>', state=state, language="de"),
    )

    assert "<script" not in html
    assert "<b>" not in html.replace("<b class", "")
    assert 'lang="de"' in html


def test_next_row_of_a_circle_that_meets(pages: Environment) -> None:
    html = drawn(pages, "next_row", CIRCLE)

    assert "Meeting now" in html
    assert "<bdi>Chicago</bdi>, United States" in html
    assert "Monday, 18:00<br>3 of 6 done" in html
    assert 'href="https://learningcircles.p2pu.org/en/signup/7/"' in html


def test_next_row_of_a_circle_that_starts_soon(pages: Environment) -> None:
    html = drawn(pages, "next_row", CIRCLE._replace(state="soon", meetings=1))

    assert "Starting soon" in html
    assert "Monday, 9 Nov, 18:00<br>1 meeting<" in html


def test_rows_leave_out_what_is_not_known(pages: Environment) -> None:
    bare = CIRCLE._replace(meetings=0, starts_at="", city="", country="", region="", url="")
    html = drawn(pages, "next_row", bare)

    assert "Place not given" in html
    assert ">Monday</span>" in html
    assert "href" not in html.split("rows-body")[1]


def test_near_row_says_how_far_and_when(pages: Environment) -> None:
    now = drawn(pages, "near_row", CIRCLE._replace(km=57.4))
    soon = drawn(pages, "near_row", CIRCLE._replace(km=0.0, state="soon"))
    past = drawn(pages, "near_row", CIRCLE._replace(state="finished"))

    assert "Monday, 18:00, 3 of 6 done" in now
    assert "57 km" in now
    assert "from 9 November 2026" in soon
    assert "0 km" in soon
    assert "6 meetings, ended in December 2026" in past


def test_only_open_circles_are_offered(pages: Environment) -> None:
    for macro, words in (("list_row", "Sign up"), ("join_row", "Join this one")):
        assert words in drawn(pages, macro, CIRCLE)
        assert words not in drawn(pages, macro, CIRCLE._replace(signup_open=False))
        assert words not in drawn(pages, macro, CIRCLE._replace(state="finished"))


def test_online_circle_says_so(pages: Environment) -> None:
    assert "Online · <bdi>Chicago</bdi>" in drawn(pages, "list_row", CIRCLE._replace(online=True))


def test_source_line_dates_and_marks_samples(pages: Environment) -> None:
    latest = LatestImport(1, datetime(2026, 11, 22, 12, 0, tzinfo=UTC), False, 102, 2)

    assert "on 22 November 2026." in drawn(pages, "source_line", latest)
    assert "Sample data" not in drawn(pages, "source_line", latest)
    assert "Sample data" in drawn(pages, "source_line", latest._replace(sample=True))
    assert "hasn't been" in drawn(pages, "source_line", None).replace("&#39;", "'")


def test_libraries_stand_under_their_countries(pages: Environment) -> None:
    library = ShownLibrary(1, "Stadtbibliothek Köln", "Köln", "DE", 50.9, 6.9, "", 1200)
    html = drawn(
        pages,
        "libraries_by_country",
        [
            LibrariesOf("DE", [library]),
            LibrariesOf("", [library._replace(website="https://x.example.org/", circle_count=1)]),
        ],
    )

    assert "<h3>Germany</h3>" in html
    assert "1,200 circles so far" in html
    assert "<h3>Country not given</h3>" in html
    assert "1 circle so far" in html
    assert 'href="https://x.example.org/"' in html
