"""Top requests: the table's orders and filters, and what is overdue, said twice and alike."""

from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection

from board.core import clock
from board.core.db import Database
from board.desk.queries import ROWS, TableQuestion, TopRequests, is_overdue, top_requests
from board.desk.rules import SORTS
from board.towns.queries import TownRow
from board.towns.rules import STATUSES
from tests.invented import add_towns, row_of_town

NOW = clock.now()
ANSWER_VOTES, ANSWER_DAYS = 20, 30
ANY = TableQuestion()


def table(conn: Connection, asked: TableQuestion = ANY) -> TopRequests:
    return top_requests(conn, asked, answer_votes=ANSWER_VOTES, answer_days=ANSWER_DAYS, now=NOW)


def overdue(town: TownRow) -> bool:
    return is_overdue(town, answer_votes=ANSWER_VOTES, answer_days=ANSWER_DAYS, now=NOW)


def various(conn: Connection) -> None:
    """Towns that differ in everything the table sorts by, some of it unknown."""
    rows = []
    for n in range(24):
        rows.append(
            row_of_town(
                n,
                name=f"{'ŁAzÉb'[n % 5]}{n}",
                country=("SI", "PL")[n % 2],
                status=STATUSES[n % 6],
                population=(0, 500, 90_000)[n % 3],
                vote_count=1 + n % 5,
                come_count=n % 4,
                facilitate_count=n % 3,
                host_count=n % 2,
                closeness=(-8, 999, 3_000)[n % 3],
                nearest_km=(None, 3.0, 57.5)[n % 3],
                need=n / 7,
                rising=-n / 3,
                answered_at=(None, NOW - timedelta(days=n))[n % 2],
                asked_at=NOW - timedelta(days=7 * n),
            )
        )
    add_towns(conn, rows)


KEYS: dict[str, Callable[[TownRow], Any]] = {
    "votes": attrgetter("vote_count"),
    "name": lambda town: town.name.casefold().translate(str.maketrans("łé", "le")),
    "come": attrgetter("come_count"),
    "facilitate": attrgetter("facilitate_count"),
    "host": attrgetter("host_count"),
    "ready": attrgetter("closeness"),
    "near": lambda town: 99_999 if town.nearest_km is None else town.nearest_km,
    "per10k": lambda town: town.vote_count / town.population if town.population else 0,
    "need": attrgetter("need"),
    "rising": attrgetter("rising"),
    "status": attrgetter("status"),
    "answered": lambda town: town.answered_at or NOW - timedelta(days=9_999),
    "asked": attrgetter("asked_at"),
}


def test_table_sorts_by_every_column_both_ways(database: Database) -> None:
    assert set(KEYS) == set(SORTS)
    with database.snapshot() as conn:
        various(conn)
        for sort in SORTS:
            for down in (True, False):
                rows = table(conn, TableQuestion(sort=sort, down=down)).rows
                assert len(rows) == 24
                # Where a column says the same, the one with more votes is first.
                expected = sorted(rows, key=attrgetter("id"))
                expected.sort(key=attrgetter("vote_count"), reverse=True)
                expected.sort(key=KEYS[sort], reverse=down)
                assert [row.name for row in rows] == [row.name for row in expected], (sort, down)


def test_table_filters_by_country_status_and_name(database: Database) -> None:
    with database.snapshot() as conn:
        various(conn)
        polish = table(conn, TableQuestion(country="PL"))
        assert {row.country for row in polish.rows} == {"PL"}
        assert polish.total == len(polish.rows) == 12
        assert {row.status for row in table(conn, TableQuestion(status="planned")).rows} == {
            "planned"
        }
        assert [row.name for row in table(conn, TableQuestion(q="l10")).rows] == ["Ł10"]
        both = TableQuestion(country="SI", status="launched", q="zzz")
        nothing = table(conn, both)
        assert (nothing.rows, nothing.total, nothing.pages) == ([], 0, 1)
        # The numbers above the table are of all towns, whatever it shows.
        assert (nothing.asking, nothing.new) == (12, 5)


def test_table_holds_no_town_that_isn_t_on_the_list(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, standing="by_hand", vote_count=90),
                row_of_town(2, standing="dropped", vote_count=90),
                row_of_town(3, vote_count=0, ready_at=NOW - timedelta(days=99)),
            ],
        )
        found = table(conn)
    assert (found.rows, found.asking, found.new, found.overdue) == ([], 0, 0, 0)


def test_table_comes_by_pages(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(conn, [row_of_town(n) for n in range(ROWS + 3)])
        pages = [table(conn, TableQuestion(page=n)) for n in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [ROWS, 3, 0]
    assert len({row.id for page in pages for row in page.rows}) == ROWS + 3
    assert pages[0].pages == 2


DAYS = st.integers(0, 70)


@examples(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    towns=st.lists(
        st.tuples(
            st.integers(1, 25), st.booleans(), st.sampled_from(STATUSES), DAYS, st.none() | DAYS
        ),
        max_size=8,
    )
)
def test_overdue_is_the_number_that_is_counted(
    database: Database, towns: list[tuple[int, bool, str, int, int | None]]
) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(
                    n,
                    vote_count=votes,
                    ready_at=NOW - timedelta(days=1) if ready else None,
                    status=status,
                    asked_at=NOW - timedelta(days=asked, minutes=n),
                    answered_at=None if said is None else NOW - timedelta(days=said, minutes=n),
                )
                for n, (votes, ready, status, asked, said) in enumerate(towns)
            ],
        )
        found = table(conn)
    assert found.overdue == sum(overdue(town) for town in found.rows)


@pytest.mark.parametrize(
    ("votes", "ready", "status", "asked", "said", "late"),
    [
        (20, False, "asking", 31, None, True),
        (19, False, "asking", 31, None, False),
        (1, True, "talking", 31, None, True),
        (20, False, "asking", 29, None, False),
        (20, False, "in_review", 90, 29, False),
        (20, False, "in_review", 90, 31, True),
        (99, True, "planned", 90, None, False),
        (99, True, "launched", 90, None, False),
        (99, True, "not_now", 90, None, False),
    ],
)
def test_overdue_begins_after_thirty_silent_days_of_an_owed_answer(
    database: Database,
    votes: int,
    ready: bool,
    status: str,
    asked: int,
    said: int | None,
    late: bool,
) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(
                    1,
                    vote_count=votes,
                    ready_at=NOW if ready else None,
                    status=status,
                    asked_at=NOW - timedelta(days=asked),
                    answered_at=None if said is None else NOW - timedelta(days=said),
                )
            ],
        )
        found = table(conn)
    assert (found.overdue, overdue(found.rows[0])) == (int(late), late)
