"""Single facts about this board that outlive a process: which gazetteer is loaded, whose keys."""

from sqlalchemy import Connection, select
from sqlmodel import Field, SQLModel

from board.core.db import upsert
from board.core.tables import table_of


class Fact(SQLModel, table=True):
    """One named fact."""

    name: str = Field(primary_key=True, max_length=60)
    value: str


facts = table_of(Fact)


def get_fact(conn: Connection, name: str) -> str | None:
    """The value kept under `name`, or None."""
    value: str | None = conn.execute(select(facts.c.value).where(facts.c.name == name)).scalar()
    return value


def keep_fact(conn: Connection, name: str, value: str) -> None:
    """Keep `value` under `name`, in place of what stood there."""
    upsert(conn, facts, [{"name": name, "value": value}], ["name"])
