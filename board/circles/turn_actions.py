"""Whose turn it is: what only one process of all nodes may do at a time, and what a turn leaves.

A turn is a row of the database with an end. Who is at work moves the end on with every step; who
was killed doesn't, and somebody else may begin once it is past.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select, update

from board.circles.fetch import START, Bookmark
from board.circles.models import circle_turns
from board.core.db import insert_ignoring
from board.core.errors import BoardError
from board.core.language import gettext as _

# Longer than any one step takes (reach.ANSWER_SECONDS).
TURN: Final = timedelta(minutes=2)
# A list that stopped in the middle is gone on with for so long; then it is read anew.
STAGED_FOR: Final = timedelta(hours=1)
_c = circle_turns.c


class Turn(NamedTuple):
    """A turn that somebody has: of what kind, and under which name."""

    kind: str
    holder: str


class TurnLost(BoardError):
    """Somebody else has the turn by now: we were silent for too long."""

    def __init__(self) -> None:
        super().__init__(_("Another import took over, because this one was silent for too long."))


def take_turn(conn: Connection, kind: str, now: datetime) -> Turn | None:
    """The turn, or None while somebody else has it."""
    insert_ignoring(conn, circle_turns, {**_blank(), "kind": kind, "holder": ""}, _c.kind)
    turn = Turn(kind, secrets.token_hex(8))
    taken = conn.execute(
        update(circle_turns)
        .where(_c.kind == kind, or_(_c.holder == "", _c.held_until <= now))
        .values(holder=turn.holder, held_until=now + TURN)
        .returning(_c.kind)
    ).first()
    return None if taken is None else turn


def keep_turn(conn: Connection, turn: Turn, now: datetime) -> None:
    """Say that we are still at work; raises TurnLost when it is too late for that."""
    kept = conn.execute(
        update(circle_turns).where(*_is(turn)).values(held_until=now + TURN).returning(_c.kind)
    ).first()
    if kept is None:
        raise TurnLost


def end_turn(conn: Connection, turn: Turn) -> None:
    """Let others have it; how far the list was read stays."""
    conn.execute(update(circle_turns).where(*_is(turn)).values(holder="", held_until=None))


def put_bookmark(conn: Connection, turn: Turn, address: str, here: Bookmark, now: datetime) -> None:
    """Write down how far the list at this address (a hash) was read, and keep the turn."""
    keep_turn(conn, turn, now)
    conn.execute(
        update(circle_turns)
        .where(*_is(turn))
        .values(
            address=address,
            read_at=now,
            rows_total=here.total,
            rows_read=here.read,
            last_row=here.last,
        )
    )


def take_bookmark_out(conn: Connection, turn: Turn, now: datetime) -> None:
    """The next one begins at the beginning; keeps the turn."""
    keep_turn(conn, turn, now)
    conn.execute(update(circle_turns).where(*_is(turn)).values(**_blank()))


def bookmark_of(conn: Connection, kind: str, address: str, now: datetime) -> Bookmark:
    """Where to go on with the list at this address: where it stopped, or at its beginning."""
    row = conn.execute(select(circle_turns).where(_c.kind == kind)).first()
    if row is None or not address or row.address != address or row.read_at <= now - STAGED_FOR:
        return START
    return Bookmark(row.rows_read, row.rows_total, row.last_row)


def waits_too_long(conn: Connection, kind: str, now: datetime) -> bool:
    """Whether pages wait that nobody will go on with."""
    found = conn.execute(
        select(_c.kind).where(_c.kind == kind, _c.read_at <= now - STAGED_FOR)
    ).first()
    return found is not None


def reading_of(conn: Connection, kind: str) -> Bookmark | None:
    """How far a reading came that stopped in the middle; None when there is none."""
    row = conn.execute(select(circle_turns).where(_c.kind == kind, _c.rows_read > 0)).first()
    return None if row is None else Bookmark(row.rows_read, row.rows_total, row.last_row)


def _is(turn: Turn) -> tuple[ColumnElement[bool], ...]:
    return _c.kind == turn.kind, _c.holder == turn.holder


def _blank() -> dict[str, object]:
    return {"address": "", "read_at": None, "rows_total": 0, "rows_read": 0, "last_row": ""}
