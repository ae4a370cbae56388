"""Threads of a talk: one level deep, in either order, page by page, with nothing hidden shown."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from board.comments.actions import move_comment
from board.comments.own_actions import withdraw_comment
from board.comments.queries import comments_by, get_comment, get_placed
from board.comments.rules import Asked, Talk
from board.comments.thread_queries import TalkPage, newest_in_towns, page_with, read_talk
from board.core import clock
from board.core.db import Database
from board.core.errors import Gone, NotFound
from tests.invented import Person, person, say, tell, vote

NOW = clock.now()


def texts(page: TalkPage) -> list[str]:
    """The words of each thread, an answer behind its comment."""
    return [
        " > ".join([thread.root.text, *(answer.comment.text for answer in thread.answers)])
        for thread in page.threads
    ]


def talk_of(conn: Connection, who: Person, town_id: int, many: int) -> list[int]:
    """A talk of so many threads, a minute between them; their ids."""
    began = NOW - timedelta(days=1)
    return [
        say(conn, who, town_id, str(nth), now=began + timedelta(minutes=nth)) for nth in range(many)
    ]


def test_answers_hang_one_level_deep(database: Database) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        first = say(conn, alice, town_id, "a")
        answer = say(conn, bob, town_id, "b", reply_to=first)
        say(conn, alice, town_id, "c", reply_to=answer)
        say(conn, alice, town_id, "d")
        page = read_talk(conn, Talk(town_id), viewer_id=None)
    assert texts(page) == ["a > b > c", "d"]
    assert page.said == 4
    (b, c) = page.threads[0].answers
    assert (b.to, b.to_id, c.to, c.to_id) == ("", None, "Bob", answer)
    assert c.comment.parent_id == first


def test_answer_to_what_is_not_in_this_talk_begins_a_thread(database: Database) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)
        elsewhere = say(conn, alice, town_id, "under the story", story_id=story_id)
        held = say(conn, alice, town_id, "waits", visibility="held")
        for reply_to in (elsewhere, held, 12_345):
            say(conn, bob, town_id, "x", reply_to=reply_to)
        page = read_talk(conn, Talk(town_id), viewer_id=None)
    assert texts(page) == ["x", "x", "x"]


@pytest.mark.parametrize("fate", ["withdrawn", "deleted", "archived", "unlisted", "flagged"])
def test_removed_comment_is_a_line_only_where_answers_hang(database: Database, fate: str) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        lone, answered = say(conn, alice, town_id, "lone"), say(conn, alice, town_id, "gone")
        answer = say(conn, bob, town_id, "stays", reply_to=answered)
        say(conn, alice, town_id, "to Bob", reply_to=answer)
        for comment_id in (lone, answered):
            if fate == "withdrawn":
                withdraw_comment(conn, comment_id, person_id=alice.id, now=NOW)
            else:
                after = "held" if fate == "flagged" else fate
                move_comment(conn, comment_id, after, now=NOW)
        page = read_talk(conn, Talk(town_id), viewer_id=None)
        assert [thread.root.id for thread in page.threads] == [answered]
        assert [one.comment.text for one in page.threads[0].answers] == ["stays", "to Bob"]
        move_comment(conn, answer, "deleted", now=NOW)
        page = read_talk(conn, Talk(town_id), viewer_id=None)
        # Whose answer was removed isn't named any more.
        assert [(one.comment.text, one.to) for one in page.threads[0].answers] == [("to Bob", "")]


def test_held_words_are_seen_by_their_author_alone(database: Database) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        first = say(conn, alice, town_id, "a")
        say(conn, bob, town_id, "b", reply_to=first, visibility="held")
        say(conn, bob, town_id, "c", visibility="held")
        seen = {
            who: texts(read_talk(conn, Talk(town_id), viewer_id=who))
            for who in (None, alice.id, bob.id)
        }
    assert seen == {None: ["a"], alice.id: ["a"], bob.id: ["a > b", "c"]}


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_pages_lead_forth_and_back_without_a_gap(database: Database, order: str) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        ids = talk_of(conn, alice, town_id, 11)
        wanted = ids if order == "oldest" else ids[::-1]

        def pages(asked: Asked) -> TalkPage:
            return read_talk(conn, Talk(town_id), asked, viewer_id=None, limit=4)

        forth = [pages(Asked(order))]
        while (mark := forth[-1].on) is not None:
            forth.append(pages(Asked(order, after=mark)))
        assert roots(forth) == wanted
        assert [len(page.threads) for page in forth] == [4, 4, 3]
        back = [forth[-1]]
        while (mark := back[0].back) is not None:
            back.insert(0, pages(Asked(order, before=mark)))
        assert roots(back) == wanted
        assert forth[0].back is None


def roots(pages: Sequence[TalkPage]) -> list[int]:
    return [thread.root.id for page in pages for thread in page.threads]


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_permalink_finds_the_page_that_shows_a_comment(database: Database, order: str) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        ids = talk_of(conn, alice, town_id, 9)
        # Said later, but in another order of ids than of moments.
        ids.append(say(conn, alice, town_id, "early", now=NOW - timedelta(days=2)))
        ids.append(say(conn, alice, town_id, "answer", reply_to=ids[7]))
        for comment_id in ids:
            comment = get_comment(conn, comment_id, viewer_id=None)
            asked = page_with(conn, comment, order=order, viewer_id=None, limit=4)
            page = read_talk(conn, Talk(town_id), asked, viewer_id=None, limit=4)
            assert (comment.parent_id or comment_id) in roots([page])


def test_one_comment_is_shown_to_who_may_see_it(database: Database) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        waits = say(conn, alice, town_id, visibility="held")
        hidden = say(conn, alice, town_id)
        move_comment(conn, hidden, "unlisted", "spam", now=NOW)
        for comment_id, error in ((waits, NotFound), (hidden, Gone), (99_999, NotFound)):
            with pytest.raises(error):
                get_comment(conn, comment_id, viewer_id=bob.id)
        for comment_id in (waits, hidden):
            assert get_comment(conn, comment_id, viewer_id=alice.id).id == comment_id
            assert get_comment(conn, comment_id, viewer_id=None, may_moderate=True)


def test_own_words_with_their_place(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id, title="Our mine")
        for where in ((town_id, None), (town_id, story_id), (None, None)):
            say(conn, alice, where[0], story_id=where[1])
        gone = say(conn, alice, town_id)
        assert withdraw_comment(conn, gone, person_id=alice.id, now=NOW)
        own = comments_by(conn, alice.id)
        paths = {one.path for one in own}
        placed = get_placed(conn, own[0].comment.id, viewer_id=None)
    assert paths == {"/towns/si/velenje", f"/stories/{story_id}", "/talk"}
    assert len(own) == 3
    assert placed.town_name in ("", "Velenje")


def test_newest_of_all_towns_leaves_out_what_is_not_listed(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)
        secret = tell(conn, alice, town_id, visibility="held")
        say(conn, alice, None, "open talk")
        say(conn, alice, town_id, "under a held story", story_id=secret)
        for nth in range(5):
            say(conn, alice, town_id, str(nth), story_id=story_id if nth % 2 else None)
        first, mark = newest_in_towns(conn, limit=3)
        rest, end = newest_in_towns(conn, after=mark, limit=3)
    assert [one.comment.text for one in [*first, *rest]] == ["4", "3", "2", "1", "0"]
    assert end is None
