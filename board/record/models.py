"""The record's one table. It holds ids, states, reason codes and numbers, never a text."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from board.core.tables import UtcDateTime, table_of


class Decision(SQLModel, table=True):
    """A staff or moderator act: who did what to which thing, and why, as codes."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    act: str = Field(max_length=40)
    subject: str = Field(max_length=20)
    subject_id: int
    town_id: int | None = Field(default=None, foreign_key="town.id", index=True)
    reason: str = Field(default="", max_length=40)
    before: str = Field(default="", max_length=40)
    after: str = Field(default="", max_length=40)


decisions = table_of(Decision)
