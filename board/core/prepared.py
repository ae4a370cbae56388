"""The few statements that run with every vote: made ready once, then handed to the driver.

SQLAlchemy's own way from a statement to its rows takes 20 to 45 µs, where SQLite takes 2 to 8; a
vote has six of them. Everything else goes the ordinary way.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase

R = TypeVar("R")
Statement = Select[*tuple[Any, ...]] | UpdateBase
# What a value becomes on its way to the driver, or from it.
Turn = Callable[[Any], Any]


class _Ready(NamedTuple):
    """A statement in the words of one database."""

    sql: str
    # The names of its values, in the order of its question marks; empty where it has names itself.
    order: tuple[str, ...]
    # What isn't given each time: literals that stand in the statement.
    given: Mapping[str, Any]
    to_driver: tuple[tuple[str, Turn], ...]
    columns: tuple[ColumnElement[Any], ...]
    # By the number of the column; known with the first answer, which names the driver's types.
    from_driver: tuple[tuple[int, Turn], ...] | None = None

    def values(self, named: Mapping[str, Any]) -> Any:
        """The values as the driver wants them."""
        ready = {**self.given, **named}
        for name, turn in self.to_driver:
            ready[name] = turn(ready[name])
        return tuple([ready[name] for name in self.order]) if self.order else ready

    def turned(self, row: Sequence[Any]) -> Sequence[Any]:
        """A row as Python wants it."""
        if not self.from_driver:
            return row
        turned = list(row)
        for number, turn in self.from_driver:
            turned[number] = turn(turned[number])
        return turned


class Prepared(Generic[R]):
    """A statement whose values are plain and come by their names; its rows are made by `row`.

    `statement` makes it for a dialect ("sqlite", "postgresql"). Inside a transaction it is a part
    of that, like any other; what the driver raises comes as SQLAlchemy's errors. Lists of values
    and defaults that are computed are not for it. Of an INSERT that says nothing itself, `columns`
    are the ones that are given.
    """

    def __init__(
        self,
        statement: Callable[[str], Statement],
        row: Callable[..., R],
        *,
        columns: Sequence[str] | None = None,
    ) -> None:
        self._statement = statement
        self._row = row
        self._columns = columns
        self._ready: dict[str, _Ready] = {}

    def all(self, conn: Connection, values: Mapping[str, Any]) -> list[R]:
        """All rows of the answer."""
        if not conn.in_transaction():
            conn.begin()
        return self.alone(conn, values)

    def alone(self, conn: Connection, values: Mapping[str, Any]) -> list[R]:
        """The same for who asks nothing else: on SQLite without a transaction around it."""
        ready = self._ready.get(conn.dialect.name) or self._make(conn.dialect)
        driver: Any = conn.connection.dbapi_connection
        given = ready.values(values)
        for listen in conn.engine.dispatch.before_cursor_execute:
            listen(conn, None, ready.sql, given, None, False)
        try:
            cursor = driver.execute(ready.sql, given)
            rows = cursor.fetchall() if ready.columns else ()
        except conn.dialect.loaded_dbapi.Error as error:
            raise _as_ours(conn, ready.sql, error) from error
        if ready.from_driver is None:
            turns = _from_driver(ready.columns, cursor.description or (), conn.dialect)
            ready = self._ready[conn.dialect.name] = ready._replace(from_driver=turns)
        return [self._row(*ready.turned(row)) for row in rows]

    def first(self, conn: Connection, values: Mapping[str, Any]) -> R | None:
        """The only row of the answer, or None."""
        rows = self.all(conn, values)
        return rows[0] if rows else None

    def _make(self, dialect: Dialect) -> _Ready:
        made = self._statement(dialect.name)
        compiled: Any = made.compile(dialect=dialect, column_keys=self._columns)
        to_driver = (
            (name, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in compiled.binds.items()
        )
        ready = self._ready[dialect.name] = _Ready(
            compiled.string,
            tuple(compiled.positiontup or ()),
            _given(compiled),
            tuple((name, turn) for name, turn in to_driver if turn is not None),
            tuple(made.exported_columns),
        )
        return ready


def _from_driver(
    columns: Sequence[ColumnElement[Any]], described: Sequence[Any], dialect: Dialect
) -> tuple[tuple[int, Turn], ...]:
    turns = (
        column.type.dialect_impl(dialect).result_processor(dialect, told[1])
        for column, told in zip(columns, described, strict=True)
    )
    return tuple((number, turn) for number, turn in enumerate(turns) if turn is not None)


def _given(compiled: Any) -> dict[str, Any]:
    """What stands in a statement itself: literals, and the fixed defaults of columns left out."""
    literals = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    left_out = (column for column in compiled.insert_prefetch if column.default.is_scalar)
    return literals | {column.key: column.default.arg for column in left_out}


def _as_ours(conn: Connection, sql: str, error: Any) -> Exception:
    """What SQLAlchemy would have raised, so that the writer knows a lost connection from others."""
    lost = conn.dialect.is_disconnect(error, conn.connection.dbapi_connection, None)
    ours: Exception = DBAPIError.instance(
        sql,
        None,
        error,
        conn.dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=conn.dialect,
    )
    if lost:
        conn.invalidate(error)
    return ours
