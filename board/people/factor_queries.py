"""What somebody has beside their mailbox to come in at the desk."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from board.people.models import passkeys, recovery_codes, second_factors


class App(NamedTuple):
    """An authenticator app."""

    made_at: datetime
    used_at: datetime | None


class Key(NamedTuple):
    """A passkey."""

    id: int
    credential: bytes
    name: str
    made_at: datetime
    used_at: datetime | None


class Factors(NamedTuple):
    """Somebody's second factors, and how many codes on paper are left."""

    app: App | None
    keys: list[Key]
    codes_left: int

    @property
    def number(self) -> int:
        """How many there are; codes on paper are a spare wheel, not a factor."""
        return len(self.keys) + (self.app is not None)


def factors_of(conn: Connection, person_id: int) -> Factors:
    """What somebody has set up."""
    f, k, r = second_factors.c, passkeys.c, recovery_codes.c
    app = conn.execute(select(f.made_at, f.used_at).where(f.person_id == person_id)).first()
    keys = conn.execute(
        select(k.id, k.credential, k.name, k.made_at, k.used_at)
        .where(k.person_id == person_id)
        .order_by(k.id)
    )
    left: int = conn.execute(
        select(func.count()).where(r.person_id == person_id, r.used_at.is_(None))
    ).scalar_one()
    return Factors(App._make(app) if app else None, [Key._make(key) for key in keys], left)


class KnownKey(NamedTuple):
    """What a passkey's answer is checked against."""

    id: int
    public_key: bytes
    sign_count: int


def key_by_credential(conn: Connection, person_id: int, credential: bytes) -> KnownKey | None:
    """Somebody's passkey of this name among keys, or None."""
    k = passkeys.c
    row = conn.execute(
        select(k.id, k.public_key, k.sign_count).where(
            k.person_id == person_id, k.credential == credential
        )
    ).first()
    return None if row is None else KnownKey._make(row)
