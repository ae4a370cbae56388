"""What a moderator takes away is gone for others at every address it had, and out of the counts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from board.comments.actions import move_comment
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.http import Board
from board.desk.rules import NEED_REASON
from board.recount import differences
from board.stories.actions import hide_story, hold_flagged_story, keep_story, withdraw_story
from board.stories.models import stories
from board.stories.photo_actions import put_photo
from board.stories.picture_rules import Picture
from board.towns.models import towns
from tests.desk.queueing import counts_are_true, judge, last_step, undo
from tests.invented import person, remembered, say, tell, vote


@pytest.fixture
def told(board: Board, client: TestClient) -> tuple[int, int, int]:
    """Alice's public story with a photo and two comments under it, one of them Bob's; ids of the
    story, Bob's comment and the photo. Mo looks at them."""
    with board.database.transaction() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        say(conn, bob, town_id, "Said in the town's talk")
        story_id = tell(conn, alice, town_id)
        said = say(conn, bob, town_id, "Said under it", story_id=story_id)
        say(conn, alice, town_id, "Thank you", story_id=story_id)
        put_photo(conn, story_id, Picture(b"jpeg", 4, 3), "A table", clock.now())
        photo_id = conn.exec_driver_sql("SELECT id FROM story_photo").scalar_one()
    remembered(board, client, "Mo", role="moderator")
    return story_id, said, photo_id


def seen_by_strangers(client: TestClient, *paths: str) -> list[int]:
    cookies = dict(client.cookies)
    client.cookies.clear()
    seen = [client.get(path).status_code for path in paths]
    client.cookies.update(cookies)
    return seen


def comments_of_town(board: Board) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(towns.c.comment_count)).scalar_one())


@pytest.mark.parametrize("act", ["unlist", "archive", "delete", "block"])
def test_story_taken_away_is_gone_with_photo_and_talk_and_comes_back_with_them(
    client: TestClient, board: Board, told: tuple[int, int, int], act: str
) -> None:
    story_id, said, photo_id = told
    paths = (f"/stories/{story_id}", f"/photos/{photo_id}")
    assert seen_by_strangers(client, *paths) == [200, 200]
    assert comments_of_town(board) == 3
    reason = "spam" if act in NEED_REASON else ""
    judge(client, "story", story_id, act, seen="public", reason=reason)
    assert seen_by_strangers(client, *paths) == [410, 410]
    # Its talk is nowhere to be read without it.
    assert seen_by_strangers(client, f"/comments/{said}") == [410]
    assert comments_of_town(board) == 1
    assert counts_are_true(board)
    assert client.get(paths[0]).status_code == 200
    remembered(board, client, "Alice")
    assert client.get(paths[0]).status_code == (200 if act == "unlist" else 410)
    remembered(board, client, "Mo", role="moderator")
    assert undo(client, last_step(board)) == 303
    assert seen_by_strangers(client, *paths) == [200, 200]
    assert comments_of_town(board) == 3
    assert counts_are_true(board)


def test_held_after_it_was_public_is_gone_until_somebody_looked(
    client: TestClient, board: Board, told: tuple[int, int, int]
) -> None:
    story_id, _said, photo_id = told
    paths = (f"/stories/{story_id}", f"/photos/{photo_id}")
    with board.database.transaction() as conn:
        hold_flagged_story(conn, story_id, clock.now())
    assert seen_by_strangers(client, *paths) == [410, 410]
    assert comments_of_town(board) == 1
    with board.database.transaction() as conn:
        keep_story(conn, story_id, clock.now())
    assert seen_by_strangers(client, *paths) == [200, 200]
    assert comments_of_town(board) == 3
    with board.database.transaction() as conn:
        withdraw_story(conn, story_id, clock.now())
    # With its words the picture is destroyed too: nothing is left at its address.
    assert seen_by_strangers(client, *paths) == [410, 404]
    assert counts_are_true(board)


@pytest.mark.parametrize("act", ["unlist", "archive", "delete", "block"])
def test_comment_taken_away_is_gone(
    client: TestClient, board: Board, told: tuple[int, int, int], act: str
) -> None:
    _story, said, _photo = told
    path = f"/comments/{said}"
    judge(client, "comment", said, act, seen="public", reason="spam")
    assert seen_by_strangers(client, path) == [410]
    remembered(board, client, "Bob")
    own = client.get(path).status_code
    assert (own == 410) == (act != "unlist")
    assert counts_are_true(board)


def test_comment_judged_while_its_story_is_away_is_counted_when_it_is_back(
    client: TestClient, board: Board, told: tuple[int, int, int]
) -> None:
    story_id, said, _photo = told
    now = clock.now()
    with board.database.transaction() as conn:
        hide_story(conn, story_id, "unlisted", "spam", now)
        move_comment(conn, said, "archived", now=now)
    assert comments_of_town(board) == 1
    assert counts_are_true(board)
    with board.database.transaction() as conn:
        keep_story(conn, story_id, now)
    assert comments_of_town(board) == 2
    with board.database.transaction() as conn:
        assert conn.execute(select(stories.c.comment_count)).scalar_one() == 1
        move_comment(conn, said, "public", now=now)
    assert comments_of_town(board) == 3
    assert counts_are_true(board)


def test_talk_under_a_story_that_comes_and_goes_is_counted_right(
    database: Database, settings: Settings
) -> None:
    with database.transaction() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)

    def talk(_hand: int) -> None:
        for _word in range(6):
            with database.transaction() as conn:
                say(conn, bob, town_id, story_id=story_id)

    def move(_hand: int) -> None:
        for visibility in ("unlisted", "public") * 4:
            with database.transaction() as conn:
                hide_story(conn, story_id, visibility, "", clock.now())

    with ThreadPoolExecutor(3) as hands:
        for done in [hands.submit(one, 0) for one in (talk, move, talk)]:
            done.result()
    with database.snapshot() as conn:
        assert conn.execute(select(towns.c.comment_count)).scalar_one() == 12
        assert differences(conn, settings) == []
