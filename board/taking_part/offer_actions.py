"""Changing what one offers with a vote; an offer needs a way to reach who makes it."""

from datetime import datetime

from sqlalchemy import Connection

from board.core.errors import Refused
from board.core.keys import Keys
from board.core.language import gettext as _
from board.people.erase_actions import hold_still
from board.people.queries import is_blocked
from board.people.rules import Reach
from board.taking_part.actions import keep_reaches, no_more_part
from board.taking_part.rules import Terms
from board.taking_part.you_actions import rename
from board.votes.offer_actions import set_offer
from board.votes.rules import Offer


def change_offer(
    conn: Connection,
    keys: Keys,
    town_id: int,
    offer: Offer,
    *,
    nearby: bool,
    person_id: int,
    key: bytes,
    name: str,
    language: str,
    reaches: list[Reach],
    terms: Terms,
    now: datetime,
) -> None:
    """Put an offer in place of the one before, and keep the contact that was given with it.

    `reaches` are the person's own: an e-mail was compared with their key before.
    """
    hold_still(conn, person_id, key)
    if is_blocked(conn, key):
        raise Refused(no_more_part())
    if not set_offer(conn, town_id, key, offer, nearby=nearby, need=terms.need, now=now):
        raise Refused(_("Your vote doesn't count here at the moment. Vote again first."))
    if not offer.any:
        return
    if name:
        rename(conn, person_id, key, name, language, everywhere=False)
    for reach in reaches:
        keep_reaches(conn, keys, person_id, reach.channel, reach.address, "", terms=terms, now=now)
