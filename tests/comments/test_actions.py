"""What is said in the talk, who sees it, and that the counters know."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from board.comments.actions import move_comment
from board.comments.models import comments
from board.comments.queries import comments_of_story, comments_of_town, held_comments
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import Conflict, NotFound
from board.recount import differences
from board.stories.models import stories
from board.taking_part.actions import take_part
from board.taking_part.rules import CommentWish, Where, terms_of
from board.towns.models import towns
from tests.invented import person, say, tell, vote


def counts(conn: Connection) -> tuple[int, int]:
    """The comments that the town and its story say they have."""
    town = conn.execute(select(towns.c.comment_count)).scalar_one()
    return int(town), int(conn.execute(select(stories.c.comment_count)).scalar() or 0)


def test_comment_counts_once_it_is_public(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)
        say(conn, alice, town_id)
        held = say(conn, alice, town_id, story_id=story_id, visibility="held")
        assert counts(conn) == (1, 0)
        assert move_comment(conn, held, "public") == "held"
        assert counts(conn) == (2, 1)
        assert move_comment(conn, held, "unlisted", "spam") == "public"
        assert counts(conn) == (1, 0)
        row = conn.execute(comments.select().where(comments.c.id == held)).one()
    assert (row.visibility, row.reason) == ("unlisted", "spam")


def test_comment_moved_twice_is_a_conflict(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        comment_id = say(conn, alice, vote(conn, alice), visibility="held")
        move_comment(conn, comment_id, "public")
        with pytest.raises(Conflict):
            move_comment(conn, comment_id, "public")
        with pytest.raises(NotFound):
            move_comment(conn, 12_345, "public")


def test_who_sees_a_comment(database: Database) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)
        for text, visibility in (
            ("a", "public"), ("b", "held"), ("c", "unlisted"), ("d", "archived"), ("e", "deleted"),
        ):  # fmt: skip
            say(conn, alice, town_id, text, visibility=visibility)
        say(conn, bob, town_id, "under the story", story_id=story_id)
        say(conn, bob, town_id, "held there", story_id=story_id, visibility="held")

        def heard(viewer_id: int | None) -> tuple[list[str], list[str]]:
            town = comments_of_town(conn, town_id, viewer_id=viewer_id)
            story = comments_of_story(conn, story_id, viewer_id=viewer_id)
            return [one.html for one in town], [one.html for one in story]

        under = "<p>under the story</p>"
        assert heard(None) == (["<p>a</p>"], [under])
        assert heard(alice.id) == (["<p>a</p>", "<p>b</p>"], [under])
        assert heard(bob.id) == (["<p>a</p>"], [under, "<p>held there</p>"])
        assert [one.comment.html for one in held_comments(conn)] == [
            "<p>b</p>",
            "<p>held there</p>",
        ]


def test_long_talk_shows_its_end_in_reading_order(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        for n in range(6):
            say(conn, alice, town_id, str(n))
        talk = comments_of_town(conn, town_id, viewer_id=None, limit=4)
    assert [one.html for one in talk] == [f"<p>{n}</p>" for n in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("text", "trusted", "votes", "staff", "visibility"),
    [
        ("Me too.", False, True, False, "public"),
        ("Me too.", False, False, False, "held"),
        ("See example.org/x and www.example.org", False, True, False, "held"),
        ("See https://example.org", True, False, False, "public"),
        ("See https://example.org", False, False, True, "public"),
    ],
)
def test_comment_appears_at_once_by_the_rule(
    database: Database,
    settings: Settings,
    text: str,
    trusted: bool,
    votes: bool,
    staff: bool,
    visibility: str,
) -> None:
    with database.snapshot() as conn:
        town_id = vote(conn, person(conn, "Alice"))
        bob = person(conn, "Bob", trusted=trusted)
        if votes:
            vote(conn, bob)
        wish = CommentWish(where=Where(town_id=town_id), name="Bob", text=text)
        done = take_part(
            conn,
            wish,
            person_id=bob.id,
            key=bob.key,
            terms=terms_of(settings),
            now=clock.now(),
            staff=staff,
        )
    assert done.outcome == visibility


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["public", "held", "unlisted", "archived", "deleted"]),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=20,
)


@examples(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES)
def test_counters_are_true_whatever_happens_to_comments(
    database: Database, settings: Settings, moves: list[tuple[str, int, bool]]
) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)
        said: list[int] = []
        for visibility, nth, under in moves:
            if nth >= len(said):
                story = story_id if under else None
                said.append(say(conn, alice, town_id, story_id=story, visibility=visibility))
                continue
            with suppress(Conflict):
                move_comment(conn, said[nth], visibility)
        assert differences(conn, settings) == []
