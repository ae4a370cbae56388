"""Every town's nearest circle, kept true by looking only where something changed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select, update

from board.circles import nearest_jobs
from board.circles.actions import keep_nearest, nearest_changes, refresh_nearest_of
from board.circles.feed import CircleRow
from board.circles.globe import Globe, Nearest, Pin, nearest_of
from board.circles.kept import circle_values
from board.circles.match import Settled, Spot
from board.circles.models import circle_pins, circle_turns, circles
from board.circles.nearest import grounds_of
from board.circles.nearest_jobs import next_due, refresh_nearest
from board.circles.nearest_queries import current_pins
from board.core.db import Database
from board.core.facts import get_fact
from board.core.geo import to_mercator
from board.towns.actions import found_by_hand
from board.towns.cell_actions import recell
from board.towns.models import towns
from board.towns.rules import need_score

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
# Where globes go wrong: over the antimeridian, at the poles, and several in one spot.
ODD = (
    (-18.0, 180.0), (-18.0, -180.0), (-18.0, 179.99), (90.0, 0.0), (-90.0, 30.0), (89.9, -120.0),
    (0.0, 0.01), (46.05, 14.51), (46.05, 14.51), (86.0, 10.0), (-86.0, -170.0),
)  # fmt: skip


def spot_from(dice: random.Random) -> tuple[float, float]:
    """Mostly somewhere around three cities, sometimes anywhere, sometimes where it is odd."""
    if dice.random() < 0.15:
        return dice.choice(ODD)
    if dice.random() < 0.3:
        return round(dice.uniform(-90, 90), 2), round(dice.uniform(-180, 180), 2)
    lat, lng = dice.choice(((46.0, 14.5), (-18.1, 179.8), (40.4, -80.0)))
    east = lng + dice.gauss(0, 3)
    return round(lat + dice.gauss(0, 2), 2), round((east + 180) % 360 - 180, 2)


def circle(number: int, spot: tuple[float, float], days: int, **more: Any) -> dict[str, Any]:
    """A circle that began last week and ends in so many days, as a row of the table."""
    row = CircleRow(
        id=number,
        title=f"Circle {number}",
        course="",
        where=Spot("X", "", "", *spot),
        online=False,
        starts_on=TODAY - timedelta(days=7),
        ends_on=TODAY + timedelta(days=days),
        starts_at="",
        ends_at="",
        utc_offset=0,
        meetings=1,
        language="en",
        signup_open=True,
        url="",
    )._replace(**more)
    return {**circle_values(row, Settled(row.where)), "gone_at": None}


def found(conn: Connection, name: str, spot: tuple[float, float], now: datetime) -> int:
    lat, lng = spot
    number = found_by_hand(conn, name=name, country="SI", lat=lat, lng=lng, now=now)
    refresh_nearest_of(conn, number, now)
    return number


def wrong(db: Database, now: datetime) -> list[Any]:
    """The towns whose row isn't what looking at every circle says."""
    with db.snapshot() as conn:
        pins = current_pins(conn, now)
        rows = conn.execute(select(towns)).all()
    truths = [
        (row, None if row.lat is None else nearest_of(pins, row.lat, row.lng)) for row in rows
    ]
    return [
        (row.id, row.nearest_circle_id, row.nearest_km, truth)
        for row, truth in truths
        if (row.nearest_circle_id, row.nearest_km, row.need)
        != (
            (None, None, need_score(row.vote_count, row.population, None))
            if truth is None
            else (
                truth.id,
                round(truth.km, 1),
                need_score(row.vote_count, row.population, round(truth.km, 1)),
            )
        )
    ]


def change_circles(conn: Connection, dice: random.Random, numbers: list[int]) -> None:
    """Some circles come, go, come back, move, go online."""
    for _change in range(dice.randint(1, 6)):
        number = dice.choice(numbers)
        row = circle(number, spot_from(dice), dice.choice((-3, 0, 2, 5, 40)))
        what = dice.choice(("new", "new", "gone", "online"))
        if what == "gone":
            conn.execute(update(circles).where(circles.c.id == number).values(gone_at=NOW))
            continue
        if what == "online":
            row = circle(number, spot_from(dice), 40, online=True)
        conn.execute(delete(circles).where(circles.c.id == number))
        conn.execute(insert(circles), [row])


@pytest.mark.parametrize("seed", range(4))
def test_looking_where_something_changed_is_looking_everywhere(db: Database, seed: int) -> None:
    dice = random.Random(seed)
    with time_machine.travel(NOW, tick=False) as clock:
        with db.transaction() as conn:
            for number in range(60):
                found(conn, f"Town {number}", spot_from(dice), NOW)
            found_by_hand(conn, name="Nowhere", country="SI", lat=None, lng=None, now=NOW)
        refresh_nearest(db)
        for step in range(10):
            now = NOW + timedelta(hours=20 * step)
            clock.move_to(now, tick=False)
            with db.transaction() as conn:
                change_circles(conn, dice, list(range(1, 25)))
                found(conn, f"New town {step}", spot_from(dice), now)
            refresh_nearest(db)
            assert wrong(db, now) == []
            assert refresh_nearest(db) == 0


def test_only_towns_around_what_changed_are_looked_at(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest_jobs, "_YOUNGEST", 0)
    looked_at: list[int] = []

    def note(globe: Globe, some: Any) -> Any:
        looked_at.extend(town.id for town in some)
        return changes(globe, some)

    changes = nearest_changes
    monkeypatch.setattr(nearest_jobs, "nearest_changes", note)
    with time_machine.travel(NOW, tick=False):
        with db.transaction() as conn:
            places = [(lat, lng) for lat in range(-60, 61, 15) for lng in range(-165, 166, 15)]
            ids = {
                spot: found(conn, f"Town {number}", spot, NOW) for number, spot in enumerate(places)
            }
            rows = [
                circle(n, (lat + 1.0, lng + 1.0), 40) for n, (lat, lng) in enumerate(places[::2])
            ]
            conn.execute(insert(circles), rows)
        refresh_nearest(db)
        looked_at.clear()
        with db.transaction() as conn:
            conn.execute(insert(circles), [circle(9_000, (45.0, 15.1), 40)])
        assert refresh_nearest(db) > 0
        assert wrong(db, NOW) == []

    assert ids[(45, 15)] in looked_at
    assert len(set(looked_at)) < len(places) / 10


def test_circle_that_ends_is_nobodys_nearest_from_that_moment_on(db: Database) -> None:
    midnight = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    with time_machine.travel(NOW, tick=False) as clock:
        with db.transaction() as conn:
            found(conn, "Nova", (46.0, 14.5), NOW)
            conn.execute(
                insert(circles), [circle(1, (46.05, 14.51), 0), circle(2, (47.0, 15.0), 9)]
            )
        refresh_nearest(db)
        assert next_due(db, 300.0) == 300.0
        clock.move_to(midnight - timedelta(seconds=40), tick=False)
        assert refresh_nearest(db) == 0
        assert next_due(db, 300.0) == 40.0
        clock.move_to(midnight, tick=False)
        assert refresh_nearest(db) == 1
        assert wrong(db, midnight) == []
    with db.snapshot() as conn:
        assert conn.execute(select(towns.c.nearest_circle_id)).scalar_one() == 2


def test_pass_that_was_killed_is_made_up_for(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It wrote some towns, not all; then the circle it wrote of vanishes."""
    monkeypatch.setattr(nearest_jobs, "_YOUNGEST", 0)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with time_machine.travel(NOW, tick=False) as clock:
        with db.transaction() as conn:
            for number in range(5):
                found(conn, f"Town {number}", (46.0 + number, 14.5), NOW)
            conn.execute(insert(circles), [circle(2, (60.0, 20.0), 40)])
        refresh_nearest(db)
        with db.transaction() as conn:
            conn.execute(insert(circles), [circle(1, (46.5, 14.5), 40)])
        with monkeypatch.context() as patch:
            patch.setattr(nearest_jobs, "settle_doubts", die)
            with pytest.raises(Killed):
                refresh_nearest(db)
        assert wrong(db, NOW) == []
        with db.transaction() as conn:
            conn.execute(delete(circles).where(circles.c.id == 1))
            # Who is killed with -9 gives nothing back.
            held = NOW + timedelta(minutes=2)
            conn.execute(update(circle_turns).values(holder="killed", held_until=held))
        assert refresh_nearest(db) == 0
        clock.move_to(held, tick=False)
        assert refresh_nearest(db) == 5
        assert wrong(db, held) == []


def test_first_pass_trusts_nothing(db: Database) -> None:
    """Rows from before the pins were remembered, or from a world that was built by hand."""
    with time_machine.travel(NOW, tick=False):
        with db.transaction() as conn:
            number = found(conn, "Nova", (46.0, 14.5), NOW)
            conn.execute(
                update(towns).where(towns.c.id == number).values(nearest_circle_id=77, nearest_km=1)
            )
        assert refresh_nearest(db) == 1
        with db.transaction() as conn:
            conn.execute(update(towns).values(nearest_circle_id=78, nearest_km=1.0))
        assert refresh_nearest(db, everything=True) == 1
        assert wrong(db, NOW) == []


def test_many_changes_are_one_look_at_everything(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest_jobs, "_MANY", 3)
    dice = random.Random(5)
    with time_machine.travel(NOW, tick=False):
        with db.transaction() as conn:
            for number in range(40):
                found(conn, f"Town {number}", spot_from(dice), NOW)
        refresh_nearest(db)
        with db.transaction() as conn:
            conn.execute(insert(circles), [circle(n, spot_from(dice), 40) for n in range(1, 30)])
        assert refresh_nearest(db) == 40
        assert wrong(db, NOW) == []
        with db.snapshot() as conn:
            assert conn.execute(select(func.count()).select_from(circle_pins)).scalar() == 29
            assert get_fact(conn, "circles.nearest_town")


def test_cells_follow_the_nearest_circle(db: Database) -> None:
    with time_machine.travel(NOW, tick=False):
        with db.transaction() as conn:
            number = found(conn, "Nova", (46.0, 14.5), NOW)
            values = {"standing": "listed", "vote_count": 1}
            conn.execute(update(towns).where(towns.c.id == number).values(values))
            recell(conn, [number])
            conn.execute(insert(circles), [circle(1, (46.05, 14.51), 40)])
        refresh_nearest(db)
    with db.snapshot() as conn:
        assert conn.execute(select(towns.c.celled_as)).scalar_one() == "SI asking 0"


def test_nothing_to_change_writes_nothing(db: Database) -> None:
    with db.transaction() as conn:
        keep_nearest(conn, [])


LAT = st.floats(-90, 90).map(lambda value: round(value, 2))
LNG = st.floats(-180, 180).map(lambda value: round(value, 2))
SPOTS = st.tuples(LAT, LNG)


@settings(deadline=None, max_examples=40)
@given(st.lists(SPOTS, min_size=1, max_size=30), st.integers(1, 5), st.lists(SPOTS, max_size=20))
def test_grounds_hold_whoever_has_one_of_the_few_nearest(
    spots: list[tuple[float, float]], few: int, asking: list[tuple[float, float]]
) -> None:
    pins = [Pin(number, *spot) for number, spot in enumerate(spots)]
    everything = Globe(pins)
    grounds = grounds_of(Globe(pins[:few]), everything, most=100_000)
    assert grounds is not None
    for lat, lng in [*asking, *spots]:
        nearest = everything.nearest(lat, lng)
        assert isinstance(nearest, Nearest)
        if nearest.id < few:
            x, y = to_mercator(lat, lng)
            assert any(g.west <= x <= g.east and g.north <= y <= g.south for g in grounds)


def test_grounds_of_too_many_squares_are_none() -> None:
    pins = [Pin(1, 46.0, 14.0), Pin(2, -20.0, 100.0)]
    assert grounds_of(Globe(pins[:1]), Globe(pins), most=70) is None


def test_grounds_of_one_among_many_are_small() -> None:
    dice = random.Random(1)
    pins = [Pin(n, dice.uniform(-60, 70), dice.uniform(-180, 180)) for n in range(10_000)]
    grounds = grounds_of(Globe(pins[:1]), Globe(pins), most=3_000)
    assert grounds is not None
    assert sum((g.east - g.west) * (g.south - g.north) for g in grounds) < 2**60 / 1_000
