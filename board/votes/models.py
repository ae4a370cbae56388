"""One vote per person and town, and the offers that hang on it."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class Vote(SQLModel, table=True):
    """A person's vote for a town. `state`: counted · taken_back · voided.

    `voter_key` stays when the person is erased, so that nobody votes twice; then `person_id`,
    `nearby` and the offers are null or false.
    """

    __table_args__ = (
        UniqueConstraint("town_id", "voter_key"),
        Index("vote_by_town", "town_id", "state", "cast_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id")
    voter_key: bytes = Field(index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    state: str = Field(default="counted", max_length=10)
    name: str = Field(default="", max_length=40)
    nearby: bool = False
    come: bool = False
    facilitate: bool = False
    host: bool = False
    help: bool = False
    cast_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


votes = table_of(Vote)
