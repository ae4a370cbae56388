"""Who takes part. Contacts have a table of their own, sealed; a person is known by a key."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class Person(SQLModel, table=True):
    """Somebody who confirmed. `key` is the HMAC of the mailbox, number or desk code."""

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = Field(unique=True)
    name: str = Field(default="", max_length=40)
    language: str = Field(default="en", max_length=8)
    role: str = Field(default="", max_length=12)
    trusted: bool = False
    blocked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Contact(SQLModel, table=True):
    """A mailbox or number, sealed, kept only while a purpose needs it."""

    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    kind: str = Field(max_length=8)
    value: bytes
    kept_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ContactUse(SQLModel, table=True):
    """Somebody at the desk, or the board itself (`actor_id` null), used a person's contact."""

    __tablename__ = "contact_use"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    purpose: str = Field(max_length=20)
    town_id: int | None = Field(default=None, foreign_key="town.id")
    at: datetime = Field(sa_type=UtcDateTime)


class CodeBatch(SQLModel, table=True):
    """Slips with desk codes, printed for one library or evening; revoked together."""

    __tablename__ = "code_batch"

    id: int | None = Field(default=None, primary_key=True)
    town_id: int | None = Field(default=None, foreign_key="town.id", index=True)
    label: str = Field(max_length=120)
    count: int
    made_by: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=40)


class DeskCode(SQLModel, table=True):
    """One slip: the keyed hash of its code, and whom it confirmed."""

    __tablename__ = "desk_code"

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(foreign_key="code_batch.id", index=True)
    hash: bytes = Field(unique=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Session(SQLModel, table=True):
    """A browser that is remembered: only the hash of its cookie is kept.

    `desk`: both factors were passed. `at_door`: only the mailed code was, and the browser stands
    for nobody until the second; `tries` counts what was typed there, `challenge` waits for the
    answer of a passkey.
    """

    __tablename__ = "browser_session"

    id: bytes = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    desk: bool = False
    at_door: bool = False
    tries: int = 0
    challenge: bytes | None = Field(default=None)
    challenge_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class SecondFactor(SQLModel, table=True):
    """An authenticator app of somebody at the desk: its seed, sealed, and the last step it used."""

    __tablename__ = "second_factor"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    secret: bytes
    last_step: int
    made_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Passkey(SQLModel, table=True):
    """A device or security key of somebody at the desk: its public half."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    credential: bytes = Field(unique=True)
    public_key: bytes
    # Authenticators count in 32 bits without a sign.
    sign_count: int = Field(sa_type=BigInteger)
    name: str = Field(max_length=40)
    made_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """A code on paper for the day the phone is gone: its keyed hash; each works once."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    hash: bytes = Field(unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OrganiserTown(SQLModel, table=True):
    """A town that an organiser looks after."""

    __tablename__ = "organiser_town"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    town_id: int = Field(foreign_key="town.id", primary_key=True, index=True)


class DeskLanguage(SQLModel, table=True):
    """A language that somebody at the desk reads first; without any, all."""

    __tablename__ = "desk_language"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    language: str = Field(max_length=8, primary_key=True)


class Invitation(SQLModel, table=True):
    """A one-time link that makes a mailbox staff."""

    id: int | None = Field(default=None, primary_key=True)
    token: bytes = Field(unique=True)
    email: bytes
    role: str = Field(max_length=12)
    language: str = Field(default="en", max_length=8)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Waiting(SQLModel, table=True):
    """A sealed form that waits to be confirmed; nothing in it is public or counted.

    `page` names the page the person is on, `token` the mailed link (both as hashes). `issue`
    counts how often the code was made anew, `sends` how many mails carried it. After confirming,
    `payload` is emptied and `outcome` says what became of it, so that the page can still tell.
    What was confirmed by phone keeps its content until `undo_until`, for a slip of the hand.
    `network` and `body` are keyed hashes of where it came from and what it says, `signals` what
    looked odd about it (taking_part.signs); while `held` no mail leaves for it.

    Codes and links derive from the row's number, so none is given twice: SQLite would give that of
    a deleted last row to the next form, which an older link would then open.
    """

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    page: bytes = Field(unique=True)
    token: bytes = Field(unique=True)
    code: bytes
    key: bytes = Field(index=True)
    channel: str = Field(max_length=8)
    kind: str = Field(max_length=12)
    language: str = Field(max_length=8)
    town_id: int | None = Field(default=None, foreign_key="town.id", index=True)
    geonames_id: int | None = Field(default=None)
    contact: bytes
    payload: bytes
    issue: int = 1
    sends: int = 0
    tries: int = 0
    outcome: str = Field(default="", max_length=20)
    outcome_id: int | None = Field(default=None)
    network: bytes | None = Field(default=None, index=True)
    body: bytes | None = Field(default=None, index=True)
    signals: str = Field(default="", max_length=120)
    held: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    code_until: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    undo_until: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


people = table_of(Person)
contacts = table_of(Contact)
contact_uses = table_of(ContactUse)
code_batches = table_of(CodeBatch)
desk_codes = table_of(DeskCode)
sessions = table_of(Session)
second_factors = table_of(SecondFactor)
passkeys = table_of(Passkey)
recovery_codes = table_of(RecoveryCode)
organiser_towns = table_of(OrganiserTown)
desk_languages = table_of(DeskLanguage)
invitations = table_of(Invitation)
waitings = table_of(Waiting)
