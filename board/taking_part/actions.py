"""Taking part: a form waits until it is confirmed, and then does what it asks for.

What crosses features is written here in order, one call per feature.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.circles.actions import refresh_nearest_of
from board.core.errors import Mistake, Refused
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.text import count_links, fold
from board.follows.actions import follow
from board.follows.rules import Subject
from board.mail.actions import Letter, Queued, enqueue
from board.people.actions import keep_contact
from board.people.erase_actions import hold_still
from board.people.queries import WaitingForm, is_blocked
from board.people.rules import Reach
from board.people.waiting_actions import Form, note_sent, put_waiting, renew
from board.taking_part.follow_actions import follow_as_wished
from board.taking_part.photo_actions import attach_picture
from board.taking_part.rules import (
    CommentWish,
    FollowWish,
    StoryWish,
    Terms,
    VoteWish,
    Where,
    wishes,
)
from board.taking_part.signs import LONG_ENOUGH, NO_HINTS, Hints
from board.taking_part.slip_queries import may_act_again
from board.taking_part.talk_actions import Speaker, say
from board.taking_part.tell_actions import tell
from board.taking_part.told import note_told
from board.taking_part.weighing import spend_quota, weigh
from board.towns.actions import found_by_hand, found_town
from board.towns.queries import get_town, name_of_place, town_by_id
from board.votes.actions import Ballot, cast_vote
from board.votes.queries import own_vote

AnyWish = VoteWish | StoryWish | CommentWish | FollowWish


class Sender(NamedTuple):
    """Who filled a form, on which page they now wait, from which network, and what looked odd."""

    reach: Reach
    key: bytes
    page: str
    language: str
    network: str = ""
    signs: tuple[str, ...] = ()


class Done(NamedTuple):
    """What a confirmed form became."""

    person_id: int
    kind: str
    outcome: str
    town_id: int | None
    thing_id: int | None


def wait(
    conn: Connection, keys: Keys, wish: AnyWish, sender: Sender, *, terms: Terms, now: datetime
) -> Queued | None:
    """Put a form away and mail its code; None for somebody who has to be called instead.

    Nothing of it is public or counted. The answer is the same for known and unknown people.
    """
    by_phone = sender.reach.channel == "phone"
    body = _body_of(wish)
    # Short words ("Me too!") are said by many; a whole text sent again is another matter.
    text = keys.text_key(fold(body)) if len(body) >= LONG_ENOUGH else None
    hints = weigh(conn, sender, terms=terms, links=count_links(body), body=text, now=now)
    waiting_id = put_waiting(
        conn,
        keys,
        Form(
            page=sender.page,
            key=sender.key,
            channel=sender.reach.channel,
            kind=wish.kind,
            language=sender.language,
            town_id=wish.where.town_id,
            geonames_id=wish.where.geonames_id,
            contact=keys.seal("waiting.contact", sender.reach.address),
            payload=keys.seal("waiting.payload", wish.model_dump_json()),
            network=hints.network,
            body=text,
            signals=hints.text,
            held=hints.held,
        ),
        now=now,
        code_for=terms.code_for,
        link_for=terms.call_for if by_phone or hints.held else terms.link_for,
    )
    if not hints.held:
        note_told(conn, wish, now)
    if by_phone or hints.held:
        return None
    number = note_sent(conn, waiting_id)
    name = town_name(conn, wish.where)
    letter = _letter(waiting_id, 1, number, sender, wish.told_as, name)
    queued = enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
    if queued == "limited":
        # Raised, not returned: the form is rolled back and the page keeps every word of it.
        raise Mistake({"email": too_many_mails()})
    return queued


def too_many_mails() -> str:
    """Said to whoever would flood a mailbox; it tells nothing about whose it is."""
    return _("We sent several mails to this address just now. Look there first, or try in an hour.")


def send_again(
    conn: Connection, keys: Keys, form: WaitingForm, *, terms: Terms, now: datetime
) -> Queued | None:
    """Mail the code once more; the same one while it lives. None when there is nothing to mail.

    Where no mail may go, the form stays as it was: new tries without a mail would let somebody
    guess for ever.
    """
    if form.channel != "email" or form.outcome or form.held:
        return None
    lapsed = now >= form.code_until or form.tries >= terms.code_tries
    wish = wishes.validate_json(keys.open("waiting.payload", form.payload))
    reach = Reach("email", keys.open("waiting.contact", form.contact), "")
    sender = Sender(reach, form.key, "", form.language)
    name = town_name(conn, wish.where)
    with conn.begin_nested() as renewal:
        number = renew(
            conn, keys, form, now=now, code_for=terms.code_for, code_tries=terms.code_tries
        )
        letter = _letter(form.id, form.issue + int(lapsed), number, sender, wish.told_as, name)
        queued = enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
        if queued == "limited":
            renewal.rollback()
    return queued


def _body_of(wish: AnyWish) -> str:
    """The words of a wish, to tell whether they were sent before and what they link to."""
    if isinstance(wish, StoryWish):
        return "\n\n".join(filter(None, (wish.why, wish.how, wish.own)))
    return wish.text if isinstance(wish, CommentWish) else ""


def _letter(
    waiting_id: int, issue: int, number: int, sender: Sender, kind: str, town: str
) -> Letter:
    return Letter(
        event=f"confirm:{waiting_id}:{number}",
        kind="confirm",
        language=sender.language,
        address=sender.reach.address,
        recipient_key=sender.key,
        values={"waiting_id": waiting_id, "issue": issue, "kind": kind, "town": town},
    )


def town_name(conn: Connection, where: Where) -> str:
    """The town's name for a mail's subject: from the gazetteer, never what somebody typed."""
    if where.town_id is not None:
        town = town_by_id(conn, where.town_id)
        return town.name if town is not None and town.geonames_id is not None else ""
    if where.geonames_id is not None:
        return name_of_place(conn, where.geonames_id)
    return ""


# --- what a confirmed person does -----------------------------------------------------------


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
        speaker = Speaker(person_id, key, staff)
        said = say(
            conn, wish, in_town, speaker, present=present, heat=terms.heat, hints=hints, now=now
        )
        return Done(person_id, "comment", said.visibility, in_town, said.id)
    if isinstance(wish, FollowWish):
        at = find_or_found(conn, wish.where, now) if wish.what == "town" else wish.where.town_id
        follow_id = follow_as_wished(conn, wish, at, person_id=person_id, now=now)
        return Done(person_id, "follow", wish.what, at, follow_id)
    town_id = find_or_found(conn, wish.where, now)
    if isinstance(wish, VoteWish) and own_vote(conn, town_id, key) is None:
        # Another town for this person; pressing twice in one town is no second one.
        spend_quota(conn, "vote", key, terms=terms, now=now)
    ballot = Ballot(
        town_id,
        key,
        person_id,
        wish.name,
        wish.nearby,
        wish.offer,
        batch_id=batch_id,
        network=hints.network,
        signals=hints.text,
    )
    outcome = cast_vote(conn, ballot, need=terms.need, now=now)
    if wish.tell_me:
        follow(conn, person_id, Subject("start", town_id=town_id), now=now)
    if isinstance(wish, VoteWish):
        return Done(person_id, "vote", outcome, town_id, None)
    told = tell(conn, wish, town_id, person_id, terms=terms, hints=hints, now=now)
    return Done(person_id, "story", told.visibility, town_id, told.id)


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
    if is_blocked(conn, key):
        raise Refused(no_more_part())
    hold_still(conn, person_id, key)
    if not may_act_again(conn, wish, person_id=person_id, key=key):
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
    note_told(conn, wish, now)
    attach_picture(conn, keys, wish, done.thing_id, now)
    if reach is not None and needs_contact(wish):
        keep_reaches(
            conn, keys, person_id, reach.channel, reach.address, wish.phone, terms=terms, now=now
        )
    return done


def find_or_found(conn: Connection, where: Where, now: datetime) -> int:
    """The town that is meant, made when this is the first to ask there."""
    if where.town_id is not None:
        # A hand-typed town may have turned out to be none while this waited.
        return get_town(conn, where.town_id).id
    if where.geonames_id is not None:
        town_id = found_town(conn, where.geonames_id, now)
    else:
        town_id = found_by_hand(
            conn, name=where.name, country=where.country, lat=where.lat, lng=where.lng, now=now
        )
    refresh_nearest_of(conn, town_id, now)
    return town_id


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
