"""The live map's tiles and cards: exact at every level, small, and never of another mind than the
list."""

import gzip
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import accumulate, zip_longest
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from board.circles.models import libraries
from board.core import clock
from board.core.db import Database
from board.core.geo import to_mercator
from board.core.http import Board
from board.drawing.clusters import Cell
from board.drawing.view import MAX_ZOOM, View, format_view, parse_view
from board.explore.map_queries import things_in
from board.explore.rules import Question
from board.explore.tiles import MOST_ZOOM, Tile, is_tile, tile_of, windows_of, written
from board.explore.towns_page import TownsAndMap, towns_page
from board.towns.cell_actions import rebuild_cells
from board.towns.cells import PLACE_LEVEL, tile_window
from board.towns.models import town_languages, towns
from board.towns.rules import STATUSES
from tests.invented import NEED, add_circles, add_towns, row_of_circle, row_of_town

COUNTRIES = ("SI", "PL", "FJ", "US")


def row_of_library(number: int, lat: float, lng: float, **changes: Any) -> dict[str, Any]:
    mx, my = to_mercator(lat, lng)
    return {
        "id": number, "name": f"Library {number}", "location": "Lipnica", "country": "SI",
        "lat": lat, "lng": lng, "mx": mx, "my": my, "website": "https://example.org/",
        "circle_count": number % 4, "gone_at": None, **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """5,000 towns: some spread over the world, most in a few crowded regions."""
    chance = random.Random(4)
    middles = [(46.0, 15.0), (52.0, 20.0), (-18.0, 179.5), (40.0, -80.0), (0.0, 0.0)]
    found = []
    for n in range(5_000):
        lat, lng = chance.choice(middles)
        spread = chance.choice([0.05, 1.0, 8.0, 40.0])
        lng = (lng + chance.gauss(0, spread) + 180) % 360 - 180
        found.append(
            row_of_town(
                n,
                lat=max(-84.0, min(84.0, lat + chance.gauss(0, spread / 2))),
                lng=lng,
                country=chance.choice(COUNTRIES),
                status=chance.choice(STATUSES),
                vote_count=chance.choice([0, 1, 3, 250]),
                nearest_km=chance.choice([None, 4.0, 80.0]),
                name="Twice" if n % 100 == 0 else f"Town {n}",
            )
        )
    return found


def fill(database: Database, rows: Iterable[dict[str, Any]]) -> None:
    with database.transaction() as conn:
        conn.execute(insert(towns), list(rows))
        rebuild_cells(conn)
        ids = conn.execute(towns.select().with_only_columns(towns.c.id).limit(400)).scalars()
        spoken = [{"town_id": n, "language": "sl", "stories": n % 2} for n in ids]
        conn.execute(insert(town_languages), spoken)
        chance = random.Random(9)
        states = ("now", "soon", "finished")
        add_circles(
            conn,
            [
                row_of_circle(
                    n, chance.uniform(-60, 60), chance.uniform(-180, 180), state=states[n % 3]
                )
                for n in range(300)
            ],
        )
        conn.execute(
            insert(libraries),
            [
                row_of_library(n, chance.uniform(-60, 60), chance.uniform(-180, 180))
                for n in range(60)
            ],
        )


def rows_of(columns: list[list[Any]]) -> list[tuple[Any, ...]]:
    """A table of a tile, row by row, each with its own x."""
    steps, *others = columns
    return list(zip_longest(accumulate(steps), *others))


def counted(answer: Tile) -> tuple[int, int, int]:
    """Towns, circles and libraries of a tile."""
    _x, _y, towns_, *circles_, libraries_ = answer["c"]
    return (
        sum(towns_) + len(answer["t"][0]),
        sum(map(sum, circles_)) + len(answer["k"][0]),
        sum(libraries_) + len(answer["l"][0]),
    )


def tile_sums(conn: Any, question: Question, z: int, now: datetime) -> tuple[int, ...]:
    """What all tiles of a zoom level hold together."""
    sums = []
    for x in range(1 << z):
        for y in range(1 << z):
            ground = tile_window(z, x, y)
            cells = things_in(
                conn, question.but(libraries="1"), windows_of(ground), z + 3, join_km=25, now=now
            )
            answer = tile_of(cells, ground, z)
            for table in answer.values():
                assert all(0 <= px <= 255 and 0 <= py <= 255 for px, py, *_ in rows_of(table))
            sums.append(counted(answer))
    return tuple(map(sum, zip(*sums, strict=True)))


QUESTIONS = (
    Question(), Question(status="any"), Question(status="launched"), Question(country="FJ"),
    Question(circle="none", status="any"), Question(country="PL", circle="none"),
    Question(language="sl", status="any"), Question(q="twice"), Question(layer="towns"),
)  # fmt: skip


def seen(conn: Any, question: Question, now: datetime) -> TownsAndMap:
    return towns_page(conn, question, need=NEED, join_km=25, now=now)


def test_tiles_of_every_level_hold_what_the_list_counts(
    database: Database, rows: list[dict[str, Any]]
) -> None:
    fill(database, rows)
    now = clock.now()
    with database.snapshot() as conn:
        for question in QUESTIONS:
            page = seen(conn, question, now)
            for z in (0, 1, 2):
                found, circles_, _libraries = tile_sums(conn, question, z, now)
                assert found == page.towns.total
                in_person = sum(
                    item.count or 0 for item in page.legend if item.kind in ("now", "soon")
                ) + sum(item.count or 0 for item in page.legend if item.kind == "finished")
                assert circles_ == (in_person if question.shows_circles else 0)
        deep = [tile_sums(conn, Question(status="any"), z, now) for z in (3, 4)]
        assert len({*deep, tile_sums(conn, Question(status="any"), 0, now)}) == 1


def test_tiles_beyond_the_finest_cells_hold_the_same(
    database: Database, rows: list[dict[str, Any]]
) -> None:
    """From zoom 9 on towns are counted from their rows: a tile is its four quarters."""
    fill(database, rows)
    now, question = clock.now(), Question(status="any", layer="towns")
    with database.snapshot() as conn:

        def towns_of(z: int, x: int, y: int) -> int:
            ground = tile_window(z, x, y)
            cells = things_in(conn, question, [ground], z + 3, join_km=25, now=now)
            return counted(tile_of(cells, ground, z))[0]

        z, x, y = 6, 34, 22
        while z < 13:
            quarters = {
                (2 * x + dx, 2 * y + dy): towns_of(z + 1, 2 * x + dx, 2 * y + dy)
                for dx in (0, 1)
                for dy in (0, 1)
            }
            assert towns_of(z, x, y) == sum(quarters.values()) > 0
            z, (x, y) = z + 1, max(quarters, key=lambda at: quarters[at])


def test_view_counts_the_same_on_map_legend_and_list(
    database: Database, rows: list[dict[str, Any]]
) -> None:
    fill(database, rows)
    now = clock.now()
    with database.snapshot() as conn:
        for at in ("46,15,5", "-18,179.9,6", "52,20,10", "46,15,8.4", "0,0,2", "40,-80,12"):
            for question in (Question(at=at), Question(at=at, country="FJ", status="any")):
                page = seen(conn, question, now)
                legend = {item.kind: item.count for item in page.legend}
                assert legend["asking"] == page.towns.total
                drawn = sum(marker.towns for marker in page.map.layers[0].markers)
                # A square at the edge may have its middle outside of the picture.
                assert drawn <= page.towns.total


def test_several_things_of_a_square_share_one_row() -> None:
    ground = tile_window(4, 8, 5)
    px = 1 << (PLACE_LEVEL - 4 - 8)

    def cell(x: int, y: int, **held: Any) -> Cell:
        one = Cell(sum_mx=0, sum_my=0, **held)
        at_x, at_y = ground.west + x * px, ground.north + y * px
        return replace(one, sum_mx=at_x * one.things, sum_my=at_y * one.things)

    tile = tile_of(
        [
            cell(66, 4, towns=3),
            cell(70, 12, circles_now=1, circles_finished=2),
            cell(65, 9, libraries=6),
            cell(64, 1, towns=1, town_id=7, votes=2, status="asking", name="Ptuj"),
            cell(96, 5, libraries=2),
        ],
        ground,
        4,
    )
    assert rows_of(tile["c"]) == [(66, 8, 3, 1, 0, 2, 6), (96, 5, 0, 0, 0, 0, 2)]
    assert rows_of(tile["t"]) == [(64, 1, 7, 2, "asking", "Ptuj")]
    assert tile["k"] == [[]] * 5


def test_tile_stays_small_where_towns_are_many(database: Database) -> None:
    """Every square of the tile full of several things, or of one thing with a long name."""
    now = clock.now()
    chance = random.Random(2)
    names = [f"Sankt Margarethen an der Raab {n}" for n in range(64)]
    size = 360 / (1 << 5)
    with database.transaction() as conn:
        crowd = [
            row_of_town(
                n,
                lat=47.5 + chance.uniform(-2.5, 2.5),
                lng=16.9 + chance.uniform(-size / 2, size / 2),
                name=names[n % 64],
                vote_count=chance.randrange(1, 9999),
            )
            for n in range(3_000)
        ]
        conn.execute(insert(towns), crowd)
        rebuild_cells(conn)
        add_circles(
            conn,
            [
                row_of_circle(n, 47.5 + chance.uniform(-3, 3), 16.9 + chance.uniform(-6, 6))
                for n in range(400)
            ],
        )
        heaviest = 0
        for z in range(12):
            x, y = (value >> 30 - z for value in to_mercator(47.5, 16.9))
            ground = tile_window(z, x, y)
            cells = things_in(conn, Question(), windows_of(ground), z + 3, join_km=25, now=now)
            heaviest = max(heaviest, len(gzip.compress(written(tile_of(cells, ground, z)), 5)))
    assert heaviest <= 1_024


# --- over HTTP ------------------------------------------------------------------------------


def test_tile_says_what_lies_where(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        velenje, _a, _b = add_towns(
            conn,
            [
                row_of_town(1, name="Velenje", lat=46.36, lng=15.11, vote_count=86),
                row_of_town(2, lat=45.1, lng=-100.9),
                row_of_town(3, lat=45.2, lng=-100.8),
            ],
        )
        add_circles(conn, [row_of_circle(7, -18.1, 178.4, state="soon", title="Bread")])
        conn.execute(insert(libraries), [row_of_library(5, -36.8, 174.7)])
    answer = client.get("/map/0/0/0")
    tile = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-cache"
    assert [row[2:] for row in rows_of(tile["t"])] == [(velenje, 86, "asking", "Velenje")]
    assert [row[2:] for row in rows_of(tile["k"])] == [(7, "soon", "Bread")]
    assert [row[2:] for row in rows_of(tile["l"])] == [(5, "Library 5")]
    assert [row[2:] for row in rows_of(tile["c"])] == [(2, 0, 0, 0, 0)]
    again = client.get("/map/0/0/0", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/de/map/0/0/0").json() == tile


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (3, 1, 1)),
        ("layer=towns", (3, 0, 0)),
        ("layer=circles", (0, 1, 1)),
        ("country=PL", (1, 0, 0)),
        ("status=launched", (1, 1, 1)),
        ("circle=none", (2, 1, 1)),
        ("q=ptuj", (1, 0, 0)),
        ("q=lipnica", (0, 0, 1)),
        ("language=fi", (0, 0, 0)),
        ("near=46,15&sort=near&at=1,1,9&after=x", (3, 1, 1)),
    ],
)
def test_tile_answers_the_question(
    client: TestClient, board: Board, query: str, expected: tuple[int, int, int]
) -> None:
    with board.database.transaction() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, name="Ptuj", lat=46.4, lng=15.9),
                row_of_town(2, country="PL", lat=50.0, lng=20.0),
                row_of_town(3, lat=30.0, lng=20.0, nearest_km=9.0),
                row_of_town(4, lat=30.0, lng=90.0, status="launched"),
                row_of_town(5, lat=30.0, lng=91.0, vote_count=0),
                row_of_town(6, lat=30.0, lng=92.0, standing="by_hand"),
            ],
        )
        add_circles(
            conn,
            [
                row_of_circle(1),
                row_of_circle(2, online=True),
                {**row_of_circle(3), "gone_at": clock.now()},
            ],
        )
        conn.execute(insert(libraries), [row_of_library(1, 46.0, 14.0)])
    assert counted(client.get(f"/map/0/0/0?{query}").json()) == expected


@pytest.mark.parametrize("path", ["0/1/0", "0/0/1", "3/8/0", "19/0/0", "999999999/0/0", "2/0/4"])
def test_tile_that_is_none_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(f"/map/{path}")
    assert (answer.status_code, answer.content) == (404, b"")


def test_tile_address_takes_numbers_alone(client: TestClient) -> None:
    for path in ("a/0/0", "-1/0/0", "1/0.5/0", "1234567890/0/0"):
        assert client.get(f"/map/{path}").status_code == 404


def test_is_tile_knows_the_edges() -> None:
    assert is_tile(0, 0, 0)
    assert is_tile(MOST_ZOOM, (1 << MOST_ZOOM) - 1, 0)
    assert not is_tile(MOST_ZOOM + 1, 0, 0)
    assert not is_tile(4, 16, 0)


def test_town_popup_has_the_card_and_the_ways_on(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        row = row_of_town(1, name="Velenje", region="Savinjska", vote_count=86, come_count=19)
        town_id, hidden, silent = add_towns(
            conn,
            [
                {**row, "status": "talking", "nearest_km": 57.0},
                {**row_of_town(2, standing="by_hand"), "region": ""},
                row_of_town(3, vote_count=0),
            ],
        )
    html = client.get(f"/map/popup/town/{town_id}")
    assert html.headers["x-robots-tag"] == "noindex"
    assert "<html" not in html.text
    for words in ("Velenje", "Savinjska", "86 votes", "Talking", "19 would come", "57 km away"):
        assert words in html.text
    assert '/towns/si/velenje-1/vote"' in html.text
    assert 'href="/towns/si/velenje-1"' in html.text
    german = client.get(f"/de/map/popup/town/{town_id}").text
    assert 'lang="de"' in german
    assert "/de/towns/si/velenje-1" in german
    assert client.get(f"/map/popup/town/{hidden}").status_code == 404
    assert client.get(f"/map/popup/town/{silent}").status_code == 404


def test_circle_popup_says_when_and_how_to_join(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        add_circles(
            conn,
            [
                row_of_circle(1, title="Bread & salt", state="now"),
                row_of_circle(2, state="finished"),
                {**row_of_circle(3), "gone_at": clock.now()},
            ],
        )
    now, over = client.get("/map/popup/circle/1").text, client.get("/map/popup/circle/2").text
    assert "Bread &amp; salt" in now
    assert "Join this one" in now
    assert "17:30" in now
    assert "Join this one" not in over
    assert "This circle is over." in over
    assert client.get("/map/popup/circle/3").status_code == 404


def test_library_popup_leads_to_its_site(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        conn.execute(insert(libraries), [row_of_library(3, 46.0, 14.0)])
    html = client.get("/map/popup/library/3").text
    assert 'href="https://example.org/"' in html
    assert "3 circles so far" in html
    assert client.get("/map/popup/library/4").status_code == 404


# --- the still map --------------------------------------------------------------------------


def test_zooming_into_several_always_ends(database: Database) -> None:
    """Every marker of several leads nearer, until each thing stands alone or one list holds all
    that lies in one spot."""
    now = clock.now()
    with database.transaction() as conn:
        spots = [(46.36, 15.11), (46.37, 15.11), (46.36, 15.12), (-18.1, 179.99), (-18.1, -179.99)]
        add_towns(conn, [row_of_town(n, lat=lat, lng=lng) for n, (lat, lng) in enumerate(spots)])
        add_circles(
            conn,
            [
                row_of_circle(1, 46.36, 15.11),
                row_of_circle(2, 10.0, 10.0),
                row_of_circle(3, 10.0, 10.0),
            ],
        )
        conn.execute(
            insert(libraries),
            [row_of_library(1, 46.36, 15.11), row_of_library(2, 46.36, 15.11)],
        )
        waiting = [Question(at="20,11,2", libraries="1"), Question(at="-18,180,4", libraries="1")]
        ends = set[str]()
        steps = 0
        while waiting:
            question, steps = waiting.pop(), steps + 1
            assert steps < 200
            for layer in seen(conn, question, now).map.layers:
                for marker in layer.markers:
                    if marker.kind != "several":
                        continue
                    leads = Question.read(_parameters(marker.href))
                    view, here = _view(leads), _view(question)
                    if view.zoom > here.zoom and "see the list" not in marker.name:
                        waiting.append(leads)
                        continue
                    assert view.zoom == MAX_ZOOM
                    ends.add(marker.href)
                    there = seen(conn, leads, now)
                    assert there.towns.total >= marker.towns
                    assert there.circles.total >= marker.circles
        assert ends


def _parameters(href: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(href).query))


def _view(question: Question) -> View:
    view = parse_view(question.at, 700, 600)
    assert view is not None
    return view


@pytest.mark.parametrize("lng", [179.95, -179.95, 180.0, -180.0])
def test_view_over_the_antimeridian_shows_both_sides(database: Database, lng: float) -> None:
    now = clock.now()
    with database.transaction() as conn:
        add_towns(
            conn, [row_of_town(1, lat=-18.0, lng=179.9), row_of_town(2, lat=-17.0, lng=-179.9)]
        )
        add_circles(conn, [row_of_circle(4, -17.5, -179.95)])
        for zoom in (3.0, 6.0, 8.0, 9.5):
            at = format_view(View(-17.5, lng, zoom, 700, 600))
            page = seen(conn, Question(at=at), now)
            markers = page.map.layers[0].markers
            assert page.towns.total == 2 == sum(one.towns for one in markers)
            assert page.circles.total == 1 == sum(one.circles for one in markers)
            assert all(0 <= one.left <= 100 for one in markers)
            tiles = {0: 0, (1 << 5) - 1: 0}
            for x in tiles:
                ground = tile_window(5, x, 17)
                cells = things_in(conn, Question(), [ground], 8, join_km=25, now=now)
                tiles[x] = sum(cell.towns for cell in cells)
            assert set(tiles.values()) == {1}


def test_libraries_are_a_layer_with_a_date(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        add_towns(conn, [row_of_town(1, lat=46.36, lng=15.11)])
        conn.execute(insert(libraries), [row_of_library(3, 40.0, -80.0)])
    off, on = client.get("/towns").text, client.get("/towns?libraries=1").text
    assert "Libraries" in off
    assert "a library that runs circles" not in off
    assert "Library 3, Lipnica: a library that runs circles" in on
    assert Question.read({"libraries": "1"}).address() == "/towns?libraries=1"
    assert counted(client.get("/map/0/0/0").json()) == (1, 0, 1)
    with board.database.transaction() as conn:
        conn.execute(update(libraries).values(gone_at=clock.now()))
    assert "a library that runs circles" not in client.get("/towns?libraries=1").text
