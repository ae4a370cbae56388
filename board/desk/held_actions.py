"""Somebody looked at forms that were held back: their mails leave, or they are dropped."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.core.keys import Keys
from board.people.queries import WaitingForm, waiting_by_id
from board.people.waiting_actions import drop_waiting, let_go
from board.record.actions import Act, write_down
from board.taking_part.rules import Terms
from board.taking_part.waiting_actions import send_again


class Settled(NamedTuple):
    """How many forms were dealt with, and how many somebody else had dealt with before."""

    done: int
    gone: int


def settle_held(
    conn: Connection,
    keys: Keys,
    act: str,
    ids: Sequence[int],
    *,
    actor_id: int,
    terms: Terms,
    now: datetime,
) -> Settled:
    """Let forms go or drop them; one entry in the record for all of them."""
    done = 0
    for waiting_id in ids:
        form = waiting_by_id(conn, waiting_id, now)
        if form is None or not form.held or form.outcome:
            continue
        if act == "drop":
            drop_waiting(conn, form.id)
        else:
            _let_go(conn, keys, form, terms, now)
        done += 1
    if done:
        write_down(conn, Act(actor_id, act, "held", ids[0], after=str(done)), now)
    return Settled(done, len(ids) - done)


def _let_go(conn: Connection, keys: Keys, form: WaitingForm, terms: Terms, now: datetime) -> None:
    """The form's time begins now: its code and link live as long as anybody's."""
    lives = terms.link_for if form.channel == "email" else terms.call_for
    if let_go(conn, form.id, expires_at=now + lives):
        send_again(conn, keys, form._replace(held=False), terms=terms, now=now)
