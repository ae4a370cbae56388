"""Hints about votes: evidence for staff, never a verdict; what staff do is written down."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from board.core import clock
from board.core.config import Settings
from board.core.http import Board
from board.desk.hint_rules import Cast, Kind, hints_of
from board.desk.vote_queries import odd_towns
from board.record.models import decisions
from board.recount import differences
from board.towns.actions import found_town
from board.towns.models import towns
from board.votes.actions import Ballot, cast_vote
from board.votes.models import votes
from tests.invented import ELK, HERE, NEED, VELENJE, person, remembered, statements, vote

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def casts(
    count: int, *, apart: timedelta, network: bytes | None = None, signs: tuple[str, ...] = (),
    batch_id: int | None = None, first_id: int = 1,
) -> list[Cast]:  # fmt: skip
    return [Cast(first_id + n, NOW + n * apart, network, batch_id, signs) for n in range(count)]


@pytest.mark.parametrize(
    ("some", "kinds"),
    [
        (casts(3, apart=timedelta(days=1), network=b"a"), []),
        (casts(4, apart=timedelta(days=1), network=b"a"), ["network"]),
        (casts(4, apart=timedelta(days=1), network=b"a", batch_id=3), []),
        (casts(4, apart=timedelta(seconds=5)), []),
        (casts(5, apart=timedelta(seconds=5)), ["timing"]),
        (casts(50, apart=timedelta(minutes=5)), []),
        (casts(1, apart=timedelta(0), signs=("disposable",)), ["disposable"]),
        (casts(2, apart=timedelta(hours=1), signs=("fast",)), []),
        (casts(3, apart=timedelta(hours=1), signs=("fast", "new")), ["machine"]),
        (casts(9, apart=timedelta(hours=1), batch_id=3), []),
        (casts(10, apart=timedelta(hours=1), batch_id=3), ["batch"]),
        ([], []),
    ],
)
def test_hints_tell_what_is_odd(some: list[Cast], kinds: list[Kind]) -> None:
    assert [hint.kind for hint in hints_of(some)] == kinds


def test_hints_name_their_votes_and_times() -> None:
    quiet = casts(3, apart=timedelta(days=2), first_id=100)
    burst = casts(6, apart=timedelta(seconds=10), network=b"\x01\x02\x03\x04")
    largest, second = hints_of([*quiet, *burst])
    assert {largest.kind, second.kind} == {"network", "timing"}
    # The first quiet vote fell into the burst's own second; only the rows of the network are named.
    network = largest if largest.kind == "network" else second
    assert (network.vote_ids, network.name) == ((1, 2, 3, 4, 5, 6), "010203")
    assert (network.first, network.last) == (NOW, NOW + timedelta(seconds=50))


def evening(people: int, *, slips: bool = False) -> list[Cast]:
    """A library's launch evening: one network, three PCs, somebody every forty seconds."""
    return [
        Cast(n + 1, NOW + n * timedelta(seconds=40 + n % 7), b"lib", 3 if slips else None, ())
        for n in range(people)
    ]


@pytest.mark.parametrize("slips", [False, True])
def test_library_s_evening_alarms_nobody(slips: bool) -> None:
    hints = hints_of(evening(40, slips=slips))
    assert {hint.kind for hint in hints} == ({"batch"} if slips else {"network", "timing"})
    assert all(hint.calm for hint in hints)


@pytest.mark.parametrize(
    "some",
    [
        casts(12, apart=timedelta(seconds=2), network=b"a"),
        casts(12, apart=timedelta(minutes=3), network=b"a", signs=("fast", "unstamped")),
        casts(12, apart=timedelta(minutes=3), network=b"a", signs=("disposable",)),
        casts(30, apart=timedelta(seconds=1), batch_id=3),
    ],
)
def test_machine_in_the_same_clothes_does(some: list[Cast]) -> None:
    assert not hints_of(some)[0].calm


def test_evening_stands_beside_the_votes_but_not_among_what_is_odd(
    client: TestClient, board: Board
) -> None:
    now = clock.now() - timedelta(hours=3)
    with board.database.transaction() as conn:
        town_id = found_town(conn, VELENJE, now)
        for n in range(12):
            who = person(conn, f"Guest {n}")
            ballot = Ballot(town_id, who.key, who.id, who.name, network=b"lib")
            cast_vote(conn, ballot, need=NEED, now=now + n * timedelta(seconds=50))
    remembered(board, client, "Mo", role="staff")
    assert "Nothing looks odd." in client.get("/staff/hints").text
    page = client.get(f"/staff/towns/{town_id}/votes").text
    assert "12 votes from one network in a day, one after another" in page


def crowd(board: Board, count: int = 5) -> int:
    """Votes for Velenje from one network within a minute; the town's id."""
    now = clock.now()
    with board.database.transaction() as conn:
        town_id = found_town(conn, VELENJE, now)
        for n in range(count):
            who = person(conn, f"Bot {n}")
            ballot = Ballot(
                town_id, who.key, who.id, who.name, network=b"net", signals="disposable,new"
            )
            cast_vote(conn, ballot, need=NEED, now=now + timedelta(seconds=n))
        vote(conn, person(conn, "Eva"), ELK)
    return town_id


def count_of(board: Board, town_id: int) -> int:
    with board.database.snapshot() as conn:
        assert differences(conn, Settings()) == []
        statement = select(towns.c.vote_count).where(towns.c.id == town_id)
        return int(conn.execute(statement).scalar_one())


def ids_of(board: Board, town_id: int) -> list[str]:
    with board.database.snapshot() as conn:
        rows = conn.execute(select(votes.c.id).where(votes.c.town_id == town_id))
        return [str(vote_id) for vote_id in rows.scalars()]


def test_staff_void_with_a_reason_and_restore(client: TestClient, board: Board) -> None:
    town_id = crowd(board)
    mo = remembered(board, client, "Mo", role="staff")
    overview = client.get("/staff/hints").text
    assert "5 votes from one network in a day" in overview
    assert "Elk" not in overview
    assert count_of(board, town_id) == 5
    here = f"/staff/towns/{town_id}/votes"
    page = client.get(f"{here}?hint=1").text
    assert page.count(" checked") == 5
    form = {"vote": ids_of(board, town_id)[:4], "act": "void", "reason": "burst"}
    assert client.post(here, data=form, headers=HERE).status_code == 303
    assert count_of(board, town_id) == 1
    assert "Many at once, from one source" in client.get(f"{here}?state=voided").text
    again = {"vote": form["vote"][:1], "act": "restore"}
    assert client.post(here, data=again, headers=HERE).status_code == 303
    assert count_of(board, town_id) == 2
    d = decisions.c
    with board.database.snapshot() as conn:
        rows = conn.execute(select(d.actor_id, d.act, d.subject, d.reason).order_by(d.id)).all()
    assert [tuple(row) for row in rows] == [
        *[(mo.id, "void", "vote", "burst")] * 4, (mo.id, "restore", "vote", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        {"act": "void", "reason": "burst"},
        {"act": "void", "vote": "1"},
        {"act": "void", "vote": "1", "reason": "dislike"},
        {"act": "adore", "vote": "1", "reason": "burst"},
        {"vote": "1"},
    ],
)
def test_half_a_form_is_asked_back(client: TestClient, board: Board, form: dict[str, str]) -> None:
    town_id = crowd(board)
    remembered(board, client, "Mo", role="staff")
    here = f"/staff/towns/{town_id}/votes"
    assert client.post(here, data=form, headers=HERE).status_code == 422
    assert count_of(board, town_id) == 5


def test_votes_of_another_town_are_left_alone(client: TestClient, board: Board) -> None:
    town_id = crowd(board)
    remembered(board, client, "Mo", role="staff")
    with board.database.snapshot() as conn:
        elk = conn.execute(select(towns.c.id).where(towns.c.name == "Ełk")).scalar_one()
    form = {"vote": ids_of(board, town_id), "act": "void", "reason": "burst"}
    here = f"/staff/towns/{elk}/votes"
    assert client.post(here, data=form, headers=HERE).status_code == 303
    assert count_of(board, town_id) == 5


def test_a_long_list_is_read_page_by_page(client: TestClient, board: Board) -> None:
    town_id = crowd(board, 130)
    remembered(board, client, "Mo", role="staff")
    here = f"/staff/towns/{town_id}/votes"
    first = client.get(here).text
    assert first.count('name="vote"') == 100
    link = first.split('href="?state=&amp;after=')[1].split('"')[0]
    assert client.get(f"{here}?after={link}").text.count('name="vote"') == 30
    assert client.get(f"{here}?after=nonsense~x").text.count('name="vote"') == 100


def test_overview_costs_the_same_for_many_towns(board: Board) -> None:
    crowd(board)
    with statements(board.database.reader) as seen, board.database.snapshot() as conn:
        assert len(odd_towns(conn, clock.now())) == 1
    assert len(seen) == 2
