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
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UpdateRevision(SQLModel, table=True):
    """How an official word read before it was changed."""

    __tablename__ = "update_revision"

    id: int | None = Field(default=None, primary_key=True)
    update_id: int = Field(foreign_key="town_update.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    language: str = Field(max_length=8)
    html: str = ""
    text: str = ""
    replaced_at: datetime = Field(sa_type=UtcDateTime)


class PlannedWord(SQLModel, table=True):
    """A word to a town that isn't out yet: a draft, or with `due_at` set to go out by itself.

    `seen` is the status it was written at; `problem` says why it didn't go out when it was due.
    """

    __tablename__ = "planned_word"

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    seen: str = Field(max_length=12)
    status: str = Field(max_length=12)
    reason: str = Field(default="", max_length=40)
    language: str = Field(max_length=8)
    text: str = ""
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    problem: str = Field(default="", max_length=20)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class ReplyTemplate(SQLModel, table=True):
    """Words that staff begin an answer with; names in braces stand for a town's facts."""

    __tablename__ = "reply_template"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    language: str = Field(max_length=8)
    text: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime = Field(sa_type=UtcDateTime)


updates = table_of(Update)
update_revisions = table_of(UpdateRevision)
planned_words = table_of(PlannedWord)
reply_templates = table_of(ReplyTemplate)
