"""Setting up second factors, passing by them, and losing them.

A wrong code is an answer, not an error: raising would roll back the try that was counted before.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from board.core.db import insert_ignoring
from board.core.keys import Keys
from board.people.factors import (
    RECOVERY_CODES,
    digits_in,
    new_recovery_code,
    recovery_letters,
    step_of,
)
from board.people.models import passkeys, recovery_codes, second_factors
from board.people.passkeys import NAME_LENGTH, NewKey

# The label under which a seed is sealed.
_SEED = "factor.secret"
# What a code on paper is hashed for.
_PAPER = "recovery"


def set_up_app(
    conn: Connection, keys: Keys, person_id: int, seed: str, typed: str, now: datetime
) -> bool:
    """Keep an app's seed once its first code was right; a new app replaces the old."""
    step = step_of(seed, digits_in(typed), now=now, after=0)
    if step is None:
        return False
    drop_app(conn, person_id)
    values = {
        "person_id": person_id,
        "secret": keys.seal(_SEED, seed),
        # This code was shown on a screen just now: it opens nothing any more.
        "last_step": step,
        "made_at": now,
        "used_at": None,
    }
    return insert_ignoring(conn, second_factors, values, second_factors.c.person_id) is not None


def pass_app(conn: Connection, keys: Keys, person_id: int, typed: str, now: datetime) -> bool:
    """Whether the app's code of this moment was typed, for the first time."""
    f = second_factors.c
    row = conn.execute(select(f.secret, f.last_step).where(f.person_id == person_id)).first()
    if row is None:
        return False
    seed = keys.open(_SEED, row.secret)
    step = step_of(seed, digits_in(typed), now=now, after=row.last_step)
    if step is None:
        return False
    passed = conn.execute(
        update(second_factors)
        .where(f.person_id == person_id, f.last_step < step)
        .values(last_step=step, used_at=now)
        .returning(f.person_id)
    ).first()
    return passed is not None


def drop_app(conn: Connection, person_id: int) -> None:
    """The app lets nobody in any more."""
    conn.execute(delete(second_factors).where(second_factors.c.person_id == person_id))


# --- passkeys -------------------------------------------------------------------------------


def keep_key(conn: Connection, person_id: int, key: NewKey, name: str, now: datetime) -> bool:
    """Keep the public half of a new passkey; False when it is known already, whosever it is."""
    values = {
        "person_id": person_id,
        **key._asdict(),
        "name": name[:NAME_LENGTH],
        "made_at": now,
        "used_at": None,
    }
    return insert_ignoring(conn, passkeys, values, passkeys.c.id) is not None


def note_key_use(conn: Connection, key_id: int, before: int, count: int, now: datetime) -> bool:
    """A passkey answered; False when it answered somewhere else meanwhile."""
    k = passkeys.c
    noted = conn.execute(
        update(passkeys)
        .where(k.id == key_id, k.sign_count == before)
        .values(sign_count=count, used_at=now)
        .returning(k.id)
    ).first()
    return noted is not None


def drop_key(conn: Connection, person_id: int, key_id: int) -> bool:
    """A passkey lets nobody in any more; False when there is no such key of theirs."""
    k = passkeys.c
    gone = conn.execute(
        delete(passkeys).where(k.id == key_id, k.person_id == person_id).returning(k.id)
    ).first()
    return gone is not None


# --- codes on paper -------------------------------------------------------------------------


def new_codes(conn: Connection, keys: Keys, person_id: int, now: datetime) -> list[str]:
    """Ten new codes to keep on paper; the older ones are void. Nobody can read them later."""
    drop_codes(conn, person_id)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    rows = [
        {"person_id": person_id, "hash": _hash(keys, person_id, code), "made_at": now}
        for code in codes
    ]
    conn.execute(insert(recovery_codes), rows)
    return codes


def _hash(keys: Keys, person_id: int, typed: str) -> bytes:
    return keys.code_hash(_PAPER, person_id, recovery_letters(typed))


def pass_code(conn: Connection, keys: Keys, person_id: int, typed: str, now: datetime) -> bool:
    """Whether a code from the paper was typed, for the first time."""
    if not recovery_letters(typed):
        return False
    r = recovery_codes.c
    used = conn.execute(
        update(recovery_codes)
        .where(
            r.person_id == person_id, r.hash == _hash(keys, person_id, typed), r.used_at.is_(None)
        )
        .values(used_at=now)
        .returning(r.id)
    ).first()
    return used is not None


def drop_codes(conn: Connection, person_id: int) -> None:
    """The paper is worth nothing any more."""
    conn.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person_id))


def forget_factors(conn: Connection, person_id: int) -> None:
    """Everything beside the mailbox goes; the next time at the door one sets up anew."""
    drop_app(conn, person_id)
    conn.execute(delete(passkeys).where(passkeys.c.person_id == person_id))
    drop_codes(conn, person_id)
