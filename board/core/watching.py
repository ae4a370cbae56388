"""The triggers that write down what changed: which columns of which tables, as what.

They are made anew after every migration (alembic/env.py): SQLite drops those of a table that a
migration copies, and PostgreSQL would keep a column that one names. Nothing that anybody typed
gets into these statements: they are put together from `Watch`, which is code.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, inspect

from board.core.changes import EVERYTHING, KEPT, MOST

_MADE_BY_US: Final = "changed_"


class Watch(NamedTuple):
    """Which changes of a table are written down, as what.

    `subject` is SQL in which `r.` stands for the row. Of an update only one that changes a column
    of `columns`, or what one of the expressions in `also` says, or the subject, is a change; a row
    of which `only` isn't true is none at all.
    """

    table: str
    kind: str
    subject: str
    columns: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    only: str = ""
    events: tuple[str, ...] = ("INSERT", "UPDATE", "DELETE")

    @property
    def name(self) -> str:
        return f"{_MADE_BY_US}{self.table}_{self.kind}"


def set_triggers(conn: Connection, watched: Iterable[Watch]) -> None:
    """Put the triggers in place; leaves out what the schema doesn't have (an older one)."""
    drop_triggers(conn)
    there = inspect(conn)
    tables = set(there.get_table_names())
    if "change" not in tables:
        return
    make = _postgres_trigger if conn.dialect.name == "postgresql" else _sqlite_triggers
    for watch in watched:
        if watch.table in tables:
            known = {column["name"] for column in there.get_columns(watch.table)}
            fitting = watch._replace(columns=tuple(c for c in watch.columns if c in known))
            for statement in make(fitting):
                conn.exec_driver_sql(statement)


def drop_triggers(conn: Connection) -> None:
    """Take them away, so that a migration may do with the tables what it likes."""
    if conn.dialect.name == "postgresql":
        rows = conn.exec_driver_sql(
            "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
        )
        drop = "DROP FUNCTION {}() CASCADE"
    else:
        rows = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        drop = "DROP TRIGGER {}"
    for name in rows.scalars().all():
        if name.startswith(_MADE_BY_US):
            conn.exec_driver_sql(drop.format(name))


def _as_row(expression: str, row: str) -> str:
    return expression.replace("r.", f"{row}.")


def _sqlite_triggers(watch: Watch) -> list[str]:
    """One trigger an event, a row at a time: SQLite knows no other."""
    return [_sqlite_trigger(watch, event) for event in watch.events]


def _sqlite_trigger(watch: Watch, event: str) -> str:
    rows = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[event]
    subjects = " UNION ".join(f"SELECT {_as_row(watch.subject, row)} AS about" for row in rows)
    wanted = []
    if event == "UPDATE":
        shown = (*(f"r.{column}" for column in watch.columns), *watch.also, watch.subject)
        differs = (f"{_as_row(one, 'OLD')} IS NOT {_as_row(one, 'NEW')}" for one in shown)
        wanted.append(" OR ".join(differs))
    if watch.only:
        wanted.append(" OR ".join(f"({_as_row(watch.only, row)})" for row in rows))
    when = f"WHEN {' AND '.join(f'({one})' for one in wanted)}" if wanted else ""
    return (
        f"CREATE TRIGGER {watch.name}_{event.lower()} AFTER {event} ON {watch.table} {when} BEGIN"
        f" INSERT INTO change (kind, subject) SELECT '{watch.kind}', coalesce(about, 0)"
        f" FROM ({subjects});"
        f" DELETE FROM change WHERE seq <= last_insert_rowid() - {KEPT}; END"
    )


def _postgres_trigger(watch: Watch) -> list[str]:
    """One function, called once a statement: whatever it changed is looked at as a whole."""
    shown = [*(f"r.{column}" for column in watch.columns), *watch.also]
    # Not called "subject": a watched table may have a column of that name, too.
    columns = ", ".join([f"coalesce({watch.subject}, 0) AS noted", *shown])
    only = f" WHERE {watch.only}" if watch.only else ""
    fresh = f"SELECT {columns} FROM fresh r{only}"
    stale = f"SELECT {columns} FROM stale r{only}"
    touched = {
        "INSERT": fresh,
        "DELETE": stale,
        "UPDATE": f"({fresh} EXCEPT {stale}) UNION ALL ({stale} EXCEPT {fresh})",
    }
    seen = {
        "INSERT": "NEW TABLE AS fresh",
        "DELETE": "OLD TABLE AS stale",
        "UPDATE": "OLD TABLE AS stale NEW TABLE AS fresh",
    }
    branches = "".join(
        f" IF TG_OP = '{event}' THEN {_noted(watch.kind, touched[event])} END IF;"
        for event in watch.events
    )
    function = (
        f"CREATE FUNCTION {watch.name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {branches} RETURN NULL; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {watch.name}_{event.lower()} AFTER {event} ON {watch.table}"
            f" REFERENCING {seen[event]} FOR EACH STATEMENT EXECUTE FUNCTION {watch.name}()"
            for event in watch.events
        ),
    ]


def _noted(kind: str, touched: str) -> str:
    """A row for each thing that was touched, or one that says everything was."""
    return (
        f"WITH one AS (SELECT DISTINCT noted AS subject FROM ({touched}) AS touched"
        f" LIMIT {MOST + 1}),"
        f" many AS (SELECT count(*) > {MOST} AS yes FROM one)"
        f" INSERT INTO change (kind, subject)"
        f" SELECT '{kind}', subject FROM one, many WHERE NOT yes"
        f" UNION ALL SELECT '{EVERYTHING.kind}', 0 FROM many WHERE yes;"
    )
