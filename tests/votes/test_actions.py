"""One person, one vote: whatever people do, the counters are what they count."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from board.core.config import Settings
from board.core.db import Database
from board.people.actions import remember
from board.recount import differences
from board.towns.actions import found_town
from board.towns.models import towns
from board.towns.rules import NOTHING_RISING, Need
from board.votes.actions import Ballot, Outcome, cast_vote, take_back_vote
from board.votes.models import votes
from board.votes.queries import own_vote
from board.votes.rules import Offer

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NEED = Need()
VELENJE, JOENSUU = 3189075, 656083
NOTHING = Offer()


def vote(
    conn: Connection,
    person: str,
    *,
    place: int = VELENJE,
    nearby: bool = False,
    offer: Offer = NOTHING,
    now: datetime = NOW,
) -> Outcome:
    key = person.encode().ljust(32, b".")
    person_id = remember(conn, key, name=person, language="en", now=now)
    town_id = found_town(conn, place, now)
    ballot = Ballot(town_id, key, person_id, person, nearby, offer)
    return cast_vote(conn, ballot, need=NEED, now=now)


def take_back(conn: Connection, person: str, place: int = VELENJE) -> bool:
    town_id = found_town(conn, place, NOW)
    key = person.encode().ljust(32, b".")
    return take_back_vote(conn, town_id, key, need=NEED, now=NOW)


def count(conn: Connection, column: str = "vote_count", place: int = VELENJE) -> int:
    statement = select(towns.c[column]).where(towns.c.geonames_id == place)
    return int(conn.execute(statement).scalar() or 0)


def test_cast_vote_counts_once_and_says_so(database: Database) -> None:
    with database.transaction() as conn:
        assert [vote(conn, "alice"), vote(conn, "alice"), vote(conn, "bob")] == [
            "counted",
            "already",
            "counted",
        ]
        assert count(conn) == 2


def test_cast_vote_again_adds_an_offer(database: Database) -> None:
    with database.transaction() as conn:
        vote(conn, "alice")
        assert vote(conn, "alice", offer=Offer(come=True, host=True)) == "already"
        assert (count(conn), count(conn, "come_count"), count(conn, "host_count")) == (1, 1, 1)


def test_take_back_vote_drops_the_count_and_its_offers(database: Database) -> None:
    with database.transaction() as conn:
        vote(conn, "alice", nearby=True, offer=Offer(come=True))
        assert take_back(conn, "alice")
        assert not take_back(conn, "alice")
        counted = [count(conn, c) for c in ("vote_count", "come_count", "nearby_count")]
        assert counted == [0, 0, 0]
        assert vote(conn, "alice") == "again"
        assert (count(conn), count(conn, "come_count")) == (1, 0)


def test_cast_vote_that_was_voided_stays_out(database: Database) -> None:
    with database.transaction() as conn:
        vote(conn, "alice")
        take_back(conn, "alice")
        conn.execute(update(votes).values(state="voided"))
        assert vote(conn, "alice") == "voided"
        assert count(conn) == 0


def test_nearby_holds_for_the_newest_town_alone(database: Database) -> None:
    with database.transaction() as conn:
        vote(conn, "alice", nearby=True)
        vote(conn, "alice", place=JOENSUU, nearby=True)
        assert (count(conn, "nearby_count"), count(conn, "nearby_count", JOENSUU)) == (0, 1)


def test_town_becomes_ready_once_and_stays_so(database: Database) -> None:
    with database.transaction() as conn:
        for number in range(5):
            vote(conn, f"person{number}", offer=Offer(come=True))
        vote(conn, "fay", offer=Offer(facilitate=True))
        vote(conn, "hal", offer=Offer(host=True))
        assert conn.execute(select(towns.c.ready_at)).scalar() is None
        vote(conn, "last", offer=Offer(come=True), now=NOW + timedelta(hours=1))
        assert conn.execute(select(towns.c.ready_at)).scalar() == NOW + timedelta(hours=1)
        take_back(conn, "last")
        assert conn.execute(select(towns.c.ready_at)).scalar() == NOW + timedelta(hours=1)


def test_take_back_of_the_only_vote_stops_the_rising(database: Database) -> None:
    with database.transaction() as conn:
        vote(conn, "alice")
        take_back(conn, "alice")
        assert conn.execute(select(towns.c.rising)).scalar() == NOTHING_RISING


@pytest.mark.anyio
async def test_fifty_at_once_by_one_person_add_one(database: Database) -> None:
    with database.transaction() as conn:
        found_town(conn, VELENJE, NOW)
    outcomes = await asyncio.gather(*(database.write(vote, "alice") for _ in range(50)))
    assert sorted(outcomes) == ["already"] * 49 + ["counted"]
    with database.snapshot() as conn:
        assert count(conn) == 1


def test_parallel_connections_of_two_processes_add_one_each(database: Database) -> None:
    """Two writers, as two processes have them: neither loses nor doubles a vote."""

    async def race(other: Database) -> list[Outcome]:
        jobs = [
            board.write(vote, f"person{number % 10}")
            for number in range(60)
            for board in (database, other)
        ]
        return await asyncio.gather(*jobs)

    other = Database(database.url)
    try:
        outcomes = asyncio.run(race(other))
    finally:
        other.close()
    assert outcomes.count("counted") == 10
    with database.snapshot() as conn:
        assert count(conn) == 10
        assert conn.execute(select(func.count()).select_from(votes)).scalar() == 10


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["cast", "back"]),
        st.sampled_from(["alice", "bob", "carol"]),
        st.sampled_from([VELENJE, JOENSUU]),
        st.booleans(),
        st.builds(Offer, st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    ),
    max_size=25,
)


@examples(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_counters_are_what_they_count_whatever_people_do(
    database: Database, settings: Settings, acts: list[tuple[str, str, int, bool, Offer]]
) -> None:
    with database.snapshot() as conn:
        for act, person, place, nearby, offer in acts:
            if act == "cast":
                vote(conn, person, place=place, nearby=nearby, offer=offer)
            else:
                take_back(conn, person, place)
        assert differences(conn, settings) == []


def test_own_vote_of_a_stranger_is_none(database: Database) -> None:
    with database.snapshot() as conn:
        assert own_vote(conn, 1, b"nobody") is None
