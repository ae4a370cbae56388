"""A story's visibility moves, and every counter moves with it."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import Conflict, Gone, NotFound
from board.recount import differences
from board.stories.actions import hide_story, show_story
from board.stories.models import stories
from board.stories.queries import get_story, stories_of_town, stories_to_judge
from board.stories.rules import VISIBILITIES
from board.stories.search_queries import newest_stories, story_languages
from board.towns.models import towns
from board.towns.queries import languages_of_town
from tests.invented import JOENSUU, person, tell, vote


def count(conn: Connection, town_id: int) -> int:
    return int(conn.execute(select(towns.c.story_count).where(towns.c.id == town_id)).scalar_one())


def visible(conn: Connection, town_id: int, viewer_id: int | None) -> list[str]:
    return [one.title for one in stories_of_town(conn, town_id, viewer_id=viewer_id)]


def test_submit_story_counts_only_what_is_public(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        held = tell(conn, alice, town_id, "Because. And so on.", visibility="held")
        assert count(conn, town_id) == 0
        public = tell(conn, alice, town_id, language="sl")
        assert count(conn, town_id) == 1
        rows = {row.id: row for row in conn.execute(stories.select())}
    assert (rows[held].published_at, rows[held].country) == (None, "SI")
    assert rows[public].published_at is not None
    assert rows[public].title == "The mine is winding down"


def test_show_story_dates_it_on_the_day_it_first_appeared(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id, visibility="held", language="sl")
        assert show_story(conn, story_id, clock.now()) == "held"
        first = get_story(conn, story_id, viewer_id=None).published_at
        assert languages_of_town(conn, town_id) == story_languages(conn) == ["sl"]
        assert hide_story(conn, story_id, "unlisted", "spam", clock.now()) == "public"
        assert (count(conn, town_id), languages_of_town(conn, town_id)) == (0, [])
        assert show_story(conn, story_id, clock.now()) == "unlisted"
        assert get_story(conn, story_id, viewer_id=None).published_at == first
        reason = conn.execute(select(stories.c.reason)).scalar_one()
    assert reason == ""


def test_story_moved_twice_is_a_conflict(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        story_id = tell(conn, alice, vote(conn, alice), visibility="held")
        show_story(conn, story_id, clock.now())
        with pytest.raises(Conflict):
            show_story(conn, story_id, clock.now())
        hide_story(conn, story_id, "deleted", "spam", clock.now())
        with pytest.raises(Conflict):
            hide_story(conn, story_id, "deleted", "spam", clock.now())
        with pytest.raises(NotFound):
            show_story(conn, 12_345, clock.now())


def test_who_sees_a_story(database: Database) -> None:
    """Public for all; held and unlisted for author and moderators; the rest for moderators."""
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)

        def may_see(story_id: int, viewer_id: int | None, *, moderates: bool = False) -> str:
            try:
                get_story(conn, story_id, viewer_id=viewer_id, may_moderate=moderates)
            except NotFound:
                return "unknown"
            except Gone:
                return "gone"
            return "yes"

        ids = {one: tell(conn, alice, town_id, title=one, visibility=one) for one in VISIBILITIES}
        seen = {
            one: (
                may_see(story_id, None),
                may_see(story_id, bob.id),
                may_see(story_id, alice.id),
                may_see(story_id, bob.id, moderates=True),
            )
            for one, story_id in ids.items()
        }
        listed = [visible(conn, town_id, who) for who in (None, bob.id, alice.id)]
        newest = [one.title for one in newest_stories(conn)]
        waiting = [one.title for one in stories_to_judge(conn, [ids["held"]])]
    assert seen == {
        "held": ("unknown", "unknown", "yes", "yes"),
        "public": ("yes", "yes", "yes", "yes"),
        "unlisted": ("gone", "gone", "yes", "yes"),
        "archived": ("gone", "gone", "gone", "yes"),
        "deleted": ("gone", "gone", "gone", "yes"),
        "withdrawn": ("gone", "gone", "gone", "gone"),
    }
    assert listed == [["public"], ["public"], ["held", "public"]]
    assert (newest, waiting) == (["public"], ["held"])


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["tell", "show", "unlisted", "archived", "deleted"]),
        st.integers(0, 3),
        st.sampled_from(["en", "sl"]),
        st.booleans(),
    ),
    max_size=20,
)


@examples(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES)
def test_counters_are_true_whatever_happens_to_stories(
    database: Database, settings: Settings, moves: list[tuple[str, int, str, bool]]
) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        here = [vote(conn, alice), vote(conn, alice, JOENSUU)]
        told: list[int] = []
        for act, nth, language, flag in moves:
            if act == "tell":
                visibility = "public" if flag else "held"
                told.append(
                    tell(conn, alice, here[nth % 2], language=language, visibility=visibility)
                )
            elif nth < len(told):
                try:
                    if act == "show":
                        show_story(conn, told[nth], clock.now())
                    else:
                        hide_story(conn, told[nth], act, "spam", clock.now())
                except Conflict:
                    pass
        assert differences(conn, settings) == []
        public = conn.execute(select(stories.c.id).where(stories.c.visibility == "public")).all()
        assert sum(count(conn, town_id) for town_id in here) == len(public)
