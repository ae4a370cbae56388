"""Counters never drift, whatever people do; and a planted drift is found and mended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select, update

from board.comments.actions import Saying, add_comment, move_comment
from board.comments.models import comments
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import Conflict
from board.people.actions import remember
from board.recount import differences, mend
from board.recount.rules import Counters, Tallies, counters_of, differing
from board.stories.actions import hide_story, show_story, submit_story
from board.stories.models import stories
from board.stories.rules import Telling
from board.towns.actions import found_by_hand, found_town, set_nearest
from board.towns.models import places, town_languages, town_spellings, town_words, towns
from board.towns.rules import NOTHING_RISING, Need
from board.towns.word_queries import towns_found
from board.votes.actions import Ballot, cast_vote, take_back_vote
from board.votes.rules import Offer

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NEED = Need()


def person(conn: Connection, number: int) -> tuple[int, bytes]:
    key = f"person {number}".encode()
    return remember(conn, key, name="Alice", language="en", now=NOW), key


def town(conn: Connection, number: int) -> int:
    ids = conn.execute(select(places.c.geonames_id).order_by(places.c.rank).limit(3)).scalars()
    return found_town(conn, ids.all()[number], NOW)


# --- what people do -------------------------------------------------------------------------


def votes_in(conn: Connection, who: int, where: int, flag: int, at: datetime) -> None:
    person_id, key = person(conn, who)
    offer = Offer(*(bool(flag >> bit & 1) for bit in range(4)))
    ballot = Ballot(town(conn, where), key, person_id, "Alice", bool(flag & 16), offer)
    cast_vote(conn, ballot, need=NEED, now=at)


def takes_back(conn: Connection, who: int, where: int, _flag: int, at: datetime) -> None:
    take_back_vote(conn, town(conn, where), person(conn, who)[1], need=NEED, now=at)


def tells(conn: Connection, who: int, where: int, flag: int, at: datetime) -> None:
    person_id, _key = person(conn, who)
    telling = Telling("Alice", "A circle", ("en", "de", "sl")[flag % 3], why="Because.")
    visibility = "public" if flag & 4 else "held"
    submit_story(
        conn, telling, town_id=town(conn, where), person_id=person_id, visibility=visibility, now=at
    )


def moves_story(conn: Connection, who: int, _where: int, flag: int, at: datetime) -> None:
    story_id = some(conn, stories.c.id, who)
    if story_id is not None and flag & 1:
        show_story(conn, story_id, at)
    elif story_id is not None:
        hide_story(conn, story_id, "unlisted", "spam", at)


def says(conn: Connection, who: int, where: int, flag: int, at: datetime) -> None:
    story = conn.execute(select(stories.c.id, stories.c.town_id).offset(flag).limit(1)).first()
    town_id = town(conn, where) if story is None else story.town_id
    saying = Saying(town_id, None if story is None else story.id, "Bob", "en", "Yes.")
    visibility = "public" if flag & 1 else "held"
    add_comment(
        conn, saying, person_id=person(conn, who)[0], staff=False, visibility=visibility, now=at
    )


def moves_comment(conn: Connection, who: int, _where: int, flag: int, at: datetime) -> None:
    comment_id = some(conn, comments.c.id, who)
    if comment_id is not None:
        move_comment(conn, comment_id, "public" if flag & 1 else "deleted", now=at)


def gets_a_circle(conn: Connection, _who: int, where: int, flag: int, _at: datetime) -> None:
    set_nearest(conn, town(conn, where), flag or None, float(flag) if flag else None)


def some(conn: Connection, column: Any, number: int) -> int | None:
    found: int | None = conn.execute(select(column).order_by(column).offset(number)).scalar()
    return found


Act = Callable[[Connection, int, int, int, datetime], None]
ACTS: tuple[Act, ...] = (
    votes_in, votes_in, takes_back, tells, moves_story, says, moves_comment, gets_a_circle,
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(ACTS),
            st.integers(0, 4),
            st.integers(0, 2),
            st.integers(0, 31),
            st.integers(-400, 400),
        ),
        min_size=10,
        max_size=40,
    )
)
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_differences_stay_empty_whatever_people_do(
    database: Database, settings: Settings, acts: list[tuple[Act, int, int, int, int]]
) -> None:
    # Never committed: each example begins on an empty board.
    with database.writer_engine.connect() as conn:
        for act, who, where, flag, days in acts:
            try:
                act(conn, who, where, flag, NOW + timedelta(days=days))
            except Conflict:
                # Shown already, or hidden already: nothing was written.
                continue
        assert differences(conn, settings) == []


# --- a planted drift ------------------------------------------------------------------------


@pytest.fixture
def lively(database: Database) -> Database:
    """Two towns with votes, a story in two languages and a comment under it."""
    with database.transaction() as conn:
        for number in range(7):
            votes_in(conn, number, number % 2, number, NOW)
        for flag in (4, 5):
            tells(conn, 1, 0, flag, NOW)
        says(conn, 2, 0, 1, NOW)
    return database


def numbers(conn: Connection) -> list[tuple[float, ...]]:
    """The counters of every town, as stored."""
    columns = (towns.c[name] for name in Counters._fields)
    return [tuple(row) for row in conn.execute(select(*columns).order_by(towns.c.id))]


@pytest.mark.parametrize("counter", Counters._fields)
def test_planted_drift_of_a_town_is_found_and_mended(
    lively: Database, settings: Settings, counter: str
) -> None:
    with lively.transaction() as conn:
        first = town(conn, 0)
        before = numbers(conn)
        conn.execute(
            update(towns).where(towns.c.id == first).values({counter: towns.c[counter] + 1})
        )
    with lively.snapshot() as conn:
        name = conn.execute(select(towns.c.name).where(towns.c.id == first)).scalar_one()
        found = differences(conn, settings)
    with lively.transaction() as conn:
        mend(conn, settings)
    assert len(found) == 1
    assert found[0].startswith(f"{name} (")
    assert f" {counter} " in found[0]
    with lively.snapshot() as conn:
        assert differences(conn, settings) == []
        assert numbers(conn) == [pytest.approx(true) for true in before]


def test_planted_drift_of_languages_is_found_and_mended(
    lively: Database, settings: Settings
) -> None:
    with lively.transaction() as conn:
        conn.execute(delete(town_languages).where(town_languages.c.language == "de"))
        conn.execute(insert(town_languages).values(town_id=town(conn, 1), language="fi", stories=2))
    with lively.snapshot() as conn:
        found = differences(conn, settings)
    with lively.transaction() as conn:
        mend(conn, settings)
    assert {word for line in found for word in line.split() if "[" in word} == {
        "stories[de]",
        "stories[fi]",
    }
    with lively.snapshot() as conn:
        assert differences(conn, settings) == []
        stored = select(func.sum(town_languages.c.stories))
        assert conn.execute(stored).scalar_one() == 2


def test_planted_drift_of_a_story_is_found_and_mended(lively: Database, settings: Settings) -> None:
    with lively.transaction() as conn:
        conn.execute(update(stories).values(comment_count=9))
    with lively.snapshot() as conn:
        found = differences(conn, settings)
    with lively.transaction() as conn:
        mend(conn, settings)
    assert len(found) == 2
    assert all("comment_count is stored as 9" in line for line in found)
    with lively.snapshot() as conn:
        assert differences(conn, settings) == []


Planting = Callable[[Connection], object]
FIRST_STORY = select(func.min(stories.c.id)).scalar_subquery()
WORDS = {
    "word that is missing": (
        lambda conn: conn.execute(delete(town_words).where(town_words.c.word == "because")),
        "Words of the search: 2 missing, 0 that stand nowhere.",
    ),
    "word that stands nowhere": (
        lambda conn: conn.execute(
            insert(town_words).values(word="secret", town_id=1, story_id=FIRST_STORY)
        ),
        "Words of the search: 0 missing, 1 that stand nowhere.",
    ),
    "word of a town that isn't there": (
        lambda conn: conn.execute(insert(town_words).values(word="a", town_id=99, story_id=0)),
        "Words of the search: 0 missing, 1 that stand nowhere.",
    ),
    "name that was folded otherwise": (
        lambda conn: conn.execute(update(towns).where(towns.c.id == 1).values(folded="x")),
        "The search knows 1 town under other words than its names.",
    ),
    "spelling that is missing": (
        lambda conn: conn.execute(delete(town_spellings).where(town_spellings.c.town_id == 1)),
        "The search knows 1 town under other words than its names.",
    ),
    "story with other words": (
        lambda conn: conn.execute(
            update(stories).where(stories.c.id == FIRST_STORY).values(folded="x y")
        ),
        "The search knows 1 story by other words than it has.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("plant", "said"), WORDS.values(), ids=WORDS)
def test_planted_drift_of_the_search_is_found_and_mended(
    lively: Database, settings: Settings, plant: Planting, said: str
) -> None:
    with lively.transaction() as conn:
        before = words_there(conn)
        plant(conn)
    with lively.snapshot() as conn:
        found = differences(conn, settings)
    with lively.transaction() as conn:
        mend(conn, settings)
    assert found == [said]
    with lively.snapshot() as conn:
        assert differences(conn, settings) == []
        assert words_there(conn) == before


def words_there(conn: Connection) -> set[tuple[str, int, int]]:
    """All words that the search knows."""
    return {tuple(row) for row in conn.execute(select(town_words))}


def test_town_of_one_very_long_word_is_found_and_no_drift(
    database: Database, settings: Settings
) -> None:
    long = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
    with database.transaction() as conn:
        made = found_by_hand(conn, name=long, country="GB", lat=None, lng=None, now=NOW)
        for typed in (long, long[:20]):
            found = conn.execute(select(towns.c.id).where(towns_found(typed))).scalars()
            assert found.all() == [made]
        assert differences(conn, settings) == []


def test_differences_are_empty_on_an_empty_board(database: Database, settings: Settings) -> None:
    with database.snapshot() as conn:
        assert differences(conn, settings) == []


def test_mend_follows_a_setting_that_changed(lively: Database, settings: Settings) -> None:
    fewer = settings.model_copy(update={"learners_needed": 1})
    with lively.snapshot() as conn:
        assert [" closeness " in line for line in differences(conn, fewer)] == [True, True]
    with lively.transaction() as conn:
        mend(conn, fewer)
    with lively.snapshot() as conn:
        assert differences(conn, fewer) == []


# --- rules ----------------------------------------------------------------------------------


def test_differing_overlooks_the_last_digit_of_a_sum() -> None:
    tallies = Tallies(3, 2, 1, 0, 0, 0, 1, 4)
    true = counters_of(tallies, rising=9.5, population=900, nearest_km=None, need=NEED)
    assert differing(true, true._replace(rising=9.5 + 1e-12, need=true.need * (1 + 1e-13))) == []
    assert differing(true, true._replace(rising=9.6, vote_count=4)) == ["vote_count", "rising"]


def test_differing_minds_no_closeness_where_nobody_voted() -> None:
    none = Tallies(0, 0, 0, 0, 0, 0, 0, 0)
    true = counters_of(none, rising=NOTHING_RISING, population=0, nearest_km=None, need=NEED)
    assert differing(true._replace(closeness=0), true) == []
    assert differing(true._replace(closeness=0, vote_count=1), true) == ["vote_count", "closeness"]
