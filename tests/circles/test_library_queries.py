"""Libraries: by country, by name in stretches, near a point; by index, however many."""

from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from board.circles.library_queries import (
    FEW,
    libraries_in_short,
    libraries_near,
    libraries_page,
    library_counts,
)
from board.circles.models import libraries
from board.circles.rows import PageOfLibraries
from board.core.db import Database
from board.core.geo import to_mercator
from tests.circles.test_queries import NOW, VELENJE, numbers, statements


def library(number: int, name: str, spot: tuple[float, float] | None, **more: Any) -> Any:
    """A library as a row of the table."""
    lat, lng = spot or (None, None)
    mx, my = to_mercator(*spot) if spot else (None, None)
    row = {"id": number, "name": name, "country": "SI", "lat": lat, "lng": lng, "mx": mx, "my": my}
    return {**row, "gone_at": None, **more}


def add(conn: Connection, *rows: Any) -> None:
    conn.execute(insert(libraries), list(rows))


def listed(page: PageOfLibraries) -> list[int]:
    """The numbers of a page's libraries, in its order."""
    return [number for group in page.groups for number in numbers(group.libraries)]


def test_libraries_stand_by_country_and_near_a_point(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            library(1, "Ljubljana City Library", (46.05, 14.51)),
            library(2, "Fundația", None, country=""),
            library(3, "Gone", (46.05, 14.51), gone_at=NOW),
            library(4, "Far", (-18.14, 178.44), country="FJ"),
        )
        short = libraries_in_short(conn)
        near = libraries_near(conn, *VELENJE)
        over_the_date_line = libraries_near(conn, -18.14, -179.9, km=200)
        nowhere_near = libraries_near(conn, 0.0, 0.0)

    assert [tuple(count) for count in short.counts] == [("", 1), ("FJ", 1), ("SI", 1)]
    assert [(group.country, numbers(group.libraries)) for group in short.groups] == [
        ("FJ", [4]),
        ("SI", [1]),
        ("", [2]),
    ]
    assert [(one.id, round(one.km or 0)) for one in near.libraries] == [(1, 58)]
    assert numbers(over_the_date_line.libraries) == [4]
    assert (nowhere_near.libraries, nowhere_near.imported) == ([], None)


def test_libraries_in_short_are_only_numbers_where_there_are_many(db: Database) -> None:
    with db.transaction() as conn:
        add(conn, *(library(n, f"Library {n}", None) for n in range(FEW)))
        assert sum(len(group.libraries) for group in libraries_in_short(conn).groups) == FEW
        add(conn, library(99, "One more", None, country="DE"))
        short = libraries_in_short(conn)

    assert (short.groups, short.total) == ([], FEW + 1)
    assert [tuple(count) for count in short.counts] == [("DE", 1), ("SI", FEW)]


@pytest.mark.parametrize("country", ["", "si"])
def test_libraries_are_listed_there_and_back(db: Database, country: str) -> None:
    with db.transaction() as conn:
        add(
            conn,
            *(library(n, f"Library {n % 4}", None) for n in range(1, 24)),
            library(30, "Library 9", None, country="DE"),
            library(31, "Library 1", None, gone_at=NOW),
            library(32, "Library 0", None, country=""),
        )
        whole = listed(libraries_page(conn, country, limit=99))
        there = [libraries_page(conn, country, limit=5)]
        while there[-1].after:
            there.append(libraries_page(conn, country, after=there[-1].after, limit=5))
        back = [there[-1]]
        while back[-1].before:
            back.append(libraries_page(conn, country, before=back[-1].before, limit=5))

    assert len(whole) == (23 if country else 25)
    assert whole[:2] == ([4, 8] if country else [32, 30])
    assert [number for page in there for number in listed(page)] == whole
    assert [listed(page) for page in reversed(back)] == [listed(page) for page in there]
    assert {page.total for page in there} == {len(whole)}


@pytest.mark.parametrize("cursor", ["x", "-1", "99999999999", "77"])
def test_libraries_from_a_broken_cursor_begin_somewhere(db: Database, cursor: str) -> None:
    with db.transaction() as conn:
        add(conn, library(1, "A", None))
        assert listed(libraries_page(conn, after=cursor)) == [1]


def test_lists_of_many_libraries_need_no_sort(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            *(library(n, f"Library {n * 7919 % 3000}", (46.0, n % 90)) for n in range(1, 3_000)),
        )
        conn.execute(text("ANALYZE library" if db.is_sqlite else "ANALYZE"))
    with db.snapshot() as conn, statements(db.reader) as seen:
        for country in ("", "SI"):
            libraries_page(conn, country, after="5")
            libraries_page(conn, country, before="5")
        libraries_near(conn, *VELENJE)
        library_counts(conn)
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    with db.snapshot() as conn:
        plans = [str(conn.exec_driver_sql(explain + words, values).all()) for words, values in seen]
    assert not [plan for plan in plans if "TEMP B-TREE" in plan or "Sort" in plan]
