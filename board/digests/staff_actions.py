"""Monday's letter to the desk: what is new, what is ready, whose answer is overdue.

Once a week and person: the fact says until when it was written, the event's name keeps a second
process from writing it again (mail.actions).
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from board.core.facts import get_fact, keep_fact
from board.digests.queries import staff_ids
from board.digests.rules import WEEK, due_at
from board.digests.staff_queries import StaffWeek, Towns, staff_week
from board.digests.writing import Desk, Matter, write_to

_FACT: Final = "staff_week.told_until"
_MONDAY: Final = 1


def tell_staff_week(conn: Connection, desk: Desk) -> int:
    """Write this week's letter to the staff, if it is due; how many mails that made."""
    at = due_at(desk.now, _MONDAY, desk.terms.digest_hour)
    said = get_fact(conn, _FACT)
    before = None if said is None else datetime.fromisoformat(said)
    if before is not None and before >= at:
        return 0
    keep_fact(conn, _FACT, at.isoformat())
    if before is None:
        # A board that begins has no week to tell of: its first letter goes on its first Monday.
        return 0
    week = staff_week(
        conn,
        at - WEEK,
        at,
        answer_votes=desk.terms.answer_votes,
        answer_days=desk.terms.answer_days,
    )
    year, number, _day = at.isocalendar()
    matter = Matter(f"staff_week:{year}-W{number:02}", "staff_week", "desk")
    return len(write_to(conn, desk, matter, staff_ids(conn), _values(week, number, desk)))


def _values(week: StaffWeek, number: int, desk: Desk) -> dict[str, Any]:
    return {
        "week": number,
        "new": _listed(week.new),
        "ready": _listed(week.ready),
        "late": _listed(week.overdue),
        "votes": week.votes,
        "stories": week.stories,
        "launched": week.launched,
        "held": week.held,
        "answer_days": desk.terms.answer_days,
    }


def _listed(towns: Towns) -> dict[str, Any]:
    return {
        "count": towns.total,
        "more": towns.total - len(towns.first),
        "first": [town._asdict() for town in towns.first],
    }
