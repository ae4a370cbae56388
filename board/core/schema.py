"""Which schema a database has, and which one the code needs.

Asked at every start, so it does without Alembic: reading that takes an eighth of a second.
"""

import re
from typing import Final

from sqlalchemy import inspect

from board.core.config import ROOT
from board.core.db import Database

_MIGRATIONS: Final = ROOT / "alembic" / "versions"
_REVISION: Final = re.compile(r'^revision = "(\d+)"$', re.MULTILINE)


def newest() -> str:
    """The newest revision that the code knows: they are numbered, one following the other."""
    texts = (file.read_text(encoding="utf-8") for file in _MIGRATIONS.glob("*.py"))
    return max(found[1] for text in texts if (found := _REVISION.search(text)))


def revision_of(database: Database) -> str:
    """The revision that the database is at; empty for a database without a schema."""
    with database.snapshot() as conn:
        if not inspect(conn).has_table("alembic_version"):
            return ""
        return conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""


def is_current(database: Database) -> bool:
    """Whether the database has the schema that the code expects."""
    return revision_of(database) == newest()
