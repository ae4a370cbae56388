"""What somebody does from a mail, without signing in: choose their mails, take back what they said.

The token is the authority; every act is bound to the person or form that it names, so that no
number in a form reaches anybody else's things.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from board.comments.own_actions import withdraw_comment
from board.core.errors import Conflict, NotFound
from board.core.language import gettext as _
from board.mail.actions import forget_suppression, resume_stream, stop_stream, suppress
from board.people.queries import WaitingForm, person_by_key
from board.people.waiting_actions import refuse_waiting
from board.taking_part.mail_queries import Reader
from board.taking_part.story_actions import withdraw
from board.towns.rules import Need
from board.votes.actions import take_back_vote


def choose_streams(
    conn: Connection, reader: Reader, wanted: Collection[str], now: datetime
) -> None:
    """From now on this person gets the ticked kinds of mail and no others."""
    for stream in reader.streams:
        if stream in wanted:
            resume_stream(conn, reader.key, stream)
        else:
            stop_stream(conn, reader.key, stream, now)


def stop_one(conn: Connection, reader: Reader, stream: str, now: datetime) -> None:
    """This person wants no more of one kind of mail."""
    stop_stream(conn, reader.key, stream, now)


def stop_all(conn: Connection, key: bytes, now: datetime) -> None:
    """This mailbox wants no mail at all, not even a code."""
    suppress(conn, key, "asked", now)


def let_mail_come(conn: Connection, key: bytes) -> None:
    """This mailbox wants mail again; raises Conflict where its owner's complaint stands."""
    if not forget_suppression(conn, key):
        raise Conflict(_("This mailbox told its provider that our mail is spam."))


def take_back(
    conn: Connection, reader: Reader, what: str, number: int, *, need: Need, now: datetime
) -> None:
    """Take back a vote (by its town), a story or a comment of this person's own."""
    if what == "vote":
        take_back_vote(conn, number, reader.key, need=need, now=now)
    elif what == "story":
        withdraw(conn, number, reader.id, now)
    elif what == "comment":
        withdraw_comment(conn, number, person_id=reader.id, now=now)
    else:
        raise NotFound(_("That can't be taken back."))


def take_back_by_link(
    conn: Connection, form: WaitingForm, what: str, *, need: Need, now: datetime
) -> None:
    """Take back what a confirmed form made: its vote, or the story or comment itself."""
    person_id = person_by_key(conn, form.key)
    if person_id is None or (what == "vote" and form.town_id is None):
        raise NotFound(_("That can't be taken back."))
    reader = Reader(person_id, form.key, "", "")
    number = (form.town_id if what == "vote" else form.outcome_id) or 0
    if what not in ("vote", form.kind):
        raise NotFound(_("That can't be taken back."))
    take_back(conn, reader, what, number, need=need, now=now)


def never_write(conn: Connection, form: WaitingForm, *, until: datetime, now: datetime) -> None:
    """This mailbox wants nothing from the board: what waits under it unconfirmed is dropped."""
    suppress(conn, form.key, "asked", now)
    refuse_waiting(conn, form.id, form.key, until=until)
