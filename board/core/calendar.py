"""Days and months of stored moments, in UTC and as text, said the way each database groups by them
fastest: SQLite keeps moments as text that begins with the day, PostgreSQL has to be asked."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal_column


def day_of(conn: Connection, moment: ColumnElement[datetime]) -> ColumnElement[str]:
    """The day of a moment, "2026-11-22"."""
    return _beginning(conn, moment, 10, "YYYY-MM-DD")


def month_of(conn: Connection, moment: ColumnElement[datetime]) -> ColumnElement[str]:
    """The month of a moment, "2026-11"."""
    return _beginning(conn, moment, 7, "YYYY-MM")


def _beginning(
    conn: Connection, moment: ColumnElement[datetime], length: int, shape: str
) -> ColumnElement[str]:
    if conn.dialect.name == "postgresql":
        # Literals, not parameters: what is grouped by must be the same to the letter.
        in_utc = func.timezone(literal_column("'UTC'"), moment)
        return func.to_char(in_utc, literal_column(f"'{shape}'"))
    return func.substr(moment, 1, length)
