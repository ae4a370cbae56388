"""What P2PU said about a town, and the steps its status took."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from board.core.tables import UtcDateTime, table_of


class Update(SQLModel, table=True):
    """A dated official word: a status change, an answer, or both."""

    __tablename__ = "town_update"
    __table_args__ = (Index("update_by_town", "town_id", "published_at", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id")
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    name: str = Field(max_length=40)
    before: str = Field(max_length=12)
    after: str = Field(max_length=12)
    reason: str = Field(default="", max_length=40)
    language: str = Field(max_length=8)
    text: str = ""
    html: str = ""
    published_at: datetime = Field(sa_type=UtcDateTime)


updates = table_of(Update)
