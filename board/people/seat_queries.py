"""Who sits at the desk, and who is invited to."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from board.core.errors import NotFound
from board.core.keys import Keys, token_hash
from board.core.language import gettext as _
from board.people.models import (
    desk_languages,
    invitations,
    organiser_towns,
    passkeys,
    people,
    second_factors,
    sessions,
)
from board.people.rules import canonical_mailbox


class Seat(NamedTuple):
    """Somebody at the desk: their role, what they look after, whether they can come in."""

    id: int
    name: str
    role: str
    language: str
    blocked: bool
    seen_at: datetime | None
    app: bool
    keys: int
    towns: tuple[int, ...]
    languages: tuple[str, ...]

    @property
    def factors(self) -> int:
        """How many second factors they have; without one they set it up at the door."""
        return self.keys + self.app


def seats(conn: Connection, person_id: int | None = None) -> list[Seat]:
    """Everybody with a role, by name; or one of them."""
    p, s, k, f = people.c, sessions.c, passkeys.c, second_factors.c
    seen = select(func.max(s.seen_at)).where(s.person_id == p.id, s.desk).scalar_subquery()
    app = select(func.count()).where(f.person_id == p.id).scalar_subquery()
    keys = select(func.count()).select_from(passkeys).where(k.person_id == p.id).scalar_subquery()
    wanted = select(p.id, p.name, p.role, p.language, p.blocked_at, seen, app, keys).where(
        p.role != ""
    )
    if person_id is not None:
        wanted = wanted.where(p.id == person_id)
    towns, languages = _looked_after(conn)
    return [
        Seat(
            row[0], row[1], row[2], row[3], row[4] is not None, row[5], bool(row[6]), row[7],
            tuple(towns[row[0]]), tuple(languages[row[0]]),
        )
        for row in conn.execute(wanted.order_by(p.name, p.id))
    ]  # fmt: skip


def _looked_after(conn: Connection) -> tuple[dict[int, list[int]], dict[int, list[str]]]:
    o, d = organiser_towns.c, desk_languages.c
    towns: dict[int, list[int]] = defaultdict(list)
    for row in conn.execute(select(o.person_id, o.town_id).order_by(o.town_id)):
        towns[row.person_id].append(row.town_id)
    languages: dict[int, list[str]] = defaultdict(list)
    for row in conn.execute(select(d.person_id, d.language).order_by(d.language)):
        languages[row.person_id].append(row.language)
    return towns, languages


def get_seat(conn: Connection, person_id: int) -> Seat:
    """Somebody with a role; raises NotFound."""
    found = seats(conn, person_id)
    if not found:
        raise NotFound(_("Nobody of this number sits at the desk."))
    return found[0]


class Invited(NamedTuple):
    """An invitation that waits, and the secret part of its link."""

    id: int
    address: str
    role: str
    language: str
    created_at: datetime
    expires_at: datetime
    token: str


def open_invitations(conn: Connection, keys: Keys, now: datetime) -> list[Invited]:
    """Invitations nobody took up yet, the newest first.

    The link of one that the command line printed isn't known any more: its token is empty.
    """
    i = invitations.c
    rows = conn.execute(
        select(i.id, i.email, i.role, i.language, i.created_at, i.expires_at, i.token)
        .where(i.used_at.is_(None), i.expires_at > now)
        .order_by(i.id.desc())
        .limit(100)
    )
    return [
        Invited(
            row.id,
            keys.open("invitation.email", row.email),
            row.role,
            row.language,
            row.created_at,
            row.expires_at,
            _link_of(keys, row.id, row.created_at, row.token),
        )
        for row in rows
    ]


def _link_of(keys: Keys, row: int, made: datetime, kept: bytes) -> str:
    token = invitation_token(keys, row, made)
    return token if token_hash(token) == kept else ""


def invitation_token(keys: Keys, row: int, made: datetime) -> str:
    """The secret part of an invitation's link. With its moment: a row's number may come again."""
    return keys.token("invitation", row, int(made.timestamp()))


def seat_of_mailbox(conn: Connection, keys: Keys, address: str) -> int | None:
    """The person of a mailbox who has a role, blocked or not."""
    p = people.c
    key = keys.person_key(canonical_mailbox(address))
    found: int | None = conn.execute(select(p.id).where(p.key == key, p.role != "")).scalar()
    return found
