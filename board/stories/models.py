"""Stories, as typed and as rendered once at save."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from board.core.tables import UtcDateTime, table_of


class Story(SQLModel, table=True):
    """A resident's text under a town. `visibility`: held · public · unlisted · archived · …

    `held_for` says why it is held (first, flags, signs); `kept_at` that a moderator kept it, so
    that flags don't hide it again until it is edited; `hidden_at` when it left the pages.
    """

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
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    kept_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    held_for: str = Field(default="", max_length=12)
    signals: str = Field(default="", max_length=120)


class Revision(SQLModel, table=True):
    """Another wording of a story: an earlier one ("past"), or an edit that waits ("held").

    Only an edit that waits may hold a picture: the one it would put in the present one's place.
    No id is ever given twice: whoever looked at one edit must not decide about the next.
    """

    __tablename__ = "story_revision"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(foreign_key="story.id", index=True)
    state: str = Field(max_length=8)
    title: str = Field(default="", max_length=120)
    language: str = Field(default="", max_length=8)
    why: str = ""
    how: str = ""
    own: str = ""
    alt: str = Field(default="", max_length=300)
    width: int = 0
    height: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    jpeg: bytes | None = None


class Photo(SQLModel, table=True):
    """A picture with a story: ours, drawn anew from the one that was sent, nothing else in it.

    The picture is the last column: SQLite would read through all of it to get at one behind it.
    Its id tells it from any other that was ever there.
    """

    __tablename__ = "story_photo"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(foreign_key="story.id", unique=True)
    width: int
    height: int
    alt: str = Field(default="", max_length=300)
    created_at: datetime = Field(sa_type=UtcDateTime)
    jpeg: bytes


class Upload(SQLModel, table=True):
    """A drawn-anew picture of a story that isn't confirmed yet, sealed, found by its token."""

    __tablename__ = "story_upload"

    token: bytes = Field(primary_key=True)
    width: int
    height: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    jpeg: bytes


stories = table_of(Story)
revisions = table_of(Revision)
photos = table_of(Photo)
uploads = table_of(Upload)
