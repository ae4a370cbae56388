"""What acts on votes share: finding and locking their rows, and what a row adds to its town."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from board.towns.counter_actions import Tally, move_counters
from board.towns.rules import NOTHING_RISING, Need, risen
from board.votes.models import votes

COUNTED = (
    votes.c.id,
    votes.c.town_id,
    votes.c.person_id,
    votes.c.voided_from,
    votes.c.state,
    votes.c.name,
    votes.c.nearby,
    votes.c.come,
    votes.c.facilitate,
    votes.c.host,
    votes.c.help,
    votes.c.cast_at,
)


def find_vote(conn: Connection, town_id: int, voter_key: bytes) -> Any:
    # Locked: two requests of one person must not both turn a vote that was taken back.
    return conn.execute(
        select(*COUNTED)
        .where(votes.c.town_id == town_id, votes.c.voter_key == voter_key)
        .with_for_update()
    ).first()


def locked_votes(conn: Connection, vote_ids: Sequence[int], states: Sequence[str]) -> Sequence[Any]:
    return conn.execute(
        select(*COUNTED)
        .where(votes.c.id.in_(vote_ids), votes.c.state.in_(states))
        .order_by(votes.c.id)
        .with_for_update()
    ).all()


def tally_of(row: Any) -> Tally:
    """What a counted vote's row adds to its town."""
    flags = (row.nearby, row.come, row.facilitate, row.host, row.help)
    return Tally(1, *(int(flag) for flag in flags))


def live_here_alone(
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


def rising_again(conn: Connection, town_id: int) -> float:
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
