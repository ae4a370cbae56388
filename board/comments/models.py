"""Comments, as typed and as rendered once at save."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from board.core.tables import UtcDateTime, table_of


class Comment(SQLModel, table=True):
    """A word in the talk under a town, or under one of its stories."""

    __table_args__ = (
        Index("comment_by_town", "town_id", "visibility", "created_at", "id"),
        Index("comment_by_story", "story_id", "visibility", "created_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id")
    story_id: int | None = Field(default=None, foreign_key="story.id")
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    name: str = Field(max_length=40)
    staff: bool = False
    language: str = Field(max_length=8)
    text: str
    html: str
    renderer: int = 1
    visibility: str = Field(default="held", max_length=10)
    reason: str = Field(default="", max_length=40)
    created_at: datetime = Field(sa_type=UtcDateTime)


comments = table_of(Comment)
