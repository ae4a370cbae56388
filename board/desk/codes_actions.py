"""What the desk does with slips: making a batch, calling it back with its votes, restoring it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Table, select, update

from board.comments.actions import lock_comment, move_locked
from board.comments.models import comments
from board.core.errors import Conflict, Mistake
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.codes_rules import HELD_FOR, REASONS, VOIDED
from board.people.slip_actions import NewBatch, make_batch, revoke_batch, unrevoke_batch
from board.people.slip_queries import get_batch, newest_batch_by, people_of_batch
from board.record.actions import Act, write_down
from board.stories.actions import hide_story
from board.stories.models import stories
from board.taking_part.actions import find_or_found
from board.taking_part.rules import Where
from board.towns.rules import Need
from board.votes.models import votes
from board.votes.void_actions import restore_votes, void_votes


class Order(NamedTuple):
    """A batch to be: for which town, how many, and what it is called at the desk."""

    where: Where
    label: str
    size: int
    lives: timedelta


def make_codes(
    conn: Connection,
    keys: Keys,
    order: Order,
    *,
    actor_id: int | None,
    seen: int | None = None,
    now: datetime,
) -> NewBatch:
    """Make a batch and found its town, if nobody asked there yet; its codes are known only now.

    `seen` is the newest batch that the maker saw: raises Conflict when they made another one since,
    as a form does that is sent twice.
    """
    if actor_id is not None and seen is not None:
        newest = newest_batch_by(conn, actor_id)
        if newest != seen:
            sentence = _(
                "You made batch %(id)s from this page already, and its sheet was shown then. If it"
                " is lost, call that batch back."
            )
            raise Conflict(sentence % {"id": newest})
    town_id = find_or_found(conn, order.where, now)
    batch = make_batch(
        conn,
        keys,
        town_id=town_id,
        label=order.label,
        count=order.size,
        made_by=actor_id,
        now=now,
        lives=order.lives,
    )
    act = Act(actor_id, "made", "codes", batch.id, town_id, after=str(order.size))
    write_down(conn, act, now)
    return batch


class Recalled(NamedTuple):
    """What a batch that was called back took with it."""

    votes: int
    texts: int


def recall_codes(
    conn: Connection, batch_id: int, reason: str, *, actor_id: int | None, need: Need, now: datetime
) -> Recalled:
    """Call a batch back: unused slips die, votes leave the count, texts wait for a look."""
    if reason not in REASONS:
        raise Mistake({"reason": _("Say why: choose one of the reasons.")})
    batch = get_batch(conn, batch_id)
    revoke_batch(conn, batch_id, reason, now)
    voided = void_votes(conn, _votes_of(conn, batch_id), VOIDED, need=need, now=now)
    held = _hold_texts(conn, batch_id, now)
    act = Act(actor_id, "recalled", "codes", batch_id, batch.town_id, reason, "", str(len(voided)))
    write_down(conn, act, now)
    return Recalled(len(voided), held)


def restore_codes(
    conn: Connection, batch_id: int, *, actor_id: int | None, need: Need, now: datetime
) -> int:
    """A batch was called back by mistake: its votes count again; how many.

    Votes that were voided for another reason stay so, and texts wait until a moderator keeps them.
    """
    batch = get_batch(conn, batch_id)
    unrevoke_batch(conn, batch_id)
    again = restore_votes(conn, _votes_of(conn, batch_id, VOIDED), need=need, now=now)
    act = Act(actor_id, "restored", "codes", batch_id, batch.town_id, after=str(len(again)))
    write_down(conn, act, now)
    return len(again)


def _votes_of(conn: Connection, batch_id: int, reason: str = "") -> list[int]:
    """The votes that slips of a batch confirmed; with a reason, those voided for it."""
    wanted = [votes.c.batch_id == batch_id]
    if reason:
        wanted += [votes.c.reason == reason, votes.c.state == "voided"]
    return list(conn.execute(select(votes.c.id).where(*wanted)).scalars())


def _hold_texts(conn: Connection, batch_id: int, now: datetime) -> int:
    """Let nobody read what was said with these slips until a moderator looked; how many texts."""
    behind = people_of_batch(conn, batch_id)
    told = _public(conn, stories, behind)
    for story_id in told:
        hide_story(conn, story_id, "held", "", now)
    conn.execute(update(stories).where(stories.c.id.in_(told)).values(held_for=HELD_FOR))
    said = _public(conn, comments, behind)
    for comment_id in said:
        row = lock_comment(conn, comment_id)
        move_locked(conn, row, "held", held_for=HELD_FOR, hidden_at=now)
    return len(told) + len(said)


def _public(conn: Connection, table: Table, behind: Sequence[int]) -> list[int]:
    """What these people said and everybody reads; one's own rows are locked one by one later."""
    c = table.c
    found = select(c.id).where(c.person_id.in_(behind), c.visibility == "public").order_by(c.id)
    return list(conn.execute(found).scalars())
