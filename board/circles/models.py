"""Circles and libraries as P2PU publishes them, and how each import went."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Field, Index, SQLModel

from board.core.tables import UtcDateTime, table_of

# What left the feed is on no page: the indexes that pages walk don't hold it.
_HERE: Final = text("gone_at IS NULL")

# What a list goes by and filters by, so that it reads only the rows that it shows. SQLite asks
# for `gone_at` itself even in an index where it is always the same.
_WALKED: Final = ("begins_at", "id", "over_at", "gone_at")


def _of_pages(name: str, *columns: str) -> Index:
    """An index of the rows that pages may show."""
    return Index(name, *columns, sqlite_where=_HERE, postgresql_where=_HERE)


class CircleFacts(SQLModel):
    """What P2PU publishes of a learning circle, under P2PU's id, as we keep it.

    Nothing personal is kept: no facilitator, no venue address. `lat`, `lng` have two decimals;
    a circle online has none. `geonames_id` is the place it was matched to. `utc_offset` is in
    minutes; `begins_at` and `over_at` are its first and last midnight where it meets
    (`rules.span`), so that its state is a comparison with the present moment. `folded` is what
    a search looks at.
    """

    id: int = Field(primary_key=True)
    title: str = Field(max_length=300)
    course: str = Field(default="", max_length=300)
    city: str = Field(default="", max_length=200)
    region: str = Field(default="", max_length=200)
    country: str = Field(default="", max_length=2)
    geonames_id: int | None = None
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


class Circle(CircleFacts, table=True):
    """A learning circle. Its state is derived from its dates, never stored.

    A circle that left the feed is `gone_at`.
    """

    __table_args__ = (
        _of_pages("circle_by_start", *_WALKED),
        _of_pages("circle_by_country", "country", *_WALKED),
        _of_pages("circle_by_language", "language", *_WALKED),
        Index("circle_by_place", "mx", "my"),
        Index("ix_circle_geonames_id", "geonames_id"),
    )

    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StagedCircle(CircleFacts, table=True):
    """A circle that was read but isn't taken over yet: the rest of its list is still to come."""

    __tablename__ = "circle_staged"


class LibraryFacts(SQLModel):
    """What P2PU publishes of a partner library or team, under P2PU's id, as we keep it."""

    id: int = Field(primary_key=True)
    name: str = Field(max_length=200)
    location: str = Field(default="", max_length=200)
    country: str = Field(default="", max_length=2)
    geonames_id: int | None = None
    lat: float | None = None
    lng: float | None = None
    mx: int | None = None
    my: int | None = None
    website: str = Field(default="", max_length=500)
    circle_count: int = 0


class Library(LibraryFacts, table=True):
    """A partner library or team that runs circles.

    From `PARTNERS_FROM` on stand those of our content files (circles.partners): with a calendar,
    and the day when somebody looked whether all of it is true.
    """

    __table_args__ = (
        _of_pages("library_by_country", "country", "name", "id"),
        Index("library_by_place", "mx", "my"),
    )

    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    calendar: str = Field(default="", max_length=500, sa_column_kwargs={"server_default": ""})
    checked_on: date | None = None


# P2PU's numbers lie far below; an address of ours has room for nine digits.
PARTNERS_FROM: Final = 900_000_000


class StagedLibrary(LibraryFacts, table=True):
    """A library that was read but isn't taken over yet."""

    __tablename__ = "library_staged"


class StagedRemark(SQLModel, table=True):
    """What there will be to say (CircleRejection) of a row that was read but isn't taken over."""

    __tablename__ = "circle_remark_staged"

    kind: str = Field(primary_key=True, max_length=12)
    position: int = Field(primary_key=True)
    upstream_id: int | None = None
    title: str = Field(default="", max_length=200)
    reason: str = Field(max_length=200)
    mended: bool = False


class CircleTurn(SQLModel, table=True):
    """Whose turn it is to do what only one may do at a time (`kind`: circles, libraries, nearest).

    `holder` has it until `held_until`, and longer if it says so in time; nobody does when that is
    past. The rest says how far a list was read, so that the next turn goes on there: from which
    `address` (a hash), how many rows it has in all and how many are staged, and the last of them.
    """

    __tablename__ = "circle_turn"

    kind: str = Field(primary_key=True, max_length=12)
    holder: str = Field(default="", max_length=32)
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    address: str = Field(default="", max_length=64)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rows_total: int = 0
    rows_read: int = 0
    last_row: str = Field(default="", max_length=32)


class CirclePin(SQLModel, table=True):
    """A circle that towns' nearest ones were reckoned with, and where it was then.

    Not `settled` while the towns around it are being looked at: whoever takes over looks again.
    """

    __tablename__ = "circle_pin"

    circle_id: int = Field(primary_key=True)
    lat: float
    lng: float
    settled: bool = False


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
staged_circles = table_of(StagedCircle)
staged_libraries = table_of(StagedLibrary)
staged_remarks = table_of(StagedRemark)
circle_turns = table_of(CircleTurn)
circle_pins = table_of(CirclePin)
circle_imports = table_of(CircleImport)
circle_rejections = table_of(CircleRejection)
