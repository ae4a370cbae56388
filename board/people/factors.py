"""The second factor as numbers and letters: codes of an authenticator app, codes on paper. Pure."""

import secrets
import unicodedata
from datetime import datetime
from typing import Final

import pyotp

from board.core.keys import same
from board.people.slips import ALIKE, ALPHABET

SECONDS: Final = 30
# A phone's clock may be a step behind or ahead of ours.
SKEW: Final = 1
RECOVERY_CODES: Final = 10
_RECOVERY_LENGTH: Final = 10
_MOST_TYPED: Final = 40


def new_seed() -> str:
    """What an app and the board share: 160 bits, as the 32 letters that apps take."""
    return pyotp.random_base32()


def in_fours(seed: str) -> str:
    """The seed as people type it from one screen into another."""
    return " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))


def app_address(seed: str, *, name: str, site: str) -> str:
    """What the square on the set-up page says; an app shows `site` and `name` beside its digits."""
    return pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=site)


def step_of(seed: str, digits: str, *, now: datetime, after: int) -> int | None:
    """The step of time whose code was typed, or None when it's wrong, too old or used before.

    `after` is the last step that was used: a code that somebody watched is worth nothing.
    """
    totp, today = pyotp.TOTP(seed), int(now.timestamp()) // SECONDS
    typed = digits.encode()
    steps = range(today - SKEW, today + SKEW + 1)
    right = [step for step in steps if same(totp.at(step * SECONDS).encode(), typed)]
    return next((step for step in right if step > after), None)


def digits_in(typed: str) -> str:
    """The six digits of a typed code, whatever stands between them; else nothing."""
    folded = unicodedata.normalize("NFKC", typed[:_MOST_TYPED])
    digits = "".join(letter for letter in folded if letter.isdecimal() and letter.isascii())
    strange = any(letter.isalpha() for letter in folded)
    return digits if len(digits) == 6 and not strange else ""


def new_recovery_code() -> str:
    """Fifty bits of chance, in letters that nobody mixes up."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(_RECOVERY_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def recovery_letters(typed: str) -> str:
    """The letters of a typed recovery code; nothing when it can't be one."""
    if len(typed) > _MOST_TYPED:
        return ""
    folded = unicodedata.normalize("NFKC", typed).upper().translate(ALIKE)
    letters = "".join(letter for letter in folded if letter.isalnum())
    right = len(letters) == _RECOVERY_LENGTH and all(letter in ALPHABET for letter in letters)
    return letters if right else ""
