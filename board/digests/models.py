"""What people answer to the one question six weeks after a launch."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class LaunchAnswer(SQLModel, table=True):
    """How it went for somebody who had offered something: joined · not_for_me · never_began · …"""

    __tablename__ = "launch_answer"
    __table_args__ = (UniqueConstraint("town_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id")
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    answer: str = Field(max_length=20)
    answered_at: datetime = Field(sa_type=UtcDateTime)


launch_answers = table_of(LaunchAnswer)
