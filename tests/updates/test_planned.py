"""Words that go out later, are changed, or are taken back before anybody was told."""

import threading
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from sqlalchemy import func, select

from board.core import clock
from board.core.db import Database
from board.core.errors import Conflict, Mistake
from board.mail.models import announcements
from board.people.models import people
from board.record.models import decisions
from board.towns.models import towns
from board.updates.actions import Word, publish
from board.updates.change_actions import change_update, mark_of, take_back_untold
from board.updates.jobs import publish_due
from board.updates.models import planned_words, update_revisions, updates
from board.updates.planned_actions import drop_plan, plan_word, publish_now, publish_plan
from board.updates.queries import (
    get_update,
    plans_of_town,
    updates_of_town,
    words_of_town,
)
from board.updates.rules import filled, unknown_names
from board.updates.template_actions import keep_template
from tests.invented import person, vote

PAUSE = timedelta(minutes=10)
DAY = timedelta(days=1)


@pytest.fixture
def town(database: Database) -> tuple[int, int]:
    """A town that asks, and Sue of the staff."""
    with database.transaction() as conn:
        sue = person(conn, "Sue", role="staff")
        return vote(conn, person(conn, "Ana")), sue.id


def word(town_id: int, status: str = "in_review", text: str = "We read it.") -> Word:
    return Word(town_id, "asking", status, "", text, "en")


def status_of(database: Database, town_id: int) -> str:
    with database.snapshot() as conn:
        return str(conn.execute(select(towns.c.status).where(towns.c.id == town_id)).scalar_one())


def test_a_word_with_a_date_goes_out_once(database: Database, town: tuple[int, int]) -> None:
    town_id, sue = town
    due = clock.now() + DAY
    with database.transaction() as conn:
        plan_word(conn, word(town_id), person_id=sue, due_at=due, now=clock.now())
    assert publish_due(database, PAUSE) == 0
    with time_machine.travel(due + timedelta(seconds=5), tick=False):
        rounds: list[int] = []
        threads = [
            threading.Thread(target=lambda: rounds.append(publish_due(database, PAUSE)))
            for _n in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(rounds) == [0, 0, 1]
        assert publish_due(database, PAUSE) == 0
    assert status_of(database, town_id) == "in_review"
    with database.snapshot() as conn:
        (said,) = updates_of_town(conn, town_id)
        assert (said.name, said.text) == ("Sue", "We read it.")
        assert conn.execute(select(func.count()).select_from(planned_words)).scalar_one() == 0
        told_at = conn.execute(
            select(announcements.c.created_at).where(announcements.c.kind == "update")
        ).scalar_one()
        assert told_at == due + timedelta(seconds=5) + PAUSE


def test_a_town_that_moved_meanwhile_keeps_the_word_as_a_draft(
    database: Database, town: tuple[int, int]
) -> None:
    town_id, sue = town
    due = clock.now() + DAY
    with database.transaction() as conn:
        plan_word(conn, word(town_id), person_id=sue, due_at=due, now=clock.now())
        publish(conn, word(town_id, "talking"), person_id=sue, name="Sue", now=clock.now())
    with time_machine.travel(due, tick=False):
        assert publish_due(database, PAUSE) == 0
        assert publish_due(database, PAUSE) == 0
    with database.snapshot() as conn:
        (plan,) = plans_of_town(conn, town_id)
        assert (plan.due_at, plan.problem, plan.text) == (None, "moved", "We read it.")
    assert status_of(database, town_id) == "talking"


def test_a_draft_may_be_half_done_but_a_date_must_be_fit(
    database: Database, town: tuple[int, int]
) -> None:
    town_id, sue = town
    now = clock.now()
    empty = word(town_id, "not_now", "")
    with database.transaction() as conn:
        plan_id = plan_word(conn, empty, person_id=sue, due_at=None, now=now)
        again = plan_word(conn, word(town_id), person_id=sue, due_at=None, plan_id=plan_id, now=now)
        assert again == plan_id
    for wrong, due in ((empty, now + DAY), (word(town_id), now - DAY)):
        with pytest.raises(Mistake), database.transaction() as conn:
            plan_word(conn, wrong, person_id=sue, due_at=due, now=now)
    with database.transaction() as conn:
        assert drop_plan(conn, plan_id) == town_id
        assert drop_plan(conn, plan_id) is None
    with pytest.raises(Conflict), database.transaction() as conn:
        plan_word(conn, word(town_id), person_id=sue, due_at=None, plan_id=plan_id, now=now)


def test_a_draft_said_by_two_at_once_is_said_once(
    database: Database, town: tuple[int, int]
) -> None:
    """Sue and Tom have the same dated draft open; its own moment comes, too."""
    town_id, sue = town
    now = clock.now()
    with database.transaction() as conn:
        plan_id = plan_word(conn, word(town_id), person_id=sue, due_at=now + DAY, now=now)
    say = partial(
        publish_now,
        word=word(town_id),
        plan_id=plan_id,
        person_id=sue,
        name="Sue",
        now=now,
        tell_at=now + PAUSE,
    )
    with database.transaction() as conn:
        say(conn)
    with pytest.raises(Conflict, match="went out"), database.transaction() as conn:
        say(conn)
    with database.transaction() as conn:
        assert publish_plan(conn, plan_id, {}, pause=PAUSE, now=now + 2 * DAY) is None
        assert len(updates_of_town(conn, town_id)) == 1


def test_a_draft_that_can_t_be_said_stays(database: Database, town: tuple[int, int]) -> None:
    town_id, sue = town
    now = clock.now()
    with database.transaction() as conn:
        plan_id = plan_word(conn, word(town_id), person_id=sue, due_at=None, now=now)
    unfit = word(town_id, "not_now", "")
    with pytest.raises(Mistake), database.transaction() as conn:
        publish_now(conn, unfit, plan_id, person_id=sue, name="Sue", now=now, tell_at=now + PAUSE)
    with database.snapshot() as conn:
        assert [plan.id for plan in plans_of_town(conn, town_id)] == [plan_id]


def test_another_wording_keeps_the_old_one(database: Database, town: tuple[int, int]) -> None:
    town_id, sue = town
    with database.transaction() as conn:
        update_id = publish(conn, word(town_id), person_id=sue, name="Sue", now=clock.now())
        seen = mark_of(get_update(conn, update_id).edited_at)
        change_update(
            conn, update_id, text="We **really** read it.", language="en", seen=seen,
            person_id=sue, now=clock.now(),
        )  # fmt: skip
        (said,) = updates_of_town(conn, town_id)
        assert "<strong>really</strong>" in said.html
        assert said.edited_at is not None
        (word_there,) = words_of_town(conn, town_id)
        assert word_there.said == said
        assert [old.html for old in word_there.earlier] == ["<p>We read it.</p>"]
    with pytest.raises(Conflict), database.transaction() as conn:
        change_update(
            conn, update_id, text="No, this.", language="en", seen=seen, person_id=sue,
            now=clock.now(),
        )  # fmt: skip
    with database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(update_revisions)).scalar_one() == 1


def test_untold_words_can_be_taken_back(database: Database, town: tuple[int, int]) -> None:
    town_id, sue = town
    with database.transaction() as conn:
        before = conn.execute(select(towns).where(towns.c.id == town_id)).one()
        update_id = publish(
            conn, word(town_id), person_id=sue, name="Sue", now=clock.now(),
            tell_at=clock.now() + PAUSE,
        )  # fmt: skip
        assert [one.untold for one in words_of_town(conn, town_id)] == [True]
        take_back_untold(conn, update_id, person_id=sue, now=clock.now())
        after = conn.execute(select(towns).where(towns.c.id == town_id)).one()
        assert after == before
        assert updates_of_town(conn, town_id) == []
        acts = conn.execute(select(decisions.c.act).order_by(decisions.c.id)).scalars().all()
        assert acts == ["update", "untold"]


def test_told_words_stay(database: Database, town: tuple[int, int]) -> None:
    town_id, sue = town
    with database.transaction() as conn:
        update_id = publish(conn, word(town_id), person_id=sue, name="Sue", now=clock.now())
        conn.execute(announcements.update().values(done_at=clock.now()))
    with pytest.raises(Conflict, match="told already"), database.transaction() as conn:
        take_back_untold(conn, update_id, person_id=sue, now=clock.now())
    with database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(updates)).scalar_one() == 1
        assert conn.execute(select(func.count()).select_from(people)).scalar_one() == 2


def test_templates_know_their_names() -> None:
    assert filled("{town} has {votes} votes, {what}?", {"town": "Ełk", "votes": "12"}) == (
        "Ełk has 12 votes, {what}?"
    )
    assert unknown_names("{town} {what} {{town}} {Town}") == ["what"]


def test_a_template_with_an_unknown_name_is_refused(
    database: Database, town: tuple[int, int]
) -> None:
    _town_id, sue = town
    with pytest.raises(Mistake, match="what"), database.transaction() as conn:
        keep_template(
            conn, name="No room", language="en", text="Dear {what}", person_id=sue,
            now=clock.now(),
        )  # fmt: skip
