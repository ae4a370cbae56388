"""No list sorts what it shows (DATAPATH P10), on either database.

A list walks an index that is in its order already. One exception is allowed, and bounded: where an
exact count said beforehand that few towns fit, these few are gathered and then put in order. Their
statement says so itself: it sorts what comes out of a LIMIT, of `MOST_GATHERED` towns at most.
The `PAGE` rows that such a gathering names are put in order once more, when they are read.
"""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, text

from board.circles.queries import circles_page
from board.circles.rows import CircleFilter
from board.comments.rules import OLDEST, Talk
from board.comments.thread_queries import read_talk
from board.core import clock
from board.core.db import Database
from board.drawing.view import parse_view
from board.explore import list_queries
from board.explore.frame import ground
from board.explore.home import home_page
from board.explore.list_queries import Few, Ways, choose, list_towns
from board.explore.near_queries import neighbours
from board.explore.queries import closest_to_launch
from board.explore.rules import Question
from board.stories.models import stories
from board.stories.search_queries import ANY_STORY, StoryFilter, newest_stories, stories_before
from board.towns.cell_actions import recell
from board.towns.models import town_languages, towns
from tests.invented import NEED, add_circles, person, row_of_circle, row_of_town

SORTS = ("votes", "ready", "rising", "new", "need")
FILTERS: dict[str, dict[str, str]] = {
    "none": {},
    "any status": {"status": "any"},
    "launched": {"status": "launched"},
    "a large country": {"country": "PL"},
    "a small country": {"country": "SI"},
    "a country's launched": {"country": "PL", "status": "launched"},
    "no circle": {"circle": "none"},
    "a language of many": {"language": "en"},
    "a language of few": {"language": "ka"},
    "a word of many": {"q": "library"},
    "a word of few": {"q": "canary"},
    "two words": {"q": "canary library"},
    "a word that is begun": {"q": "libra"},
    "a wide window": {"at": "10,10,2"},
    "a narrow window": {"at": "46,15,9"},
    "all at once": {"country": "PL", "language": "en", "q": "library", "at": "10,10,2"},
}
COUNT = 1_200


@pytest.fixture
def large(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Some thousand towns, where so many already count as a large world."""
    chance = random.Random(5)
    monkeypatch.setattr(list_queries, "SMALL", 100)
    rows = []
    for number in range(1, COUNT + 1):
        small = number % 60 == 0
        status = "launched" if number % 100 == 0 else chance.choice(("asking", "talking"))
        place = (chance.gauss(46, 3), chance.gauss(15, 3)) if small else (
            chance.uniform(-50, 65), chance.uniform(-180, 180)
        )  # fmt: skip
        rows.append(
            row_of_town(
                number, id=number, lat=place[0], lng=place[1], country="SI" if small else "PL",
                status=status, vote_count=chance.randint(1, 90), closeness=number % 17,
                rising=chance.random(), need=chance.random(),
                nearest_km=chance.choice((None, 3.0, 80.0)), timezone="UTC", nearby_count=0,
                come_count=0, facilitate_count=0, host_count=0, help_count=0, story_count=1,
                comment_count=0,
            )
        )  # fmt: skip
    with database.transaction() as conn:
        conn.execute(insert(towns), rows)
        recell(conn, range(1, COUNT + 1))
        who, now = person(conn, "Alice"), clock.now()
        conn.execute(
            insert(town_languages),
            [
                {"town_id": n, "language": "ka" if n % 50 == 0 else "en", "stories": 1}
                for n in range(1, COUNT + 1)
            ],
        )
        conn.execute(
            insert(stories),
            [
                {
                    "town_id": n, "person_id": who.id, "country": "PL", "name": "Alice",
                    "title": "Mine", "language": "ka" if n % 50 == 0 else "en",
                    "folded": "canary library" if n % 50 == 0 else "library mine",
                    "visibility": "public", "created_at": now,
                    "published_at": now - timedelta(minutes=n),
                }
                for n in range(1, COUNT + 1)
            ],
        )  # fmt: skip
        add_circles(conn, [row_of_circle(n, 46 + n % 9, 15 + n % 11) for n in range(1, 400)])
    if not database.is_sqlite:
        with database.writer_engine.connect() as conn:
            conn.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    return database


@contextmanager
def explained(engine: Engine) -> Iterator[list[tuple[str, str]]]:
    """Every statement that is run inside, with the plan that its database makes for it."""
    found: list[tuple[str, str]] = []
    asking = False

    def explain(conn: Any, cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        nonlocal asking
        if asking or not statement.startswith(("SELECT", "WITH")):
            return
        asking = True
        try:
            postgresql = conn.dialect.name == "postgresql"
            own = conn.connection.cursor()
            if postgresql:
                # Of a thousand towns it would read all: asked so, it shows whether it has to.
                own.execute("SET LOCAL enable_seqscan = off")
            own.execute(f"EXPLAIN {'' if postgresql else 'QUERY PLAN '}{statement}", values)
            found.append((statement, "\n".join(str(row[-1]) for row in own.fetchall())))
            if postgresql:
                own.execute("SET LOCAL enable_seqscan = on")
            own.close()
        finally:
            asking = False

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def sorts(plan: str) -> int:
    """How often something is put in order."""
    return len(re.findall(r"USE TEMP B-TREE FOR (?:RIGHT PART OF )?ORDER BY|\bSort\b", plan))


def looks_through_all(plan: str) -> bool:
    """Whether a plan reads every town."""
    return bool(re.search(r"SCAN town(?! USING INDEX)(?!_)|Seq Scan on town\b", plan))


def test_list_of_towns_walks_an_index_or_orders_few(large: Database) -> None:
    gathered = set[str]()
    for name, asked in FILTERS.items():
        for sort in SORTS:
            if every_page_is_in_order(large, Question(sort=sort, **asked)):
                gathered.add(name)
    # Both ways were tried, and what nearly all towns fit is never gathered.
    assert {"a word of few", "a language of few", "a narrow window"} <= gathered
    assert not gathered & {"none", "any status", "no circle", "a language of many"}


def every_page_is_in_order(large: Database, question: Question) -> bool:
    """Look at the first pages of a list, forward and back; whether its towns are gathered."""
    view = parse_view(question.at, 700, 600)
    here = ground(view) if view else []
    gathered = False
    for turn in ("first", "next", "back"):
        with large.snapshot() as conn, explained(large.reader) as seen:
            page = list_towns(conn, question, here, near=None, join_km=25)
        for statement, plan in seen:
            if sorts(plan):
                # Gathered: the few come out of a LIMIT, and then the page's own rows.
                assert re.search(r"LIMIT \S+( OFFSET \S+)?\) AS few\b", statement), plan
                assert page.total <= list_queries.MOST_GATHERED
                gathered = True
            assert gathered or question.q or not looks_through_all(plan), plan
        if turn == "first" and page.after:
            question = question.but(after=page.after)
        elif turn == "next":
            question = question.but(before=page.before)
        else:
            break
    return gathered


def test_what_is_gathered_is_bounded_by_what_was_counted() -> None:
    """The decision itself: more than `MOST_GATHERED` are never gathered, whoever asks."""
    chance = random.Random(1)
    for _turn in range(2_000):
        walked = chance.choice((10, 1_000, 100_000, 1_000_000, 10_000_000))
        sizes = [chance.randint(0, walked) for _way in range(chance.randint(0, 3))]
        total = chance.randint(0, min([walked, *sizes]))
        few = choose(total, Ways(walked, tuple(Few(size, "") for size in sizes)), walks=True)
        if few is None:
            continue
        assert few.towns == min(sizes)
        assert total <= list_queries.MOST_GATHERED
        # Never where a walk is sure to be shorter.
        assert total <= few.towns <= max(list_queries.SMALL, 4 * 20 * walked // max(1, total))


def test_other_lists_walk_an_index(large: Database) -> None:
    now = clock.now()
    lists: dict[str, Callable[[Connection], object]] = {
        "closest": closest_to_launch,
        "home": lambda conn: home_page(conn, NEED, now=now),
        "stories": newest_stories,
        "stories of a country": lambda conn: newest_stories(conn, StoryFilter(country="PL")),
        "stories of a language": lambda conn: newest_stories(conn, StoryFilter(language="en")),
        "stories with a word of many": lambda conn: newest_stories(conn, StoryFilter(q="library")),
        "older stories": lambda conn: newest_stories(conn, after=(now, 5)),
        "earlier stories": lambda conn: stories_before(conn, ANY_STORY, (now, 5), limit=20),
        "talk": lambda conn: read_talk(conn, Talk(), OLDEST, viewer_id=None),
        "circles": lambda conn: circles_page(conn, CircleFilter("", "", "", "current"), now),
        "neighbours": lambda conn: neighbours(conn, 46.0, 15.0),
    }
    walked = {"closest", *(name for name in lists if "stories" in name)}
    said = {}
    for name, ask in lists.items():
        with large.snapshot() as conn, explained(large.reader) as seen:
            ask(conn)
        said[name] = [plan for _statement, plan in seen if looks_through_all(plan)]
        ordered = [plan for said_, plan in seen if sorts(plan) and " AS few" not in said_]
        assert name not in walked or ordered == [], name
    assert {name: plans for name, plans in said.items() if plans} == {}
