"""The picker's search: the right town first, in every way people type it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, update

from board.core import clock
from board.core.db import Database
from board.towns.actions import found_town
from board.towns.models import towns
from board.towns.place_queries import _statement, find_places, get_place, get_place_at
from board.towns.prefixes import CROWDED
from tests.towns.wanted import WANTED


@pytest.mark.parametrize(
    ("text", "name", "country", "region"), WANTED, ids=lambda value: str(value)
)
def test_wanted_town_comes_first(
    world: Connection, text: str, name: str, country: str, region: str
) -> None:
    first = find_places(world, text)[0]
    assert (first.name, first.country) == (name, country)
    assert first.region == (region or first.region)


@pytest.mark.parametrize(
    ("text", "country", "name", "found_in"),
    [
        ("cambridge", "US", "Cambridge", "US"),
        ("paris", "US", "Paris", "FR"),
        ("london", "CA", "London", "CA"),
        ("halle", "BE", "Halle", "BE"),
        ("biel", "CH", "Biel/Bienne", "CH"),
        ("san", "AR", "San Miguel de Tucumán", "AR"),
        ("elk", "xx", "Ełk", "PL"),
        ("elk", "P\0", "Ełk", "PL"),
    ],
)
def test_country_moves_its_places_up(
    world: Connection, text: str, country: str, name: str, found_in: str
) -> None:
    first = find_places(world, text, country=country)[0]
    assert (first.name, first.country) == (name, found_in)


def test_inner_word_finds_a_place_after_those_that_begin_so(world: Connection) -> None:
    found = [place.name for place in find_places(world, "york")]
    assert found[0] == "York"
    assert "East New York" in found[1:]


def test_shortest_texts_find_the_largest(world: Connection) -> None:
    assert all(place.population > 1_000_000 for place in find_places(world, "t"))
    assert len(find_places(world, "sa", limit=24)) == 24


def test_each_place_is_found_once(world: Connection) -> None:
    for text in ("lond", "san jose", "new york ny", "Springfield, IL, USA"):
        ids = [place.geonames_id for place in find_places(world, text, limit=20)]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("text", ["", " ", "!?", "qqqqqq", "\0", "elk atlantis", "%", "_"])
def test_nothing_is_found_for_what_is_no_place(world: Connection, text: str) -> None:
    assert find_places(world, text) == []


def test_growing_text_keeps_the_town_in_sight(world: Connection) -> None:
    for whole, town in (("springfield illinois", "Illinois"), ("portland oregon", "Oregon")):
        name = whole.split()[0]
        for length in (*range(len(name) - 2, len(name) + 1), *range(len(name) + 4, len(whole) + 1)):
            found = find_places(world, whole[:length])
            assert town in [place.region for place in found], whole[:length]


def test_place_shows_what_its_town_has(database: Database) -> None:
    with database.transaction() as conn:
        town_id = found_town(conn, 763166, clock.now())
        conn.execute(
            update(towns).where(towns.c.id == town_id).values(vote_count=12, story_count=3)
        )
    with database.snapshot() as conn:
        asked, silent = (find_places(conn, text)[0] for text in ("nowy", "velenje"))
    assert (asked.town_id, asked.vote_count, asked.story_count) == (town_id, 12, 3)
    assert (silent.town_id, silent.vote_count, silent.story_count) == (None, 0, 0)


def test_place_by_number_and_by_address(database: Database) -> None:
    with database.snapshot() as conn:
        place = get_place(conn, 763166)
        assert place is not None
        assert place.path == "/towns/pl/nowy-sacz"
        assert get_place_at(conn, "pl", "nowy-sacz") == place
        assert get_place_at(conn, "PL", "nowy-sacz") == place
        assert get_place_at(conn, "de", "nowy-sacz") is None
        assert get_place(conn, 1) is None


@pytest.mark.parametrize("geonames_id", [0, -1, 2**31, 10**30])
def test_place_by_an_impossible_number_is_none(database: Database, geonames_id: int) -> None:
    with database.snapshot() as conn:
        assert get_place(conn, geonames_id) is None


@pytest.mark.parametrize(("country", "slug"), [("pl", "elk\0"), ("p\0", "elk"), ("pl", "\ud800")])
def test_place_at_an_impossible_address_is_none(
    database: Database, country: str, slug: str
) -> None:
    with database.snapshot() as conn:
        assert get_place_at(conn, country, slug) is None


@given(st.text(max_size=200), st.text(max_size=4))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_too_odd(database: Database, text: str, country: str) -> None:
    with database.snapshot() as conn:
        assert len(find_places(conn, text, country=country)) <= 8


@pytest.mark.parametrize(
    ("text", "most"), [("elk", 1), ("s", 1), ("new york", 2), ("springfield, il, usa, elk", 2)]
)
def test_statements_do_not_grow_with_the_text(database: Database, text: str, most: int) -> None:
    with database.snapshot() as conn, counted(conn) as statements:
        find_places(conn, text)
    assert len(statements) == most


@contextmanager
def counted(conn: Connection) -> Iterator[list[str]]:
    """The statements that are executed inside the block."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(conn, "before_cursor_execute", note)
    yield seen
    event.remove(conn, "before_cursor_execute", note)


@pytest.mark.parametrize("boosted", [False, True])
def test_names_are_read_by_their_index(database: Database, boosted: bool) -> None:
    values = {"whole": "elk", "whole_end": "elk\U0010ffff", "country": "PL", "limit": 8}
    with database.snapshot() as conn:
        if not database.is_sqlite:
            # Nine places are read faster than looked up; the question is whether it could.
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = explained(conn, _statement(0, boosted), values)
    scans = [line for line in plan if "place_name" in line or "place_prefix" in line]
    assert scans
    if database.is_sqlite:
        assert all("USING PRIMARY KEY" in line for line in scans)
        assert any("norm>? AND norm<?" in line for line in scans)
    else:
        assert not any("Seq Scan" in line for line in plan)
        assert any("Index Cond" in line and ">" in line and "<" in line for line in plan)


def explained(conn: Connection, statement: Any, values: dict[str, Any]) -> list[str]:
    """The database's plan for a statement, as lines."""
    compiled = statement.compile(dialect=conn.dialect)
    word = "EXPLAIN QUERY PLAN " if conn.dialect.name == "sqlite" else "EXPLAIN "
    given = {**compiled.params, **values}
    chosen: Any = (
        tuple(given[name] for name in compiled.positiontup)
        if compiled.positional
        else {name: given[name] for name in compiled.params}
    )
    rows = conn.exec_driver_sql(word + str(compiled), chosen)
    return [str(row[-1]) for row in rows]


def test_no_keystroke_reads_more_than_a_crowd(world: Connection) -> None:
    """What isn't prepared is short: the promise that makes every keystroke cheap."""
    longest = world.exec_driver_sql(
        """
        SELECT max(n) FROM (
            SELECT count(*) AS n FROM place_name
            WHERE substr(norm, 1, 4) NOT IN (SELECT prefix FROM place_prefix)
            AND length(norm) >= 4 GROUP BY substr(norm, 1, 4)
        )
        """
    ).scalar_one()
    assert longest <= CROWDED


def test_town_of_another_place_is_not_mixed_in(database: Database) -> None:
    with database.transaction() as conn:
        town_id = found_town(conn, 3189075, clock.now())
        conn.execute(update(towns).where(towns.c.id == town_id).values(vote_count=5))
    with database.snapshot() as conn:
        assert [place.vote_count for place in find_places(conn, "ljubljana")] == [0]
