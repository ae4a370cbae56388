"""Authors and their own words: a quarter of an hour to mend them, and away whenever they like."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from board.comments.actions import keep_comment, move_comment
from board.comments.lock_actions import lock_talk, unlock_talk
from board.comments.models import comments, talk_locks
from board.comments.own_actions import Wording, edit_comment, withdraw_comment
from board.comments.queries import lock_reason
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import Conflict, NotFound, Refused
from board.record.models import decisions
from board.recount import differences
from board.towns.models import towns
from tests.invented import person, say, tell, vote

NOW = clock.now()
MENDED = Wording("Mended.", "de")


def test_edit_keeps_the_comment_s_place_and_forgets_that_it_was_kept(
    database: Database, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        comment_id = say(conn, alice, vote(conn, alice), "See example.org", visibility="held")
        keep_comment(conn, comment_id, NOW)
        edit_comment(conn, comment_id, MENDED, person_id=alice.id, anew="public", now=NOW)
        row = conn.execute(comments.select()).one()
        assert differences(conn, settings) == []
    assert (row.text, row.html, row.language) == ("Mended.", "<p>Mended.</p>", "de")
    assert (row.visibility, row.kept_at, row.edited_at) == ("public", None, NOW)


def test_edit_that_must_be_looked_at_leaves_the_page_and_the_count(
    database: Database, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        comment_id = say(conn, alice, vote(conn, alice))
        wording = Wording("Now at www.example.org", "en")
        edit_comment(conn, comment_id, wording, person_id=alice.id, anew="held", now=NOW)
        row = conn.execute(comments.select()).one()
        count = conn.execute(select(towns.c.comment_count)).scalar_one()
        assert differences(conn, settings) == []
    assert (row.visibility, row.held_for, row.hidden_at, count) == ("held", "first", NOW, 0)


def test_flagged_comment_stays_held_when_its_author_mends_it(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        comment_id = say(conn, alice, vote(conn, alice))
        move_comment(conn, comment_id, "held", now=NOW)
        edit_comment(conn, comment_id, MENDED, person_id=alice.id, anew="public", now=NOW)
        assert conn.execute(select(comments.c.visibility)).scalar_one() == "held"


def test_nobody_else_and_nobody_late_edits(database: Database) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        comment_id = say(conn, alice, vote(conn, alice), now=NOW)
        late = NOW + timedelta(minutes=16)
        with pytest.raises(Refused):
            edit_comment(conn, comment_id, MENDED, person_id=bob.id, anew="public", now=NOW)
        with pytest.raises(Conflict):
            edit_comment(conn, comment_id, MENDED, person_id=alice.id, anew="public", now=late)
        with pytest.raises(NotFound):
            edit_comment(conn, 12_345, MENDED, person_id=alice.id, anew="public", now=NOW)


@pytest.mark.parametrize("visibility", ["held", "public", "unlisted", "archived", "deleted"])
def test_withdrawn_words_are_destroyed_at_once(
    database: Database, settings: Settings, visibility: str
) -> None:
    with database.snapshot() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town_id = vote(conn, alice)
        story_id = tell(conn, bob, town_id)
        comment_id = say(conn, alice, town_id, story_id=story_id)
        if visibility != "public":
            move_comment(conn, comment_id, visibility, now=NOW)
        with pytest.raises(Refused):
            withdraw_comment(conn, comment_id, person_id=bob.id, now=NOW)
        assert withdraw_comment(conn, comment_id, person_id=alice.id, now=NOW)
        assert not withdraw_comment(conn, comment_id, person_id=alice.id, now=NOW)
        row = conn.execute(comments.select()).one()
        assert differences(conn, settings) == []
        with pytest.raises(Conflict):
            move_comment(conn, comment_id, "public", now=NOW)
        with pytest.raises(Conflict):
            keep_comment(conn, comment_id, NOW)
    assert (row.visibility, row.name, row.text, row.html) == ("withdrawn", "", "", "")
    assert row.hidden_at == NOW


@pytest.mark.parametrize("in_town", [True, False])
def test_talk_is_closed_and_opened_with_a_reason_and_written_down(
    database: Database, in_town: bool
) -> None:
    with database.snapshot() as conn:
        sue = person(conn, "Sue", role="staff")
        town_id = vote(conn, sue) if in_town else None
        other = None if in_town else vote(conn, sue)
        lock_talk(conn, town_id, "Until Monday.", actor_id=sue.id, now=NOW)
        lock_talk(conn, town_id, "Until Tuesday.", actor_id=sue.id, now=NOW)
        assert conn.execute(select(talk_locks.c.reason)).scalars().all() == ["Until Tuesday."]
        assert lock_reason(conn, town_id) == "Until Tuesday."
        assert lock_reason(conn, other) == ""
        unlock_talk(conn, town_id, actor_id=sue.id, now=NOW)
        assert lock_reason(conn, town_id) == ""
        with pytest.raises(Conflict):
            unlock_talk(conn, town_id, actor_id=sue.id, now=NOW)
        written = conn.execute(
            select(decisions.c.act, decisions.c.subject, decisions.c.town_id, decisions.c.reason)
        ).all()
    assert written == [
        ("lock", "talk", town_id, ""),
        ("lock", "talk", town_id, ""),
        ("unlock", "talk", town_id, ""),
    ]  # fmt: skip


def test_author_and_moderator_at_the_same_moment_leave_true_counters(
    database: Database, settings: Settings
) -> None:
    with database.transaction() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id)
        said = [say(conn, alice, town_id, story_id=story_id) for _nth in range(4)]

    def one(nth: int) -> None:
        comment_id = said[nth % 4]
        with suppress(Conflict), database.transaction() as conn:
            if nth < 8:
                withdraw_comment(conn, comment_id, person_id=alice.id, now=NOW)
            elif nth < 16:
                keep_comment(conn, comment_id, NOW)
            else:
                move_comment(conn, comment_id, "unlisted", "spam", now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(23, -1, -1)))
    with database.snapshot() as conn:
        assert conn.execute(select(comments.c.visibility).distinct()).scalars().all() == [
            "withdrawn"
        ]
        assert conn.execute(select(comments.c.text).distinct()).scalars().all() == [""]
        assert differences(conn, settings) == []
