"""Confirming: what waits becomes what it asks for, by the typed code or from a mailed link."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.core.errors import Refused
from board.core.keys import Keys
from board.people.actions import open_session, remember
from board.people.queries import WaitingForm, is_blocked
from board.people.waiting_actions import settle, type_code
from board.taking_part.actions import Done, keep_reaches, needs_contact, no_more_part, take_part
from board.taking_part.photo_actions import attach_picture
from board.taking_part.rules import Terms, wishes
from board.taking_part.signs import Hints, signs_in


class CodeAnswer(NamedTuple):
    """What a typed code led to: done, wrong (tries left), or over (ask for a new one)."""

    done: Done | None
    tries_left: int = 0


class Browser(NamedTuple):
    """How the browser that confirms is remembered; no cookie on a shared computer."""

    cookie: str
    until: datetime


def confirm_by_code(
    conn: Connection,
    keys: Keys,
    page: str,
    code: str,
    *,
    browser: Browser | None,
    terms: Terms,
    now: datetime,
) -> CodeAnswer:
    """Confirm what was made in the form behind this page, and nothing else.

    A wrong code is an answer, not an error: its try must stay counted.
    """
    typed = type_code(conn, keys, page, code, now=now, code_tries=terms.code_tries)
    if typed.verdict != "right" or typed.form is None:
        return CodeAnswer(None, typed.tries_left)
    done = confirm_waiting(conn, keys, typed.form, terms=terms, now=now)
    _remember_browser(conn, done.person_id, browser, now)
    return CodeAnswer(done)


def confirm_ticked(
    conn: Connection,
    keys: Keys,
    forms: list[WaitingForm],
    *,
    browser: Browser | None,
    terms: Terms,
    now: datetime,
) -> list[Done]:
    """Confirm the ticked forms of one mailbox, from the page of a mailed link."""
    done = [confirm_waiting(conn, keys, form, terms=terms, now=now) for form in forms]
    if done:
        _remember_browser(conn, done[0].person_id, browser, now)
    return done


def _remember_browser(
    conn: Connection, person_id: int, browser: Browser | None, now: datetime
) -> None:
    if browser is not None:
        open_session(conn, person_id, browser.cookie, desk=False, now=now, expires_at=browser.until)


def confirm_waiting(
    conn: Connection, keys: Keys, form: WaitingForm, *, terms: Terms, now: datetime
) -> Done:
    """Turn a form that waits into what it asks for, once."""
    if is_blocked(conn, form.key):
        raise Refused(no_more_part())
    wish = wishes.validate_json(keys.open("waiting.payload", form.payload))
    address = keys.open("waiting.contact", form.contact)
    person_id = remember(conn, form.key, name=wish.name, language=form.language, now=now)
    done = take_part(
        conn,
        wish,
        person_id=person_id,
        key=form.key,
        terms=terms,
        now=now,
        hints=Hints(form.network, signs_in(form.signals)),
    )
    attach_picture(conn, keys, wish, done.thing_id, now)
    if needs_contact(wish):
        keep_reaches(conn, keys, person_id, form.channel, address, wish.phone, terms=terms, now=now)
    settle(
        conn,
        form.id,
        outcome=done.outcome,
        town_id=done.town_id,
        outcome_id=done.thing_id,
        now=now,
    )
    return done
