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
    created_at: datetime = Field(sa_type=UtcDateTime)
    code_until: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


people = table_of(Person)
contacts = table_of(Contact)
sessions = table_of(Session)
invitations = table_of(Invitation)
waitings = table_of(Waiting)
