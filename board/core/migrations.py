"""Bringing a database to the newest schema, safely."""

import io
from pathlib import Path

from alembic.config import Config

from alembic import command
from board.core.config import ROOT
from board.core.db import Database

_INI = ROOT / "alembic.ini"


def _config(output: io.StringIO | None = None) -> Config:
    return Config(str(_INI), stdout=output or io.StringIO())


def migrate(database: Database) -> None:
    """Upgrade to the newest schema inside one transaction."""
    config = _config()
    with database.schema_change() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def step_back(database: Database, target: str) -> None:
    """Downgrade to an older revision ("base" for an empty database) inside one transaction."""
    config = _config()
    with database.schema_change() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, target)


def write_migration(database: Database, message: str) -> Path:
    """Write a new migration from the difference between tables and database (developers)."""
    config = _config()
    with database.transaction() as conn:
        config.attributes["connection"] = conn
        script = command.revision(config, message, autogenerate=True)
    if script is None or isinstance(script, list):
        raise RuntimeError("one revision was expected")
    return Path(script.path)
