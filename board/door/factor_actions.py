"""The second factor at the door: passed, set up for the first time; and changed from one's seat.

Every try is counted before anything is compared, per visit to the door and per person. What is
wrong is an answer, not an error: raising would roll the counted try back.
"""

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection

from board.core.errors import Conflict, Refused
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.quotas import spend
from board.digests.seat_actions import announce_seat
from board.door.sign_in import come_in
from board.people.factor_actions import (
    drop_app,
    drop_key,
    keep_key,
    new_codes,
    note_key_use,
    pass_app,
    pass_code,
    set_up_app,
)
from board.people.factor_queries import factors_of, key_by_credential
from board.people.passkeys import MOST_SENT, Site, credential_in, made, shown
from board.people.queries import Viewer
from board.people.session_actions import count_try, take_challenge
from board.people.session_queries import challenge_of
from board.record.actions import Act, write_down

# Together with few mails a day and few tries a visit: one in some ten thousand years of guessing.
TRIES_PER_HOUR: Final = 20
# How long after coming in the factors may be changed; a desk left open isn't enough.
FRESH_FOR: Final = timedelta(minutes=15)


class Entry(NamedTuple):
    """What became of a try at the door: let in with a role, wrong, or no more tries.

    `codes` are the new codes on paper, of who was here for the first time.
    """

    verdict: Literal["in", "wrong", "over"]
    role: str = ""
    codes: tuple[str, ...] = ()


WRONG: Final = Entry("wrong")
OVER: Final = Entry("over")


class Cookie(NamedTuple):
    """The cookie under which the desk opens, and until when."""

    value: str
    until: datetime


def _may_try(conn: Connection, door: Viewer, now: datetime) -> bool:
    window = timedelta(hours=1)
    few = spend(conn, "factor", door.key, window=window, now=now) <= TRIES_PER_HOUR
    return count_try(conn, door.session) and few


def _enter(conn: Connection, door: Viewer, cookie: Cookie, now: datetime) -> str:
    return come_in(conn, door.session, door.id, cookie.value, until=cookie.until, now=now)


def enter_by_app(
    conn: Connection, keys: Keys, door: Viewer, typed: str, cookie: Cookie, *, now: datetime
) -> Entry:
    """Come in with the digits of an authenticator app."""
    if not _may_try(conn, door, now):
        return OVER
    if not pass_app(conn, keys, door.id, typed, now):
        return WRONG
    return Entry("in", _enter(conn, door, cookie, now))


def enter_by_paper(
    conn: Connection, keys: Keys, door: Viewer, typed: str, cookie: Cookie, *, now: datetime
) -> Entry:
    """Come in with a code on paper, which is used up."""
    if not _may_try(conn, door, now):
        return OVER
    if not pass_code(conn, keys, door.id, typed, now):
        return WRONG
    _note(conn, door.id, "paper_used", now)
    return Entry("in", _enter(conn, door, cookie, now))


def enter_by_key(
    conn: Connection, site: Site, door: Viewer, sent: str, cookie: Cookie, *, now: datetime
) -> Entry:
    """Come in with a passkey's answer to the challenge that waits in this browser."""
    if not _may_try(conn, door, now):
        return OVER
    challenge = challenge_of(conn, door.session, now)
    known = key_by_credential(conn, door.id, credential_in(sent[:MOST_SENT]))
    if challenge is None or known is None or not take_challenge(conn, door.session, challenge):
        return WRONG
    count = shown(site, challenge, sent, public_key=known.public_key, sign_count=known.sign_count)
    if count is None or not note_key_use(conn, known.id, known.sign_count, count, now):
        return WRONG
    return Entry("in", _enter(conn, door, cookie, now))


# --- for the first time ---------------------------------------------------------------------


def begin_with_app(
    conn: Connection,
    keys: Keys,
    door: Viewer,
    seed: str,
    typed: str,
    cookie: Cookie,
    *,
    now: datetime,
) -> Entry:
    """Set up the first factor, an app, and come in; raises Refused when there is one already."""
    _check_first(conn, door)
    if not _may_try(conn, door, now):
        return OVER
    if not set_up_app(conn, keys, door.id, seed, typed, now):
        return WRONG
    _note(conn, door.id, "app_added", now)
    return _begun(conn, keys, door, cookie, now)


def begin_with_key(
    conn: Connection,
    keys: Keys,
    site: Site,
    door: Viewer,
    sent: str,
    name: str,
    cookie: Cookie,
    *,
    now: datetime,
) -> Entry:
    """Set up the first factor, a passkey, and come in; raises Refused when there is one already."""
    _check_first(conn, door)
    if not _may_try(conn, door, now):
        return OVER
    if not _make_key(conn, site, door, sent, name, now):
        return WRONG
    return _begun(conn, keys, door, cookie, now)


def _check_first(conn: Connection, door: Viewer) -> None:
    """The mailed code alone must not bring a new factor beside the old: it would be enough then."""
    if factors_of(conn, door.id).number:
        raise Refused(_("You have set this up before. Come in with what you have."))


def _begun(conn: Connection, keys: Keys, door: Viewer, cookie: Cookie, now: datetime) -> Entry:
    codes = new_codes(conn, keys, door.id, now)
    return Entry("in", _enter(conn, door, cookie, now), tuple(codes))


def _make_key(
    conn: Connection, site: Site, viewer: Viewer, sent: str, name: str, now: datetime
) -> bool:
    challenge = challenge_of(conn, viewer.session, now)
    if challenge is None or not take_challenge(conn, viewer.session, challenge):
        return False
    new = made(site, challenge, sent[:MOST_SENT])
    if new is None or not keep_key(conn, viewer.id, new, name or _("Passkey"), now):
        return False
    _note(conn, viewer.id, "key_added", now)
    return True


# --- from one's seat ------------------------------------------------------------------------


def is_fresh(viewer: Viewer, now: datetime) -> bool:
    """Whether somebody came in so lately that it is surely still them."""
    return viewer.since > now - FRESH_FOR


def check_fresh(viewer: Viewer, now: datetime) -> None:
    """Changing the ways in needs a fresh sign-in; raises Refused."""
    if not is_fresh(viewer, now):
        raise Refused(_("You came in a while ago. To change your ways in, come in again first."))


def add_app(
    conn: Connection, keys: Keys, viewer: Viewer, seed: str, typed: str, *, now: datetime
) -> bool:
    """Another app, in place of the one before; False when the typed code is wrong."""
    check_fresh(viewer, now)
    if not set_up_app(conn, keys, viewer.id, seed, typed, now):
        return False
    _note(conn, viewer.id, "app_added", now)
    return True


def add_key(
    conn: Connection, site: Site, viewer: Viewer, sent: str, name: str, *, now: datetime
) -> bool:
    """One more passkey; False when the browser's answer doesn't hold."""
    check_fresh(viewer, now)
    return _make_key(conn, site, viewer, sent, name, now)


def take_away(conn: Connection, viewer: Viewer, key_id: int | None, *, now: datetime) -> None:
    """Take a passkey away, or the app (None); one factor always stays. Raises Conflict."""
    check_fresh(viewer, now)
    if factors_of(conn, viewer.id).number < 2:
        raise Conflict(_("This is your only one. Set up another first, then take this away."))
    if key_id is None:
        drop_app(conn, viewer.id)
    elif not drop_key(conn, viewer.id, key_id):
        raise Conflict(_("This one is gone already."))
    _note(conn, viewer.id, "app_removed" if key_id is None else "key_removed", now)


def renew_codes(conn: Connection, keys: Keys, viewer: Viewer, *, now: datetime) -> list[str]:
    """Ten new codes on paper; the older ones are void."""
    check_fresh(viewer, now)
    _note(conn, viewer.id, "paper_renewed", now)
    return new_codes(conn, keys, viewer.id, now)


def _note(conn: Connection, person_id: int, act: str, now: datetime) -> None:
    """A change of somebody's own ways in stands in the record, and they hear of it by mail."""
    announce_seat(conn, write_down(conn, Act(person_id, act, "person", person_id), now), now)
