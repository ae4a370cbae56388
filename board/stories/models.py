"""Stories, as typed and as rendered once at save."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from board.core.tables import UtcDateTime, table_of


class Story(SQLModel, table=True):
    """A resident's text under a town. `visibility`: held · public · unlisted · archived · …"""

    __table_args__ = (
        Index("story_by_newest", "visibility", "published_at", "id"),
        Index("story_by_town", "town_id", "visibility", "published_at", "id"),
        Index("story_by_language", "visibility", "language", "published_at", "id"),
        Index("story_by_country", "visibility", "country", "published_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id")
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    country: str = Field(max_length=2)
    name: str = Field(max_length=40)
    title: str = Field(max_length=120)
    language: str = Field(max_length=8)
    why: str = ""
    how: str = ""
    own: str = ""
    why_html: str = ""
    how_html: str = ""
    own_html: str = ""
    renderer: int = 1
    folded: str = ""
    visibility: str = Field(default="held", max_length=10)
    reason: str = Field(default="", max_length=40)
    comment_count: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


stories = table_of(Story)
