"""Votes of a town that turned out to be another one: moved, joined where both had one, and back.

Distinct people are counted once: who has voted in both towns keeps one vote, with what they
offered in either.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, select, update

from board.core.db import insert_ignoring
from board.towns.counter_actions import Tally, move_counters, set_rising
from board.towns.moving import Moved, ids_of
from board.towns.rules import Need
from board.votes.counting import COUNTED, rising_again, tally_of
from board.votes.models import vote_slots, vote_topics, votes
from board.votes.rules import OFFERS

_v = votes.c
_ROW = (*COUNTED, _v.voter_key, _v.changed_at)
_CHUNK = 500


def move_votes(
    conn: Connection, source: int, target: int, *, need: Need, now: datetime
) -> list[Moved]:
    """Bring all votes of `source` to `target`; what was moved, in kinds:

    vote: it hangs on the target now · vote_left: stays behind, its person has one there already ·
    vote_joined: that one, changed by what was left; `before` is how it was.
    """
    there = {row.voter_key: row for row in _rows(conn, _v.town_id == target)}
    here = _rows(conn, _v.town_id == source)
    alone = [row for row in here if row.voter_key not in there]
    twice = [(row, there[row.voter_key]) for row in here if row.voter_key in there]
    _hang(conn, [row.id for row in alone], target)
    moved = [Moved("vote", row.id, row.state) for row in alone]
    change = _sum(tally_of(row) for row in alone if row.state == "counted")
    for left, kept in twice:
        conn.execute(update(votes).where(_v.id == left.id).values(state="merged"))
        moved.append(Moved("vote_left", left.id, left.state))
        if left.state == "counted" and kept.state != "voided":
            moved.append(Moved("vote_joined", kept.id, _written(kept)))
            change = change.plus(_join(conn, left, kept, now))
            moved += _share_wishes(conn, left.id, kept.id)
    gone = _sum(tally_of(row) for row in here if row.state == "counted")
    move_counters(conn, source, Tally().minus(gone), need=need, now=now)
    move_counters(conn, target, change, need=need, now=now)
    for town_id in (source, target):
        set_rising(conn, town_id, rising_again(conn, town_id))
    return moved


def move_votes_back(
    conn: Connection,
    moved: Sequence[Moved],
    source: int,
    target: int,
    *,
    merged_at: datetime,
    need: Need,
    now: datetime,
) -> None:
    """Undo `move_votes`: votes go back as they are now; a joined one that its person changed
    since keeps the change."""
    back = _rows_of(conn, ids_of(moved, "vote"), _v.town_id == target)
    _hang(conn, [row.id for row in back], source)
    change = _sum(tally_of(row) for row in back if row.state == "counted")
    returned = change
    for item in moved:
        if item.kind == "vote_left":
            conn.execute(
                update(votes)
                .where(_v.id == item.id, _v.state == "merged")
                .values(state=item.before)
            )
    left = _rows_of(conn, ids_of(moved, "vote_left"), _v.town_id == source)
    returned = returned.plus(_sum(tally_of(row) for row in left if row.state == "counted"))
    joined = {item.id: item.before for item in moved if item.kind == "vote_joined"}
    for row in _rows_of(conn, list(joined), _v.changed_at == merged_at):
        change = change.plus(_part(conn, row, joined[row.id]))
        _unshare_wishes(conn, row.id, moved)
    returned = returned.minus(Tally(nearby=_untick_nearby(conn, [row.id for row in left])))
    move_counters(conn, target, Tally().minus(change), need=need, now=now)
    move_counters(conn, source, returned, need=need, now=now)
    for town_id in (source, target):
        set_rising(conn, town_id, rising_again(conn, town_id))


def _rows(conn: Connection, which: Any) -> Sequence[Any]:
    return conn.execute(select(*_ROW).where(which).order_by(_v.id).with_for_update()).all()


def _rows_of(conn: Connection, ids: Sequence[int], which: Any) -> list[Any]:
    """The rows of these ids, a chunk at a time: databases take so many values in one statement."""
    return [row for part in _chunks(ids) for row in _rows(conn, _v.id.in_(part) & which)]


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _hang(conn: Connection, ids: Sequence[int], town_id: int) -> None:
    for part in _chunks(ids):
        conn.execute(update(votes).where(_v.id.in_(part)).values(town_id=town_id))


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total = total.plus(tally)
    return total


def _join(conn: Connection, left: Any, kept: Any, now: datetime) -> Tally:
    """Add what was offered in the one to the other; what that changes in the target's counters."""
    counted = kept.state == "counted"
    ticks = {
        name: getattr(left, name) or (counted and getattr(kept, name))
        for name in ("nearby", *OFFERS)
    }
    conn.execute(
        update(votes).where(_v.id == kept.id).values(state="counted", changed_at=now, **ticks)
    )
    after = Tally(1, *(int(ticks[name]) for name in ("nearby", *OFFERS)))
    return after.minus(tally_of(kept)) if counted else after


def _untick_nearby(conn: Connection, ids: Sequence[int]) -> int:
    """Of votes that came back, untick "nearby" where another of the same person holds it by now;
    how many that were."""
    other = votes.alias()
    held = (other.c.person_id == _v.person_id) & (other.c.id != _v.id)
    held &= other.c.nearby & (other.c.state == "counted")
    return sum(
        len(
            conn.execute(
                update(votes)
                .where(_v.id.in_(part), _v.nearby, _v.state == "counted", exists().where(held))
                .values(nearby=False)
                .returning(_v.id)
            ).all()
        )
        for part in _chunks(ids)
    )


# What hangs on a vote beside its offers, and the column that tells one from another.
_WISHES: Final = (
    ("topic", vote_topics, vote_topics.c.folded),
    ("slot", vote_slots, vote_slots.c.slot),
)


def _share_wishes(conn: Connection, left: int, kept: int) -> list[Moved]:
    """Ask for the topics and times of the one with the other, too; those it didn't have."""
    shared = []
    for kind, table, column in _WISHES:
        for row in conn.execute(select(table).where(table.c.vote_id == left)).mappings().all():
            values = {**row, "vote_id": kept}
            if insert_ignoring(conn, table, values, table.c.vote_id) is not None:
                shared.append(Moved(kind, kept, str(row[column.name])))
    return shared


def _unshare_wishes(conn: Connection, kept: int, moved: Sequence[Moved]) -> None:
    for kind, table, column in _WISHES:
        words = [item.before for item in moved if item.kind == kind and item.id == kept]
        conn.execute(delete(table).where(table.c.vote_id == kept, column.in_(words)))


def _written(row: Any) -> str:
    """A vote's state and ticks in one short word: "counted:01000"."""
    ticks = "".join(str(int(getattr(row, name))) for name in ("nearby", *OFFERS))
    return f"{row.state}:{ticks}"


def _part(conn: Connection, row: Any, before: str) -> Tally:
    """Put a joined vote back; what leaves the target's counters."""
    state, _colon, digits = before.partition(":")
    ticks = dict(zip(("nearby", *OFFERS), (digit == "1" for digit in digits), strict=True))
    conn.execute(update(votes).where(_v.id == row.id).values(state=state, **ticks))
    now_counted = tally_of(row) if row.state == "counted" else Tally()
    then = Tally(1, *(int(on) for on in ticks.values())) if state == "counted" else Tally()
    return now_counted.minus(then)
