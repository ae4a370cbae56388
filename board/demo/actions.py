"""What invented people do, each by the ordinary action; the moment lies in the past."""

from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from typing import Final

from sqlalchemy import Connection

from board.core.errors import NotFound
from board.core.keys import Keys
from board.demo.forms import Caller, Fate, InventedComment, InventedStory, InventedUpdate, Partner
from board.demo.residents import InventedVote, Resident
from board.desk.actions import handle, take_partner_message
from board.desk.forms import PartnerForm, QueueForm
from board.people.actions import remember
from board.people.rules import email_reach, phone_reach
from board.taking_part.actions import Done, keep_reaches, needs_contact, take_part
from board.taking_part.rules import AnyWish, CommentWish, StoryWish, Terms, VoteWish, Where
from board.taking_part.waiting_actions import Sender, wait
from board.towns.queries import get_town
from board.updates.actions import Word, publish
from board.votes.actions import take_back_vote

STAFF: Final = Resident("Ines", "ines@example.org", "en")


@dataclass(frozen=True)
class Stage:
    """Where the invented world is played: the board's keys and terms, and what was made so far.

    `towns` are found by the `Where` that was meant at first, `done` by the name that the script
    gave to a story or comment.
    """

    keys: Keys
    terms: Terms
    staff_id: int
    towns: dict[Where, int] = field(default_factory=dict)
    done: dict[str, Done] = field(default_factory=dict)

    def at(self, where: Where) -> Where:
        """The town that exists by now, or where it will be founded."""
        known = self.towns.get(where)
        return where if known is None else Where(town_id=known)


def key_of(keys: Keys, who: Resident) -> bytes:
    """The key by which the board knows an invented mailbox."""
    reach = email_reach(who.address)
    if reach is None:
        raise ValueError(f"{who.address} is no address")
    return keys.person_key(reach.canonical)


def cast(
    conn: Connection, stage: Stage, *, where: Where, vote: InventedVote, now: datetime
) -> None:
    """Somebody votes, and perhaps offers something."""
    wish = VoteWish(
        where=stage.at(where),
        name=vote.voter.name if vote.offer.any else "",
        language=vote.voter.language,
        nearby=vote.nearby,
        offer=vote.offer,
    )
    _do(conn, stage, where, wish, vote.voter, now)


def take_back(
    conn: Connection, stage: Stage, *, where: Where, who: Resident, now: datetime
) -> None:
    """Somebody takes their vote back."""
    key = key_of(stage.keys, who)
    take_back_vote(conn, stage.towns[where], key, need=stage.terms.need, now=now)


def tell(
    conn: Connection,
    stage: Stage,
    *,
    where: Where,
    story: InventedStory,
    who: Resident,
    label: str,
    nearby: bool,
    now: datetime,
) -> None:
    """Somebody tells a story."""
    wish = StoryWish(
        where=stage.at(where),
        name=story.name,
        language=story.language or who.language,
        nearby=nearby,
        offer=story.offer,
        title=story.title,
        why=story.why,
        how=story.how,
        own=story.own,
    )
    stage.done[label] = _do(conn, stage, where, wish, who, now)


def say(
    conn: Connection,
    stage: Stage,
    *,
    where: Where,
    word: InventedComment,
    who: Resident,
    label: str,
    under: str,
    now: datetime,
) -> None:
    """Somebody comments the town, or the story that the script calls `under`."""
    wish = CommentWish(
        where=stage.at(where),
        name=word.name,
        language=word.language or who.language,
        story_id=stage.done[under].thing_id if under else None,
        text=word.text,
    )
    stage.done[label] = _do(conn, stage, where, wish, who, now)


def _do(
    conn: Connection, stage: Stage, where: Where, wish: AnyWish, who: Resident, now: datetime
) -> Done:
    """What confirming a form does, for somebody who is at once believed."""
    key = key_of(stage.keys, who)
    person_id = remember(conn, key, name=wish.name, language=who.language, now=now)
    done = take_part(
        conn,
        wish,
        person_id=person_id,
        key=key,
        terms=stage.terms,
        now=now,
        staff=who == STAFF,
    )
    if needs_contact(wish):
        keep_reaches(
            conn, stage.keys, person_id, "email", who.address, "", terms=stage.terms, now=now
        )
    if done.town_id is not None:
        stage.towns[where] = done.town_id
    return done


def judge(conn: Connection, stage: Stage, *, label: str, fate: Fate, now: datetime) -> None:
    """A moderator's look at a story or comment: keep it, trust its author, or take it away."""
    done = stage.done[label]
    if fate in ("kept", "trusted") and done.outcome == "public":
        return
    act = {"kept": "keep", "trusted": "trust"}.get(fate, "unlist")
    form = QueueForm(
        subject=done.kind,
        subject_id=done.thing_id,
        act=act,
        reason=fate if act == "unlist" else "",
    )
    handle(conn, stage.keys, form, actor_id=stage.staff_id, terms=stage.terms, now=now)


def speak(
    conn: Connection, stage: Stage, *, where: Where, update: InventedUpdate, now: datetime
) -> None:
    """P2PU answers a town."""
    town = get_town(conn, stage.towns[where])
    word = Word(
        town_id=town.id,
        seen=town.status,
        status=update.status or town.status,
        reason=update.reason,
        text=update.text,
        language=update.language,
    )
    publish(conn, word, person_id=stage.staff_id, name=STAFF.name, now=now)


def leave_number(
    conn: Connection, stage: Stage, *, where: Where, caller: Caller, now: datetime
) -> None:
    """Somebody without e-mail fills in a form and waits to be called."""
    reach = phone_reach(caller.phone, caller.country)
    if reach is None:
        raise ValueError(f"{caller.phone} is no number")
    shared = {"where": stage.at(where), "name": caller.name, "language": caller.language}
    wish: AnyWish
    if caller.text:
        wish = CommentWish(**shared, text=caller.text)
    elif caller.own:
        wish = StoryWish(**shared, offer=caller.offer, title=caller.title, own=caller.own)
    else:
        wish = VoteWish(**shared, offer=caller.offer)
    key = stage.keys.person_key(reach.canonical)
    sender = Sender(reach, key, token_urlsafe(32), caller.language)
    wait(conn, stage.keys, wish, sender, terms=stage.terms, now=now)


def write_as_partner(
    conn: Connection, stage: Stage, *, where: Where, partner: Partner, now: datetime
) -> None:
    """An organisation writes to P2PU."""
    form = PartnerForm(
        organisation=partner.organisation,
        name=partner.name,
        email=partner.email,
        message=partner.message,
    )
    town_id = stage.towns.get(where)
    if town_id is None:
        raise NotFound(partner.town)
    take_partner_message(
        conn,
        stage.keys,
        form,
        town_id=town_id,
        town=get_town(conn, town_id).name,
        language=partner.language,
        keep_for=stage.terms.contact_for,
        now=now,
    )
