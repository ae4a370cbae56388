"""List and map are one query: in order, page by page, and never of two minds."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, update

from board.core import clock
from board.core.db import Database
from board.core.geo import distance_km
from board.drawing.view import View, Window, format_view, windows
from board.explore.home import home_page
from board.explore.list_queries import list_towns
from board.explore.near_queries import neighbours
from board.explore.orders import ORDERS, cursor_of, key_of, read_cursor
from board.explore.queries import ListedTown, closest_to_launch
from board.explore.rules import Question
from board.explore.towns_page import TownsAndMap, point_of, towns_page
from board.towns.models import town_addresses, town_languages, towns
from board.towns.queries import TownRow
from tests.invented import (
    ELK,
    NEED,
    NOWY_SACZ,
    VELENJE,
    add_circles,
    add_towns,
    person,
    row_of_circle,
    row_of_town,
    tell,
    vote,
)

FRESH = examples(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS: dict[str, Callable[[TownRow], Any]] = {
    "votes": attrgetter("vote_count", "id"),
    "ready": attrgetter("closeness", "vote_count", "id"),
    "rising": attrgetter("rising", "id"),
    "new": attrgetter("asked_at", "id"),
    "need": attrgetter("need", "id"),
}


def many(conn: Connection, count: int = 40) -> list[int]:
    """Towns with many equal values, so that only the id tells some of them apart."""
    chance = random.Random(7)
    rows = [
        row_of_town(
            number,
            vote_count=chance.randint(1, 6),
            closeness=chance.choice([-8, -3, 992, 3_000]),
            rising=chance.choice([-1e9, 10.123456789012345, 3.3, 7.1]),
            need=chance.choice([0.1 + 0.2, 1e-7, 2.5, 1e9]),
            asked_at=NOW - timedelta(days=chance.randint(1, 9), microseconds=chance.randint(0, 1)),
            lat=chance.uniform(-50, 70),
            lng=chance.uniform(-180, 180),
        )
        for number in range(count)
    ]
    return add_towns(conn, rows)


def listed(
    conn: Connection, question: Question, *, near: tuple[float, float] | None = None, limit: int = 7
) -> list[ListedTown]:
    """All pages of the list, one after the other."""
    found: list[ListedTown] = []
    while True:
        page = list_towns(conn, question, (), near=near, join_km=25, limit=limit)
        found += page.rows
        if not page.after:
            return found
        question = question.but(after=page.after)


def names(conn: Connection, **asked: str) -> set[str]:
    return {one.town.name for one in listed(conn, Question(**asked))}


def seen(conn: Connection, question: Question) -> TownsAndMap:
    return towns_page(conn, question, need=NEED, join_km=25, now=clock.now())


# --- sorting and paging ---------------------------------------------------------------------


def test_pages_together_are_all_towns_once_in_order(database: Database) -> None:
    with database.snapshot() as conn:
        ids = many(conn)
        for sort, key in KEYS.items():
            found = [one.town for one in listed(conn, Question(sort=sort))]
            assert sorted(town.id for town in found) == sorted(ids), sort
            assert found == sorted(found, key=key, reverse=True), sort


@pytest.mark.parametrize("sort", ["votes", "new", "need", "near"])
def test_nothing_is_doubled_or_lost_while_towns_change(database: Database, sort: str) -> None:
    chance = random.Random(3)
    near = (46.0, 15.0) if sort == "near" else None
    with database.snapshot() as conn:
        ids = many(conn)
        moving = set(chance.sample(ids, 12))
        question, found = Question(sort=sort), list[int]()
        for turn in range(100):
            page = list_towns(conn, question, (), near=near, join_km=25, limit=6)
            found += [one.town.id for one in page.rows]
            if not page.after:
                break
            question = question.but(after=page.after)
            for town_id in chance.sample(sorted(moving), 4):
                conn.execute(
                    update(towns)
                    .where(towns.c.id == town_id)
                    .values(
                        vote_count=chance.randint(0, 8),
                        closeness=chance.choice([-8, 992]),
                        rising=chance.random(),
                        need=chance.random(),
                    )
                )
            add_towns(conn, [row_of_town(100 + turn, vote_count=9, lat=46.0, lng=15.0)])
    stable = [town_id for town_id in found if town_id in set(ids) - moving]
    assert sorted(stable) == sorted(set(ids) - moving)


def test_total_counts_all_pages(database: Database) -> None:
    with database.snapshot() as conn:
        many(conn, 15)
        page = list_towns(conn, Question(), (), near=None, join_km=25, limit=4)
        rest = Question(after=page.after)
        assert (len(page.rows), page.total) == (4, 15)
        assert list_towns(conn, rest, (), near=None, join_km=25, limit=4).total == 15


@FRESH
@given(
    lat=st.decimals(-65, 65, places=4).map(float), lng=st.decimals(-180, 180, places=4).map(float)
)
@example(lat=-18.1, lng=179.9)
@example(lat=60.0, lng=25.0)
def test_nearest_come_first_also_over_the_antimeridian(
    database: Database, lat: float, lng: float
) -> None:
    around = [(0.9, 0.0), (0.0, 1.2), (-0.7, 0.8), (0.3, -2.0), (2.5, 0.1), (-1.5, -1.5)]
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(n, lat=lat + up, lng=(lng + right + 180) % 360 - 180)
                for n, (up, right) in enumerate(around)
            ],
        )
        found = listed(conn, Question(sort="near", near="x"), near=(lat, lng), limit=2)
    apart = [one.km or 0.0 for one in found]
    assert len(apart) == len(around)
    # A flat earth may take two for each other that are about equally far, and no others.
    assert all(a < b * 1.06 for a, b in pairwise(apart))
    shown = found[0].town
    assert apart[0] == pytest.approx(distance_km(lat, lng, shown.lat or 0, shown.lng or 0))


def test_near_leaves_out_what_lies_nowhere(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(conn, [row_of_town(1), row_of_town(2, lat=None, lng=None)])
        question = Question(sort="near", near="46,15")
        assert len(listed(conn, question, near=(46.0, 15.0))) == 1


def test_near_without_a_point_falls_back_to_votes(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(conn, [row_of_town(n, vote_count=n) for n in (1, 3, 2)])
        found = listed(conn, Question(sort="near", near="nowhere"))
    assert [one.town.vote_count for one in found] == [3, 2, 1]
    assert found[0].km is None


NO_CURSORS = (
    "x", "~", "1~", "nan~1", "inf~1", "1~2~3~4", "9" * 40 + "~1", "1~" + "9" * 40,
    "2026-01-01~1", "2026-01-01T00:00:00~1", "0001-01-01T00:00:00+14:00~1",
    "9999-12-31T23:59:59-14:00~1", "1_0~2", "١~٢", "1e400~1", "-9~-9~-9",
)  # fmt: skip


def test_cursor_of_any_text_is_a_page_and_no_crash(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(conn, [row_of_town(1)])
        for sort in (*KEYS, "near"):
            for after in NO_CURSORS:
                question = Question(sort=sort, near="46,15", after=after)
                page = list_towns(conn, question, (), near=(46.0, 15.0), join_km=25)
                assert page.total == 1


def test_cursor_reads_back_exactly(database: Database) -> None:
    with database.snapshot() as conn:
        many(conn, 12)
        for sort, key in KEYS.items():
            for one in listed(conn, Question(sort=sort)):
                order, own = ORDERS[sort], tuple(key(one.town))
                assert key_of(order, one.town) == own
                assert read_cursor(order.readers, cursor_of(own)) == own


# --- filters --------------------------------------------------------------------------------


def test_list_holds_open_listed_towns_with_votes(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, name="Asking"),
                row_of_town(2, name="Review", status="in_review"),
                row_of_town(3, name="Talking", status="talking"),
                row_of_town(4, name="Planned", status="planned"),
                row_of_town(5, name="Launched", status="launched"),
                row_of_town(6, name="Not now", status="not_now"),
                row_of_town(7, name="Hand", standing="by_hand"),
                row_of_town(8, name="Dropped", standing="dropped"),
                row_of_town(9, name="Taken back", vote_count=0),
            ],
        )
        assert names(conn) == {"Asking", "Review", "Talking"}
        assert names(conn, status="planned") == {"Planned"}
        assert names(conn, status="any") == {
            "Asking", "Review", "Talking", "Planned", "Launched", "Not now",
        }  # fmt: skip
        assert home_page(conn, NEED, now=NOW).frame.asking == len(names(conn))


def test_filters_by_country_language_and_circle(database: Database) -> None:
    with database.snapshot() as conn:
        ids = add_towns(
            conn,
            [
                row_of_town(1, name="Ptuj", nearest_km=3.0),
                row_of_town(2, name="Kranj", nearest_km=25.0),
                row_of_town(3, name="Graz", country="AT", nearest_km=25.1),
                row_of_town(4, name="Linz", country="AT"),
            ],
        )
        conn.execute(
            insert(town_languages),
            [
                {"town_id": ids[0], "language": "sl", "stories": 2},
                {"town_id": ids[1], "language": "sl", "stories": 0},
                {"town_id": ids[2], "language": "de", "stories": 1},
            ],
        )
        assert names(conn, country="AT") == {"Graz", "Linz"}
        assert names(conn, language="sl") == {"Ptuj"}
        assert names(conn, circle="none") == {"Graz", "Linz"}
        assert names(conn, circle="none", language="de", country="AT") == {"Graz"}
        assert names(conn, country="SI", language="de") == set()


WORDS: dict[str, set[str]] = {
    "nowy sacz": {"Nowy Sącz"},
    "SĄCZ": {"Nowy Sącz"},
    "lesser poland": {"Nowy Sącz"},
    "Lesser": {"Nowy Sącz"},
    "poland": {"Nowy Sącz", "Ełk"},
    "pola": {"Nowy Sącz", "Ełk"},
    "slovenia": {"Velenje"},
    "elk": {"Ełk"},
    "knitting on thursdays": {"Velenje"},
    "knitting bridge": set(),
    "100%": set(),
    "v_lenje": set(),
    "xyzzy": set(),
}


def test_words_find_towns_by_name_area_and_story(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        velenje = vote(conn, alice)
        vote(conn, alice, NOWY_SACZ)
        vote(conn, alice, ELK)
        tell(conn, alice, velenje, "Knitting, on Thursdays, at the library.")
        tell(conn, alice, velenje, "Bridge in secret.", visibility="held")
        assert {words: names(conn, q=words) for words in WORDS} == WORDS


def test_window_over_the_antimeridian_holds_both_sides(database: Database) -> None:
    fiji = View(-17.0, 179.5, 5.0, 700, 600)
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, name="Suva", lat=-18.14, lng=178.44),
                row_of_town(2, name="Apia", lat=-13.83, lng=-171.77),
                row_of_town(3, name="Velenje", lat=46.36, lng=15.11),
            ],
        )
        page = list_towns(conn, Question(), windows(fiji), near=None, join_km=25)
        assert len(windows(fiji)) == 2
        assert {one.town.name for one in page.rows} == {"Suva", "Apia"}


# --- list and map ---------------------------------------------------------------------------

QUESTIONS = st.builds(
    Question,
    q=st.sampled_from(["", "", "", "town 1", "slov", "thursdays"]),
    country=st.sampled_from(["", "", "SI", "PL", "FJ"]),
    status=st.sampled_from(["", "any", "asking", "launched"]),
    language=st.sampled_from(["", "", "sl", "en"]),
    layer=st.sampled_from(["both", "towns", "circles"]),
    circle=st.sampled_from(["", "", "none"]),
    at=st.sampled_from(["", ""])
    | st.builds(
        lambda lat, lng, zoom: format_view(View(lat, lng, zoom, 700, 600)),
        st.floats(-45, 60),
        st.floats(-180, 180),
        st.floats(1.5, 9),
    ),
)


@pytest.fixture
def world(database: Database) -> Database:
    """Towns and circles all over the globe, in heaps and alone, some of them nowhere."""
    chance = random.Random(11)
    heaps = [(46.2, 15.0), (-18.0, 179.9), (52.0, 20.0), (40.0, -80.0), (1.0, 1.0)]

    def somewhere() -> tuple[float, float]:
        lat, lng = chance.choice(heaps)
        return lat + chance.gauss(0, 2), (lng + chance.gauss(0, 4) + 180) % 360 - 180

    with database.transaction() as conn:
        rows = []
        for number in range(60):
            lat, lng = somewhere()
            changes: dict[str, Any] = {
                "country": chance.choice(["SI", "PL", "FJ"]),
                "status": chance.choice(["asking", "talking", "launched"]),
                "vote_count": chance.randint(1, 9),
                "nearest_km": chance.choice([None, 3.0, 90.0]),
            }
            rows.append(row_of_town(number, lat=lat, lng=lng, **changes))
        ids = add_towns(conn, rows)
        add_towns(conn, [row_of_town(98, standing="by_hand"), row_of_town(99, vote_count=0)])
        conn.execute(
            insert(town_languages),
            [
                {"town_id": one, "language": chance.choice(["sl", "en"]), "stories": 1}
                for one in ids
            ],
        )
        add_circles(
            conn,
            [
                row_of_circle(
                    number,
                    *somewhere(),
                    state=chance.choice(["now", "soon", "finished"]),
                    language=chance.choice(["sl", "en"]),
                    online=number % 10 == 0,
                )
                for number in range(1, 31)
            ],
        )
    return database


@FRESH
@given(question=QUESTIONS)
@example(question=Question())
@example(question=Question(at="-18,179.9,6"))
@example(question=Question(country="FJ", status="any"))
def test_markers_add_up_to_the_list(world: Database, question: Question) -> None:
    with world.snapshot() as conn:
        found = seen(conn, question)
        circles = list[Any]()
        rest = question.but(layer="circles")
        while question.shows_circles:
            page = seen(conn, rest).circles
            circles += page.circles
            if not page.after:
                break
            rest = rest.but(after=page.after)
        rows = list[ListedTown]()
        after: str | None = ""
        while question.shows_towns and after is not None:
            one = seen(conn, question.but(after=after))
            rows += [row.listed for row in one.rows]
            after = one.towns.after or None
    assert len({row.town.id for row in rows}) == len(rows)
    in_person = [circle for circle in circles if not circle.online]
    for layer in found.map.layers:
        drawn = sum(one.towns for one in layer.markers), sum(one.circles for one in layer.markers)
        if not question.at:
            assert drawn == (len(rows), len(in_person))
        # A view's list and legend count in whole squares, which reach beyond the picture's edge.
        assert drawn[0] <= len(rows)
        assert drawn[1] <= len(in_person)
    counts = {item.kind: item.count for item in found.legend}
    if question.shows_towns:
        assert counts["asking"] == len(rows) == found.towns.total
    states = [circle.state for circle in in_person]
    if question.shows_circles:
        assert [counts[kind] for kind in ("now", "soon", "finished")] == [
            states.count(kind) for kind in ("now", "soon", "finished")
        ]
    assert found.circles.total == len(circles)


def test_filtered_map_is_as_fine_as_its_view(database: Database) -> None:
    """Slovenia's towns are one dot on a map of the world; on a map of Slovenia they aren't."""
    points = [(46.36, 15.11), (46.05, 14.5), (46.55, 15.64), (45.55, 13.73), (46.66, 16.16)]
    with database.snapshot() as conn:
        add_towns(conn, [row_of_town(n, lat=lat, lng=lng) for n, (lat, lng) in enumerate(points)])
        add_towns(conn, [row_of_town(9, country="FJ", lat=-18.1, lng=178.4)])
        found = seen(conn, Question(country="SI"))
        again = seen(conn, Question(country="SI", at=format_view(found.map.view)))
        near = seen(conn, Question(near="46.3,15.1", sort="near"))
    kinds = [marker.kind for marker in found.map.layers[0].markers]
    assert kinds == ["asking"] * 5
    assert [m.href for m in again.map.layers[0].markers] == [
        m.href for m in found.map.layers[0].markers
    ]
    assert len(near.map.layers[0].markers) == 2


def test_markers_stand_in_the_order_of_the_list(world: Database) -> None:
    with world.snapshot() as conn:
        found = seen(conn, Question(sort="need", at="46.2,15,8"))
    listed_here = [row.listed.town.id for row in found.rows]
    alone = [one.town_id for one in found.map.layers[0].markers if one.kind == "asking"]
    assert alone == [town_id for town_id in listed_here if town_id in alone]


def test_circle_layers_switch_on_list_and_map(world: Database) -> None:
    with world.snapshot() as conn:
        towns_only, circles_only = (
            seen(conn, Question(layer="towns")),
            seen(conn, Question(layer="circles")),
        )
    assert not towns_only.circles.circles
    assert not any(m.circles for m in towns_only.map.layers[0].markers)
    assert not circles_only.rows
    assert not any(m.towns for m in circles_only.map.layers[0].markers)
    shown = {item.kind: item.shown for item in towns_only.legend}
    assert shown == {
        "asking": True, "now": False, "soon": False, "finished": False, "library": False,
    }  # fmt: skip
    assert [item.shown for item in circles_only.legend][:4] == [False, True, True, True]
    assert "layer=circles" in circles_only.question.address()


def test_home_counts_what_list_and_map_count(world: Database) -> None:
    with world.snapshot() as conn:
        home, found = home_page(conn, NEED, now=clock.now()), seen(conn, Question())
    assert home.frame.asking == found.towns.total
    assert sum(one.towns for one in home.frame.map.layers[0].markers) == home.frame.asking
    online = 3
    circles = sum(home.frame.circles)
    assert sum(one.circles for one in home.frame.map.layers[0].markers) == circles - online
    assert found.circles.total == circles


def test_first_town_asked_for_is_shown_alone(database: Database) -> None:
    with database.snapshot() as conn:
        assert seen(conn, Question()).is_empty
        vote(conn, person(conn, "Alice"))
        found = seen(conn, Question())
        (marker,) = found.map.layers[0].markers
    assert (marker.kind, marker.votes, marker.href) == ("asking", 1, "/towns/si/velenje")
    assert marker.name == "Velenje, Slovenia: 1 vote, asking"


# --- around a town --------------------------------------------------------------------------


def test_point_of_a_picked_town_a_place_a_move_or_nothing(database: Database) -> None:
    with database.snapshot() as conn:
        town_id = vote(conn, person(conn, "Alice"))
        conn.execute(
            insert(town_addresses).values(country="SI", slug="titovo-velenje", town_id=town_id)
        )
        add_towns(conn, [row_of_town(1, slug="none-such", standing="dropped")])
        here = point_of(conn, "si/velenje")
        assert here == (46.3592, 15.1103)
        assert point_of(conn, "si/titovo-velenje") == here
        assert point_of(conn, "fi/joensuu") == (62.6012, 29.7632)
        assert point_of(conn, "46.36,15.11") == (46.4, 15.1)
        nowhere = ("", "si/none-such", "si/atlantis", "si", "/", "nonsense")
        assert [point_of(conn, text) for text in nowhere] == [None] * len(nowhere)


def test_neighbours_are_the_nearest_asking_towns_but_itself(database: Database) -> None:
    with database.snapshot() as conn:
        ids = add_towns(
            conn,
            [
                row_of_town(1, name="Here", lat=46.36, lng=15.11),
                row_of_town(2, name="Near", lat=46.4, lng=15.2),
                row_of_town(3, name="Launched", lat=46.5, lng=15.3, status="launched"),
                row_of_town(4, name="Far", lat=60.0, lng=25.0),
                row_of_town(5, name="Nobody", lat=46.36, lng=15.12, vote_count=0),
            ],
        )
        found = neighbours(conn, 46.36, 15.11, but=ids[0])
    assert [one.town.name for one in found] == ["Near", "Launched", "Far"]
    assert all(one.km is not None for one in found)


def test_closest_to_launch_is_open_and_by_readiness(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, name="Two checks", closeness=1_999, vote_count=3),
                row_of_town(2, name="Ready, few", closeness=3_000, vote_count=8),
                row_of_town(3, name="Ready, many", closeness=3_000, vote_count=80),
                row_of_town(4, name="Launched", closeness=3_000, status="launched"),
                row_of_town(5, name="Bare", closeness=-8, vote_count=500),
            ],
        )
        found = [town.name for town in closest_to_launch(conn, limit=3)]
    assert found == ["Ready, many", "Ready, few", "Two checks"]


def test_quote_is_the_title_of_the_newest_public_story(database: Database) -> None:
    with database.snapshot() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice, VELENJE)
        for days, title, visibility in (
            (3, "Old", "public"), (2, "New", "public"), (1, "Held", "held"),
        ):  # fmt: skip
            moment = NOW - timedelta(days=days)
            tell(
                conn, alice, town_id, "Because.", title=title, visibility=visibility, now=moment,
                language="sl",
            )  # fmt: skip
        (one,) = listed(conn, Question())
    assert (one.quote, one.quote_language) == ("New", "sl")


def test_window_is_a_range_with_both_ends(database: Database) -> None:
    with database.snapshot() as conn:
        row = row_of_town(1)
        add_towns(conn, [row])
        exact = Window(row["mx"], row["mx"], row["my"], row["my"])
        assert list_towns(conn, Question(), [exact], near=None, join_km=25).total == 1
