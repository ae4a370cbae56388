"""A circle appeared where a town asks: suggest it once, and hear whether it is the one.

Nothing is launched by itself: staff say so in P2PU's word, and that is what people are told of.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, exists, update

from board.circles.models import circles
from board.core.db import insert_ignoring
from board.core.errors import Conflict
from board.core.language import gettext as _
from board.desk.launch_queries import WAITING
from board.desk.models import launch_suggestions
from board.record.actions import Act, write_down
from board.towns.models import towns

_s, _c, _t = launch_suggestions.c, circles.c, towns.c


def suggest(conn: Connection, pairs: Sequence[tuple[int, int]], now: datetime) -> int:
    """Write down these pairs; how many are new."""
    made = [
        insert_ignoring(
            conn,
            launch_suggestions,
            {"town_id": town_id, "circle_id": circle_id, "noticed_at": now},
            _s.id,
        )
        for town_id, circle_id in pairs
    ]
    return sum(one is not None for one in made)


def settle_answered(conn: Connection, now: datetime) -> int:
    """Suggestions for towns that were launched or put off meanwhile, and for circles that left the
    feed or are over, are no question any more; how many."""
    # Asked of each suggestion, not of all towns that wait: a writer does this.
    still = exists().where(_t.id == _s.town_id, _t.status.in_(WAITING), _t.standing == "listed")
    current = exists().where(_c.id == _s.circle_id, _c.gone_at.is_(None), _c.over_at > now)
    settled = conn.execute(
        update(launch_suggestions)
        .where(_s.settled_at.is_(None), ~still | ~current)
        .values(settled_at=now)
        .returning(_s.id)
    )
    return len(settled.all())


def dismiss_launch(conn: Connection, suggestion_id: int, *, actor_id: int, now: datetime) -> int:
    """It is another circle; the town's id. Raises Conflict when somebody said so before."""
    row = conn.execute(
        update(launch_suggestions)
        .where(_s.id == suggestion_id, _s.settled_at.is_(None))
        .values(settled_at=now)
        .returning(_s.town_id, _s.circle_id)
    ).first()
    if row is None:
        raise Conflict(_("Somebody else was faster: this is done already."))
    act = Act(actor_id, "not_it", "launch", suggestion_id, row.town_id, after=str(row.circle_id))
    write_down(conn, act, now)
    return int(row.town_id)
