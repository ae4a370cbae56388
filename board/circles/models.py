"""Circles and libraries as P2PU publishes them, and how each import went."""

from datetime import date, datetime

from sqlmodel import Field, Index, SQLModel

from board.core.tables import UtcDateTime, table_of


class Circle(SQLModel, table=True):
    """A learning circle, under P2PU's id. Its state is derived from its dates, never stored.

    Nothing personal is kept: no facilitator, no venue address. `lat`, `lng` have two decimals;
    a circle online has none. `geonames_id` is the place it was matched to. `utc_offset` is in
    minutes; `begins_at` and `over_at` are its first and last midnight where it meets
    (`rules.span`), so that its state is a comparison with the present moment. `folded` is what
    a search looks at. A circle that left the feed is `gone_at`.
    """

    __table_args__ = (
        Index("circle_by_dates", "gone_at", "over_at", "begins_at"),
        Index("circle_by_start", "gone_at", "begins_at", "id"),
        Index("circle_by_country", "country", "gone_at", "begins_at", "id"),
        Index("circle_by_place", "mx", "my"),
    )

    id: int = Field(primary_key=True)
    title: str = Field(max_length=300)
    course: str = Field(default="", max_length=300)
    city: str = Field(default="", max_length=200)
    region: str = Field(default="", max_length=200)
    country: str = Field(default="", max_length=2)
    geonames_id: int | None = Field(default=None, index=True)
    lat: float | None = None
    lng: float | None = None
    mx: int | None = None
    my: int | None = None
    online: bool = False
    starts_on: date
    ends_on: date
    begins_at: datetime = Field(sa_type=UtcDateTime)
    over_at: datetime = Field(sa_type=UtcDateTime)
    weekday: int = 0
    starts_at: str = Field(default="", max_length=5)
    ends_at: str = Field(default="", max_length=5)
    utc_offset: int = 0
    meetings: int = 0
    language: str = Field(default="", max_length=8)
    signup_open: bool = False
    url: str = Field(default="", max_length=500)
    folded: str = ""
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Library(SQLModel, table=True):
    """A partner library or team that runs circles."""

    id: int = Field(primary_key=True)
    name: str = Field(max_length=200)
    location: str = Field(default="", max_length=200)
    country: str = Field(default="", max_length=2, index=True)
    geonames_id: int | None = None
    lat: float | None = None
    lng: float | None = None
    website: str = Field(default="", max_length=500)
    circle_count: int = 0
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CircleImport(SQLModel, table=True):
    """One try to bring circles or libraries in (`kind`), and how it went (`outcome`: done, failed).

    `added` were new or came back, `changed` say something else than before, `gone` left the feed.
    """

    __tablename__ = "circle_import"
    __table_args__ = (Index("circle_import_latest", "kind", "outcome", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=12)
    source: str = Field(max_length=300)
    sample: bool = False
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = Field(default="", max_length=12)
    error: str = Field(default="", max_length=300)
    accepted: int = 0
    rejected: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0


class CircleRejection(SQLModel, table=True):
    """A row that was not taken over, with the reason, so that staff can see and mend it.

    `mended`: it was taken over, but something in it had to be put right. `reason` holds codes of
    `rules.reason_in_words`.
    """

    __tablename__ = "circle_rejection"

    import_id: int = Field(primary_key=True, foreign_key="circle_import.id")
    position: int = Field(primary_key=True)
    upstream_id: int | None = None
    title: str = Field(default="", max_length=200)
    reason: str = Field(max_length=200)
    mended: bool = False


circles = table_of(Circle)
libraries = table_of(Library)
circle_imports = table_of(CircleImport)
circle_rejections = table_of(CircleRejection)
