"""Trends: visits counted without knowing anybody, forms when they are sent, the rest from rows."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from starlette.testclient import TestClient

from board.core import clock
from board.core.db import Database
from board.core.http import Board
from board.core.tallies import Pending, Tallied, add_tallies, day_tallies, tallied
from board.desk.trends import trends_of
from board.desk.trends_queries import Cell, funnels
from board.desk.trends_rules import Funnel, Month, TrendsQuestion, last_months, together
from board.drawing.bars import bar, chart, scale, spark
from board.explore.jobs import write_visits
from board.mail.rules import Limits
from board.people.rules import email_reach
from board.taking_part.actions import act_as
from board.taking_part.rules import AnyWish, CommentWish, StoryWish, VoteWish, Where, terms_of
from board.taking_part.waiting_actions import Sender, wait
from board.updates.actions import Word, publish
from board.votes.actions import take_back_vote
from board.votes.rules import Offer
from tests.invented import ELK, NEED, VELENJE, person, remembered, statements, vote

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = {"accept": "text/html,application/xhtml+xml"}
TOWN = "/towns/si/velenje"


# --- months and drawings --------------------------------------------------------------------


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_months_follow_each_other(now: datetime) -> None:
    months = last_months(now)
    assert len(months) == 12
    for one, other in pairwise(months):
        assert one.next == other
        assert other.back(1) == one
    assert months[-1].begin <= now < months[-1].next.begin


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=40))
def test_bars_stay_inside_their_picture(values: list[int]) -> None:
    top, step = scale(max(values))
    assert top >= max(values)
    assert 1 < top / step <= 5 or top == 4
    drawn = chart([str(n) for n in values], values)
    assert all(0 <= column.top <= drawn.ground for column in drawn.columns)
    assert [column.value for column in drawn.columns] == values
    small = spark(values, latest=7)
    assert small.width == 4 * len(values) - 1


def test_nothing_draws_nothing() -> None:
    assert bar(0, 10, 3, 0) == ""
    assert spark([0, 0, 0], latest=1).before == ""
    # One vote alone doesn't fill the picture.
    assert spark([1], latest=1).latest == "M0 24v-6h3v6z"


def test_question_takes_only_what_it_knows() -> None:
    months = last_months(NOW)
    read = TrendsQuestion.read
    assert read({"month": "2026-11", "country": "si"}, months) == TrendsQuestion("2026-11", "SI")
    for odd in ({"month": "2019-01"}, {"month": "x"}, {"country": "xyz"}, {"country": "ÄÖ"}):
        assert read(odd, months) == TrendsQuestion()


# --- counting visits ------------------------------------------------------------------------


def visits(board: Board) -> dict[tuple[str, str], int]:
    return {(one.kind, one.country): n for one, n in board.visits.take().items()}


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        (TOWN, ("visit_town", "SI")),
        ("/de" + TOWN, ("visit_town", "SI")),
        (TOWN + "/vote", ("visit_form", "SI")),
        ("/tell?town=si/velenje", ("visit_form", "SI")),
        ("/tell", ("visit_form", "")),
        ("/tell?town=zz/nowhere", None),
        ("/towns/si/nowhere-at-all", None),
        ("/", None),
        ("/towns", None),
        ("/stories", None),
    ],
)
def test_visit_is_a_town_page_or_a_form(
    client: TestClient, board: Board, path: str, counted: tuple[str, str] | None
) -> None:
    client.get(path, headers=PAGE)
    assert visits(board) == ({counted: 1} if counted else {})


def test_machines_and_the_desk_aren_t_counted(client: TestClient, board: Board) -> None:
    client.head(TOWN, headers=PAGE)
    client.get(TOWN, headers={"accept": "*/*"})
    client.get(TOWN, headers={**PAGE, "sec-purpose": "prefetch;prerender"})
    client.get(TOWN, headers={**PAGE, "purpose": "prefetch"})
    remembered(board, client, "Sue", role="staff")
    client.get(TOWN, headers=PAGE)
    assert visits(board) == {}
    remembered(board, client, "Alice")
    client.get(TOWN, headers=PAGE)
    assert visits(board) == {("visit_town", "SI"): 1}


def test_page_that_a_browser_has_already_is_a_visit(client: TestClient, board: Board) -> None:
    etag = client.get(TOWN, headers=PAGE).headers["etag"]
    again = client.get(TOWN, headers={**PAGE, "if-none-match": etag})
    assert again.status_code == 304
    assert visits(board) == {("visit_town", "SI"): 2}


def tallies(conn: Connection) -> dict[tuple[str, str, str], int]:
    rows = conn.execute(select(day_tallies))
    return {(row.day, row.kind, row.country): row.n for row in rows}


def test_visits_are_added_up_by_day(database: Database) -> None:
    pending = Pending()
    for now in (NOW, NOW, NOW + timedelta(days=1)):
        pending.count(tallied("visit_town", "SI", now))
    asyncio.run(write_visits(database, pending))
    pending.count(tallied("visit_town", "SI", NOW))
    asyncio.run(write_visits(database, pending))
    asyncio.run(write_visits(database, pending))
    with database.snapshot() as conn:
        assert tallies(conn) == {
            ("2026-11-22", "visit_town", "SI"): 3,
            ("2026-11-23", "visit_town", "SI"): 1,
        }


def test_visits_that_can_t_be_written_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = Pending()
    pending.count(tallied("visit_town", "SI", NOW))

    async def broken(*_args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(database, "write", broken)
    asyncio.run(write_visits(database, pending))
    pending.count(tallied("visit_town", "SI", NOW))
    assert list(pending.take().values()) == [2]


def test_nothing_of_a_visitor_is_kept(client: TestClient, board: Board) -> None:
    answer = client.get(
        TOWN, headers={**PAGE, "user-agent": "canary", "cookie": "x=canary", "referer": "canary"}
    )
    assert "set-cookie" not in answer.headers
    (one,) = board.visits.take()
    assert one == Tallied(clock.now().date().isoformat(), "visit_town", "SI")


# --- counting forms -------------------------------------------------------------------------


def test_forms_are_counted_when_they_are_sent(board: Board) -> None:
    terms = terms_of(board.settings)._replace(limits=Limits(1_000, 1_000))
    reach = email_reach("bob@example.org")
    assert reach is not None
    with board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "Alice"), ELK)
        asked: tuple[AnyWish, ...] = (
            VoteWish(where=Where(geonames_id=VELENJE), name="Bob"),
            StoryWish(where=Where(town_id=town_id), name="Bob", why="Because."),
            VoteWish(where=Where(name="Hamlet", country="AT"), name="Bob"),
            CommentWish(where=Where(town_id=town_id), name="Bob", text="Yes."),
        )
        for n, wish in enumerate(asked):
            sender = Sender(reach, board.keys.person_key("bob@example.org"), f"page-{n}", "en")
            wait(conn, board.keys, wish, sender, terms=terms, now=NOW)
        carol = person(conn, "Carol")
        act_as(
            conn,
            board.keys,
            asked[0],
            person_id=carol.id,
            key=carol.key,
            reach=None,
            staff=False,
            terms=terms,
            now=NOW,
        )
        assert tallies(conn) == {
            ("2026-11-22", "told_vote", "SI"): 2,
            ("2026-11-22", "told_story", "PL"): 1,
            ("2026-11-22", "told_vote", "AT"): 1,
        }


# --- the funnel -----------------------------------------------------------------------------


def a_year(conn: Connection) -> list[Month]:
    """Votes of three months, one of them taken back; a launch; visits."""
    months = last_months(NOW)
    september, november = months[-3].begin + timedelta(days=20), NOW
    for name, place, offer, moment in (
        ("Alice", VELENJE, Offer(come=True), september),
        ("Bob", VELENJE, Offer(), november),
        ("Carol", ELK, Offer(help=True), november),
        ("Dan", ELK, Offer(host=True), november),
        ("Eve", ELK, Offer(), months[0].begin - timedelta(seconds=1)),
        ("Fay", ELK, Offer(), months[0].begin),
    ):
        vote(conn, person(conn, name), place, offer=offer, now=moment)
    dan = person(conn, "Dan")
    take_back_vote(conn, 2, dan.key, need=NEED, now=NOW)
    sue = person(conn, "Sue", role="staff")
    for before, after in (("asking", "launched"), ("launched", "launched")):
        word = Word(1, before, after, "", "It begins.", "en")
        publish(conn, word, person_id=sue.id, name="Sue", now=november)
    add_tallies(
        conn,
        {
            tallied("visit_town", "SI", november): 40,
            tallied("visit_form", "SI", november): 8,
            tallied("told_vote", "SI", november): 2,
            tallied("told_story", "SI", november): 1,
            tallied("visit_form", "", november): 5,
            tallied("visit_town", "SI", months[0].begin - timedelta(days=1)): 99,
        },
    )
    return months


def test_funnel_counts_by_month_and_country(database: Database) -> None:
    with database.transaction() as conn:
        months = a_year(conn)
        with statements(database.writer_engine) as seen:
            found = funnels(conn, months)
    assert len(seen) == 3
    assert found == {
        Cell(9, "SI"): Funnel(confirmed=1, offers=1),
        Cell(11, "SI"): Funnel(visits=48, told=3, confirmed=1, launched=1),
        Cell(11, "PL"): Funnel(confirmed=1, offers=1),
        Cell(0, "PL"): Funnel(confirmed=1),
        Cell(11, ""): Funnel(visits=5),
    }


def test_month_and_country_narrow_the_page(database: Database) -> None:
    with database.transaction() as conn:
        months = a_year(conn)
        cells = funnels(conn, months)
    whole = trends_of(cells, months, TrendsQuestion())
    assert whole.funnel == together(cells.values()) == Funnel(53, 3, 4, 2, 1)
    assert together(line.funnel for line in whole.countries) == whole.funnel
    assert together(whole.by_month) == whole.funnel
    november = trends_of(cells, months, TrendsQuestion("2026-11"))
    assert november.funnel == Funnel(53, 3, 2, 1, 1)
    assert [line.country for line in november.countries] == ["SI", "PL", ""]
    polish = trends_of(cells, months, TrendsQuestion("2026-11", "PL"))
    assert polish.funnel == Funnel(confirmed=1, offers=1)
    assert together(polish.by_month) == Funnel(confirmed=2, offers=1)
    assert len(polish.countries) == 3


def test_page_draws_and_says_the_same_numbers(client: TestClient, board: Board) -> None:
    with time_machine.travel(NOW, tick=False):
        with board.database.transaction() as conn:
            a_year(conn)
        remembered(board, client, "Sue", role="staff")
        html = client.get("/staff/trends").text
        assert html.count('class="chart"') == 5
        assert 'aria-label="Confirmed by month; the numbers stand in the table below"' in html
        assert "<b>53</b>" in html
        assert "Not known" in html
        part = client.get("/staff/trends?month=2026-11&country=SI").text
        assert "By month, Slovenia" in part
        assert "By country, November 2026" in part
        empty = client.get("/staff/trends?country=FI").text
        assert "By month, Finland" in empty


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=%00", "country=%F0%9F%8F%A0", "month=&country=", "x=1"]
)
def test_trends_answer_any_address(client: TestClient, board: Board, query: str) -> None:
    remembered(board, client, "Sue", role="staff")
    assert client.get(f"/staff/trends?{query}").status_code == 200
