"""A form waits, sealed, until it is confirmed; its code is mailed, and mailed again.

What the wish then becomes is written in `taking_part.actions`.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.core.errors import Mistake
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.text import count_links, fold
from board.mail.actions import Letter, Queued, enqueue
from board.people.queries import WaitingForm
from board.people.rules import Reach
from board.people.waiting_actions import Form, note_sent, put_waiting, renew
from board.taking_part.rules import AnyWish, CommentWish, StoryWish, Terms, Where, wishes
from board.taking_part.signs import LONG_ENOUGH
from board.taking_part.told import note_told
from board.taking_part.weighing import weigh
from board.towns.queries import name_of_place, town_by_id


class Sender(NamedTuple):
    """Who filled a form, on which page they now wait, from which network, and what looked odd."""

    reach: Reach
    key: bytes
    page: str
    language: str
    network: str = ""
    signs: tuple[str, ...] = ()


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
