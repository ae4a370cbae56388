"""Following and no longer following."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from board.core.db import insert_ignoring
from board.core.errors import Mistake, NotFound
from board.core.language import gettext as _
from board.follows.models import follows
from board.follows.queries import count_follows
from board.follows.rules import MOST_FOLLOWS, PACES, Pace, Subject, streams_of
from board.mail.actions import forget_suppression, resume_stream
from board.people.models import people

_f = follows.c


def follow(
    conn: Connection, person_id: int, subject: Subject, *, pace: Pace = "weekly", now: datetime
) -> int:
    """Follow something, or change the pace of what is followed already; the follow's id.

    Whoever follows asks for mail: what they had stopped before goes on again.
    """
    insert_ignoring(
        conn,
        follows,
        {
            **subject._asdict(),
            "person_id": person_id,
            "about": subject.about,
            "pace": pace,
            "country": subject.country.upper(),
            "created_at": now,
        },
        _f.id,
    )
    if count_follows(conn, person_id) > MOST_FOLLOWS:
        sentence = _("That's more than %(most)s things to follow. Let some of them go first.")
        raise Mistake({"what": sentence % {"most": MOST_FOLLOWS}})
    follow_id: int = conn.execute(
        update(follows)
        .where(_f.person_id == person_id, _f.about == subject.about)
        .values(pace=pace)
        .returning(_f.id)
    ).scalar_one()
    _want_mail(conn, person_id, "start" if subject.kind == "start" else pace)
    return follow_id


def _want_mail(conn: Connection, person_id: int, pace: str) -> None:
    key: bytes = conn.execute(select(people.c.key).where(people.c.id == person_id)).scalar_one()
    forget_suppression(conn, key)
    for stream in streams_of(pace):
        resume_stream(conn, key, stream)


def unfollow(conn: Connection, person_id: int, follow_id: int) -> bool:
    """No longer follow something; False when it wasn't followed, or is somebody else's."""
    gone = conn.execute(
        delete(follows).where(_f.id == follow_id, _f.person_id == person_id).returning(_f.id)
    ).first()
    return gone is not None


def change_pace(conn: Connection, person_id: int, follow_id: int, pace: str) -> None:
    """Get what is followed weekly or at once; raises NotFound for anybody else's follow."""
    if pace not in PACES:
        raise Mistake({"pace": _("Choose one of the two.")})
    changed = conn.execute(
        update(follows)
        .where(_f.id == follow_id, _f.person_id == person_id, _f.kind != "start")
        .values(pace=pace)
        .returning(_f.id)
    ).first()
    if changed is None:
        raise NotFound(_("You don't follow this any more."))
    _want_mail(conn, person_id, pace)


def end_start_follows(conn: Connection, town_ids: Iterable[int]) -> None:
    """The one mail about a start was sent: nothing is left to wait for."""
    conn.execute(delete(follows).where(_f.kind == "start", _f.town_id.in_(tuple(town_ids))))


def drop_follows(conn: Connection, person_id: int) -> None:
    """A person's follows end with their contact."""
    conn.execute(delete(follows).where(_f.person_id == person_id))
