"""The outbox and the list of mailboxes that want no mail."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class OutgoingMail(SQLModel, table=True):
    """One mail to one mailbox because of one event; written in its cause's transaction.

    `state` goes waiting → sending → sent, or failed. `recipient` and `payload` are sealed and
    emptied once the mail was accepted. `stream` is what stopping it stops (mail.rules).
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (UniqueConstraint("event", "recipient_key"),)

    id: int | None = Field(default=None, primary_key=True)
    event: str = Field(max_length=120)
    kind: str = Field(max_length=40)
    language: str = Field(max_length=8)
    recipient_key: bytes = Field(index=True)
    recipient: bytes
    payload: bytes
    message_id: str = Field(max_length=200)
    stream: str = Field(default="", max_length=12)
    state: str = Field(default="waiting", max_length=12)
    attempts: int = Field(default=0)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str = Field(default="", max_length=300)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Suppression(SQLModel, table=True):
    """A mailbox that gets no more mail: it asked so, or its server refused it for good."""

    key: bytes = Field(primary_key=True)
    reason: str = Field(max_length=20)
    created_at: datetime = Field(sa_type=UtcDateTime)


class StoppedStream(SQLModel, table=True):
    """A mailbox that wants no more of one kind of mail."""

    __tablename__ = "stopped_stream"

    key: bytes = Field(primary_key=True)
    stream: str = Field(primary_key=True, max_length=12)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Announcement(SQLModel, table=True):
    """Something that several people are to be told once; written in its cause's transaction.

    A job turns it into mails, all in one transaction, and sets `done_at`.
    """

    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=20)
    subject_id: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


outgoing_mails = table_of(OutgoingMail)
suppressions = table_of(Suppression)
stopped_streams = table_of(StoppedStream)
announcements = table_of(Announcement)
