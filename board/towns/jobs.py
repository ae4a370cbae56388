"""Loading the gazetteer into the tables: at set-up, and again when its packages bring new data.

Everything is read and prepared first, then written in one transaction together with the fact
that says which edition stands there. A load that is killed leaves what was there before.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, delete, insert, select

from board.core.db import Database, upsert
from board.core.facts import get_fact, keep_fact
from board.towns.gazetteer import Gazetteer, packages_version, read_gazetteer
from board.towns.models import (
    place_names,
    place_prefixes,
    places,
    regions,
    town_addresses,
    towns,
)
from board.towns.prefixes import crowded_prefixes
from board.towns.slugs import free_slug
from board.towns.word_actions import spell_all_towns

FACT: Final = "gazetteer"
# Raise it when spelling, prefixes or slugs change what a load writes.
RULES: Final = 2
BATCH: Final = 10_000

T = TypeVar("T")

# Hears the step ("read" or "write"), how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]


class Loaded(NamedTuple):
    """What a load did: `places` is 0 when this edition stood there already."""

    edition: str
    places: int


def load_places(
    database: Database, *, minimum: int = 1000, on_progress: Progress = lambda *_step: None
) -> Loaded:
    """Bring the gazetteer of places with at least `minimum` inhabitants into the tables.

    Does nothing when that edition stands there. Places that the new edition lacks keep their
    address but are found by no name any more. Raises NotFound while the packages are missing.
    """
    edition = f"{packages_version()} ≥{minimum} rules {RULES}"
    with database.snapshot() as conn:
        if get_fact(conn, FACT) == edition:
            return Loaded(edition, 0)
    gazetteer = read_gazetteer(minimum, lambda done, total: on_progress("read", done, total))
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer, edition, on_progress)
    return Loaded(edition, len(gazetteer.places))


def write_gazetteer(
    conn: Connection,
    gazetteer: Gazetteer,
    edition: str,
    on_progress: Progress = lambda *_step: None,
) -> None:
    """Put a gazetteer in place of the one that is there; addresses once given stay."""
    total = len(gazetteer.places) + len(gazetteer.names)
    done = 0
    on_progress("write", done, total)
    for batch in _batches(_place_rows(conn, gazetteer)):
        upsert(conn, places, batch, ["geonames_id"])
        on_progress("write", done := done + len(batch), total)
    conn.execute(delete(place_names))
    for names in _batches(gazetteer.names):
        _fill(conn, place_names, names)
        on_progress("write", done := done + len(names), total)
    country_of = {place.geonames_id: place.country for place in gazetteer.places}
    conn.execute(delete(place_prefixes))
    for prefixes in _batches(crowded_prefixes(gazetteer.names, country_of)):
        _fill(conn, place_prefixes, prefixes)
    conn.execute(delete(regions))
    for words in _batches((word, *area) for word, area in gazetteer.words):
        _fill(conn, regions, words)
    spell_all_towns(conn)
    if conn.dialect.name == "postgresql":
        # Its planner would guess, for hours, at what it has just been given.
        conn.exec_driver_sql("ANALYZE place, place_name, place_prefix, region")
    keep_fact(conn, FACT, edition)


def _place_rows(conn: Connection, gazetteer: Gazetteer) -> Iterator[dict[str, Any]]:
    """The rows of `place`: ranked by population, each with the address it had or a free one."""
    given, taken = _addresses(conn)
    for rank, place in enumerate(gazetteer.places, start=1):
        slug = given.get((place.geonames_id, place.country))
        if slug is None:
            here = taken[place.country]
            slug = free_slug(place.name, place.region, place.geonames_id, here)
            here.add(slug)
        yield {**place._asdict(), "rank": rank, "slug": slug}


def _addresses(conn: Connection) -> tuple[Mapping[tuple[int, str], str], dict[str, set[str]]]:
    """Which place has which slug in which country, and every slug that was ever given there."""
    given: dict[tuple[int, str], str] = {}
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for table in (places, towns):
        columns = (table.c.geonames_id, table.c.country, table.c.slug)
        for geonames_id, country, slug in conn.execute(select(*columns)):
            taken[country].add(slug)
            if geonames_id is not None:
                given[geonames_id, country] = slug
    for country, slug in conn.execute(select(town_addresses.c.country, town_addresses.c.slug)):
        taken[country].add(slug)
    return given, taken


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _fill(conn: Connection, table: Table, rows: list[Any]) -> None:
    """Insert many rows, given in the order of the table's columns.

    Straight through the drivers: for a million rows Core's own parameters cost more than the
    database does.
    """
    if conn.dialect.name == "postgresql":
        cursor = conn.connection.cursor()
        with cursor.copy(f"COPY {table.name} ({', '.join(table.c.keys())}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        conn.exec_driver_sql(str(insert(table).compile(conn)), rows)
