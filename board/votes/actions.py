"""Casting and taking back; the town's counters move in the same transaction."""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Connection, update
from sqlalchemy.sql.dml import ReturningInsert

from board.core.db import insert_into
from board.core.prepared import Prepared
from board.towns.counter_actions import (
    HeldTown,
    Tally,
    hold_town,
    move_counters,
    move_counters_of,
    set_rising,
)
from board.towns.rules import Need
from board.votes.counting import (
    COUNTED,
    find_vote,
    live_here_alone,
    rising_again,
    tally_of,
)
from board.votes.models import votes
from board.votes.rules import OFFERS, Offer

Outcome = Literal["counted", "again", "already", "voided"]


class Ballot(NamedTuple):
    """A confirmed wish for a town: whose, and what they offer.

    `batch_id` is the batch of the desk code that confirmed it; `network` and `signals` are hints
    for staff (votes.models).
    """

    town_id: int
    voter_key: bytes
    person_id: int
    name: str = ""
    nearby: bool = False
    offer: Offer = Offer()
    batch_id: int | None = None
    network: bytes | None = None
    signals: str = ""


def _putting_in(dialect: str) -> ReturningInsert[Any]:
    put_in: ReturningInsert[Any] = (
        insert_into(dialect, votes).on_conflict_do_nothing().returning(votes.c.id)
    )
    return put_in


_PUT_IN: Final = Prepared(
    _putting_in,
    int,
    columns=(
        "town_id", "voter_key", "person_id", "state", "name", "nearby", *OFFERS, "cast_at",
        "changed_at", "batch_id", "network", "signals",
    ),
)  # fmt: skip


def cast_vote(conn: Connection, ballot: Ballot, *, need: Need, now: datetime) -> Outcome:
    """Count a vote once per person and town, ever.

    "again" when it had been taken back; "already" when it counted before (a new offer is still
    added to it); "voided" when staff took this vote out of the count, which only staff can undo.
    """
    town = hold_town(conn, ballot.town_id)
    return cast_vote_in(conn, town, ballot._replace(town_id=town.id), need=need, now=now)


def cast_vote_in(
    conn: Connection, town: HeldTown, ballot: Ballot, *, need: Need, now: datetime
) -> Outcome:
    """The same in the ballot's town, which is held already."""
    vote_id = _PUT_IN.first(
        conn,
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
            "batch_id": ballot.batch_id,
            "network": ballot.network,
            "signals": ballot.signals,
        },
    )
    if vote_id is None:
        return _cast_again(conn, ballot, need=need, now=now)
    if ballot.nearby:
        live_here_alone(conn, ballot.person_id, vote_id, need=need, now=now)
    move_counters_of(conn, town, _tally(ballot), need=need, now=now, raised=True)
    return "counted"


def _cast_again(conn: Connection, ballot: Ballot, *, need: Need, now: datetime) -> Outcome:
    """There is a vote by this person in this town: count it again, or add to it."""
    row = find_vote(conn, ballot.town_id, ballot.voter_key)
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
        live_here_alone(conn, ballot.person_id, row.id, need=need, now=now)
    after = Tally(1, int(nearby), *(int(x) for x in offer))
    again = row.state == "taken_back"
    move_counters(conn, ballot.town_id, after.minus(before), need=need, now=now, raised=again)
    return "again" if again else "already"


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
        .returning(*COUNTED)
    ).first()
    if row is None:
        return False
    move_counters(conn, town_id, Tally().minus(tally_of(row)), need=need, now=now)
    set_rising(conn, town_id, rising_again(conn, town_id))
    return True


def _tally(ballot: Ballot) -> Tally:
    return Tally(1, int(ballot.nearby), *(int(flag) for flag in ballot.offer))
