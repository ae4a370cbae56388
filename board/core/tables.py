"""Column types that every table shares."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC on both databases; a naive one is refused at the door.

    SQLite keeps text that sorts as time; PostgreSQL keeps `timestamptz`.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone must not reach the database")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """On SQLite the text is read in one step: giving a naive moment its zone takes longer."""
        if dialect.name == "sqlite":
            return _read_utc
        return super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC)


def _read_utc(text: str | None) -> datetime | None:
    """A moment as SQLite keeps it."""
    return None if text is None else datetime.fromisoformat(text + "+00:00")


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model: queries and actions speak Core, models only declare."""
    return SQLModel.metadata.tables[str(model.__tablename__)]
