"""Signing in at the desk: an invitation once, a mailed code each time, then the second factor."""

from datetime import datetime

from sqlalchemy import Connection

from board.core.errors import Conflict
from board.core.keys import Keys
from board.core.language import gettext as _
from board.digests.seat_actions import announce_seat
from board.mail.actions import Letter, enqueue
from board.people.actions import accept_invitation, close_session, open_session
from board.people.queries import SIGN_IN, open_invitation, role_of, staff_by_id, staff_by_key
from board.people.rules import Reach, canonical_mailbox
from board.people.session_actions import leave_door, open_door
from board.people.session_queries import browsers_of
from board.people.waiting_actions import (
    Form,
    note_sent,
    put_waiting,
    settle_sign_in,
    type_code,
    void_code,
)
from board.record.actions import Act, write_down
from board.taking_part.rules import Terms


def ask_code(
    conn: Connection,
    keys: Keys,
    reach: Reach,
    page: str,
    *,
    language: str,
    terms: Terms,
    now: datetime,
) -> None:
    """Mail a code to somebody of the desk; for anybody else the same page and no mail.

    A code that no mail carries opens nothing: else knocking again would bring new guesses.
    """
    key = keys.person_key(reach.canonical)
    waiting_id = put_waiting(
        conn,
        keys,
        Form(
            page=page,
            key=key,
            channel="email",
            kind=SIGN_IN,
            language=language,
            town_id=None,
            geonames_id=None,
            contact=keys.seal("waiting.contact", reach.address),
            payload=keys.seal("waiting.payload", "{}"),
        ),
        now=now,
        code_for=terms.code_for,
        link_for=terms.code_for,
    )
    note_sent(conn, waiting_id)
    letter = Letter(
        event=f"sign_in:{waiting_id}",
        kind="sign_in",
        language=language,
        address=reach.address,
        recipient_key=key,
        values={"waiting_id": waiting_id, "issue": 1},
    )
    mailed = staff_by_key(conn, key) is not None and (
        enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
        == "queued"
    )
    if not mailed:
        void_code(conn, waiting_id)


def sign_in(
    conn: Connection,
    keys: Keys,
    page: str,
    code: str,
    cookie: str,
    *,
    replaces: bytes | None,
    terms: Terms,
    now: datetime,
) -> bool:
    """Let somebody to the door for the right code; the second factor waits there.

    `replaces` is the session that the browser had: it is left, so that no cookie from before
    stands for anybody. A wrong code is an answer, not an error, so that its try stays counted.
    """
    typed = type_code(conn, keys, page, code, now=now, code_tries=terms.code_tries, sign_in=True)
    if typed.verdict != "right" or typed.form is None:
        return False
    person_id = staff_by_key(conn, typed.form.key)
    if person_id is None:
        return False
    settle_sign_in(conn, typed.form.id)
    if replaces is not None:
        close_session(conn, replaces)
    open_door(conn, person_id, cookie, now)
    return True


def take_up(
    conn: Connection,
    keys: Keys,
    token: str,
    cookie: str,
    *,
    name: str,
    language: str,
    replaces: bytes | None = None,
    now: datetime,
) -> str:
    """Take up an invitation: a person at the door, with the role that is returned."""
    invitation = open_invitation(conn, token, now)
    address = keys.open("invitation.email", invitation.email) if invitation else ""
    key = keys.person_key(canonical_mailbox(address))
    person_id = accept_invitation(conn, keys, token, key, name=name, language=language, now=now)
    if replaces is not None:
        close_session(conn, replaces)
    open_door(conn, person_id, cookie, now)
    return role_of(conn, person_id)


def come_in(
    conn: Connection, door: bytes, person_id: int, cookie: str, *, until: datetime, now: datetime
) -> str:
    """Both factors were passed: the desk opens under a new cookie; the role that sits there.

    Who is in from another browser hears of it.
    """
    if staff_by_id(conn, person_id) is None or not leave_door(conn, door):
        raise Conflict(_("Your seat changed a moment ago. Please come in again."))
    if any(browser.desk for browser in browsers_of(conn, person_id, now)):
        entry = write_down(conn, Act(person_id, "came_in", "person", person_id), now)
        announce_seat(conn, entry, now)
    open_session(conn, person_id, cookie, desk=True, now=now, expires_at=until)
    return role_of(conn, person_id)
