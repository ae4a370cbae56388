"""Statements made ready once say the same as SQLAlchemy's own way, on both databases."""

from datetime import datetime
from typing import NamedTuple

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from board.core import clock
from board.core.db import Database, insert_into
from board.core.prepared import Prepared
from board.people.models import people
from tests.invented import person, statements


class Row(NamedTuple):
    """Somebody, in values of every kind: a number, bytes, words, a yes or no, moments."""

    id: int
    key: bytes
    name: str
    trusted: bool
    blocked_at: datetime | None
    created_at: datetime


_CALLED = (
    select(*(people.c[name] for name in Row._fields))
    .where(people.c.name == bindparam("called"), people.c.role == "")
    .order_by(people.c.id)
)
CALLED = Prepared(lambda _dialect: _CALLED, Row)
JOINING = Prepared(
    lambda dialect: insert_into(dialect, people).returning(people.c.id, people.c.language),
    lambda number, language: (number, language),
    columns=("key", "name", "created_at"),
)


def test_prepared_gives_the_rows_that_sqlalchemy_gives(database: Database) -> None:
    with database.transaction() as conn:
        for name in ("Alice", "Bob"):
            person(conn, name)
        plain = conn.execute(_CALLED, {"called": "Alice"}).all()
        assert CALLED.all(conn, {"called": "Alice"}) == [Row._make(row) for row in plain]
        assert CALLED.first(conn, {"called": "Alice"}) == Row._make(plain[0])
        assert CALLED.first(conn, {"called": "nobody"}) is None


def test_prepared_insert_fills_columns_left_out_with_their_defaults(database: Database) -> None:
    now = clock.now()
    with database.transaction() as conn:
        number, language = JOINING.all(conn, {"key": b"k", "name": "Eve", "created_at": now})[0]
        assert language == "en"
        assert CALLED.all(conn, {"called": "Eve"}) == [Row(number, b"k", "Eve", False, None, now)]


def test_prepared_is_part_of_its_transaction(database: Database) -> None:
    with database.writer_engine.connect() as conn:
        JOINING.all(conn, {"key": b"k", "name": "Eve", "created_at": clock.now()})
        conn.rollback()
        assert CALLED.first(conn, {"called": "Eve"}) is None


def test_prepared_sees_one_snapshot_with_other_statements(database: Database) -> None:
    with database.snapshot() as conn:
        assert CALLED.first(conn, {"called": "Eve"}) is None
        assert conn.in_transaction()
        if not database.is_sqlite:
            return
        with database.transaction() as other:
            person(other, "Eve")
        assert conn.execute(_CALLED, {"called": "Eve"}).first() is None


def test_prepared_raises_what_sqlalchemy_raises(database: Database) -> None:
    values = {"key": b"k", "name": "Eve", "created_at": clock.now()}
    with database.writer_engine.connect() as conn:
        JOINING.all(conn, values)
        with pytest.raises(IntegrityError) as raised:
            JOINING.all(conn, values)
    assert "Eve" not in str(raised.value)


def test_prepared_is_heard_by_who_listens_to_the_engine(database: Database) -> None:
    with database.snapshot() as conn, statements(database.reader) as seen:
        CALLED.all(conn, {"called": "Alice"})
    assert len(seen) == 1
