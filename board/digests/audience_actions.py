"""Who is told of a town, and what is kept of them: who offered, and who waits for a start."""

from typing import Any

from sqlalchemy import Connection, delete, exists, or_

from board.digests.queries import offering
from board.digests.writing import Desk, Matter, write_to
from board.follows.actions import end_start_follows, unfollow
from board.follows.models import follows
from board.follows.queries import start_followers
from board.people.actions import note_uses
from board.people.models import contacts, people
from board.stories.models import stories
from board.votes.models import votes


def to_offering(
    conn: Connection,
    desk: Desk,
    matter: Matter,
    town_id: int,
    values: dict[str, Any],
    *,
    purpose: str,
) -> int:
    """Everybody who offers something in a town; how many mails that made."""
    who = {one.person_id for one in offering(conn, [town_id])}
    told = write_to(conn, desk, matter, who, {**values, "because": "offer"})
    note_uses(conn, told, purpose, town_id, None, desk.now)
    return len(told)


def to_starters(
    conn: Connection, desk: Desk, matter: Matter, town_ids: list[int], values: dict[str, Any]
) -> int:
    """The one mail for who ticked "when a circle starts here"; nothing is kept for it then."""
    who = [one.person_id for one in start_followers(conn, town_ids)]
    told = write_to(conn, desk, matter, who, {**values, "because": "start"})
    for town_id in town_ids[:1]:
        note_uses(conn, told, "start", town_id, None, desk.now)
    end_start_follows(conn, town_ids)
    forget_idle_contacts(conn, who)
    return len(told)


def stop_following(conn: Connection, person_id: int, follow_id: int) -> bool:
    """No longer follow something; the address goes with the last reason to keep it."""
    if not unfollow(conn, person_id, follow_id):
        return False
    forget_idle_contacts(conn, [person_id])
    return True


def forget_idle_contacts(conn: Connection, person_ids: list[int]) -> int:
    """Contacts that nothing needs any more go: no offer, no follow, no story, no role."""
    c, v = contacts.c, votes.c
    offers = exists().where(
        v.person_id == c.person_id,
        v.state == "counted",
        or_(v.come, v.facilitate, v.host, v.help),
    )
    needed = or_(
        offers,
        exists().where(follows.c.person_id == c.person_id),
        exists().where(stories.c.person_id == c.person_id),
        exists().where(people.c.id == c.person_id, people.c.role != ""),
    )
    gone = conn.execute(
        delete(contacts).where(c.person_id.in_(person_ids), ~needed).returning(c.id)
    )
    return len(gone.all())
