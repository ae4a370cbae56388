"""Whether the reason of a mail that waits still holds when it is about to go.

Between writing a letter to those who offered and carrying it lie minutes, or days where a mailbox
had its share: who took their offer back meanwhile, or whose contact ended, isn't written to any
more. What people followed or asked for ends in other ways (mail.actions.drop_waiting_mails).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from board.core.keys import Keys, SealBroken
from board.digests.queries import reaches_offer
from board.mail.delivery_actions import Claimed, Stands
from board.votes.rules import OFFERS

STREAM: Final = "offers"


def stands_for(keys: Keys) -> Stands:
    """What delivering asks about each mail before it goes."""

    def stands(conn: Connection, mail: Claimed, now: datetime) -> bool:
        if mail.stream != STREAM:
            return True
        values = _values(keys, mail)
        town_id, kinds = values.get("about_town"), values.get("offers_meant", OFFERS)
        return reaches_offer(conn, mail.recipient_key, town_id, kinds, now)

    return stands


def _values(keys: Keys, mail: Claimed) -> Mapping[str, Any]:
    """A mail's values; none for one that can't be opened: carrying it says so (mail.jobs)."""
    try:
        values: Mapping[str, Any] = json.loads(keys.open("mail.payload", mail.payload))
    except SealBroken:
        return {}
    return values
