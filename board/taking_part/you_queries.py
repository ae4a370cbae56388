"""Everything `/you` shows, from one snapshot and a fixed number of statements."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from board.comments.models import comments
from board.core.keys import Keys
from board.follows.queries import FollowView, follows_of
from board.people.models import contact_uses, contacts, people, sessions
from board.people.queries import also_waiting
from board.people.rules import masked
from board.stories.models import stories
from board.taking_part.mailbox import opened
from board.taking_part.outcome import WaitingLine, waiting_lines
from board.towns.models import towns
from board.towns.rules import town_path
from board.votes.queries import TownVote, votes_of

SHOWN = 200


class OwnText(NamedTuple):
    """A story or comment of one's own, and what became of it."""

    id: int
    title: str
    visibility: str
    language: str
    town_name: str
    town_path: str
    at: datetime

    @property
    def can_change(self) -> bool:
        """Whether there still is something to edit or take away."""
        return self.visibility in ("held", "public", "unlisted")


class OwnContact(NamedTuple):
    """How we reach somebody: masked, for somebody may look over their shoulder."""

    kind: str
    address: str
    until: datetime


class Use(NamedTuple):
    """Somebody of the team, or (no role) the board itself, used a contact."""

    role: str
    purpose: str
    town_name: str
    at: datetime


class OwnBrowser(NamedTuple):
    """A remembered browser; `name` is the hash it is known by, as hexadecimal digits."""

    name: str
    here: bool
    desk: bool
    since: datetime
    seen_at: datetime
    until: datetime


class YouPage(NamedTuple):
    """What somebody said and offered here, and what we know of them."""

    language: str
    blocked: bool
    role: str
    votes: list[TownVote]
    stories: list[OwnText]
    comments: list[OwnText]
    follows: list[FollowView]
    waiting: list[WaitingLine]
    contacts: list[OwnContact]
    uses: list[Use]
    browsers: list[OwnBrowser]


def you_page(
    conn: Connection, keys: Keys, person_id: int, key: bytes, *, session: bytes, now: datetime
) -> YouPage | None:
    """Read a person's own page; None when they were erased a moment ago."""
    p = people.c
    person = conn.execute(
        select(p.language, p.blocked_at, p.role).where(p.id == person_id, p.key == key)
    ).first()
    if person is None:
        return None
    return YouPage(
        language=person.language,
        blocked=person.blocked_at is not None,
        role=person.role,
        votes=votes_of(conn, key),
        stories=_stories(conn, person_id),
        comments=_comments(conn, person_id),
        follows=follows_of(conn, person_id),
        waiting=waiting_lines(conn, keys, also_waiting(conn, key, now), ticked=0),
        contacts=_contacts(conn, keys, person_id, now),
        uses=_uses(conn, person_id),
        browsers=_browsers(conn, person_id, session, now),
    )


def _path(country: str | None, slug: str | None) -> str:
    return town_path(country, slug) if country and slug else ""


def _stories(conn: Connection, person_id: int) -> list[OwnText]:
    s, t = stories.c, towns.c
    rows = conn.execute(
        select(s.id, s.title, s.visibility, s.language, t.name, t.country, t.slug, s.created_at)
        .join(towns, t.id == s.town_id)
        .where(s.person_id == person_id)
        .order_by(s.created_at.desc(), s.id.desc())
        .limit(SHOWN)
    )
    return [OwnText(*row[:5], _path(row.country, row.slug), row.created_at) for row in rows]


def _comments(conn: Connection, person_id: int) -> list[OwnText]:
    """A comment in `/talk` belongs to no town."""
    c, t = comments.c, towns.c
    rows = conn.execute(
        select(c.id, c.text, c.visibility, c.language, t.name, t.country, t.slug, c.created_at)
        .outerjoin(towns, t.id == c.town_id)
        .where(c.person_id == person_id)
        .order_by(c.created_at.desc(), c.id.desc())
        .limit(SHOWN)
    )
    return [
        OwnText(*row[:4], row.name or "", _path(row.country, row.slug), row.created_at)
        for row in rows
    ]


def _contacts(conn: Connection, keys: Keys, person_id: int, now: datetime) -> list[OwnContact]:
    c = contacts.c
    rows = conn.execute(
        select(c.kind, c.value, c.expires_at)
        .where(c.person_id == person_id, c.expires_at > now)
        .order_by(c.kind)
    )
    return [
        OwnContact(row.kind, masked(str(opened(keys, "contact.value", row.value))), row.expires_at)
        for row in rows
    ]


def _uses(conn: Connection, person_id: int) -> list[Use]:
    """Who of the team used a contact, by role: their names are theirs."""
    u, who = contact_uses.c, people.alias("who")
    rows = conn.execute(
        select(who.c.role, u.actor_id, u.purpose, towns.c.name, u.at)
        .outerjoin(who, who.c.id == u.actor_id)
        .outerjoin(towns, towns.c.id == u.town_id)
        .where(u.person_id == person_id)
        .order_by(u.at.desc(), u.id.desc())
        .limit(SHOWN)
    )
    return [
        Use(
            "" if row.actor_id is None else (row.role or "staff"),
            row.purpose,
            row.name or "",
            row.at,
        )
        for row in rows
    ]


def _browsers(conn: Connection, person_id: int, session: bytes, now: datetime) -> list[OwnBrowser]:
    b = sessions.c
    rows = conn.execute(
        select(b.id, b.desk, b.created_at, b.seen_at, b.expires_at)
        .where(b.person_id == person_id, b.expires_at > now)
        .order_by(b.created_at.desc())
        .limit(SHOWN)
    )
    return [
        OwnBrowser(
            bytes(row.id).hex(),
            row.id == session,
            row.desk,
            row.created_at,
            row.seen_at,
            row.expires_at,
        )
        for row in rows
    ]
