"""The part of the queue that is somebody's to look after, and what they may do there.

Organisers keep, hide and call in their own towns (DECISIONS 30); what reaches beyond a town is for
moderators and staff. Whoever chose languages sees things in those first, and may ask for all.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from board.comments.models import comments
from board.core.errors import Mistake, NotFound, Refused
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.queries import author_of, queue_size
from board.desk.queue_rules import Waits, reads
from board.desk.rules import ACTS
from board.desk.waiting_queries import all_waiting
from board.people.models import waitings
from board.people.queries import role_of
from board.people.remit_queries import EVERYTHING, Remit, languages_of, remit_of
from board.people.rules import is_staff
from board.stories.models import revisions, stories
from board.taking_part.rules import Where
from board.towns.models import towns

ORGANISERS_ACTS: Final = frozenset({"keep", "unlist", "reached", "drop"})


class Actor(NamedTuple):
    """Who works at the queue."""

    id: int
    role: str


def may_call(role: str) -> bool:
    """Whether somebody sees the numbers of people to call: staff all, organisers their towns'."""
    return is_staff(role) or role == "organiser"


def part_of(
    waiting: Sequence[Waits], remit: Remit, role: str, places: frozenset[int]
) -> list[Waits]:
    """What of the queue is theirs; `places` are the gazetteer's numbers of their own towns."""
    return [one for one in waiting if _is_theirs(one, remit, role, places)]


def _is_theirs(one: Waits, remit: Remit, role: str, places: frozenset[int]) -> bool:
    if one.subject == "partner":
        return is_staff(role)
    if one.subject == "call":
        here = remit.holds(one.town_id) or one.geonames_id in places
        return may_call(role) and here
    if one.subject == "town":
        # Whether a town is one at all is nobody's own question.
        return remit.towns is None
    return remit.holds(one.town_id)


def size_for(conn: Connection, keys: Keys, person_id: int, role: str, now: datetime) -> int:
    """How many things wait for somebody, in their languages; the counter on the desk's tab."""
    remit, languages = remit_of(conn, person_id, role), languages_of(conn, person_id)
    if remit == EVERYTHING and not languages:
        return queue_size(conn, now, with_contacts=is_staff(role))
    waiting = all_waiting(conn, now, with_contacts=may_call(role))
    theirs = part_of(waiting, remit, role, places_of(conn, remit))
    return sum(reads(one, languages) for one in theirs)


def places_of(conn: Connection, remit: Remit) -> frozenset[int]:
    """The gazetteer's numbers of somebody's own towns: a form may wait before its town is made."""
    if not remit.towns:
        return frozenset()
    t = towns.c
    found = conn.execute(select(t.geonames_id).where(t.id.in_(remit.towns)))
    return frozenset(number for number in found.scalars() if number is not None)


def check_thing(
    conn: Connection, person_id: int, role: str, subject: str, subject_id: int | None, act: str
) -> None:
    """Make sure that this act with this thing is theirs; raises Refused or NotFound."""
    if act == "block" and subject in ("story", "comment") and subject_id is not None:
        _check_no_colleague(conn, subject, subject_id)
    if is_staff(role) or subject not in ACTS:
        return
    if subject == "partner" or (subject == "call" and not may_call(role)):
        raise Refused(_("Calling people is for staff."))
    if role == "organiser" and (act not in ORGANISERS_ACTS or subject == "town"):
        raise Refused(_("This reaches beyond your towns. Ask somebody of P2PU's team."))
    remit = remit_of(conn, person_id, role)
    if remit == EVERYTHING or subject == "town":
        return
    town_id, geonames_id = _place_of(conn, subject, subject_id)
    own = remit.holds(town_id)
    if not own and (geonames_id is None or geonames_id not in places_of(conn, remit)):
        raise Refused(_("Somebody else looks after this one."))


def _check_no_colleague(conn: Connection, subject: str, subject_id: int) -> None:
    """Whoever sits at the desk isn't sent away from the queue, by mistake or by a moderator."""
    author_id, _town_id = author_of(conn, subject, subject_id)
    if author_id is not None and role_of(conn, author_id):
        raise Refused(_("Its author sits at the desk. An admin ends their role first."))


def _place_of(
    conn: Connection, subject: str, subject_id: int | None
) -> tuple[int | None, int | None]:
    """Where a thing in the queue belongs: its town, and its place before there is one."""
    s, c, w, r = stories.c, comments.c, waitings.c, revisions.c
    asked = {
        "story": select(s.town_id).where(s.id == subject_id),
        "comment": select(c.town_id).where(c.id == subject_id),
        "edit": select(s.town_id).join(revisions, r.story_id == s.id).where(r.id == subject_id),
        "call": select(w.town_id, w.geonames_id).where(w.id == subject_id),
    }.get(subject)
    row = None if asked is None else conn.execute(asked).first()
    if row is None:
        raise NotFound(_("That is not in the queue any more."))
    return row[0], row[1] if len(row) > 1 else None


def check_where(conn: Connection, person_id: int, role: str, where: Where) -> None:
    """Make sure that the town somebody chose is theirs; raises Mistake, to be said beside it."""
    remit = remit_of(conn, person_id, role)
    if where.town_id is not None:
        own = remit.holds(where.town_id)
    else:
        own = remit.towns is None or where.geonames_id in places_of(conn, remit)
    if not own:
        raise Mistake({"town": _("This town isn't one of yours. Ask P2PU's team to add it.")})
