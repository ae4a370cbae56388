"""What is said in the talk, who sees it, and that the counters know."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from board.comments.actions import hold_flagged_comment, keep_comment, move_comment
from board.comments.models import comments
from board.comments.own_actions import Wording, edit_comment, withdraw_comment
from board.comments.rules import Talk
from board.comments.thread_queries import read_talk
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import Conflict, NotFound
from board.recount import differences
from board.stories.models import stories
from board.taking_part.actions import take_part
from board.taking_part.rules import CommentWish, Where, terms_of
from board.towns.models import towns
from tests.invented import Person, person, say, tell, vote


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
        assert move_comment(conn, held, "public", now=clock.now()) == "held"
        assert counts(conn) == (2, 1)
        assert move_comment(conn, held, "unlisted", "spam", now=clock.now()) == "public"
        assert counts(conn) == (1, 0)
        row = conn.execute(comments.select().where(comments.c.id == held)).one()
    assert (row.visibility, row.reason) == ("unlisted", "spam")


def test_comment_moved_twice_is_a_conflict(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        comment_id = say(conn, alice, vote(conn, alice), visibility="held")
        move_comment(conn, comment_id, "public", now=clock.now())
        with pytest.raises(Conflict):
            move_comment(conn, comment_id, "public", now=clock.now())
        with pytest.raises(NotFound):
            move_comment(conn, 12_345, "public", now=clock.now())


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
            town = read_talk(conn, Talk(town_id), viewer_id=viewer_id).threads
            story = read_talk(conn, Talk(town_id, story_id), viewer_id=viewer_id).threads
            return [one.root.html for one in town], [one.root.html for one in story]

        under = "<p>under the story</p>"
        assert heard(None) == (["<p>a</p>"], [under])
        assert heard(alice.id) == (["<p>a</p>", "<p>b</p>"], [under])
        assert heard(bob.id) == (["<p>a</p>"], [under, "<p>held there</p>"])


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


ACTS = (
    "public", "held", "unlisted", "archived", "deleted", "keep", "flagged", "edit", "withdraw",
)  # fmt: skip
MOVES = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.sampled_from(["town", "story", "open"])),
    max_size=20,
)


def do(conn: Connection, act: str, comment_id: int, author: Person) -> None:
    """What an author, a moderator or the readers' flags do with a comment."""
    now = clock.now()
    if act == "keep":
        keep_comment(conn, comment_id, now)
    elif act == "flagged":
        hold_flagged_comment(conn, comment_id, now)
    elif act == "edit":
        wording = Wording("See example.org", "en")
        edit_comment(conn, comment_id, wording, person_id=author.id, anew="held", now=now)
    elif act == "withdraw":
        withdraw_comment(conn, comment_id, person_id=author.id, now=now)
    else:
        move_comment(conn, comment_id, act, now=now)


@examples(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES)
def test_counters_are_true_whatever_happens_to_comments(
    database: Database, settings: Settings, moves: list[tuple[str, int, str]]
) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)
        places = {"town": (town_id, None), "story": (town_id, story_id), "open": (None, None)}
        said: list[int] = []
        for act, nth, where in moves:
            if nth < len(said):
                with suppress(Conflict):
                    do(conn, act, said[nth], alice)
                continue
            town, story = places[where]
            answered = said[-1] if said else None
            said.append(
                say(
                    conn,
                    alice,
                    town,
                    story_id=story,
                    visibility="public" if act == "public" else "held",
                    reply_to=answered,
                )
            )
        assert differences(conn, settings) == []
