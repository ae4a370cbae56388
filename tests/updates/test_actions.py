"""P2PU's word: one step at a time, explained where it must be, never over somebody else's."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from board.core import clock
from board.core.db import Database
from board.core.errors import Conflict, Mistake, NotFound
from board.mail.models import announcements
from board.record.models import decisions
from board.towns.models import towns
from board.towns.rules import STATUSES, may_become, needs_reason
from board.updates.actions import Word, publish
from board.updates.models import updates
from board.updates.queries import updates_of_town
from board.updates.rules import REASONS
from tests.invented import add_towns, person, row_of_town, vote

SUE = "Sue"


def speak(conn: Connection, word: Word) -> int:
    sue = person(conn, SUE, role="staff")
    return publish(conn, word, person_id=sue.id, name=SUE, now=clock.now())


def word(
    town_id: int, seen: str, status: str, *, reason: str = "", text: str = "", language: str = "en"
) -> Word:
    return Word(town_id, seen, status, reason, text, language)


def status_of(conn: Connection, town_id: int) -> str:
    return str(conn.execute(select(towns.c.status).where(towns.c.id == town_id)).scalar_one())


def test_publish_moves_the_town_and_answers_it(database: Database) -> None:
    with database.snapshot() as conn:
        town_id = vote(conn, person(conn, "Alice"))
        speak(conn, word(town_id, "asking", "talking", text="We **hear** you. <b>Soon.</b>"))
        row = conn.execute(towns.select().where(towns.c.id == town_id)).one()
        (update,) = updates_of_town(conn, town_id)
        act = conn.execute(decisions.select()).one()
    assert (row.status, row.answered_at, row.status_since) == ("talking", *(2 * [row.answered_at]))
    assert row.answered_at is not None
    assert (update.before, update.after, update.name) == ("asking", "talking", SUE)
    assert "<strong>hear</strong>" in update.html
    assert "<b>Soon" not in update.html
    assert (act.act, act.subject, act.subject_id, act.before, act.after) == (
        "update", "town", town_id, "asking", "talking",
    )  # fmt: skip


def test_answer_alone_leaves_the_status_and_its_date(database: Database) -> None:
    with database.snapshot() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        before = conn.execute(select(towns.c.status_since)).scalar_one()
        speak(conn, word(town_id, "asking", "asking", text="Patience."))
        row = conn.execute(towns.select()).one()
    assert (row.status, row.status_since) == ("asking", before)
    assert row.answered_at is not None


def test_every_step_of_the_graph_and_no_other(database: Database) -> None:
    """All 36 pairs, with and without an explanation."""
    with database.snapshot() as conn:
        pairs = list(product(STATUSES, STATUSES))
        ids = add_towns(conn, [row_of_town(n, status=a) for n, (a, _b) in enumerate(pairs)])
        for town_id, (before, after) in zip(ids, pairs, strict=True):
            bare = word(town_id, before, after)
            said = bare._replace(text="Here is why.")
            whole = said._replace(reason="no_space")
            for attempt in (bare, said, whole):
                explained = attempt is whole
                open_step = may_become(before, after) or (before == after and attempt.text)
                if open_step and (explained or not needs_reason(before, after)):
                    speak(conn, attempt)
                    assert status_of(conn, town_id) == after
                    break
                with pytest.raises(Mistake):
                    speak(conn, attempt)
                assert status_of(conn, town_id) == before


@pytest.mark.parametrize(
    ("status", "reason", "text", "field"),
    [
        ("planned", "because", "", "reason"),
        ("not_now", "no_space", "", "reason"),
        ("not_now", "", "Sorry.", "reason"),
        ("elsewhere", "", "Hm.", "status"),
        ("asking", "", "", "text"),
    ],
)
def test_publish_says_at_which_field_it_is_stuck(
    database: Database, status: str, reason: str, text: str, field: str
) -> None:
    with database.snapshot() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        with pytest.raises(Mistake) as caught:
            speak(conn, word(town_id, "asking", status, reason=reason, text=text))
        assert list(caught.value.fields) == [field]
        assert conn.execute(decisions.select()).first() is None


@pytest.mark.parametrize("reason", REASONS)
def test_publish_takes_each_of_the_reasons(database: Database, reason: str) -> None:
    with database.snapshot() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        speak(conn, word(town_id, "asking", "not_now", reason=reason, text="Not yet."))
        assert updates_of_town(conn, town_id)[0].reason == reason


def test_publish_over_a_status_that_moved_is_a_conflict(database: Database) -> None:
    with database.snapshot() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        speak(conn, word(town_id, "asking", "in_review"))
        with pytest.raises(Conflict):
            speak(conn, word(town_id, "asking", "planned", text="In May."))
        with pytest.raises(NotFound):
            speak(conn, word(town_id + 1, "asking", "planned"))
        assert status_of(conn, town_id) == "in_review"
        assert len(updates_of_town(conn, town_id)) == 1


def test_of_parallel_publishers_one_wins(database: Database) -> None:
    """Two writers, as two processes have them: nobody speaks over somebody they didn't see."""
    with database.transaction() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        sue = person(conn, SUE, role="staff")

    async def race(other: Database) -> list[object]:
        steps = ("in_review", "talking", "planned", "launched")
        attempts = (
            board.write(
                publish,
                word(town_id, "asking", step, text=f"{step} {n} {side}"),
                person_id=sue.id,
                name=SUE,
                now=clock.now(),
            )
            for n, step in enumerate(steps * 3)
            for side, board in enumerate((database, other))
        )
        return await asyncio.gather(*attempts, return_exceptions=True)

    other = Database(database.url)
    try:
        outcomes = asyncio.run(race(other))
    finally:
        other.close()
    assert sum(isinstance(one, int) for one in outcomes) == 1
    assert sum(isinstance(one, Conflict) for one in outcomes) == len(outcomes) - 1
    with database.snapshot() as conn:
        row = conn.execute(updates.select()).one()
        assert status_of(conn, town_id) == row.after
        assert len(conn.execute(decisions.select()).all()) == 1


@examples(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    attempts=st.lists(
        st.tuples(
            st.sampled_from(STATUSES), st.sampled_from(STATUSES), st.booleans(), st.booleans()
        ),
        max_size=12,
    )
)
def test_town_stands_where_its_last_update_says(
    database: Database, attempts: list[tuple[str, str, bool, bool]]
) -> None:
    with database.snapshot() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        told: set[int] = set()
        for nth, (seen, status, reason, text) in enumerate(attempts):
            why, words = "other" if reason else "", f"Hm {nth}." if text else ""
            said = word(town_id, seen, status, reason=why, text=words)
            try:
                told.add(speak(conn, said))
            except (Conflict, Mistake):
                continue
        history = updates_of_town(conn, town_id)
        assert len(history) == len(told)
        assert status_of(conn, town_id) == (history[0].after if history else "asking")
        assert [one.before for one in history[:-1]] == [one.after for one in history[1:]]


def test_the_same_word_sent_twice_is_said_once(database: Database) -> None:
    now = clock.now()
    with database.transaction() as conn:
        sue, tom = (person(conn, name, role="staff") for name in ("Sue", "Tom"))
        town_id = vote(conn, person(conn, "Ana"))
        answer = Word(town_id, "asking", "asking", "", "We read it.", "en")
        step = Word(town_id, "asking", "talking", "", "We talk.", "en")
        for word in (answer, step):
            first = publish(conn, word, person_id=sue.id, name="Sue", now=now)
            again = now + timedelta(seconds=3)
            assert publish(conn, word, person_id=sue.id, name="Sue", now=again) == first
        assert len(updates_of_town(conn, town_id)) == 2
        said = conn.execute(select(func.count()).select_from(announcements)).scalar_one()
        assert said == 2
        # A colleague who says the same is another voice, and an hour later it's another word.
        here = step._replace(seen="talking")
        publish(conn, here, person_id=tom.id, name="Tom", now=now)
        publish(conn, here, person_id=tom.id, name="Tom", now=now + timedelta(hours=1))
        assert len(updates_of_town(conn, town_id)) == 4
