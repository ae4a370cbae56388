"""Top requests: the question and its address, the table's orders and filters, what is overdue."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select
from starlette.testclient import TestClient

from board.core import clock
from board.core.db import Database
from board.core.http import Board
from board.desk.table_conditions import Look
from board.desk.table_queries import TablePage, TableRow, all_ids, table_page
from board.desk.table_rules import (
    BUILT_IN,
    COLUMNS,
    MEASURES,
    MISSING,
    PER_PAGE,
    SORTS,
    TOP,
    TableQuestion,
)
from board.record.models import decisions
from board.towns.measures import is_overdue
from board.towns.models import town_languages, towns
from board.towns.rules import STATUSES, Need, half_lives
from board.votes.models import votes
from tests.invented import HERE, add_towns, person, remembered, row_of_town, statements, vote

NOW = clock.now()
ANSWER_VOTES, ANSWER_DAYS = 20, 30
ANY = TableQuestion(status="any")
LOOK = Look(1, Need(), ANSWER_VOTES, ANSWER_DAYS, 25.0, NOW)


def table(conn: Connection, asked: TableQuestion = ANY) -> TablePage:
    return table_page(conn, asked, [], LOOK)


def names(conn: Connection, **asked: Any) -> list[str]:
    question = question_of(asked)
    return [row.town.name for row in table(conn, question).rows]


def various(conn: Connection) -> None:
    """Towns that differ in everything the table sorts by, some of it unknown."""
    owners = [None, *(person(conn, name, role="staff").id for name in ("Sue", "Ines"))]
    rows = []
    for n in range(24):
        rows.append(
            row_of_town(
                n,
                name=f"{'ŁAzÉb'[n % 5]}{n}",
                country=("SI", "PL")[n % 2],
                status=STATUSES[n % 6],
                population=(0, 500, 90_000)[n % 3],
                vote_count=1 + n % 5,
                nearby_count=n % 2,
                come_count=n % 8,
                facilitate_count=n % 3,
                host_count=n % 2,
                help_count=n % 4,
                story_count=n % 3,
                closeness=(-8, 999, 3_000)[n % 3],
                nearest_km=(None, 3.0, 57.5)[n % 3],
                need=n / 7,
                rising=half_lives(NOW) + n / 3,
                owner_id=owners[n % 3],
                answered_at=(None, NOW - timedelta(days=n))[n % 2],
                asked_at=NOW - timedelta(days=7 * n),
            )
        )
    ids = add_towns(conn, rows)
    for n, town_id in enumerate(ids):
        for number in range(n % 4):
            add_vote(conn, town_id, f"{n}-{number}", days=number * 9)


def add_vote(
    conn: Connection, town_id: int, key: str, *, days: int, state: str = "counted"
) -> None:
    moment = NOW - timedelta(days=days)
    conn.execute(
        insert(votes).values(
            town_id=town_id, voter_key=key.encode(), state=state, cast_at=moment, changed_at=moment
        )
    )


KEYS: dict[str, Callable[[TableRow], Any]] = {
    "votes": attrgetter("town.vote_count"),
    "nearby": attrgetter("town.nearby_count"),
    "trend": attrgetter("month"),
    "name": lambda row: row.town.name.casefold().translate(str.maketrans("łé", "le")),
    "come": attrgetter("town.come_count"),
    "facilitate": attrgetter("town.facilitate_count"),
    "host": attrgetter("town.host_count"),
    "help": attrgetter("town.help_count"),
    "ready": attrgetter("town.closeness"),
    "near": lambda row: 99_999 if row.town.nearest_km is None else row.town.nearest_km,
    "per10k": lambda row: row.town.vote_count / row.town.population if row.town.population else 0,
    "need": attrgetter("town.need"),
    "rising": attrgetter("town.rising"),
    "status": lambda row: STATUSES.index(row.town.status),
    "owner": attrgetter("owner"),
    "answered": lambda row: row.town.answered_at or NOW - timedelta(days=9_999),
    "asked": attrgetter("town.asked_at"),
    "stories": attrgetter("town.story_count"),
    "population": attrgetter("town.population"),
}


# --- the question ---------------------------------------------------------------------------

QUESTIONS = st.builds(
    TableQuestion,
    q=st.sampled_from(["", "łódź", "a&b=c", "50%", "+1", "x,y"]),
    countries=st.sets(st.sampled_from(["PL", "DE", "SI"])).map(lambda found: tuple(sorted(found))),
    status=st.sampled_from(["", "any", "closed", *STATUSES]),
    owner=st.sampled_from(["", "me", "none", "12"]),
    missing=st.sampled_from(["", *MISSING]),
    measure=st.just("votes"),
    far=st.booleans(),
    late=st.booleans(),
    new=st.booleans(),
    sort=st.sampled_from(SORTS),
    down=st.booleans(),
    columns=st.sets(st.sampled_from(COLUMNS), min_size=1).map(
        lambda found: tuple(name for name in COLUMNS if name in found)
    ),
    page=st.integers(1, 99),
) | st.builds(TableQuestion, measure=st.sampled_from(MEASURES), least=st.integers(1, 99_999))


@given(QUESTIONS)
def test_question_comes_back_from_its_address(asked: TableQuestion) -> None:
    assert TableQuestion.read(asked.pairs) == asked
    address = asked.address(page=asked.page)
    assert TableQuestion.parse(address.partition("?")[2]) == asked


@given(QUESTIONS)
def test_question_is_kept_without_its_page(asked: TableQuestion) -> None:
    kept = TableQuestion.parse(asked.query)
    assert kept.page == 1
    assert kept.query == asked.query
    assert len(asked.query) <= 1_000


@given(QUESTIONS, st.sampled_from(["q", "countries", "owner", "columns", "measure"]))
def test_form_carries_what_it_doesn_t_ask_itself(asked: TableQuestion, own: str) -> None:
    carried = TableQuestion.read(asked.carried(own, "least"))
    for field in ("q", "countries", "status", "owner", "missing", "late", "sort", "down"):
        if field != own:
            assert getattr(carried, field) == getattr(asked, field)


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=30)), max_size=6))
def test_question_reads_anything(given_: list[tuple[str, str]]) -> None:
    asked = TableQuestion.read(given_)
    assert TableQuestion.read(asked.pairs) == asked


def test_default_address_is_bare() -> None:
    assert (TOP.query, TOP.address()) == ("", "/staff")
    assert TOP.sorted_by("votes") == "/staff?order=up"
    assert TOP.sorted_by("answered") == "/staff?sort=answered"
    assert TableQuestion(sort="answered", down=False).sorted_by("answered") == (
        "/staff?sort=answered&order=down"
    )


# --- orders and filters ---------------------------------------------------------------------


def test_table_sorts_by_every_column_both_ways(database: Database) -> None:
    assert set(KEYS) == set(SORTS)
    with database.snapshot() as conn:
        various(conn)
        for sort in SORTS:
            for down in (True, False):
                rows = table(conn, TableQuestion(status="any", sort=sort, down=down)).rows
                assert len(rows) == 24
                keys = [KEYS[sort](row) for row in rows]
                if sort == "owner":
                    keys = [key for key in keys if key]
                    assert all(not row.owner for row in rows[len(keys) :])
                assert keys == sorted(keys, reverse=down), (sort, down)


def test_towns_alike_stand_by_votes(database: Database) -> None:
    with database.snapshot() as conn:
        various(conn)
        for sort in ("status", "come", "near", "ready", "owner"):
            rows = table(conn, TableQuestion(status="any", sort=sort)).rows
            for one, other in pairwise(rows):
                if KEYS[sort](one) == KEYS[sort](other):
                    assert one.town.vote_count >= other.town.vote_count


def question_of(asked: dict[str, Any]) -> TableQuestion:
    return TableQuestion(**{"status": "any", **asked})


FILTERS: tuple[tuple[dict[str, Any], Callable[[TableRow], bool]], ...] = (
    ({"countries": ("PL",)}, lambda row: row.town.country == "PL"),
    ({"countries": ("PL", "SI")}, lambda row: True),
    ({"status": ""}, lambda row: row.town.status in ("asking", "in_review", "talking")),
    ({"status": "closed"}, lambda row: row.town.status in STATUSES[3:]),
    ({"status": "planned"}, lambda row: row.town.status == "planned"),
    ({"owner": "none"}, lambda row: not row.owner),
    ({"owner": "me"}, lambda row: row.owner_id == 1),
    ({"owner": "2"}, lambda row: row.owner_id == 2),
    ({"missing": "learners"}, lambda row: not row.readiness.has_learners),
    ({"missing": "facilitator"}, lambda row: not row.readiness.has_facilitator),
    ({"missing": "space"}, lambda row: not row.readiness.has_space),
    ({"missing": "any"}, lambda row: not row.readiness.is_ready),
    ({"missing": "nothing"}, lambda row: row.readiness.is_ready),
    ({"missing": "one"}, lambda row: row.readiness.checks_met >= 2),
    ({"far": True}, lambda row: (row.town.nearest_km or 99) > 25),
    ({"late": True}, lambda row: row.overdue),
    ({"new": True}, lambda row: row.town.asked_at > NOW - timedelta(days=7)),
    ({"measure": "near", "least": 50}, lambda row: (row.town.nearest_km or 99) >= 50),
    ({"measure": "trend", "least": 2}, lambda row: row.month >= 2),
    ({"measure": "rising", "least": 4}, lambda row: row.risen >= 4),
    ({"measure": "per10k", "least": 80}, lambda row: (row.town.per_10k or 0) >= 80),
)


def test_table_filters_by_each(database: Database) -> None:
    with database.snapshot() as conn:
        various(conn)
        everything = table(conn).rows
        for asked, fits in FILTERS:
            found = table(conn, question_of(asked))
            expected = {row.town.id for row in everything if fits(row)}
            assert {row.town.id for row in found.rows} == expected, asked
            assert found.total == len(expected)


def test_name_is_found_whatever_its_status(database: Database) -> None:
    with database.snapshot() as conn:
        various(conn)
        assert names(conn, q="l10", status="") == ["Ł10"]
        nothing = table(conn, TableQuestion(countries=("SI",), status="launched", q="zzz"))
        assert (nothing.rows, nothing.total, nothing.pages, nothing.page) == ([], 0, 1, 1)
        # The numbers above the table are of all towns, whatever it shows.
        assert (nothing.asking, nothing.new) == (12, 5)


def test_tabs_count_what_they_show(database: Database) -> None:
    with database.snapshot() as conn:
        various(conn)
        saved = [TableQuestion(countries=("PL",)), TableQuestion(measure="votes", least=4)]
        found = table_page(conn, TOP, saved, LOOK)
        questions = [question for _name, question in BUILT_IN] + saved
        assert found.tabs == [len(all_ids(conn, question, LOOK)) for question in questions]


def test_table_holds_no_town_that_isn_t_on_the_list(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, standing="by_hand", vote_count=90),
                row_of_town(2, standing="dropped", vote_count=90),
                row_of_town(3, vote_count=0, ready_at=NOW - timedelta(days=99)),
            ],
        )
        found = table(conn)
    assert (found.rows, found.asking, found.new, found.overdue) == ([], 0, 0, 0)


def test_table_comes_by_pages(database: Database) -> None:
    with database.snapshot() as conn:
        add_towns(conn, [row_of_town(n) for n in range(PER_PAGE + 3)])
        pages = [table(conn, TableQuestion(page=n)) for n in (1, 2, 3)]
    # A page beyond the last one is the last one.
    assert [(len(page.rows), page.first) for page in pages] == [(PER_PAGE, 1), (3, 51), (3, 51)]
    assert len({row.town.id for page in pages for row in page.rows}) == PER_PAGE + 3


def test_momentum_counts_what_counts_by_day(database: Database) -> None:
    with database.snapshot() as conn:
        (town_id,) = add_towns(conn, [row_of_town(1)])
        for number, days in enumerate((0, 0, 3, 8, 29, 31)):
            add_vote(conn, town_id, f"v{number}", days=days)
        add_vote(conn, town_id, "gone", days=1, state="taken_back")
        add_vote(conn, town_id, "void", days=1, state="voided")
        conn.execute(
            insert(town_languages),
            [
                {"town_id": town_id, "language": "sl", "stories": 2},
                {"town_id": town_id, "language": "en", "stories": 3},
                {"town_id": town_id, "language": "de", "stories": 0},
            ],
        )
        (row,) = table(conn).rows
    assert (row.month, row.week, row.languages) == (5, 3, ["en", "sl"])
    assert (row.momentum.days[-1], row.momentum.days[-4], row.momentum.days[0]) == (2, 1, 1)


# --- overdue --------------------------------------------------------------------------------

DAYS = st.integers(0, 70)


@examples(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    towns=st.lists(
        st.tuples(
            st.integers(1, 25), st.booleans(), st.sampled_from(STATUSES), DAYS, st.none() | DAYS
        ),
        max_size=8,
    )
)
def test_overdue_is_the_number_that_is_counted(
    database: Database, towns: list[tuple[int, bool, str, int, int | None]]
) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(
                    n,
                    vote_count=votes,
                    ready_at=NOW - timedelta(days=1) if ready else None,
                    status=status,
                    asked_at=NOW - timedelta(days=asked, minutes=n),
                    answered_at=None if said is None else NOW - timedelta(days=said, minutes=n),
                )
                for n, (votes, ready, status, asked, said) in enumerate(towns)
            ],
        )
        found = table(conn)
    assert found.overdue == sum(row.overdue for row in found.rows)


@pytest.mark.parametrize(
    ("votes", "ready", "status", "asked", "said", "late"),
    [
        (20, False, "asking", 31, None, True),
        (19, False, "asking", 31, None, False),
        (1, True, "talking", 31, None, True),
        (20, False, "asking", 29, None, False),
        (20, False, "in_review", 90, 29, False),
        (20, False, "in_review", 90, 31, True),
        (99, True, "planned", 90, None, False),
        (99, True, "launched", 90, None, False),
        (99, True, "not_now", 90, None, False),
    ],
)
def test_overdue_begins_after_thirty_silent_days_of_an_owed_answer(
    database: Database,
    votes: int,
    ready: bool,
    status: str,
    asked: int,
    said: int | None,
    late: bool,
) -> None:
    with database.snapshot() as conn:
        add_towns(
            conn,
            [
                row_of_town(
                    1,
                    vote_count=votes,
                    ready_at=NOW if ready else None,
                    status=status,
                    asked_at=NOW - timedelta(days=asked),
                    answered_at=None if said is None else NOW - timedelta(days=said),
                )
            ],
        )
        found = table(conn)
    town = found.rows[0].town
    said_so = is_overdue(town, answer_votes=ANSWER_VOTES, answer_days=ANSWER_DAYS, now=NOW)
    assert (found.overdue, said_so) == (int(late), late)


# --- the page -------------------------------------------------------------------------------


@pytest.fixture
def desk(client: TestClient, board: Board) -> TestClient:
    """Sue sits at the desk; Velenje (1) asks."""
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
    remembered(board, client, "Sue", role="staff")
    return client


@pytest.mark.parametrize(
    "query",
    [
        "sort=x&order=x", "page=0", "page=-1", "page=99999", "page=1e9", "page=" + "9" * 30,
        "status=x&country=%00%00", "q=%25", "q=" + "x" * 500, "page=٣", "owner=me&least=5&of=near",
        "column=need,votes&column=owner", "country=SI&country=PL,DE", "owner=999999999",
        "least=99999999&of=rising", "missing=one&late=1&far=1&new=1", "column=,,&country=,",
    ],
)  # fmt: skip
def test_table_answers_any_address(desk: TestClient, query: str) -> None:
    assert desk.get(f"/staff?{query}").status_code == 200


def table_rows(html: str) -> list[str]:
    return re.findall(r'<a href="/staff/towns/\d+">([^<]+)', html)


def test_table_shows_what_the_address_asks_for(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        add_towns(
            conn,
            [
                row_of_town(1, name="Ptuj", vote_count=30, asked_at=clock.now() - timedelta(60)),
                row_of_town(2, name="Gdynia", country="PL", vote_count=5, status="planned"),
            ],
        )
    # Planned, launched and not now are one tab away.
    assert table_rows(desk.get("/staff").text) == ["Ptuj", "Velenje"]
    assert table_rows(desk.get("/staff?status=closed").text) == ["Gdynia"]
    assert table_rows(desk.get("/staff?status=any").text) == ["Ptuj", "Gdynia", "Velenje"]
    assert table_rows(desk.get("/staff?order=up").text) == ["Velenje", "Ptuj"]
    assert table_rows(desk.get("/staff?sort=name").text) == ["Ptuj", "Velenje"]
    assert table_rows(desk.get("/staff?country=pl&status=any").text) == ["Gdynia"]
    assert table_rows(desk.get("/staff?q=GDY").text) == ["Gdynia"]
    html = desk.get("/staff").text
    assert "<b>2</b> towns asking" in html
    assert "<b>1</b> has waited more than 30 days for a word from us" in html


def test_table_without_towns_says_so(client: TestClient, board: Board) -> None:
    remembered(board, client, "Sue", role="staff")
    html = client.get("/staff").text
    assert table_rows(html) == []
    assert "nobody waits too long" in html
    assert "Nobody has asked yet" in html


def test_page_says_everything_of_a_town(desk: TestClient) -> None:
    html = desk.get("/staff").text
    assert 'aria-label="1 in 30 days, 1 of them in the last 7"' in html
    assert 'aria-sort="descending"' in html
    assert "0 of 3 ready: learners, facilitator and room missing" in html
    every = desk.get("/staff?column=" + ",".join(COLUMNS)).text
    for head in ("Unmet need", "Rising", "Owner", "Asked since", "Stories", "People", "Help"):
        assert f">{head}<" in every
    few = desk.get("/staff?column=need").text
    assert "Last 30 days" not in few.split("<thead>")[1]


def test_links_of_the_page_keep_the_question(desk: TestClient) -> None:
    html = desk.get("/staff?country=SI&least=1&column=votes,need&status=any").text
    query = "country=SI&amp;status=any&amp;least=1&amp;column=votes,need"
    assert f"/staff/export.csv?{query}" in html
    assert '<input type="hidden" name="column" value="votes,need">' in html
    assert "Votes: at least 1" in html


def test_table_takes_as_many_statements_for_thirty_towns_as_for_one(
    desk: TestClient, board: Board
) -> None:
    taken = []
    for size in (1, 3, 30):
        with board.database.transaction() as conn:
            start = 100 * size
            add_towns(conn, [row_of_town(start + n, country="PL") for n in range(size)])
            for n in range(size):
                who = person(conn, f"Colleague {size} {n}", role="staff")
                assert who.id
        with statements(board.database.reader) as seen:
            assert desk.get("/staff?sort=trend&country=PL").status_code == 200
        taken.append(len(seen))
    assert len(set(taken)) == 1
    assert taken[0] <= 14


# --- who looks after a town -----------------------------------------------------------------


def acts(board: Board) -> list[tuple[int, str, str]]:
    with board.database.snapshot() as conn:
        d = decisions.c
        found = conn.execute(
            select(d.subject_id, d.before, d.after).where(d.act == "own").order_by(d.id)
        )
        return [tuple(row) for row in found]


def owners(board: Board) -> dict[int, int | None]:
    with board.database.snapshot() as conn:
        rows = conn.execute(select(towns.c.id, towns.c.owner_id))
        return {row.id: row.owner_id for row in rows}


def test_ticked_towns_are_given_to_a_colleague(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ines = person(conn, "Ines", role="staff").id
        more = add_towns(conn, [row_of_town(7), row_of_town(8)])
    form = {"town-1": "1", f"town-{more[0]}": "1", "owner": str(ines), "query": "q=t&status=any"}
    answer = desk.post("/staff/owners", data=form, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff?q=t&status=any")
    assert owners(board) == {1: ines, more[0]: ines, more[1]: None}
    assert acts(board) == [(1, "", str(ines)), (more[0], "", str(ines))]
    # Once more changes nothing, and nothing is written down.
    desk.post("/staff/owners", data=form, headers=HERE)
    assert len(acts(board)) == 2
    back = {"town-1": "1", "owner": "", "back": "town"}
    answer = desk.post("/staff/owners", data=back, headers=HERE)
    assert answer.headers["location"] == "/staff/towns/1"
    assert acts(board)[-1] == (1, str(ines), "")
    assert "Ines" in desk.get(f"/staff/towns/{more[0]}").text


@pytest.mark.parametrize("owner", ["1", "999", "0", "x" * 50])
def test_towns_are_given_to_staff_alone(desk: TestClient, board: Board, owner: str) -> None:
    with board.database.transaction() as conn:
        assert person(conn, "Alice").id == 1
    answer = desk.post("/staff/owners", data={"town-1": "1", "owner": owner}, headers=HERE)
    if owner.isdigit():
        assert answer.status_code == 422
        assert "Choose somebody of the staff, or nobody." in answer.text
        assert "checked" in answer.text.split('name="town-1"')[1].split(">")[0]
    assert owners(board) == {1: None}


def test_giving_needs_a_tick(desk: TestClient, board: Board) -> None:
    answer = desk.post("/staff/owners", data={"owner": "1", "town-x": "1"}, headers=HERE)
    assert answer.status_code == 422
    assert "Tick the towns first" in answer.text
    assert acts(board) == []


@pytest.mark.parametrize("role", ["", "moderator"])
def test_table_is_for_staff_alone(client: TestClient, board: Board, role: str) -> None:
    remembered(board, client, "Mo", role=role)
    for path in ("/staff", "/staff/trends", "/staff/export.csv", "/staff/export.xlsx"):
        assert client.get(path).status_code == (403 if role else 303)
    for path in ("/staff/owners", "/staff/views", "/staff/views/1"):
        answer = client.post(path, data={"town-1": "1"}, headers=HERE)
        assert answer.status_code == (403 if role else 303)
