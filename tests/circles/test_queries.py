"""What pages read: by nearness, by start, by state; in a fixed number of indexed statements."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text, update

from board.circles.actions import refresh_nearest, refresh_nearest_of
from board.circles.feed import CircleRow
from board.circles.jobs import import_circles
from board.circles.kept import circle_values
from board.circles.match import Settled, Spot
from board.circles.models import circles
from board.circles.queries import (
    circle_counts,
    circles_by_id,
    circles_near,
    circles_page,
    latest_import,
    nearest_circle,
    next_circles,
    open_circles_within,
)
from board.circles.reach import Reach
from board.circles.rows import CircleFilter
from board.core.db import Database
from board.core.geo import distance_km
from board.towns.actions import found_by_hand, found_town
from board.towns.models import towns
from board.towns.rules import need_score
from tests.circles.conftest import invented_circles

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
CITIES = {
    "Velenje": ("SI", 46.36, 15.11),
    "Ljubljana": ("SI", 46.05, 14.51),
    "Graz": ("AT", 47.07, 15.44),
    "Maribor": ("SI", 46.55, 15.65),
    "Suva": ("FJ", -18.14, 178.44),
}
LENGTHS = {"now": (-14, 21), "soon": (10, 45), "finished": (-90, -40)}
VELENJE = (46.36, 15.11)


def circle(
    number: int, city: str = "Ljubljana", state: str = "now", **changes: Any
) -> dict[str, Any]:
    """A circle as a row of the table, meeting relative to today."""
    country, lat, lng = CITIES[city]
    first, last = LENGTHS[state]
    row = CircleRow(
        id=number,
        title=f"Circle {number}",
        course="Spreadsheets",
        where=Spot(city, "", country, lat, lng),
        online=False,
        starts_on=TODAY + timedelta(days=first),
        ends_on=TODAY + timedelta(days=last),
        starts_at="17:30",
        ends_at="19:00",
        utc_offset=0,
        meetings=6,
        language="en",
        signup_open=True,
        url=f"https://learningcircles.p2pu.org/en/signup/{number}/",
    )._replace(**changes)
    return {**circle_values(row, Settled(row.where)), "gone_at": None}


def add(conn: Connection, *rows: dict[str, Any]) -> None:
    conn.execute(insert(circles), list(rows))


def numbers(found: Any) -> list[int]:
    return [one.id for one in found]


def test_counts_and_states(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            circle(1),
            circle(2, state="soon"),
            circle(3, state="soon"),
            circle(4, state="finished"),
            circle(5) | {"gone_at": NOW},
        )
        assert circle_counts(conn, NOW) == (1, 2, 1)
        assert circle_counts(conn, NOW + timedelta(days=22)) == (2, 0, 2)
        found = circles_by_id(conn, [1, 2, 4, 5, 99], NOW)
    assert {number: one.state for number, one in found.items()} == {
        1: "now",
        2: "soon",
        4: "finished",
    }


def test_state_is_asked_of_the_moment_where_it_meets(db: Database) -> None:
    only_today: dict[str, Any] = {"starts_on": date(2026, 11, 23), "ends_on": date(2026, 11, 23)}
    with db.transaction() as conn:
        add(conn, circle(1, "Suva", utc_offset=720, **only_today), circle(2, **only_today))
        found = circles_by_id(conn, [1, 2], NOW)
        counts = circle_counts(conn, NOW)

    assert (found[1].state, found[2].state) == ("now", "soon")
    assert counts == (1, 1, 0)


def test_circles_near_are_ordered_by_state_and_distance(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            circle(1, "Maribor", "finished"),
            circle(2, "Graz", "soon"),
            circle(3, "Ljubljana", "now"),
            circle(4, "Velenje", "soon"),
            circle(5, "Suva", "now"),
            circle(6, "Velenje", "now", online=True),
            circle(7, "Velenje", "now") | {"gone_at": NOW},
        )
        found = circles_near(conn, *VELENJE, NOW, km=100, limit=10)
        few = circles_near(conn, *VELENJE, NOW, km=100, limit=2)
        here = circles_near(conn, *VELENJE, NOW, km=10)

    assert [(one.id, one.state) for one in found] == [
        (3, "now"),
        (4, "soon"),
        (2, "soon"),
        (1, "finished"),
    ]
    assert [round(one.km or 0) for one in found] == [58, 0, 83, 46]
    assert numbers(few) == [3, 4]
    assert numbers(here) == [4]


def test_finished_circles_of_one_spot_come_newest_first(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            circle(1, state="finished", ends_on=TODAY - timedelta(days=50)),
            circle(2, state="finished", ends_on=TODAY - timedelta(days=5)),
        )
        assert numbers(circles_near(conn, *VELENJE, NOW)) == [2, 1]


def test_open_circles_are_those_one_can_join(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            circle(1, "Velenje", "soon"),
            circle(2, "Velenje", "now", signup_open=False),
            circle(3, "Velenje", "now", online=True),
            circle(4, "Velenje", "finished"),
            circle(5, "Velenje", "now", url=""),
            circle(6, "Ljubljana", "now"),
            circle(7, "Velenje", "now"),
            circle(8, "Velenje", "now") | {"gone_at": NOW},
        )
        assert numbers(open_circles_within(conn, *VELENJE, NOW)) == [7, 1]
        assert numbers(open_circles_within(conn, *VELENJE, NOW, km=60)) == [7, 1, 6]


@pytest.mark.parametrize(
    "town",
    [(-16.5, 179.99), (-16.5, -179.99), (-16.5, 180.0), (89.95, 10.0), (-89.95, -100.0)],
    ids=["west of the date line", "east of it", "on it", "north pole", "south pole"],
)
def test_join_first_where_the_map_ends(db: Database, town: tuple[float, float]) -> None:
    lat, lng = town
    there = (lat, -179.95 if lng > 170 else 179.95) if abs(lat) < 80 else (lat, lng - 150)
    away = (lat - 1.0 if lat > 0 else lat + 1.0, lng)
    with db.transaction() as conn:
        add(
            conn,
            circle(1, where=Spot("X", "", "FJ", *there)),
            circle(2, where=Spot("X", "", "FJ", *away)),
        )
        found = open_circles_within(conn, lat, lng, NOW)
        near = nearest_circle(conn, lat, lng, NOW)

    assert numbers(found) == [1]
    assert found[0].km is not None
    assert found[0].km < 25
    assert near is not None
    assert near.id == 1


def test_nobody_is_sent_to_a_circle_that_cant_be_joined(db: Database, feed: Any) -> None:
    """As they come from the feed: online, over, full, closed, without an address or a place."""
    open_one = invented_circles(1)[0] | {
        "city": "Ljubljana", "region": "", "latitude": "46.05", "longitude": "14.51",
        "place_id": "3196359", "start_date": "2026-11-20", "last_meeting_date": "2026-12-20",
    }  # fmt: skip
    feed.items = [
        open_one,
        open_one | {"id": 2, "online": True},
        open_one | {"id": 3, "last_meeting_date": "2026-11-21"},
        open_one | {"id": 4, "signup_limit": 4},
        open_one | {"id": 5, "signup_open": False},
        open_one | {"id": 6, "url": ""},
        open_one | {"id": 7, "city": "", "place_id": "", "latitude": None},
        open_one | {"id": 8, "draft": True},
        open_one | {"id": 9, "last_meeting_date": "2026-11-22"},
    ]
    import_circles(db, [feed.url], Reach((), own_machine=True))
    with db.snapshot() as conn:
        assert numbers(open_circles_within(conn, 46.05, 14.51, NOW)) == [1, 9]
        midnight = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
        assert numbers(open_circles_within(conn, 46.05, 14.51, midnight)) == [1]


def test_nearest_circle_is_in_person_and_current(db: Database) -> None:
    with db.transaction() as conn:
        assert nearest_circle(conn, *VELENJE, NOW) is None
        add(conn, circle(1, "Suva"))
        far = nearest_circle(conn, *VELENJE, NOW)
        add(
            conn,
            circle(2, "Velenje", "finished"),
            circle(3, "Velenje", online=True),
            circle(4, "Graz", "soon"),
            circle(5, "Velenje") | {"gone_at": NOW},
        )
        near = nearest_circle(conn, *VELENJE, NOW)
    assert far is not None
    assert near is not None
    assert (far.id, round(far.km)) == (1, 16_524)
    assert (near.id, round(near.km)) == (4, 83)


def test_nearest_circle_lies_over_the_antimeridian(db: Database) -> None:
    with db.transaction() as conn:
        add(conn, circle(1, "Suva", where=Spot("Taveuni", "", "FJ", -16.5, -180.0)))
        for lng in (179.9, -179.9, 180.0, -180.0):
            near = nearest_circle(conn, -16.5, lng, NOW)
            assert near is not None
            assert near.km < 11
            assert numbers(circles_near(conn, -16.5, lng, NOW, km=25)) == [1]


def test_nearest_equals_brute_force(db: Database) -> None:
    dice = random.Random(7)
    spots = [
        (round(dice.uniform(-70, 75), 2), round(dice.uniform(-180, 180), 2)) for _ in range(300)
    ]
    with db.transaction() as conn:
        add(
            conn,
            *(
                circle(number, where=Spot("X", "", "", *spot))
                for number, spot in enumerate(spots, start=1)
            ),
        )
        for number in range(60):
            found_by_hand(
                conn,
                name=f"Town {number}",
                country="SI",
                lat=round(dice.uniform(-80, 80), 4),
                lng=round(dice.uniform(-180, 180), 4),
                now=NOW,
            )
        assert refresh_nearest(conn, NOW) == 60
        assert refresh_nearest(conn, NOW) == 0
        rows = conn.execute(select(towns)).all()
        for row in rows:
            least = min(distance_km(row.lat, row.lng, *spot) for spot in spots)
            alone = nearest_circle(conn, row.lat, row.lng, NOW)
            assert alone is not None
            assert abs(alone.km - least) < 0.001
            assert abs(row.nearest_km - least) <= 0.051
            assert row.nearest_circle_id == alone.id
            assert row.need == need_score(0, 0, row.nearest_km)


def test_founded_town_knows_its_nearest_circle_at_once(db: Database) -> None:
    with db.transaction() as conn:
        add(conn, circle(4, "Graz", "soon"))
        town_id = found_town(conn, 3189075, NOW)
        conn.execute(update(towns).where(towns.c.id == town_id).values(vote_count=60))
        refresh_nearest_of(conn, town_id, NOW)
        row = conn.execute(select(towns).where(towns.c.id == town_id)).one()

        assert (row.nearest_circle_id, row.nearest_km) == (4, 82.9)
        assert row.need == need_score(60, row.population, 82.9)
        assert refresh_nearest(conn, NOW) == 0


def test_hand_typed_town_without_a_point_has_no_nearest_circle(db: Database) -> None:
    with db.transaction() as conn:
        add(conn, circle(4))
        town_id = found_by_hand(conn, name="Nova", country="SI", lat=None, lng=None, now=NOW)
        refresh_nearest_of(conn, town_id, NOW)
        assert refresh_nearest(conn, NOW) == 0


def test_next_circles_start_soonest_then_began_last(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            circle(1, state="now", starts_on=TODAY - timedelta(days=20)),
            circle(2, state="soon", starts_on=TODAY + timedelta(days=9)),
            circle(3, state="soon", starts_on=TODAY + timedelta(days=3)),
            circle(4, state="now", starts_on=TODAY - timedelta(days=2)),
            circle(5, state="finished"),
        )
        assert numbers(next_circles(conn, NOW, 3)) == [3, 2, 4]
        assert numbers(next_circles(conn, NOW, 1)) == [3]
        assert numbers(next_circles(conn, NOW, 9)) == [3, 2, 4, 1]


def test_shown_circle_says_how_far_it_is(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            circle(1, starts_on=TODAY - timedelta(days=14), ends_on=TODAY + timedelta(days=21)),
        )
        shown = circles_by_id(conn, [1], NOW)[1]

    assert (shown.done, shown.meetings, shown.weekday) == (2, 6, 6)
    assert shown.takes_signups


def pages(conn: Connection, wanted: CircleFilter, limit: int = 3) -> list[int]:
    """All of the list, page by page."""
    found: list[int] = []
    after = ""
    for _page in range(100):
        page = circles_page(conn, wanted, NOW, after, limit)
        found += numbers(page.circles)
        assert page.total == len(numbers(circles_page(conn, wanted, NOW, limit=1000).circles))
        after = page.after
        if not after:
            return found
    raise AssertionError("the list doesn't end")


def test_list_goes_on_where_it_stopped_whatever_starts_together(db: Database) -> None:
    dice = random.Random(3)
    with db.transaction() as conn:
        add(
            conn,
            *(
                circle(number, starts_on=TODAY + timedelta(days=dice.randint(-12, 12)))
                for number in range(1, 41)
            ),
            circle(90, state="finished"),
        )
        ahead = pages(conn, CircleFilter())
        everything = pages(conn, CircleFilter(state="all"))
        starts = circles_by_id(conn, range(1, 100), NOW)

    assert sorted(ahead) == list(range(1, 41))
    assert ahead == sorted(ahead, key=lambda number: (starts[number].begins_at, number))
    assert everything == [*reversed(ahead), 90]


def test_list_is_filtered(db: Database) -> None:
    with db.transaction() as conn:
        add(
            conn,
            circle(1, "Graz", title="Español básico", language="es"),
            circle(2, "Ljubljana", title="100% Python_3", course="", language="sl"),
            circle(3, "Maribor", "soon", course="Café culture"),
            circle(4, "Suva", "finished", title="Łódź stories"),
            circle(5, "Graz") | {"gone_at": NOW},
        )

        def found(**wanted: str) -> list[int]:
            return numbers(circles_page(conn, CircleFilter(**wanted), NOW).circles)

        assert found() == [1, 2, 3]
        assert found(state="now") == [1, 2]
        assert found(state="soon") == [3]
        assert found(state="finished") == [4]
        assert found(state="nonsense") == [1, 2, 3]
        assert found(country="si") == [2, 3]
        assert found(language="es") == [1]
        assert found(q="ESPANOL") == [1]
        assert found(q="graz espa") == [1]
        assert found(q="cafe") == [3]
        assert found(q="100%") == [2]
        assert found(q="%") == [1, 2, 3]
        assert found(q="o_3") == []
        assert found(q="lodz", state="all") == [4]
        assert found(q="'; drop table circle --") == []


@pytest.mark.parametrize("after", ["", "nonsense", "1~", "99999999999999999999~1", "0~0"])
def test_list_from_a_broken_cursor_begins_at_its_beginning(db: Database, after: str) -> None:
    with db.transaction() as conn:
        add(conn, circle(1), circle(2))
        assert numbers(circles_page(conn, CircleFilter(), NOW, after).circles) == [1, 2]


def test_latest_import_of_an_empty_board(db: Database) -> None:
    with db.snapshot() as conn:
        assert latest_import(conn) is None


READS: dict[str, Callable[[Connection], Any]] = {
    "counts": lambda conn: circle_counts(conn, NOW),
    "near": lambda conn: circles_near(conn, *VELENJE, NOW),
    "open": lambda conn: open_circles_within(conn, *VELENJE, NOW),
    "nearest": lambda conn: nearest_circle(conn, *VELENJE, NOW),
    "next": lambda conn: next_circles(conn, NOW),
    "page": lambda conn: circles_page(conn, CircleFilter(q="circle"), NOW, "1~1"),
    "country": lambda conn: circles_page(conn, CircleFilter(country="SI", state="all"), NOW),
    "ids": lambda conn: circles_by_id(conn, [1, 2], NOW),
    "import": lambda conn: latest_import(conn),
}


@contextmanager
def statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, params: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, params))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("name", READS)
def test_statements_do_not_grow_with_rows(db: Database, name: str) -> None:
    counts = []
    for number in (1, 3, 30):
        with db.transaction() as conn:
            conn.execute(circles.delete())
            add(conn, *(circle(one) for one in range(1, number + 1)))
        with db.snapshot() as conn, statements(db.reader) as seen:
            READS[name](conn)
        counts.append(len(seen))
    assert max(counts) <= 2
    assert counts[1] == counts[2]


@pytest.mark.parametrize("name", READS)
def test_statements_use_an_index(db: Database, name: str) -> None:
    if not db.is_sqlite:
        return
    with db.transaction() as conn:
        add(conn, *(circle(one) for one in range(1, 200)))
        conn.execute(text("ANALYZE"))
    with db.snapshot() as conn:
        with statements(db.reader) as seen:
            READS[name](conn)
        for statement, params in seen:
            plan = conn.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, params).all()
            assert any("INDEX" in row[3] or "PRIMARY KEY" in row[3] for row in plan), plan
