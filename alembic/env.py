"""Migrations run inside one transaction, on SQLite too: a killed one leaves nothing behind.

SQLite's driver would commit before each DDL statement. Our engine takes transactions into its
own hands (`board.core.db.open_engine`, BEGIN IMMEDIATE), and `transactional_ddl` tells Alembic.
"""

from typing import Any

from sqlmodel.sql.sqltypes import AutoString

from alembic import context
from board.core.tables import UtcDateTime
from board.core.watching import drop_triggers, set_triggers
from board.stories.word_triggers import drop_word_triggers, set_word_triggers
from board.tables import metadata
from board.watched import WATCHED


def plainly(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our column types as migrations should read them."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from board.core.tables import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=plainly,
)
with context.begin_transaction():
    # SQLite drops the triggers of a table that is copied; PostgreSQL keeps a column that one names.
    drop_triggers(connection)
    drop_word_triggers(connection)
    context.run_migrations()
    set_triggers(connection, WATCHED)
    set_word_triggers(connection)
