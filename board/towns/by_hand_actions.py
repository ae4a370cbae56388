"""What staff decide about a town that somebody typed by hand: it is one, it is none, or not yet."""

from sqlalchemy import Connection, update

from board.towns.cell_actions import recell
from board.towns.models import towns


def list_by_hand(conn: Connection, town_id: int) -> bool:
    """Staff looked: the hand-typed town is real and stands on list and map from now on.

    False when somebody decided about it before.
    """
    return _decide_by_hand(conn, town_id, "listed")


def drop_by_hand(conn: Connection, town_id: int) -> bool:
    """Staff looked: this is no town. Its page is gone, what hangs on it is kept.

    False when somebody decided about it before.
    """
    return _decide_by_hand(conn, town_id, "dropped")


def undecide_by_hand(conn: Connection, town_id: int, standing: str) -> bool:
    """What staff decided about a hand-typed town was a slip: it waits for a look again.

    False when it doesn't stand as decided any more.
    """
    undecided = conn.execute(
        update(towns)
        .where(towns.c.id == town_id, towns.c.standing == standing)
        .values(standing="by_hand")
        .returning(towns.c.id)
    ).first()
    recell(conn, [town_id])
    return undecided is not None


def _decide_by_hand(conn: Connection, town_id: int, standing: str) -> bool:
    decided = conn.execute(
        update(towns)
        .where(towns.c.id == town_id, towns.c.standing == "by_hand")
        .values(standing=standing)
        .returning(towns.c.id)
    ).first()
    recell(conn, [town_id])
    return decided is not None
