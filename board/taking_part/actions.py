"""Taking part: a form waits until it is confirmed, and then does what it asks for.

What crosses features is written here in order, one call per feature.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.circles.actions import refresh_nearest_of
from board.comments.actions import Saying, add_comment
from board.comments.rules import first_visibility as comment_visibility
from board.core.errors import Mistake, Refused
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.text import count_links
from board.mail.actions import Letter, Queued, enqueue
from board.people.actions import keep_contact
from board.people.queries import WaitingForm, is_blocked, is_trusted
from board.people.rules import Reach
from board.people.waiting_actions import Form, note_sent, put_waiting, renew
from board.stories.actions import submit_story
from board.stories.rules import Telling
from board.stories.rules import first_visibility as story_visibility
from board.taking_part.rules import CommentWish, StoryWish, Terms, VoteWish, Where, wishes
from board.towns.actions import found_by_hand, found_town
from board.towns.queries import get_town, name_of_place, town_by_id
from board.votes.actions import Ballot, cast_vote
from board.votes.queries import own_vote

AnyWish = VoteWish | StoryWish | CommentWish


class Sender(NamedTuple):
    """Who filled a form, and on which page they now wait."""

    reach: Reach
    key: bytes
    page: str
    language: str


class Done(NamedTuple):
    """What a confirmed form became."""

    person_id: int
    kind: str
    outcome: str
    town_id: int
    thing_id: int | None


def wait(
    conn: Connection, keys: Keys, wish: AnyWish, sender: Sender, *, terms: Terms, now: datetime
) -> Queued | None:
    """Put a form away and mail its code; None for somebody who has to be called instead.

    Nothing of it is public or counted. The answer is the same for known and unknown people.
    """
    by_phone = sender.reach.channel == "phone"
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
        ),
        now=now,
        code_for=terms.code_for,
        link_for=terms.call_for if by_phone else terms.link_for,
    )
    if by_phone:
        return None
    number = note_sent(conn, waiting_id)
    name = town_name(conn, wish.where)
    letter = _letter(waiting_id, 1, number, sender, wish.kind, name)
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
    if form.channel != "email" or form.outcome:
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
        letter = _letter(form.id, form.issue + int(lapsed), number, sender, form.kind, name)
        queued = enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
        if queued == "limited":
            renewal.rollback()
    return queued


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
) -> Done:
    """Do what the wish asks for, for somebody who is confirmed."""
    town_id = find_or_found(conn, wish.where, now)
    if isinstance(wish, CommentWish):
        return _say(conn, wish, town_id, person_id, key, now, staff=staff)
    offer, nearby = wish.offer, wish.nearby
    ballot = Ballot(town_id, key, person_id, wish.name, nearby, offer)
    outcome = cast_vote(conn, ballot, need=terms.need, now=now)
    if isinstance(wish, VoteWish):
        return Done(person_id, "vote", outcome, town_id, None)
    return _tell(conn, wish, town_id, person_id, terms, now)


def _tell(
    conn: Connection,
    wish: StoryWish,
    town_id: int,
    person_id: int,
    terms: Terms,
    now: datetime,
) -> Done:
    telling = Telling(wish.name, wish.title, wish.language, wish.why, wish.how, wish.own)
    visibility = story_visibility(
        trusted=is_trusted(conn, person_id),
        publish_first=terms.publish_first,
        links=sum(count_links(text) for text in telling.texts),
    )
    story_id = submit_story(
        conn, telling, town_id=town_id, person_id=person_id, visibility=visibility, now=now
    )
    return Done(person_id, "story", visibility, town_id, story_id)


def _say(
    conn: Connection,
    wish: CommentWish,
    town_id: int,
    person_id: int,
    key: bytes,
    now: datetime,
    *,
    staff: bool,
) -> Done:
    vote = own_vote(conn, town_id, key)
    visibility = comment_visibility(
        trusted=staff or is_trusted(conn, person_id),
        has_vote=vote is not None and vote.state == "counted",
        links=count_links(wish.text),
    )
    saying = Saying(town_id, wish.story_id, wish.name, wish.language, wish.text)
    comment_id = add_comment(
        conn, saying, person_id=person_id, staff=staff, visibility=visibility, now=now
    )
    return Done(person_id, "comment", visibility, town_id, comment_id)


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
    done = take_part(conn, wish, person_id=person_id, key=key, terms=terms, now=now, staff=staff)
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
    """Whether a purpose needs the address: an offer or a story; a plain vote or comment doesn't."""
    return isinstance(wish, StoryWish) or (isinstance(wish, VoteWish) and wish.offer.any)


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
