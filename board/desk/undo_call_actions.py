"""A call at the desk taken back: the form waits to be called again, and what it made is gone."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from board.comments.own_actions import withdraw_comment
from board.core.errors import Conflict, Gone
from board.core.language import gettext as _
from board.people.actions import forget_first_contact
from board.people.queries import WaitingForm, person_by_key, waiting_by_id
from board.people.waiting_actions import wait_again
from board.record.models import decisions
from board.record.queries import Entry
from board.taking_part.rules import Terms
from board.taking_part.story_actions import withdraw
from board.towns.rules import Need
from board.votes.actions import take_back_vote
from board.votes.counting import find_vote

# Whoever finds the slip late still has a day to call.
_AT_LEAST: Final = timedelta(days=1)


def undo_call(conn: Connection, entry: Entry, *, terms: Terms, now: datetime) -> None:
    """Let a form wait as before, whether it was confirmed or dropped; raises Conflict."""
    form = waiting_by_id(conn, entry.subject_id, now)
    if form is None or not form.outcome:
        raise _changed()
    if entry.act == "reached":
        _unmake(conn, form, entry, terms.need, now)
    until = max(form.created_at + terms.call_for, now + _AT_LEAST)
    if not wait_again(conn, form.id, expires_at=until):
        raise _changed()


def _changed() -> Conflict:
    return Conflict(_("It changed meanwhile, so this step can't be taken back any more."))


def _unmake(conn: Connection, form: WaitingForm, entry: Entry, need: Need, now: datetime) -> None:
    """Take back what was confirmed for somebody: nobody said so."""
    person_id = person_by_key(conn, form.key)
    if person_id is None or _was_judged(conn, form, entry):
        raise _changed()
    try:
        if form.kind == "story":
            withdraw(conn, form.outcome_id or 0, person_id, now)
        elif form.kind == "comment":
            withdraw_comment(conn, form.outcome_id or 0, person_id=person_id, now=now)
    except Gone as gone:
        raise _changed() from gone
    if form.town_id is not None:
        vote = find_vote(conn, form.town_id, form.key)
        # A vote that counted before stays: it was confirmed another time.
        if vote is not None and vote.cast_at == entry.at:
            take_back_vote(conn, form.town_id, form.key, need=need, now=now)
    forget_first_contact(conn, person_id, entry.at)


def _was_judged(conn: Connection, form: WaitingForm, entry: Entry) -> bool:
    """Whether somebody looked at the story or comment since."""
    d = decisions.c
    since = (d.subject == form.kind) & (d.subject_id == form.outcome_id) & (d.id > entry.id)
    return conn.execute(select(d.id).where(since).limit(1)).first() is not None
