"""Desk codes as people hold them: a batch's number and eight characters, typed forgivingly. Pure.

`17-7K3M-Q9XZ` on paper is `17-7K3MQ9XZ` to the board. The characters are Crockford's thirty-two:
no I, L, O or U, so that nobody has to ask which of two alike was printed.
"""

import secrets
import unicodedata
from typing import Final, NewType

Code = NewType("Code", str)

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8
# What is read or typed for a character that is never printed.
ALIKE: Final = str.maketrans("OILU", "011V")
_MOST_DIGITS: Final = 9
# Far longer than any code with dashes and spaces; whoever sends more sends something else.
MOST_TYPED: Final = 40


def make_code(batch_id: int) -> Code:
    """A new code of a batch: forty bits of chance."""
    return Code(f"{batch_id}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}")


def normalise(typed: str) -> Code | None:
    """The code that was meant, or None when it can't be one.

    Capitals, dashes and spaces don't matter; O counts as 0, I and L as 1, U as V.
    """
    if len(typed) > MOST_TYPED:
        return None
    letters = unicodedata.normalize("NFKC", typed).upper().translate(ALIKE)
    kept = "".join(letter for letter in letters if letter.isalnum())
    batch, rest = kept[:-LENGTH].lstrip("0"), kept[-LENGTH:]
    if not (batch.isascii() and batch.isdigit() and len(batch) <= _MOST_DIGITS):
        return None
    return Code(f"{batch}-{rest}") if all(letter in ALPHABET for letter in rest) else None


def show(code: Code) -> str:
    """The code as it stands on a slip: `17-7K3M-Q9XZ`."""
    batch, _dash, rest = code.partition("-")
    return f"{batch}-{rest[:4]}-{rest[4:]}"


def batch_of(code: Code) -> int:
    """The batch that a code says it belongs to."""
    return int(code.partition("-")[0])


def path_of(code: Code) -> str:
    """Where the square on a slip leads to."""
    return f"/slip/{show(code)}"
