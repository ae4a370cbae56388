"""The places of the world with 15,000 inhabitants and more, loaded once for all workers."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from board.core.db import Database
from board.core.migrations import migrate
from board.towns.jobs import load_places


@pytest.fixture(scope="session")
def world_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with schema and places."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    file = folder / "world.sqlite3"
    with (folder / "world.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            fresh = file.with_suffix(".fresh")
            database = Database(f"sqlite:///{fresh}")
            migrate(database)
            load_places(database, minimum=15000)
            with database.snapshot() as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()
            fresh.rename(file)
    return file


@pytest.fixture
def world(world_file: Path) -> Iterator[Connection]:
    """A connection for reading the places of the world."""
    database = Database(f"sqlite:///{world_file}")
    with database.snapshot() as conn:
        yield conn
    database.close()
