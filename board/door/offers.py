"""A seed that is offered for an app: drawn as a square, kept nowhere but in the page itself.

Sealed for one browser's session, so that nobody can have somebody else set up a seed they know.
"""

import base64
import binascii
from typing import NamedTuple

from board.core.keys import Keys, SealBroken
from board.drawing.qr import Qr, qr
from board.people.factors import app_address, in_fours, new_seed


class AppOffer(NamedTuple):
    """What the set-up page shows: the seed sealed (`token`), drawn and in letters."""

    token: str
    square: Qr
    letters: str


def offer_app(keys: Keys, session: bytes, *, name: str, site: str, seed: str = "") -> AppOffer:
    """A new seed to set up in this browser, or the one that it was shown before."""
    seed = seed or new_seed()
    sealed = keys.seal(_label(session), seed)
    token = base64.urlsafe_b64encode(sealed).decode()
    return AppOffer(token, qr(app_address(seed, name=name, site=site)), in_fours(seed))


def seed_in(keys: Keys, session: bytes, token: str) -> str:
    """The seed that was offered to this browser; nothing when it wasn't."""
    try:
        return keys.open(_label(session), base64.urlsafe_b64decode(token.encode()))
    except (SealBroken, binascii.Error, ValueError):
        return ""


def _label(session: bytes) -> str:
    return f"factor.offer:{session.hex()}"
