"""What the reading pages say of a town, in words and in the line of its steps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jinja2 import Environment

from board.core.config import ROOT, Settings
from board.core.rendering import make_environment
from board.drawing.ring import ring
from board.explore.town_page import TownPage
from board.stories.queries import StoryView
from board.towns.queries import PlaceRow, TownRow
from board.towns.rules import Need, Readiness
from board.updates.queries import UpdateView, steps_taken
from board.votes.queries import OwnVote, TownWishes
from board.votes.rules import Offer

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NEED = Need()
PLACE = PlaceRow(
    3189075, "Velenje", "SI", "Savinjska", 46.36, 15.11, 26742, "Europe/Ljubljana", "velenje"
)


@pytest.fixture(scope="module")
def pages() -> Environment:
    """The environment of the board's pages."""
    return make_environment(ROOT / "templates", build="test")


def a_town(**changes: Any) -> TownRow:
    """Velenje with 86 votes, but for what is said."""
    facts: dict[str, Any] = dict.fromkeys(TownRow._fields, 0) | PLACE._asdict()
    facts |= {"id": 7, "code": "b2c3d", "mx": 1, "my": 1, "standing": "listed"}
    facts |= {"status": "asking", "status_since": NOW, "asked_at": NOW - timedelta(days=60)}
    facts |= {"ready_at": None, "answered_at": None, "nearest_circle_id": None, "nearest_km": None}
    facts |= {"vote_count": 86, "nearby_count": 52}
    return TownRow(**(facts | changes))


def a_page(town: TownRow | None, history: tuple[UpdateView, ...] = (), **more: Any) -> TownPage:
    """The page of a town with P2PU's words, the newest first; without a town that of a place."""
    values: dict[str, Any] = {
        "place": town or PLACE,
        "town": town,
        "readiness": town.readiness(NEED) if town else Readiness(0, 0, 0, NEED),
        "steps": steps_taken(town.status, town.asked_at, [*history]) if town else [],
        "updates": [*history],
        "own": None,
        "wishes": TownWishes(),
    }
    empty: dict[str, Any] = {name: [] for name in TownPage._fields if name not in values}
    return TownPage(**(empty | values | more))


def a_word(before: str, after: str, *, reason: str = "", html: str = "") -> UpdateView:
    """Something that P2PU said."""
    return UpdateView(1, "Ines", before, after, reason, "en", html, NOW)


def drawn(pages: Environment, name: str, **values: Any) -> str:
    """A partial of the reading pages, its words with single spaces."""
    known = {"viewer": None, "language": "en", "settings": Settings(), "place": PLACE}
    html = pages.get_template(f"explore/{name}.html").render(**(known | values))
    return " ".join(html.split())


def said(pages: Environment, macro: str, thing: Any) -> str:
    """What a macro of the words says of something."""
    template = pages.from_string(
        f"{{% from 'explore/_words.html' import {macro} %}}{{{{ {macro}(thing) }}}}"
    )
    return " ".join(template.render(thing=thing).split())


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("learners", "facilitators", "spaces", "words"),
    [
        (6, 1, 1, "Everything is there"),
        (9, 1, 0, "A room is missing"),
        (6, 0, 1, "A facilitator is missing"),
        (6, 0, 0, "A facilitator and a room are missing"),
        (4, 1, 1, "2 more learners"),
        (5, 1, 1, "1 more learner"),
        (5, 1, 0, "1 more learner and a room"),
        (4, 0, 1, "2 more learners and a facilitator"),
        (0, 0, 0, "6 more learners, a facilitator, a room"),
    ],
)
def test_missing_is_said_whole(
    pages: Environment, learners: int, facilitators: int, spaces: int, words: str
) -> None:
    assert said(pages, "missing_of", Readiness(learners, facilitators, spaces, NEED)) == words


def test_offers_are_counted_and_votes_are_not_among_them(pages: Environment) -> None:
    town = a_town(come_count=19, facilitate_count=1)

    assert said(pages, "offers_of", town) == "19 would come · 1 facilitator · no room yet"


def test_place_says_a_region_of_the_same_name_once(pages: Environment) -> None:
    assert said(pages, "place_of", a_town()) == "<bdi>Savinjska</bdi>, Slovenia"
    assert said(pages, "place_of", a_town(region="Velenje")) == "Slovenia"


@pytest.mark.parametrize(
    ("km", "words"),
    [(None, "No circle anywhere near"), (0.4, "Circle right here"), (57.2, "Circle 57 km away")],
)
def test_distance_of_the_nearest_circle(pages: Environment, km: float | None, words: str) -> None:
    assert said(pages, "distance_of", a_town(nearest_km=km)) == words


def test_languages_are_joined(pages: Environment) -> None:
    assert said(pages, "all_of", ["Slovenian"]) == "Slovenian"
    assert said(pages, "all_of", ["Slovenian", "English", "Bosnian"]) == (
        "Slovenian, English and Bosnian"
    )


# --- where it stands ------------------------------------------------------------------------


def status_line(pages: Environment, shown: TownPage) -> str:
    return drawn(
        pages,
        "_status_line",
        steps=shown.steps,
        asked=shown.asked,
        paused_at=shown.paused_at,
        reason=shown.paused_for,
    )


def test_status_line_marks_the_present_step(pages: Environment) -> None:
    shown = a_page(a_town(status="talking"), (a_word("asking", "talking"),))

    html = status_line(pages, shown)

    assert html.count("<li ") == 5
    assert html.count('aria-current="step"') == 1
    assert '<li class="step step-talking step-now" aria-current="step">' in html
    # The step that was skipped is done, without a date.
    assert '<li class="step step-in_review">' in html
    assert '<li class="step step-planned step-next">' in html


def test_status_line_ends_with_the_pause_and_its_reason(pages: Environment) -> None:
    shown = a_page(
        a_town(status="not_now", status_since=NOW),
        (a_word("in_review", "not_now", reason="no_space"), a_word("asking", "in_review")),
    )

    html = status_line(pages, shown)

    assert html.count("<li ") == 3
    assert '<li class="step step-not_now step-now" aria-current="step">' in html
    assert "step-next" not in html
    assert "There is no room yet." in html


def test_status_line_of_a_place_is_all_dotted(pages: Environment) -> None:
    html = status_line(pages, a_page(None))

    assert html.count("step-next") == 5
    assert "aria-current" not in html


def test_an_answer_is_owed_once_enough_asked(pages: Environment) -> None:
    few = drawn(pages, "_official", shown=a_page(a_town(vote_count=19)))
    many = drawn(pages, "_official", shown=a_page(a_town(vote_count=20)))

    assert "From 20 votes on" in few
    assert "we owe <bdi>Velenje</bdi> an answer within 30 days" in many


def test_only_the_newest_word_stands_open(pages: Environment) -> None:
    words = (
        a_word("talking", "talking", html="<p>Who knows a room?</p>"),
        a_word("asking", "talking", html="<p>We rang the library.</p>"),
    )

    html = drawn(pages, "_official", shown=a_page(a_town(status="talking"), words))

    newest, _mark, folded = html.partition("<details")
    assert "Who knows a room?" in newest
    assert "We rang the library." in folded
    assert "Asking → Talking" in folded


# --- the vote -------------------------------------------------------------------------------


def test_vote_card_of_a_stranger_leads_to_the_form(pages: Environment) -> None:
    html = drawn(pages, "_vote_card", shown=a_page(a_town()))

    assert "<bdi>Velenje</bdi> wants a circle." in html
    assert "52 of the 86 live nearby." in html
    assert 'href="/towns/si/velenje/vote"' in html
    assert "<form" not in html


def test_vote_card_of_somebody_known_votes_at_once(pages: Environment) -> None:
    html = drawn(pages, "_vote_card", shown=a_page(a_town()), viewer={"name": "Bob"})

    assert '<form method="post" action="/towns/si/velenje/vote"' in html


def test_vote_card_of_a_voter_offers_to_take_back(pages: Environment) -> None:
    own = OwnVote("counted", True, Offer(come=True))

    html = drawn(pages, "_vote_card", shown=a_page(a_town(), own=own), viewer={"name": "Alice"})

    assert "Your vote counts." in html
    assert "You would come." in html
    assert 'name="town_id" value="7"' in html
    assert "I want this here" not in html


def test_vote_card_where_nobody_asked_invites(pages: Environment) -> None:
    html = drawn(pages, "_vote_card", shown=a_page(None))

    assert "Nobody has asked in <bdi>Velenje</bdi> yet. Be the first." in html


def readiness(pages: Environment, shown: TownPage) -> str:
    ready = shown.readiness
    return drawn(
        pages,
        "_readiness",
        ready=ready,
        ring=ring(ready.learners, 6, ready.has_facilitator, ready.has_space),
        wishes=shown.wishes,
        offer_at="/towns/si/velenje/vote",
    )


@pytest.mark.parametrize(
    ("come", "facilitate", "host", "ask"),
    [
        (6, 1, 0, "I know a room"),
        (6, 0, 1, "I could facilitate"),
        (2, 1, 1, "I'd come"),
        (0, 0, 0, "I'd come"),
    ],
)
def test_readiness_asks_for_what_is_missing(
    pages: Environment, come: int, facilitate: int, host: int, ask: str
) -> None:
    town = a_town(come_count=come, facilitate_count=facilitate, host_count=host)

    html = readiness(pages, a_page(town))

    assert f"<span>{ask}</span>" in html


def test_readiness_asks_for_nothing_when_all_is_there(pages: Environment) -> None:
    town = a_town(come_count=8, facilitate_count=1, host_count=1)

    html = readiness(pages, a_page(town))

    assert "Everything is there" in html
    assert 'class="button' not in html


# --- stories --------------------------------------------------------------------------------


def a_story(**changes: Any) -> StoryView:
    """A story of Velenje, but for what is said."""
    facts: dict[str, Any] = dict.fromkeys(StoryView._fields, "") | {
        "id": 3,
        "town_id": 7,
        "name": "Maja",
        "title": "Half my street",
        "language": "sl",
        "why": "Jama se zapira.",
        "why_html": "<p>Jama se zapira.</p>",
        "visibility": "public",
        "comment_count": 0,
        "created_at": NOW,
        "published_at": NOW,
        "person_id": 1,
        "town_name": "Velenje",
        "country": "SI",
        "town_slug": "velenje",
        "come": True,
        "facilitate": False,
        "host": False,
    }
    return StoryView(**(facts | changes))


def card(pages: Environment, story: StoryView, **how: Any) -> str:
    values = {"tone": "orange", "whole": True, "with_town": False} | how
    return drawn(pages, "_story_card", story=story, **values)


def test_story_is_marked_with_its_language_and_escaped(pages: Environment) -> None:
    html = card(pages, a_story(title="<b>x</b>", why="<i>y</i>"), whole=False)

    assert "<b>x" not in html
    assert "<i>" not in html
    assert html.count('lang="sl"') == 2


def test_story_that_is_held_is_dotted_and_says_who_sees_it(pages: Environment) -> None:
    html = card(pages, a_story(visibility="held", published_at=None))

    assert "card-dotted" in html
    assert "Only you see this yet" in html


def test_story_has_heads_only_where_several_were_answered(pages: Environment) -> None:
    one = card(pages, a_story())
    two = card(pages, a_story(how_html="<p>Ob četrtkih.</p>"))

    assert "Why here" not in one
    assert "Why here" in two
    assert "How I picture it" in two
