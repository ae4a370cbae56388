"""Having a turn for as long as a block of code runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from board.circles.turn_actions import Turn, end_turn, take_turn
from board.core import clock
from board.core.db import Database


@contextmanager
def turn_of(db: Database, kind: str) -> Iterator[Turn | None]:
    """The turn to do what only one may do at a time; None while somebody else has it."""
    with db.transaction() as conn:
        turn = take_turn(conn, kind, clock.now())
    if turn is None:
        yield None
        return
    try:
        yield turn
    finally:
        with db.transaction() as conn:
            end_turn(conn, turn)
