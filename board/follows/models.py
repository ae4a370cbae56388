"""Who follows what."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class Follow(SQLModel, table=True):
    """A person wants mail about a town, an area around a place, or a country.

    `kind`: town · area · country · start (one mail, when a circle starts in the town). `about`
    spells the rest ("town:12", "area:3190359:25", "country:si"), so that nobody follows one
    thing twice. `pace`: weekly · instant. An area's `lat`, `lng` are those of its place.
    """

    __table_args__ = (UniqueConstraint("person_id", "about"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    kind: str = Field(max_length=8)
    about: str = Field(max_length=40)
    pace: str = Field(default="weekly", max_length=8)
    town_id: int | None = Field(default=None, foreign_key="town.id", index=True)
    country: str = Field(default="", max_length=2)
    geonames_id: int | None = Field(default=None)
    lat: float | None = None
    lng: float | None = None
    km: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


follows = table_of(Follow)
