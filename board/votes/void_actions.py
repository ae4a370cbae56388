"""Staff take votes out of the count and put them back; the counters move along."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from board.towns.counter_actions import Tally, move_counters, set_rising
from board.towns.rules import Need
from board.votes.counting import (
    locked_votes,
    rising_again,
    tally_of,
)
from board.votes.models import votes


def void_votes(
    conn: Connection, vote_ids: Sequence[int], reason: str, *, need: Need, now: datetime
) -> list[int]:
    """Staff take votes out of the count, with a reason; the ids of those that counted until now.

    A voided voter can't vote again in that town until restored. A vote that was taken back is
    voided too, so that it doesn't come back by voting again.
    """
    rows = locked_votes(conn, vote_ids, ("counted", "taken_back"))
    for row in rows:
        conn.execute(
            update(votes)
            .where(votes.c.id == row.id)
            .values(state="voided", voided_from=row.state, reason=reason)
        )
        if row.state == "counted":
            move_counters(conn, row.town_id, Tally().minus(tally_of(row)), need=need, now=now)
    for town_id in {row.town_id for row in rows}:
        set_rising(conn, town_id, rising_again(conn, town_id))
    return [row.id for row in rows if row.state == "counted"]


def restore_votes(
    conn: Connection, vote_ids: Sequence[int], *, need: Need, now: datetime
) -> list[int]:
    """Staff put voided votes back as they were; the ids of those that count again."""
    rows = locked_votes(conn, vote_ids, ("voided",))
    counted = []
    for row in rows:
        back = row.voided_from
        conn.execute(
            update(votes).where(votes.c.id == row.id).values(state=back, voided_from="", reason="")
        )
        if back == "counted":
            move_counters(conn, row.town_id, tally_of(row), need=need, now=now)
            counted.append(row.id)
    for town_id in {row.town_id for row in rows}:
        set_rising(conn, town_id, rising_again(conn, town_id))
    return counted
