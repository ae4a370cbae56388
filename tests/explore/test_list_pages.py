"""Pages of the list in every order: forward and back, walked or gathered, they are the same."""

import random
from itertools import pairwise

import pytest
from sqlalchemy import Connection, insert, update

from board.core.db import Database
from board.core.geo import distance_km
from board.drawing.view import parse_view
from board.explore import list_queries, near_queries
from board.explore.frame import ground
from board.explore.list_queries import TownsPage, list_towns
from board.explore.near_queries import neighbours
from board.explore.rules import SORTS, Question
from board.towns.models import town_languages, towns
from tests.invented import add_towns, row_of_town

COUNT = 120
POINT = (46.3, 15.1)
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"status": "any"},
    {"status": "launched"},
    {"country": "SI"},
    {"circle": "none"},
    {"language": "ka"},
    {"language": "en", "country": "PL"},
    {"at": "46.2,15,6"},
    {"q": "velenje town", "status": "any"},
    {"q": "velenje", "country": "SI", "circle": "none"},
)


@pytest.fixture
def world(database: Database) -> Database:
    """Many towns with the same numbers, some of them nowhere."""
    chance = random.Random(2)
    rows = []
    for number in range(1, COUNT + 1):
        nowhere = number % 20 == 0
        rows.append(
            row_of_town(
                number,
                name=f"{'Velenje' if number % 4 == 0 else 'Other'} Town",
                lat=None if nowhere else chance.gauss(46, 8),
                lng=None if nowhere else chance.gauss(15, 20),
                country="SI" if number % 3 == 0 else "PL",
                status=chance.choice(("asking", "asking", "talking", "launched")),
                vote_count=chance.randint(1, 5),
                closeness=chance.choice((-8, 992)),
                rising=chance.choice((-1e9, 3.5, 10.25)),
                need=chance.choice((0.5, 1.25)),
                nearest_km=chance.choice((None, 3.0, 80.0)),
            )
        )
    with database.transaction() as conn:
        ids = add_towns(conn, rows)
        conn.execute(
            insert(town_languages),
            [{"town_id": n, "language": "ka" if n % 20 == 0 else "en", "stories": 1} for n in ids],
        )
    return database


def page_of(conn: Connection, question: Question) -> TownsPage:
    view = parse_view(question.at, 700, 600)
    near = POINT if question.near else None
    here = ground(view) if view else ()
    return list_towns(conn, question, here, near=near, join_km=25, limit=7)


def pages_of(conn: Connection, question: Question) -> list[list[int]]:
    """The towns of all pages, forward; and back again they are the same."""
    page = page_of(conn, question)
    assert page.before == ""
    pages, shown = [page], [[one.town.id for one in page.rows]]
    while page.after:
        page = page_of(conn, question.but(after=page.after))
        assert page.before
        pages.append(page)
        shown.append([one.town.id for one in page.rows])
    for earlier, later in pairwise(reversed(shown)):
        page = page_of(conn, question.but(before=page.before))
        assert [one.town.id for one in page.rows] == later, earlier
        assert page.after
    assert page.before == ""
    assert {one.total for one in pages} == {pages[0].total}
    return shown


@pytest.mark.parametrize("sort", SORTS)
def test_pages_are_the_same_walked_and_gathered_forward_and_back(
    world: Database, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asked in FILTERS:
        question = Question(sort=sort, near="46.3,15.1" if sort == "near" else "", **asked)
        with world.snapshot() as conn:
            # As in a small world: everything is walked, or measured.
            plain = pages_of(conn, question)
            with monkeypatch.context() as large:
                large.setattr(list_queries, "SMALL", 30)
                large.setattr(near_queries, "FEW", 10)
                assert pages_of(conn, question) == plain, asked
                large.setattr(list_queries, "MOST_GATHERED", 0)
                assert pages_of(conn, question) == plain, asked
            total = page_of(conn, question).total
        flat = [one for page in plain for one in page]
        assert len(flat) == len(set(flat))
        if sort != "near":
            assert total == len(flat)


def test_link_to_a_page_shows_what_follows_its_key_while_votes_come_in(world: Database) -> None:
    with world.transaction() as conn:
        first = page_of(conn, Question())
        second = page_of(conn, Question(after=first.after))
        top = second.rows[0].town
        # Somebody far behind overtakes everybody: the link still leads to what followed its key.
        conn.execute(update(towns).where(towns.c.id == COUNT - 1).values(vote_count=99))
        again = page_of(conn, Question(after=first.after))
        assert [one.town.id for one in again.rows if one.town.id != COUNT - 1][:6] == [
            one.town.id for one in second.rows if one.town.id != COUNT - 1
        ][:6]
        back = page_of(conn, Question(before=again.before))
        assert back.rows[-1].town.id == first.rows[-1].town.id
        assert top.id not in [one.town.id for one in back.rows]


def test_every_distance_is_the_one_that_orders(world: Database) -> None:
    question = Question(sort="near", near="46.3,15.1", status="any")
    with world.snapshot() as conn:
        seen: list[float] = []
        while True:
            page = page_of(conn, question)
            for one in page.rows:
                lat, lng = one.town.lat, one.town.lng
                assert lat is not None
                assert lng is not None
                assert one.km == distance_km(*POINT, lat, lng)
                seen.append(one.km)
            if not page.after:
                break
            question = question.but(after=page.after)
        assert seen == sorted(seen)
        near = neighbours(conn, *POINT, limit=5)
    assert [one.km for one in near] == seen[:5]


def test_neighbours_are_the_same_in_a_large_world(
    world: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = (POINT, (0.0, -150.0), (-18.1, 179.9), (89.0, 10.0))
    with world.snapshot() as conn:
        plain = [neighbours(conn, *place, but=3) for place in places]
        monkeypatch.setattr(near_queries, "FEW", 0)
        assert [neighbours(conn, *place, but=3) for place in places] == plain
    assert all(len(found) == 3 for found in plain)
