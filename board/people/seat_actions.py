"""Who sits at the desk: invited, given another role, sent away; what they look after."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from board.core.db import insert_ignoring
from board.core.errors import Conflict, Mistake, NotFound
from board.core.keys import Keys, token_hash
from board.core.language import gettext as _
from board.people.factor_actions import forget_factors
from board.people.models import contacts, desk_languages, invitations, organiser_towns, people
from board.people.rules import ROLES
from board.people.seat_queries import invitation_token
from board.people.session_actions import close_all


def offer_seat(
    conn: Connection, keys: Keys, email: str, role: str, language: str, now: datetime, *, days: int
) -> int:
    """An invitation whose link derives from its row, so that it can be mailed and printed."""
    row: int = conn.execute(
        insert(invitations)
        .values(
            # The link derives from the row's id, which is known one statement later.
            token=secrets.token_bytes(32),
            email=keys.seal("invitation.email", email),
            role=role,
            language=language,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        .returning(invitations.c.id)
    ).scalar_one()
    token = token_hash(invitation_token(keys, row, now))
    conn.execute(update(invitations).where(invitations.c.id == row).values(token=token))
    return row


def withdraw_invitation(conn: Connection, invitation_id: int) -> str:
    """An invitation that nobody took up is void; the role it was for. Raises Conflict."""
    i = invitations.c
    role: str | None = conn.execute(
        delete(invitations).where(i.id == invitation_id, i.used_at.is_(None)).returning(i.role)
    ).scalar()
    if role is None:
        raise Conflict(_("Somebody else was faster: this is done already."))
    return role


def give_role(conn: Connection, person_id: int, seen: str, role: str) -> None:
    """Another role for somebody, who signs in anew; raises Conflict when it changed meanwhile."""
    if role not in ROLES:
        raise Mistake({"role": _("Choose one of the roles.")})
    _move(conn, person_id, seen, role)


def end_role(
    conn: Connection, person_id: int, seen: str, *, now: datetime, keep_for: timedelta
) -> None:
    """Somebody leaves the desk: their ways in go, and their mailbox is kept as any resident's."""
    _move(conn, person_id, seen, "")
    forget_factors(conn, person_id)
    until = now + keep_for
    c = contacts.c
    conn.execute(
        update(contacts)
        .where(c.person_id == person_id, c.expires_at > until)
        .values(expires_at=until)
    )


def _move(conn: Connection, person_id: int, seen: str, role: str) -> None:
    p = people.c
    if seen == "admin" and role != "admin":
        _keep_one_admin(conn, person_id)
    moved = conn.execute(
        update(people)
        .where(p.id == person_id, p.role == seen, p.role != "")
        .values(role=role)
        .returning(p.id)
    ).first()
    if moved is None:
        raise Conflict(_("Somebody else was faster: this is done already."))
    conn.execute(delete(organiser_towns).where(organiser_towns.c.person_id == person_id))
    conn.execute(delete(desk_languages).where(desk_languages.c.person_id == person_id))
    close_all(conn, person_id)


def _keep_one_admin(conn: Connection, person_id: int) -> None:
    """The rows are locked: of two admins who send each other away, one finds the other gone."""
    p = people.c
    admins = conn.execute(
        select(p.id)
        .where(p.role == "admin", p.blocked_at.is_(None))
        .order_by(p.id)
        .with_for_update()
    ).scalars()
    if not set(admins) - {person_id}:
        raise Conflict(_("This is the last admin. Make somebody else an admin first."))


def add_town(conn: Connection, person_id: int, town_id: int) -> bool:
    """One more town for an organiser to look after; False when it was theirs already."""
    _check_role(conn, person_id, "organiser")
    values = {"person_id": person_id, "town_id": town_id}
    return insert_ignoring(conn, organiser_towns, values, organiser_towns.c.town_id) is not None


def take_town(conn: Connection, person_id: int, town_id: int) -> bool:
    """An organiser looks after a town no longer; False when they didn't."""
    o = organiser_towns.c
    gone = conn.execute(
        delete(organiser_towns)
        .where(o.person_id == person_id, o.town_id == town_id)
        .returning(o.town_id)
    ).first()
    return gone is not None


def set_languages(conn: Connection, person_id: int, languages: frozenset[str]) -> None:
    """The languages that a moderator reads; none stands for all."""
    _check_role(conn, person_id, "moderator")
    conn.execute(delete(desk_languages).where(desk_languages.c.person_id == person_id))
    for language in sorted(languages):
        conn.execute(insert(desk_languages).values(person_id=person_id, language=language))


def _check_role(conn: Connection, person_id: int, role: str) -> None:
    p = people.c
    found = conn.execute(
        select(p.role).where(p.id == person_id).with_for_update(read=True)
    ).scalar()
    if not found:
        raise NotFound(_("Nobody of this number sits at the desk."))
    if found != role:
        raise Conflict(_("Their role changed a moment ago."))


def reset_factors(conn: Connection, person_id: int) -> None:
    """Somebody lost everything: all ways in but their mailbox go, and every browser is left."""
    forget_factors(conn, person_id)
    close_all(conn, person_id)
