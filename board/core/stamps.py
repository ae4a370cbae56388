"""The signed time at which a form was shown: how long somebody had it in front of them.

It stands on pages of one's own only (never on shared ones, DECISIONS 21), and a missing or odd
one is a hint, never a locked door.
"""

import secrets
from datetime import timedelta
from typing import Final

from itsdangerous import BadSignature, TimestampSigner

from board.core import clock
from board.core.keys import Keys

FIELD: Final = "stamp"


def _signer(keys: Keys) -> TimestampSigner:
    return TimestampSigner(keys.link, salt="form")


def make_stamp(keys: Keys) -> str:
    """The stamp of a form that is shown now."""
    # With a number of its own: two forms that are opened in one second are two forms.
    return _signer(keys).sign(secrets.token_hex(4)).decode()


def age_of(keys: Keys, stamp: str) -> timedelta | None:
    """How long ago a form was shown, or None for a stamp that isn't ours."""
    try:
        _text, shown_at = _signer(keys).unsign(stamp[:200], return_timestamp=True)
    except BadSignature:
        return None
    return clock.now() - shown_at
