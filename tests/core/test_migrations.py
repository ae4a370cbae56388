"""Migrations: up, down and up again with rows; the schema is the tables'; kills leave nothing."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select

from alembic import command
from board.app import Unfit, check_fit
from board.core.config import ROOT
from board.core.db import Database
from board.core.http import Board
from board.core.migrations import _config, migrate, step_back
from board.core.schema import is_current, newest, revision_of
from board.people.actions import remember
from board.tables import metadata
from board.towns.actions import found_town
from board.towns.models import towns
from board.towns.rules import Need
from board.votes.actions import Ballot, cast_vote
from board.votes.rules import Offer
from tests.conftest import add_places
from tests.postgres import in_database, run_in_postgres

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def empty(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of either kind without a schema."""
    if database_kind == "sqlite":
        url, server, name = f"sqlite:///{tmp_path / 'empty.sqlite3'}", "", ""
    else:
        server, name = request.getfixturevalue("postgres_url"), f"empty_{tmp_path.name[-6:]}"
        run_in_postgres(server, f"CREATE DATABASE {name}")
        url = in_database(server, name)
    database = Database(url)
    yield database
    database.close()
    if server:
        run_in_postgres(server, f"DROP DATABASE {name} WITH (FORCE)")


def tables_of(database: Database) -> set[str]:
    with database.snapshot() as conn:
        return set(inspect(conn).get_table_names()) - {"alembic_version"}


def fill(database: Database) -> None:
    """A few rows that hang together."""
    with database.transaction() as conn:
        add_places(conn)
        for key in (b"alice", b"bob"):
            person_id = remember(conn, key, name="", language="en", now=NOW)
            ballot = Ballot(found_town(conn, 3189075, NOW), key, person_id, "", False, Offer())
            cast_vote(conn, ballot, need=Need(), now=NOW)


def test_newest_revision_is_the_only_one_that_alembic_leads_to() -> None:
    assert ScriptDirectory.from_config(_config()).get_heads() == [newest()]


def test_migrate_goes_up_down_and_up_again_with_rows(empty: Database) -> None:
    assert (revision_of(empty), is_current(empty)) == ("", False)
    migrate(empty)
    assert (revision_of(empty), is_current(empty)) == (newest(), True)
    assert tables_of(empty) == set(metadata.tables)
    fill(empty)
    migrate(empty)
    with empty.snapshot() as conn:
        assert conn.execute(select(towns.c.vote_count)).scalar_one() == 2
    step_back(empty, "base")
    assert (revision_of(empty), tables_of(empty)) == ("", set())
    migrate(empty)
    fill(empty)
    with empty.snapshot() as conn:
        assert conn.execute(select(towns.c.vote_count)).scalar_one() == 2


def test_schema_is_what_the_tables_say(empty: Database) -> None:
    migrate(empty)
    with empty.snapshot() as conn:
        migration = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(migration, metadata) == []


def test_schema_of_a_new_migration_would_be_empty(empty: Database) -> None:
    """What `board migrate` and its authors see: alembic's own check."""
    migrate(empty)
    config = _config()
    with empty.transaction() as conn:
        config.attributes["connection"] = conn
        command.check(config)


def test_migration_that_fails_leaves_nothing(empty: Database) -> None:
    with empty.transaction() as conn:
        conn.exec_driver_sql("CREATE TABLE vote (id INTEGER PRIMARY KEY)")
    with pytest.raises(Exception, match="vote"):
        migrate(empty)
    assert (revision_of(empty), tables_of(empty)) == ("", {"vote"})


def test_board_refuses_a_database_of_another_schema(board: Board) -> None:
    step_back(board.database, "base")
    with pytest.raises(Unfit, match="board migrate"):
        check_fit(board)


def test_board_refuses_a_database_of_other_secrets(board: Board) -> None:
    check_fit(board)
    check_fit(board)
    board.keys = type(board.keys)(b"another", board.keys.sealing, board.keys.link)
    with pytest.raises(Unfit, match="BOARD_VOTER_SECRET"):
        check_fit(board)


@pytest.mark.parametrize(("direction", "every"), [("up", 19), ("down", 17)])
def test_migration_killed_anywhere_leaves_nothing(
    sqlite_template: Path, tmp_path: Path, direction: str, every: int
) -> None:
    before = tmp_path / "before.sqlite3"
    if direction == "up":
        sqlite3.connect(before).close()
    else:
        shutil.copy(sqlite_template, before)
    script = ROOT / "tests" / "core" / "killed_migration.py"
    done = subprocess.run(
        [sys.executable, script, tmp_path, str(every), direction],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True,
        timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rounds = [line.split() for line in done.stdout.splitlines()]
    old, new = ("-", newest()) if direction == "up" else (newest(), "-")
    assert len(rounds) > 12
    for nth, died, left, after in rounds[:-1]:
        assert (died, left, after) == ("1", old, new), nth
    assert rounds[-1][1:] == ["0", new, new]
