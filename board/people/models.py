"""Who takes part. Contacts have a table of their own, sealed; a person is known by a key."""

from datetime import datetime

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
    """A browser that is remembered: only the hash of its cookie is kept."""

    __tablename__ = "browser_session"

    id: bytes = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    desk: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """A one-time link that makes a mailbox staff."""

    id: int | None = Field(default=None, primary_key=True)
    token: bytes = Field(unique=True)
    email: bytes
    role: str = Field(max_length=12)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Waiting(SQLModel, table=True):
    """A sealed form that waits to be confirmed; nothing in it is public or counted.

    `page` names the page the person is on, `token` the mailed link (both as hashes). `issue`
    counts how often the code was made anew, `sends` how many mails carried it. After confirming,
    `payload` is emptied and `outcome` says what became of it, so that the page can still tell.
    `network` and `body` are keyed hashes of where it came from and what it says, `signals` what
    looked odd about it (taking_part.signs); while `held` no mail leaves for it.
    """

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


people = table_of(Person)
contacts = table_of(Contact)
contact_uses = table_of(ContactUse)
code_batches = table_of(CodeBatch)
desk_codes = table_of(DeskCode)
sessions = table_of(Session)
invitations = table_of(Invitation)
waitings = table_of(Waiting)
