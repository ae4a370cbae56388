"""Somebody's own word on a hand-over: yes, or no again while nothing was passed on."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from board.core.db import insert_ignoring
from board.core.errors import Conflict, Gone
from board.core.language import gettext as _
from board.desk.hand_over_queries import get_hand_over, offers_there, own_yes
from board.desk.models import hand_over_yeses
from board.people.erase_actions import erased_already, hold_still
from board.people.models import people

_y = hand_over_yeses.c


def say_yes(conn: Connection, hand_over_id: int, person_id: int, now: datetime) -> None:
    """Their contact may be passed on to who facilitates; saying it twice changes nothing.

    Raises Gone when the hand-over is closed, or they offer nothing there any more.
    """
    _check_open(conn, hand_over_id, person_id, now)
    values = {"hand_over_id": hand_over_id, "person_id": person_id, "said_at": now}
    insert_ignoring(conn, hand_over_yeses, values, _y.person_id)


def take_back_yes(conn: Connection, hand_over_id: int, person_id: int, now: datetime) -> None:
    """Rather not; raises Conflict when their contact was passed on already."""
    _check_open(conn, hand_over_id, person_id, now)
    said = own_yes(conn, hand_over_id, person_id)
    if said is not None and said.passed_at is not None:
        raise Conflict(_("Your contact was passed on already. Tell them you'd rather not."))
    conn.execute(
        delete(hand_over_yeses).where(_y.hand_over_id == hand_over_id, _y.person_id == person_id)
    )


def _check_open(conn: Connection, hand_over_id: int, person_id: int, now: datetime) -> None:
    """Hold person and hand-over still until our transaction ends."""
    key = conn.execute(select(people.c.key).where(people.c.id == person_id)).scalar()
    if key is None:
        raise Gone(erased_already())
    hold_still(conn, person_id, key)
    found = get_hand_over(conn, hand_over_id, lock=True)
    if found.closed_at is not None:
        raise Gone(_("This is over: nobody's contact is passed on any more."))
    if not offers_there(conn, found.town_id, person_id, now):
        raise Gone(_("You offer nothing there any more, so there's nothing to pass on."))
