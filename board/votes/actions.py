"""Casting and taking back; the town's counters move in the same transaction."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, select, update

from board.core.db import insert_ignoring
from board.towns.actions import Tally, move_counters, set_rising
from board.towns.models import towns
from board.towns.rules import NOTHING_RISING, Need, risen
from board.votes.models import votes
from board.votes.rules import Offer

Outcome = Literal["counted", "already", "voided"]


class Ballot(NamedTuple):
    """A confirmed wish for a town: whose, and what they offer."""

    town_id: int
    voter_key: bytes
    person_id: int
    name: str = ""
    nearby: bool = False
    offer: Offer = Offer()


def cast_vote(conn: Connection, ballot: Ballot, *, need: Need, now: datetime) -> Outcome:
    """Count a vote once per person and town, ever.

    "already" when it counted before (a new offer is still added to it); "voided" when staff took
    this vote out of the count, which only staff can undo.
    """
    made = insert_ignoring(
        conn,
        votes,
        {
            "town_id": ballot.town_id,
            "voter_key": ballot.voter_key,
            "person_id": ballot.person_id,
            "state": "counted",
            "name": ballot.name,
            "nearby": ballot.nearby,
            **ballot.offer._asdict(),
            "cast_at": now,
            "changed_at": now,
        },
        votes.c.id,
    )
    if made is not None:
        if ballot.nearby:
            _live_here_alone(conn, ballot.person_id, int(made), need=need, now=now)
        move_counters(conn, ballot.town_id, _tally(ballot), need=need, now=now)
        _raise(conn, ballot.town_id, now)
        return "counted"
    return _cast_again(conn, ballot, need=need, now=now)


def _cast_again(conn: Connection, ballot: Ballot, *, need: Need, now: datetime) -> Outcome:
    """There is a vote by this person in this town: count it again, or add to it."""
    row = _vote_of(conn, ballot.town_id, ballot.voter_key)
    if row.state == "voided":
        return "voided"
    before = tally_of(row) if row.state == "counted" else Tally()
    offer = Offer(*(getattr(row, k) or v for k, v in ballot.offer._asdict().items()))
    if row.state == "taken_back":
        offer = ballot.offer
    nearby = ballot.nearby or (row.nearby and row.state == "counted")
    conn.execute(
        update(votes)
        .where(votes.c.id == row.id)
        .values(
            state="counted",
            person_id=ballot.person_id,
            name=ballot.name or row.name,
            nearby=nearby,
            **offer._asdict(),
            cast_at=row.cast_at if row.state == "counted" else now,
            changed_at=now,
        )
    )
    if nearby and not (row.nearby and row.state == "counted"):
        _live_here_alone(conn, ballot.person_id, row.id, need=need, now=now)
    after = Tally(1, int(nearby), *(int(x) for x in offer))
    move_counters(conn, ballot.town_id, after.minus(before), need=need, now=now)
    if row.state == "taken_back":
        _raise(conn, ballot.town_id, now)
        return "counted"
    return "already"


def take_back_vote(
    conn: Connection, town_id: int, voter_key: bytes, *, need: Need, now: datetime
) -> bool:
    """Take a counted vote and its offers out of the count; the row stays. False if none counted."""
    row = conn.execute(
        update(votes)
        .where(
            votes.c.town_id == town_id,
            votes.c.voter_key == voter_key,
            votes.c.state == "counted",
        )
        .values(state="taken_back", changed_at=now)
        .returning(*_COUNTED)
    ).first()
    if row is None:
        return False
    move_counters(conn, town_id, Tally().minus(tally_of(row)), need=need, now=now)
    set_rising(conn, town_id, _rising_again(conn, town_id))
    return True


_COUNTED = (
    votes.c.id,
    votes.c.state,
    votes.c.name,
    votes.c.nearby,
    votes.c.come,
    votes.c.facilitate,
    votes.c.host,
    votes.c.help,
    votes.c.cast_at,
)


def _vote_of(conn: Connection, town_id: int, voter_key: bytes) -> Any:
    # Locked: two requests of one person must not both turn a vote that was taken back.
    return conn.execute(
        select(*_COUNTED)
        .where(votes.c.town_id == town_id, votes.c.voter_key == voter_key)
        .with_for_update()
    ).one()


def tally_of(row: Any) -> Tally:
    """What a counted vote's row adds to its town."""
    flags = (row.nearby, row.come, row.facilitate, row.host, row.help)
    return Tally(1, *(int(flag) for flag in flags))


def _tally(ballot: Ballot) -> Tally:
    return Tally(1, int(ballot.nearby), *(int(flag) for flag in ballot.offer))


def _live_here_alone(
    conn: Connection, person_id: int, vote_id: int, *, need: Need, now: datetime
) -> None:
    """ "I live here or nearby" holds for one town, the newest: untick the others."""
    left = conn.execute(
        update(votes)
        .where(votes.c.person_id == person_id, votes.c.nearby, votes.c.id != vote_id)
        .values(nearby=False, changed_at=now)
        .returning(votes.c.town_id, votes.c.state)
    ).all()
    for row in left:
        if row.state == "counted":
            move_counters(conn, row.town_id, Tally(nearby=-1), need=need, now=now)


def _raise(conn: Connection, town_id: int, now: datetime) -> None:
    before: float = conn.execute(select(towns.c.rising).where(towns.c.id == town_id)).scalar_one()
    set_rising(conn, town_id, risen(before, now))


def _rising_again(conn: Connection, town_id: int) -> float:
    """Rising computed afresh from the votes that still count."""
    moments = conn.execute(
        select(votes.c.cast_at)
        .where(votes.c.town_id == town_id, votes.c.state == "counted")
        .order_by(votes.c.cast_at)
    ).scalars()
    rising = NOTHING_RISING
    for moment in moments:
        rising = risen(rising, moment)
    return rising
