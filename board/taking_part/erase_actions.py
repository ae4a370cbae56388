"""Erasing a person: one call per feature, in written order, in one transaction.

What each table keeps, and why, stands in `personal`.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from board.comments.erase_actions import empty_comments_of
from board.core.keys import Keys
from board.digests.erase_actions import forget_answerer
from board.follows.actions import drop_follows
from board.mail.erase_actions import forget_mailbox
from board.moderation.erase_actions import forget_flagger
from board.people.erase_actions import (
    forget_browsers,
    forget_contacts,
    forget_desk,
    forget_forms,
    forget_invitations,
    forget_slips,
    lock_out,
)
from board.stories.erase_actions import empty_stories_of
from board.stories.photo_actions import drop_upload
from board.taking_part.mailbox import (
    hand_overs_to,
    partner_messages_of,
    pictures_waiting,
    table,
)
from board.towns.rules import Need
from board.updates.erase_actions import forget_author
from board.votes.actions import take_back_vote
from board.votes.models import votes
from board.votes.offer_actions import release_votes


def erase_person(
    conn: Connection,
    keys: Keys,
    person_id: int,
    key: bytes,
    *,
    take_back: bool,
    need: Need,
    now: datetime,
) -> None:
    """Take everything that leads to a person from every table (`personal` says what stays).

    Their votes stay as anonymous numbers, or are taken back first (DECISIONS 4). Raises Gone when
    they were erased a moment ago, Refused while they have a role at the desk. Afterwards the file
    has to be wiped (`Database.wipe`): what was overwritten is in its log until then.
    """
    lock_out(conn, person_id, key, now)
    if take_back:
        _take_back_votes(conn, key, need=need, now=now)
    _forget_moves(conn, person_id)
    release_votes(conn, person_id, need=need, now=now)
    empty_stories_of(conn, person_id, now)
    empty_comments_of(conn, person_id, now)
    drop_follows(conn, person_id)
    forget_flagger(conn, person_id)
    forget_answerer(conn, person_id)
    forget_author(conn, person_id)
    forget_slips(conn, person_id)
    forget_desk(conn, person_id)
    forget_contacts(conn, person_id)
    forget_browsers(conn, person_id)
    _forget_uploads(conn, keys, key)
    forget_forms(conn, key)
    forget_mailbox(conn, key)
    forget_invitations(conn, keys, key)
    _forget_partner_messages(conn, keys, key)
    _forget_saved_views(conn, person_id)
    _forget_hand_overs(conn, keys, person_id, key)


def _take_back_votes(conn: Connection, key: bytes, *, need: Need, now: datetime) -> None:
    counted = select(votes.c.town_id).where(votes.c.voter_key == key, votes.c.state == "counted")
    # In one order everywhere, so that two erasures never wait for each other.
    for town_id in sorted(conn.execute(counted).scalars().all()):
        take_back_vote(conn, town_id, key, need=need, now=now)


def _forget_uploads(conn: Connection, keys: Keys, key: bytes) -> None:
    """Pictures of stories that still wait: only their sealed forms know the tokens."""
    for token in pictures_waiting(conn, keys, key):
        drop_upload(conn, token)


def _forget_partner_messages(conn: Connection, keys: Keys, key: bytes) -> None:
    messages = table("partner_message")
    ids = [message.id for message in partner_messages_of(conn, keys, key)]
    conn.execute(delete(messages).where(messages.c.id.in_(ids)))


def _forget_saved_views(conn: Connection, person_id: int) -> None:
    views = table("saved_view")
    conn.execute(delete(views).where(views.c.person_id == person_id))


def _forget_moves(conn: Connection, person_id: int) -> None:
    """What a merge of towns remembers of their votes; undoing it leaves these as they are now."""
    items = table("town_merge_item")
    own = select(votes.c.id).where(votes.c.person_id == person_id)
    told = items.c.kind.in_(("topic", "slot", "vote_joined"))
    conn.execute(delete(items).where(told, items.c.item_id.in_(own)))


def _forget_hand_overs(conn: Connection, keys: Keys, person_id: int, key: bytes) -> None:
    """Their yes to being passed on, and who they are where they were to facilitate."""
    said, led = table("hand_over_yes"), table("hand_over")
    conn.execute(delete(said).where(said.c.person_id == person_id))
    own = led.c.id.in_(hand_overs_to(conn, keys, key))
    conn.execute(update(led).where(own).values(name="", email=b""))
