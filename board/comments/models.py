"""Comments, as typed and as rendered once at save."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from board.core.tables import UtcDateTime, table_of


class Comment(SQLModel, table=True):
    """A word in the talk under a town, under one of its stories, or on `/talk` (no town).

    `parent_id` is the comment that begins its thread: one level deep; `answers_id` the answer it
    replies to, where it isn't that one. For `held_for`, `kept_at` and `hidden_at` see
    stories.models.
    """

    __table_args__ = (
        Index("comment_by_town", "town_id", "visibility", "created_at", "id"),
        Index("comment_by_story", "story_id", "visibility", "created_at", "id"),
        Index("comment_by_newest", "visibility", "created_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    town_id: int | None = Field(default=None, foreign_key="town.id")
    story_id: int | None = Field(default=None, foreign_key="story.id")
    parent_id: int | None = Field(default=None, foreign_key="comment.id", index=True)
    answers_id: int | None = Field(default=None, foreign_key="comment.id")
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
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    kept_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    held_for: str = Field(default="", max_length=12)
    signals: str = Field(default="", max_length=120)


class TalkLock(SQLModel, table=True):
    """A talk that takes no more words for now, and the reason everybody reads.

    `town_id` null locks the standing thread of `/talk`.
    """

    __tablename__ = "talk_lock"

    id: int | None = Field(default=None, primary_key=True)
    town_id: int | None = Field(default=None, foreign_key="town.id", unique=True)
    reason: str = Field(max_length=300)
    locked_at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id")


comments = table_of(Comment)
talk_locks = table_of(TalkLock)
