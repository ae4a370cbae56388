"""Synthetic worlds: the same every time, and true to every rule that keeps a number."""

import hashlib

from sqlalchemy import delete, select

from board.circles.actions import refresh_nearest
from board.core.config import Settings
from board.core.db import Database
from board.recount import differences
from board.stories.models import stories
from board.tables import metadata
from board.towns.models import towns
from board.towns.rules import Need
from board.votes.actions import Ballot, cast_vote
from board.votes.models import votes
from tests.bench.invented_rows import votes_by_town
from tests.bench.making import Size, World
from tests.bench.worlds import build_world

SMALL = Size(towns=200, circles=60)
KEPT = frozenset({"fact", "place", "place_name", "place_prefix", "region"})


def build(database: Database) -> World:
    """A small world; whoever loads must be alone with the file."""
    database.close()
    return build_world(database.url, SMALL)


def print_of(database: Database) -> str:
    """A fingerprint of everything that a world holds."""
    marks = hashlib.sha256()
    with database.snapshot() as conn:
        for table in (towns, votes, stories):
            for row in conn.execute(select(table).order_by(table.c.id)):
                marks.update(repr(tuple(row)).encode())
    return marks.hexdigest()


def test_world_keeps_every_number_that_the_rules_keep(
    database: Database, settings: Settings
) -> None:
    made = build(database)

    with database.snapshot() as conn:
        assert differences(conn, settings) == []
        assert len(conn.execute(select(towns.c.id)).all()) == made.towns == 200
        assert len(conn.execute(select(votes.c.id)).all()) == made.votes
    with database.transaction() as conn:
        assert refresh_nearest(conn, SMALL.today) == 0


def test_world_takes_the_next_vote(database: Database) -> None:
    build(database)
    ballot = Ballot(town_id=1, voter_key=b"somebody new", person_id=1)

    with database.transaction() as conn:
        assert cast_vote(conn, ballot, need=Need(), now=SMALL.today) == "counted"


def test_world_is_the_same_for_the_same_seed(database: Database) -> None:
    build(database)
    first = print_of(database)
    with database.transaction() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name not in KEPT:
                conn.execute(delete(table))

    build(database)

    assert print_of(database) == first


def test_world_puts_indexes_and_triggers_back(database: Database) -> None:
    before = schema_of(database)

    build(database)

    assert schema_of(database) == before


def schema_of(database: Database) -> list[str]:
    """The names of all indexes and triggers."""
    there = (
        "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY name"
        if database.is_sqlite
        else "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        " UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    )
    with database.snapshot() as conn:
        return [row[0] for row in conn.exec_driver_sql(there)]


def test_votes_are_skewed_and_nobody_is_left_out() -> None:
    numbers = sorted(votes_by_town(1_000, 1), reverse=True)

    assert numbers[-1] >= 1
    assert numbers[0] > 10 * numbers[500]
    assert 15_000 < sum(numbers) < 25_000
