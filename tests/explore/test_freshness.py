"""What touches a page: whatever changes, a page that would differ afterwards was touched."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from board.core.changes import Change
from board.explore.freshness import of_popup
from board.explore.orders import ORDERS, key_of
from board.explore.shows import Around, Listing, Shows, flat
from board.towns.queries import TownRow

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = 4


def town(town_id: int, **changes: Any) -> TownRow:
    """A town; what isn't said is the plainest there is."""
    plain: dict[str, Any] = dict.fromkeys(TownRow._fields)
    counters = ("vote_count", "closeness", "come_count", "facilitate_count", "host_count")
    plain |= dict.fromkeys(counters, 0) | {"rising": 0.0, "need": 0.0, "asked_at": NOW}
    plain |= {"id": town_id, "country": "SI", "slug": f"town-{town_id}", "lat": 46.0, "lng": 15.0}
    return TownRow(**plain | changes)


@st.composite
def some_towns(draw: st.DrawFn) -> list[TownRow]:
    """A small world, with many that are equal."""
    few, places = st.integers(1, 4), st.integers(-3, 3)
    return [
        town(
            number,
            vote_count=draw(few),
            need=float(draw(few)),
            closeness=draw(few),
            rising=float(draw(few)),
            country=draw(st.sampled_from(("SI", "PL"))),
            lat=46.0 + draw(places),
            lng=180.0 * draw(st.sampled_from((0, 1))) - draw(places),
        )
        for number in range(1, draw(st.integers(1, 9)) + 1)
    ]


sorts = st.sampled_from(tuple(ORDERS))
Cut = tuple[Any, ...] | None


def page_of(
    world: list[TownRow], sort: str, country: str, after: Cut
) -> tuple[list[TownRow], bool]:
    """A page of the list as its rules say, and whether more follows."""
    order = ORDERS[sort]
    fitting = [one for one in world if country in ("", one.country)]
    below = [one for one in fitting if after is None or key_of(order, one) < after]
    ranked = sorted(below, key=lambda one: key_of(order, one), reverse=True)
    return ranked[:PAGE], len(ranked) > PAGE


@given(some_towns(), sorts, st.sampled_from(("", "SI")), st.booleans(), st.data())
def test_list_that_a_vote_changes_was_touched(
    world: list[TownRow], sort: str, country: str, later: bool, data: st.DataObject
) -> None:
    order = ORDERS[sort]
    after = key_of(order, data.draw(st.sampled_from(world))) if later else None
    rows, more = page_of(world, sort, country, after)
    shows = Shows(
        listed=frozenset(one.id for one in rows),
        always=frozenset({"facts"}),
        listings=(
            Listing(order.fields, key_of(order, rows[-1]) if more else None, after, country),
        ),
    )
    number = data.draw(st.integers(0, len(world) - 1))
    few = st.integers(1, 4)
    voted = world[number]._replace(
        vote_count=data.draw(few), need=float(data.draw(few)), rising=float(data.draw(few)),
        closeness=data.draw(few),
    )  # fmt: skip
    changed = [*world[:number], voted, *world[number + 1 :]]
    if page_of(changed, sort, country, after) != (rows, more):
        assert shows.touched_by(Change("town", voted.id, voted))


@given(some_towns(), st.integers(0, 4), st.data())
def test_neighbours_that_another_town_changes_were_touched(
    world: list[TownRow], most: int, data: st.DataObject
) -> None:
    lat, lng = 46.0, 179.5

    def nearest(towns: list[TownRow]) -> list[TownRow]:
        asking = [one for one in towns if one.vote_count > 1]
        return sorted(asking, key=lambda one: (far(one), one.id))[:3]

    def far(one: TownRow) -> float:
        return flat(lat, lng, one.lat or 0, one.lng or 0)

    shown = nearest(world)
    whole = Around(lat, lng)
    around = whole if len(shown) < 3 else replace(whole, flat=far(shown[-1]), km=0.0)
    shows = Shows(listed=frozenset(one.id for one in shown), around=around)
    number = data.draw(st.integers(0, len(world) - 1))
    moved = world[number]._replace(vote_count=most, lat=46.0 + most)
    changed = [*world[:number], moved, *world[number + 1 :]]
    if nearest(changed) != shown:
        # Beginning or ceasing to ask and moving are facts, a vote more is not.
        was = world[number]
        facts = (was.vote_count > 1) != (most > 1) or was.lat != moved.lat
        assert shows.touched_by(Change("facts" if facts else "town", moved.id, moved))


def test_own_town_touches_with_all_about_it_and_a_listed_one_with_its_row() -> None:
    shows = Shows(own=frozenset({1}), listed=frozenset({2}), always=frozenset({"circles"}))
    for kind in ("town", "facts", "stories", "talk", "words"):
        assert shows.touched_by(Change(kind, 1))
        assert shows.touched_by(Change(kind, 2)) == (kind in ("town", "facts", "stories"))
        assert not shows.touched_by(Change(kind, 3))
    assert shows.touched_by(Change("circles"))
    assert not shows.touched_by(Change("record"))
    assert shows.subjects == {1, 2}
    assert shows.kinds == {"circles"}


def test_town_that_nobody_could_look_at_touches() -> None:
    listing = Listing(("vote_count", "id"), (5, 1))
    near = Around(46.0, 15.0, flat=0.1, km=10.0)
    assert Shows(listings=(listing,)).touched_by(Change("town", 9))
    assert Shows(around=near).touched_by(Change("facts", 9))
    assert not Shows(around=near).touched_by(Change("town", 9))


def test_place_nobody_asked_for_is_touched_by_its_town() -> None:
    shows = Shows(address="/towns/si/town-7")
    assert shows.touched_by(Change("facts", 7, town(7, lat=None, lng=None)))
    assert not shows.touched_by(Change("facts", 8, town(8)))


def test_around_is_measured_by_either_ruler() -> None:
    assert Around(46.0, 15.0, flat=0.0, km=20.0).takes(town(1, lat=46.1))
    assert Around(46.0, 15.0, flat=0.02, km=0.0).takes(town(1, lat=46.1))
    assert not Around(46.0, 15.0, flat=0.001, km=1.0).takes(town(1, lat=46.1))
    assert not Around(46.0, 15.0).takes(town(1, lat=None))
    assert Around(0.0, 179.9, flat=0.05, km=0.0).takes(town(1, lat=0.0, lng=-179.95))


def test_popup_is_touched_by_an_import_whose_day_it_says() -> None:
    for town_id in (None, 1):
        assert of_popup(town_id).touched_by(Change("imports"))
    assert of_popup(1).touched_by(Change("town", 1))
    assert not of_popup(1).touched_by(Change("town", 2))
