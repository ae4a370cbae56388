"""At every start: what passed the map's cells by is counted in them."""

from board.core.db import Database
from board.towns.cell_actions import keep_join_km, recell
from board.towns.cell_queries import miscelled_towns

_TOWNS_AT_ONCE = 2_000


def mend_cells(db: Database, join_km: float) -> int:
    """Let the cells know how near is near, and count what they count as something else.

    That is a town whose circle is near by another setting than before, or one that a node of an
    older version moved while this one was being brought up. In short turns: nobody waits for it.
    """
    with db.transaction() as conn:
        keep_join_km(conn, join_km)
    with db.snapshot() as conn:
        wrong = miscelled_towns(conn)
    for start in range(0, len(wrong), _TOWNS_AT_ONCE):
        with db.transaction() as conn:
            recell(conn, wrong[start : start + _TOWNS_AT_ONCE])
    return len(wrong)
