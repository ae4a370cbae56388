"""Who is remembered by a browser, and what waits for whom."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from board.core.keys import token_hash
from board.core.prepared import Prepared
from board.people.models import contacts, invitations, people, sessions, waitings
from board.people.rules import is_staff, may_moderate

SIGN_IN = "sign_in"
# A story saved for later: it waits for nobody's confirmation, only its own link leads to it.
DRAFT = "draft"
YOU = "you"
# The outcome of a form whose sender couldn't be reached by phone: gone for everybody, except that
# for a day the desk may find that it was a slip.
DROPPED = "dropped"
# A desk that nobody touched for this long is left.
SILENCE: Final = timedelta(hours=2)


class Viewer(NamedTuple):
    """The person whom this browser's cookie stands for."""

    id: int
    key: bytes
    name: str
    role: str
    desk: bool
    blocked: bool
    session: bytes
    at_door: bool
    since: datetime
    seen_at: datetime

    @property
    def is_staff(self) -> bool:
        """Whether this person sits at the desk now, not only could."""
        return self.desk and is_staff(self.role)

    @property
    def may_moderate(self) -> bool:
        """Whether this person may look through the queue now."""
        return self.desk and may_moderate(self.role)


class WaitingForm(NamedTuple):
    """A form that waits, still sealed."""

    id: int
    key: bytes
    channel: str
    kind: str
    language: str
    town_id: int | None
    geonames_id: int | None
    contact: bytes
    payload: bytes
    issue: int
    sends: int
    tries: int
    outcome: str
    outcome_id: int | None
    network: bytes | None
    signals: str
    held: bool
    created_at: datetime
    code_until: datetime
    expires_at: datetime


_WAITING = tuple(waitings.c[name] for name in WaitingForm._fields)


# Whether a session still stands for somebody; at the desk silence ends it, too.
ALIVE: Final = (sessions.c.expires_at > bindparam("now")) & or_(
    ~sessions.c.desk, sessions.c.seen_at > bindparam("silent_since")
)


def alive_at(now: datetime) -> dict[str, datetime]:
    """The values of a statement that asks for living sessions."""
    return {"now": now, "silent_since": now - SILENCE}


def note_after(now: datetime) -> datetime:
    """Whoever was seen before this is written down as seen again."""
    return now - timedelta(minutes=1)


def _behind_cookie() -> Select[Any]:
    s, p = sessions.c, people.c
    shown = (
        p.id, p.key, p.name, p.role, s.desk, p.blocked_at.is_not(None), s.id, s.at_door,
        s.created_at, s.seen_at,
    )  # fmt: skip
    return (
        select(*shown)
        .join(sessions, s.person_id == p.id)
        .where(s.id == bindparam("session"), ALIVE)
    )


_BEHIND_COOKIE: Final = Prepared(lambda _dialect: _behind_cookie(), Viewer)


def viewer_of_cookie(conn: Connection, cookie: str, now: datetime) -> Viewer | None:
    """The person behind a session cookie, while the session lives."""
    found = _BEHIND_COOKIE.alone(conn, {"session": token_hash(cookie), **alive_at(now)})
    return found[0] if found else None


def person_by_key(conn: Connection, key: bytes) -> int | None:
    """The id of the person known by this key."""
    found: int | None = conn.execute(select(people.c.id).where(people.c.key == key)).scalar()
    return found


_BLOCKED: Final = select(people.c.id).where(
    people.c.key == bindparam("person"), people.c.blocked_at.is_not(None)
)


def is_blocked(conn: Connection, key: bytes) -> bool:
    """Whether this mailbox takes no more part."""
    return conn.execute(_BLOCKED, {"person": key}).first() is not None


def is_trusted(conn: Connection, person_id: int) -> bool:
    """Whether a moderator said that this person's stories may appear at once."""
    return bool(conn.execute(select(people.c.trusted).where(people.c.id == person_id)).scalar())


def waiting_on_page(
    conn: Connection, page: str, now: datetime, *, sign_in: bool = False, you: bool = False
) -> WaitingForm | None:
    """The form behind the page that a person is on; signing in and `/you` have their own."""
    row = conn.execute(
        select(*_WAITING).where(
            waitings.c.page == token_hash(page),
            waitings.c.expires_at > now,
            waitings.c.outcome != DROPPED,
            waitings.c.kind != DRAFT,
            (waitings.c.kind == SIGN_IN) == sign_in,
            (waitings.c.kind == YOU) == you,
        )
    ).first()
    return None if row is None else WaitingForm._make(row)


def waiting_by_link(
    conn: Connection, token: str, now: datetime, *, you: bool = False
) -> WaitingForm | None:
    """The form that a mailed link was sent for; a link to `/you` opens nothing else."""
    row = conn.execute(
        select(*_WAITING).where(
            waitings.c.token == token_hash(token),
            waitings.c.expires_at > now,
            waitings.c.outcome != DROPPED,
            waitings.c.kind != DRAFT,
            (waitings.c.kind == YOU) == you,
        )
    ).first()
    return None if row is None else WaitingForm._make(row)


def also_waiting(conn: Connection, key: bytes, now: datetime) -> list[WaitingForm]:
    """Everything unconfirmed under one mailbox, the newest first."""
    rows = conn.execute(
        select(*_WAITING)
        .where(
            waitings.c.key == key,
            waitings.c.outcome == "",
            waitings.c.expires_at > now,
            waitings.c.kind.not_in((SIGN_IN, DRAFT, YOU)),
        )
        .order_by(waitings.c.created_at.desc(), waitings.c.id.desc())
        .limit(20)
    )
    return [WaitingForm._make(row) for row in rows]


def written_before(conn: Connection, body: bytes, key: bytes) -> bool:
    """Whether somebody else sent the very same words lately."""
    w = waitings.c
    return (
        conn.execute(select(w.id).where(w.body == body, w.key != key).limit(1)).first() is not None
    )


def confirmed_from(conn: Connection, network: bytes) -> bool:
    """Whether anybody of this network confirmed something today."""
    w = waitings.c
    statement = select(w.id).where(w.network == network, w.outcome.not_in(("", DROPPED))).limit(1)
    return conn.execute(statement).first() is not None


def held_count(conn: Connection, now: datetime) -> int:
    """How many forms wait for a look before any mail leaves for them."""
    w = waitings.c
    waits = select(func.count()).where(w.held, w.outcome == "", w.expires_at > now)
    count: int = conn.execute(waits).scalar_one()
    return count


def held_back(conn: Connection, now: datetime, limit: int = 500) -> list[WaitingForm]:
    """Forms whose mail waits for a look, the oldest first."""
    rows = conn.execute(
        select(*_WAITING)
        .where(waitings.c.held, waitings.c.outcome == "", waitings.c.expires_at > now)
        .order_by(waitings.c.created_at, waitings.c.id)
        .limit(limit)
    )
    return [WaitingForm._make(row) for row in rows]


def forms_to_call(conn: Connection, ids: Sequence[int], now: datetime) -> list[WaitingForm]:
    """These forms of people who left a phone number only, as far as they still wait."""
    rows = conn.execute(
        select(*_WAITING).where(
            waitings.c.id.in_(ids),
            waitings.c.channel == "phone",
            waitings.c.outcome == "",
            ~waitings.c.held,
            waitings.c.expires_at > now,
        )
    )
    return [WaitingForm._make(row) for row in rows]


def waiting_by_id(conn: Connection, waiting_id: int, now: datetime) -> WaitingForm | None:
    """One form that waits, for those who work through the to-call list."""
    row = conn.execute(
        select(*_WAITING).where(waitings.c.id == waiting_id, waitings.c.expires_at > now)
    ).first()
    return None if row is None else WaitingForm._make(row)


class OpenInvitation(NamedTuple):
    """An invitation that can still be taken up."""

    id: int
    email: bytes
    role: str


def open_invitation(conn: Connection, token: str, now: datetime) -> OpenInvitation | None:
    """The invitation behind a one-time link, unless it was used or has lapsed."""
    i = invitations.c
    row = conn.execute(
        select(i.id, i.email, i.role).where(
            i.token == token_hash(token), i.used_at.is_(None), i.expires_at > now
        )
    ).first()
    return None if row is None else OpenInvitation._make(row)


def staff_by_key(conn: Connection, key: bytes) -> int | None:
    """The person of this key if they have a role at the desk."""
    statement = select(people.c.id).where(
        people.c.key == key, people.c.role != "", people.c.blocked_at.is_(None)
    )
    found: int | None = conn.execute(statement).scalar()
    return found


def staff_by_id(conn: Connection, person_id: int) -> int | None:
    """The person of this number if they have a role at the desk."""
    p = people.c
    found: int | None = conn.execute(
        select(p.id).where(p.id == person_id, p.role != "", p.blocked_at.is_(None))
    ).scalar()
    return found


def role_of(conn: Connection, person_id: int) -> str:
    """A person's role at the desk, or nothing."""
    role: str | None = conn.execute(select(people.c.role).where(people.c.id == person_id)).scalar()
    return role or ""


def has_contact(conn: Connection, person_id: int, now: datetime) -> bool:
    """Whether a live contact of this person is kept, as an offer needs."""
    statement = select(contacts.c.id).where(
        contacts.c.person_id == person_id, contacts.c.expires_at > now
    )
    return conn.execute(statement).first() is not None


def has_email(conn: Connection, person_id: int, now: datetime) -> bool:
    """Whether a live e-mail address of this person is kept, as whoever is written to needs."""
    c = contacts.c
    statement = select(c.id).where(c.person_id == person_id, c.kind == "email", c.expires_at > now)
    return conn.execute(statement).first() is not None


def anybody_at_desk(conn: Connection) -> bool:
    """Whether somebody has a role, so that the desk can be reached at all."""
    return conn.execute(select(people.c.id).where(people.c.role != "").limit(1)).first() is not None


def names_of_people(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    """First names by the people's ids, for those who work together at the desk."""
    rows = conn.execute(select(people.c.id, people.c.name).where(people.c.id.in_(ids)))
    return {row.id: row.name for row in rows}
