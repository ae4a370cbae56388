"""Taking part with a slip: what it confirms is done at once, and only once.

A wrong code is an answer, not an error: raising would roll its counted try back.
"""

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection

from board.core.keys import Keys
from board.core.quotas import network_key, spend
from board.people.actions import open_session
from board.people.rules import Reach
from board.people.slip_actions import Confirmed, use_slip
from board.people.slip_queries import Slip, slip_by_code
from board.people.slips import Code, normalise
from board.people.waiting_actions import Form, put_waiting, settle
from board.taking_part.actions import Done, keep_reaches, needs_contact, take_part
from board.taking_part.photo_actions import attach_picture
from board.taking_part.rules import AnyWish, Terms
from board.taking_part.slip_queries import form_key, page_of, sent_before
from board.taking_part.told import note_told

HOUR: Final = timedelta(hours=1)
SESSION_FOR: Final = timedelta(hours=1)
Verdict = Literal["done", "open", "opened", "erased", "used", "expired", "revoked", "wrong", "over"]


class Typed(NamedTuple):
    """A code as somebody typed it, and from where.

    Without a `network` no try is counted: somebody at the desk keys a whole sheet in.
    """

    code: str
    network: str
    tries: int


class Found(NamedTuple):
    """The slip that was meant; none after a wrong code, or when there were too many of them."""

    code: Code | None = None
    slip: Slip | None = None
    over: bool = False


class SlipSender(NamedTuple):
    """Who filled a form and signs it with a slip."""

    typed: Typed
    reaches: tuple[Reach, ...]
    language: str
    stamp: str = ""


class SlipAnswer(NamedTuple):
    """What a slip's form became; `page` tells its sender more."""

    verdict: Verdict
    page: str = ""
    done: Done | None = None


def find_slip(conn: Connection, keys: Keys, typed: Typed, now: datetime) -> Found:
    """Look a typed code up.

    The try is counted before comparing and given back when the code was right, so that parallel
    guesses share the same few tries.
    """
    network = network_key(conn, typed.network, now) if typed.network else None
    if network is not None and _wrong_tries(conn, network, now, by=1) > typed.tries:
        return Found(over=True)
    code = normalise(typed.code)
    slip = slip_by_code(conn, keys, code, now) if code else None
    if slip is not None and network is not None:
        _wrong_tries(conn, network, now, by=-1)
    return Found(code, slip)


def _wrong_tries(conn: Connection, network: bytes, now: datetime, *, by: int) -> int:
    return spend(conn, "wrong slips", network, window=HOUR, now=now, by=by)


def send_with_slip(
    conn: Connection, keys: Keys, wish: AnyWish, sender: SlipSender, *, terms: Terms, now: datetime
) -> SlipAnswer:
    """Do what a form asks for, in the name of the person behind a slip that nobody used yet."""
    found = find_slip(conn, keys, sender.typed, now)
    if found.slip is None or found.code is None:
        return SlipAnswer("over" if found.over else "wrong")
    form = form_key(keys, sender.stamp, wish)
    confirmed = use_slip(conn, keys, found.code, name=wish.name, language=sender.language, now=now)
    if confirmed is None:
        return _why_not(conn, keys, found.code, form, now)
    done = take_part(
        conn,
        wish,
        person_id=confirmed.person_id,
        key=confirmed.key,
        terms=terms,
        now=now,
        batch_id=confirmed.batch_id,
    )
    note_told(conn, wish, now)
    attach_picture(conn, keys, wish, done.thing_id, now)
    if sender.reaches and needs_contact(wish):
        first = sender.reaches[0]
        keep_reaches(
            conn,
            keys,
            confirmed.person_id,
            first.channel,
            first.address,
            wish.phone,
            terms=terms,
            now=now,
        )
    page = page_of(keys, found.slip.id)
    _keep_outcome(conn, keys, page, form, sender, confirmed, done, terms=terms, now=now)
    return SlipAnswer("done", page, done)


def _why_not(
    conn: Connection, keys: Keys, code: Code, form: bytes | None, now: datetime
) -> SlipAnswer:
    """Why a slip confirms nothing: read anew, for somebody may have been faster just now."""
    slip = slip_by_code(conn, keys, code, now)
    if slip is None or slip.state == "open":
        return SlipAnswer("wrong")
    if slip.state == "used" and sent_before(conn, keys, slip.id, form, now):
        return SlipAnswer("done", page_of(keys, slip.id))
    return SlipAnswer(slip.state)


def _keep_outcome(
    conn: Connection,
    keys: Keys,
    page: str,
    form: bytes | None,
    sender: SlipSender,
    confirmed: Confirmed,
    done: Done,
    *,
    terms: Terms,
    now: datetime,
) -> None:
    """A settled form, so that the page of what waits can tell what became of this one."""
    nothing = keys.seal("waiting.payload", "")
    waiting_id = put_waiting(
        conn,
        keys,
        Form(
            page=page,
            key=confirmed.key,
            channel="slip",
            kind=done.kind,
            language=sender.language,
            town_id=done.town_id,
            geonames_id=None,
            contact=nothing,
            payload=nothing,
            body=form,
        ),
        now=now,
        code_for=terms.code_for,
        link_for=terms.link_for,
    )
    settle(
        conn,
        waiting_id,
        outcome=done.outcome,
        town_id=done.town_id,
        outcome_id=done.thing_id,
        now=now,
    )


def open_with_slip(
    conn: Connection, keys: Keys, typed: Typed, cookie: str, *, now: datetime
) -> SlipAnswer:
    """A typed code, and nothing else: what can be done with it, or what was said with it.

    Who used the slip is let in for an hour; the browser isn't remembered beyond that.
    """
    found = find_slip(conn, keys, typed, now)
    if found.slip is None:
        return SlipAnswer("over" if found.over else "wrong")
    slip = found.slip
    if slip.state != "used":
        return SlipAnswer(slip.state)
    if slip.person_id is None:
        return SlipAnswer("erased")
    open_session(conn, slip.person_id, cookie, desk=False, now=now, expires_at=now + SESSION_FOR)
    return SlipAnswer("opened")
