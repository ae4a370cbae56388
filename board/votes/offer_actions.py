"""What hangs on a vote: offers, topics, times; changed, ended with the contact, released."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from board.core.db import insert_ignoring
from board.core.text import fold
from board.towns.counter_actions import Tally, move_counters
from board.towns.rules import Need
from board.votes.counting import (
    COUNTED,
    find_vote,
    live_here_alone,
    tally_of,
)
from board.votes.models import vote_slots, vote_topics, votes
from board.votes.rules import Offer


def set_offer(
    conn: Connection,
    town_id: int,
    voter_key: bytes,
    offer: Offer,
    *,
    nearby: bool,
    need: Need,
    now: datetime,
) -> bool:
    """Change what somebody offers with their counted vote; False when none counts."""
    row = find_vote(conn, town_id, voter_key)
    if row is None or row.state != "counted":
        return False
    conn.execute(
        update(votes)
        .where(votes.c.id == row.id)
        .values(**offer._asdict(), nearby=nearby, changed_at=now)
    )
    if nearby and not row.nearby and row.person_id is not None:
        live_here_alone(conn, row.person_id, row.id, need=need, now=now)
    after = Tally(1, int(nearby), *(int(x) for x in offer))
    move_counters(conn, town_id, after.minus(tally_of(row)), need=need, now=now)
    return True


def end_offers(conn: Connection, person_id: int, *, need: Need, now: datetime) -> int:
    """All offers of a person end, because their contact does; the votes stay. How many ended."""
    v = votes.c
    offering = v.come | v.facilitate | v.host | v.help
    rows = conn.execute(
        select(*COUNTED).where(v.person_id == person_id, offering).order_by(v.id).with_for_update()
    ).all()
    for row in rows:
        _forget_offer(conn, row, nearby=row.nearby, need=need, now=now)
    return len(rows)


def release_votes(conn: Connection, person_id: int, *, need: Need, now: datetime) -> int:
    """A person is erased: their votes keep key and count, and nothing that leads to them."""
    rows = conn.execute(
        select(*COUNTED)
        .where(votes.c.person_id == person_id)
        .order_by(votes.c.id)
        .with_for_update()
    ).all()
    for row in rows:
        _forget_offer(conn, row, nearby=False, need=need, now=now)
    conn.execute(
        update(votes)
        .where(votes.c.person_id == person_id)
        .values(person_id=None, name="", network=None, signals="")
    )
    return len(rows)


def _forget_offer(conn: Connection, row: Any, *, nearby: bool, need: Need, now: datetime) -> None:
    for table in (vote_topics, vote_slots):
        conn.execute(delete(table).where(table.c.vote_id == row.id))
    conn.execute(
        update(votes)
        .where(votes.c.id == row.id)
        .values(**Offer()._asdict(), nearby=nearby, changed_at=now)
    )
    if row.state == "counted":
        change = Tally(1, int(nearby)).minus(tally_of(row))
        move_counters(conn, row.town_id, change, need=need, now=now)


def ask_for(
    conn: Connection,
    town_id: int,
    voter_key: bytes,
    *,
    topics: Sequence[str],
    slots: Sequence[str],
) -> bool:
    """Keep what a voter would like to learn and when they could come; False without a vote."""
    row = find_vote(conn, town_id, voter_key)
    if row is None or row.state != "counted":
        return False
    for table in (vote_topics, vote_slots):
        conn.execute(delete(table).where(table.c.vote_id == row.id))
    for word in topics:
        values = {"vote_id": row.id, "folded": fold(word)[:60], "word": word[:60]}
        insert_ignoring(conn, vote_topics, values, vote_topics.c.vote_id)
    for slot in slots:
        insert_ignoring(conn, vote_slots, {"vote_id": row.id, "slot": slot}, vote_slots.c.vote_id)
    return True
