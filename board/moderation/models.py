"""What readers flag."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class Flag(SQLModel, table=True):
    """A reader says that a story or comment should be looked at, and why.

    `flagger` is the key of a confirmed person, or of a network for one day: nobody flags one
    thing twice. `person_id` is set for confirmed persons; only theirs can hide a thing.
    """

    __table_args__ = (UniqueConstraint("subject", "subject_id", "flagger"),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(max_length=8)
    subject_id: int
    town_id: int | None = Field(default=None, foreign_key="town.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    flagger: bytes
    reason: str = Field(max_length=20)
    note: str = Field(default="", max_length=300)
    created_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


flags = table_of(Flag)
