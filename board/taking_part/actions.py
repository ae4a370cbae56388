"""Taking part: what a confirmed form becomes, and what a remembered person does at once.

What crosses features is written here in order, one call per feature. How a form waits until it is
confirmed is written in `taking_part.waiting_actions`.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.circles.actions import refresh_nearest_of
from board.core.errors import Refused
from board.core.keys import Keys
from board.core.language import gettext as _
from board.follows.actions import follow
from board.follows.rules import Subject
from board.people.actions import keep_contact
from board.people.erase_actions import hold_still
from board.people.rules import Reach
from board.stories.queries import any_story
from board.taking_part.follow_actions import follow_as_wished
from board.taking_part.photo_actions import attach_picture
from board.taking_part.rules import (
    AnyWish,
    CommentWish,
    FollowWish,
    StoryWish,
    Terms,
    VoteWish,
    Where,
)
from board.taking_part.signs import NO_HINTS, Hints
from board.taking_part.slip_queries import may_act_again
from board.taking_part.talk_actions import Speaker, say
from board.taking_part.tell_actions import tell
from board.taking_part.told import note_told
from board.taking_part.weighing import spend_quota
from board.towns.actions import found_by_hand, found_town
from board.towns.counter_actions import HeldTown, hold_town
from board.votes.actions import Ballot, cast_vote_in


class Done(NamedTuple):
    """What a confirmed form became."""

    person_id: int
    kind: str
    outcome: str
    town_id: int | None
    thing_id: int | None
    # Of a vote and a story, as it was held while they were put in.
    town: HeldTown | None = None


def take_part(
    conn: Connection,
    wish: AnyWish,
    *,
    person_id: int,
    key: bytes,
    terms: Terms,
    now: datetime,
    staff: bool = False,
    hints: Hints = NO_HINTS,
    batch_id: int | None = None,
    present: bool = False,
) -> Done:
    """Do what the wish asks for, for somebody who is confirmed; by a slip of `batch_id`, if any.

    `present` when they look at the form at this moment and can hear why it isn't possible now.
    """
    if not isinstance(wish, VoteWish):
        spend_quota(conn, wish.kind, key, terms=terms, now=now)
    if isinstance(wish, CommentWish):
        in_town = None if wish.where.nowhere else find_or_found(conn, wish.where, now)
        if wish.story_id is not None:
            # Its town may have become another one, or be its own again, since this was sent.
            in_town = hold_town(conn, any_story(conn, wish.story_id).town_id).id
        speaker = Speaker(person_id, key, staff)
        said = say(
            conn, wish, in_town, speaker, present=present, heat=terms.heat, hints=hints, now=now
        )
        return Done(person_id, "comment", said.visibility, in_town, said.id)
    if isinstance(wish, FollowWish):
        at = find_or_found(conn, wish.where, now) if wish.what == "town" else wish.where.town_id
        follow_id = follow_as_wished(conn, wish, at, person_id=person_id, now=now)
        return Done(person_id, "follow", wish.what, at, follow_id)
    town = hold_meant(conn, wish.where, now)
    ballot = Ballot(
        town.id,
        key,
        person_id,
        wish.name,
        wish.nearby,
        wish.offer,
        batch_id=batch_id,
        network=hints.network,
        signals=hints.text,
    )
    outcome = cast_vote_in(conn, town, ballot, need=terms.need, now=now)
    if isinstance(wish, VoteWish) and outcome == "counted":
        # Another town for this person; pressing twice in one town is no second one.
        spend_quota(conn, "vote", key, terms=terms, now=now)
    if wish.tell_me:
        follow(conn, person_id, Subject("start", town_id=town.id), now=now)
    if isinstance(wish, VoteWish):
        counts = "counted" if outcome == "again" else outcome
        return Done(person_id, "vote", counts, town.id, None, town)
    told = tell(conn, wish, town.id, person_id, terms=terms, hints=hints, now=now)
    return Done(person_id, "story", told.visibility, town.id, told.id, town)


def act_as(
    conn: Connection,
    keys: Keys,
    wish: AnyWish,
    *,
    person_id: int,
    key: bytes,
    reach: Reach | None,
    staff: bool,
    terms: Terms,
    now: datetime,
) -> Done:
    """Do what a remembered person asks for; `reach` is their own address, typed again."""
    person = hold_still(conn, person_id, key)
    if person.blocked:
        raise Refused(no_more_part())
    if person.by_slip and not may_act_again(conn, wish, key):
        raise Refused(_("A slip counts once. Say more with an e-mail address, or another slip."))
    done = take_part(
        conn,
        wish,
        person_id=person_id,
        key=key,
        terms=terms,
        now=now,
        staff=staff,
        present=True,
    )
    note_told(conn, wish, now, country=done.town.country if done.town else "")
    attach_picture(conn, keys, wish, done.thing_id, now)
    if reach is not None and needs_contact(wish):
        keep_reaches(
            conn, keys, person_id, reach.channel, reach.address, wish.phone, terms=terms, now=now
        )
    return done


def find_or_found(conn: Connection, where: Where, now: datetime) -> int:
    """The id of the town that is meant, made when this is the first to ask there."""
    return hold_meant(conn, where, now).id


def hold_meant(conn: Connection, where: Where, now: datetime) -> HeldTown:
    """The town that is meant, held; made when this is the first to ask there.

    Raises NotFound for a hand-typed one that turned out to be none while this waited.
    """
    if where.town_id is not None:
        return hold_town(conn, where.town_id)
    if where.geonames_id is not None:
        town_id = found_town(conn, where.geonames_id, now)
    else:
        town_id = found_by_hand(
            conn, name=where.name, country=where.country, lat=where.lat, lng=where.lng, now=now
        )
    refresh_nearest_of(conn, hold_town(conn, town_id).id, now)
    return hold_town(conn, town_id)


def needs_contact(wish: AnyWish) -> bool:
    """Whether a purpose needs the address: an offer, a story, mails that were asked for; a plain
    vote or comment doesn't."""
    if isinstance(wish, VoteWish):
        return wish.offer.any or wish.tell_me
    return isinstance(wish, StoryWish | FollowWish)


def keep_reaches(
    conn: Connection,
    keys: Keys,
    person_id: int,
    channel: str,
    address: str,
    phone: str,
    *,
    terms: Terms,
    now: datetime,
) -> None:
    """Keep the confirmed contact, and the phone number given beside an e-mail."""
    until = now + terms.contact_for
    sealed = keys.seal("contact.value", address)
    keep_contact(conn, person_id, channel, sealed, now=now, expires_at=until)
    if phone and channel == "email":
        beside = keys.seal("contact.value", phone)
        keep_contact(conn, person_id, "phone", beside, now=now, expires_at=until)


def no_more_part() -> str:
    """Said to whoever was blocked, and to nobody else."""
    return _("This address takes no more part here. Write to us if you think that's wrong.")
