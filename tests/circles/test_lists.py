"""The list of circles at ten thousand: there and back, by every filter, without a sort."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from board.circles import queries
from board.circles.match import Spot
from board.circles.models import circles
from board.circles.queries import (
    circle_counts,
    circles_near,
    circles_page,
    next_circles,
    open_circles_within,
)
from board.circles.rows import CircleFilter
from board.core.db import Database
from tests.circles.test_queries import (
    LENGTHS,
    NOW,
    TODAY,
    VELENJE,
    add,
    circle,
    numbers,
    statements,
)

FILTERS = (
    CircleFilter(),
    CircleFilter(state="now"),
    CircleFilter(state="soon"),
    CircleFilter(state="finished"),
    CircleFilter(state="all"),
    CircleFilter(country="SI"),
    CircleFilter(language="de", state="all"),
    CircleFilter(country="AT", language="de", state="all"),
    CircleFilter(q="circle", state="all"),
)


def many(conn: Connection, count: int) -> None:
    """Circles of all states, most of them finished, many on one day."""
    dice = random.Random(11)
    for start in range(1, count + 1, 500):
        add(
            conn,
            *(_one(number, dice) for number in range(start, min(count + 1, start + 500))),
        )


def _one(number: int, dice: random.Random) -> dict[str, Any]:
    state = dice.choices(("now", "soon", "finished"), (1, 1, 8))[0]
    first, last = LENGTHS[state]
    back = timedelta(days=dice.randint(0, 900) if state == "finished" else dice.randint(0, 5))
    country, lat, lng = dice.choice((("SI", 46.05, 14.51), ("AT", 47.07, 15.44)))
    row = circle(
        number,
        where=Spot("X", "", country, lat + dice.random(), lng + dice.random()),
        language=dice.choice(("de", "sl")),
        starts_on=TODAY + timedelta(days=first) - back,
        ends_on=TODAY + timedelta(days=last) - back,
    )
    return row | ({"gone_at": NOW} if number % 50 == 0 else {})


@pytest.mark.parametrize("few", [0, 10_000], ids=["walked", "gathered"])
@pytest.mark.parametrize("wanted", FILTERS, ids=repr)
def test_list_goes_there_and_back(
    db: Database, wanted: CircleFilter, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    where = [circles.c.mx.is_not(None)] if wanted.q else []
    with db.transaction() as conn:
        many(conn, 150)

        def stretch(**cursor: str) -> Any:
            return circles_page(conn, wanted, NOW, limit=7, where=where, **cursor)

        whole = numbers(circles_page(conn, wanted, NOW, limit=999, where=where).circles)
        there = [stretch()]
        while there[-1].after:
            there.append(stretch(after=there[-1].after))
        back = [there[-1]]
        while back[-1].before:
            back.append(stretch(before=back[-1].before))

    assert [number for page in there for number in numbers(page.circles)] == whole
    assert [numbers(page.circles) for page in there[:-1]] == [
        whole[n : n + 7] for n in range(0, len(whole) - 1, 7)
    ][: len(there) - 1]
    # On the way back stretches are cut from the other end.
    assert [n for page in reversed(back[1:]) for n in numbers(page.circles)] == whole[
        : len(whole) - len(there[-1].circles)
    ]
    assert {page.total for page in there} == {len(whole)}
    assert (there[0].before, there[-1].after, back[-1].before) == ("", "", "")


@pytest.mark.parametrize("few", [0, 10_000])
def test_what_leads_up_to_the_beginning_is_the_beginning(
    db: Database, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    with db.transaction() as conn:
        add(conn, circle(1), circle(2))
        page = circles_page(conn, CircleFilter(), NOW, before="1~1")
        broken = circles_page(conn, CircleFilter(), NOW, before="nonsense")

    assert (numbers(page.circles), page.before, page.after) == ([1, 2], "", "")
    assert broken == page


def test_no_list_of_ten_thousand_circles_needs_a_sort(db: Database) -> None:
    with db.transaction() as conn:
        many(conn, 10_000)
        conn.execute(text("ANALYZE"))
    with db.snapshot() as conn:
        cursors = [circles_page(conn, wanted, NOW, limit=200).after for wanted in FILTERS]
        with statements(db.reader) as seen:
            for wanted, cursor in zip(FILTERS, cursors, strict=True):
                circles_page(conn, wanted, NOW)
                circles_page(conn, wanted, NOW, cursor)
                circles_page(conn, wanted, NOW, before=cursor)
            circle_counts(conn, NOW)
            next_circles(conn, NOW)
            circles_near(conn, *VELENJE, NOW)
            open_circles_within(conn, *VELENJE, NOW)
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    with db.snapshot() as conn:
        plans = {
            words: str(conn.exec_driver_sql(explain + words, values).all())
            for words, values in seen
        }
    assert not {
        words: plan for words, plan in plans.items() if "TEMP B-TREE" in plan or "Sort" in plan
    }
    if db.is_sqlite:
        scans = {words for words, plan in plans.items() if "SCAN circle'" in plan}
        assert not scans
