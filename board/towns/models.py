"""Place and town are two things: the gazetteer can be replaced, a town is ours and stays."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, String
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


def by_bytes(length: int) -> Column[str]:
    """A key that sorts by its bytes on both databases, so that a prefix is one range of it."""
    text = String(length).with_variant(String(length, collation="C"), "postgresql")
    return Column(text, primary_key=True)


class Place(SQLModel, table=True):
    """A populated place of the gazetteer, under its GeoNames id; replaced at every load.

    `rank` orders by population (1 is the largest). `slug` is given once and never reassigned.
    """

    __table_args__ = (
        UniqueConstraint("country", "slug"),
        Index("place_country_rank", "country", "rank"),
    )

    geonames_id: int = Field(primary_key=True)
    name: str = Field(max_length=200)
    country: str = Field(max_length=2)
    region_code: str = Field(default="", max_length=20)
    region: str = Field(default="", max_length=120)
    lat: float
    lng: float
    population: int = 0
    timezone: str = Field(default="UTC", max_length=40)
    rank: int = Field(index=True)
    slug: str = Field(max_length=120)


class PlaceName(SQLModel, table=True):
    """A spelling under which a place is found by a range scan (towns.spelling).

    `weight` grows with the place's population and shrinks the further the spelling is from its
    name. The key alone is the table: on SQLite it is stored once, in its own order.
    """

    __tablename__ = "place_name"
    __table_args__ = (
        Index("place_name_of_place", "geonames_id"),
        {"sqlite_with_rowid": False},
    )

    norm: str = Field(sa_column=by_bytes(120))
    geonames_id: int = Field(primary_key=True)
    weight: int


class PlacePrefix(SQLModel, table=True):
    """The weightiest places of a prefix that too many spellings begin with, ready made.

    Under country "" stand those of the whole world, under a code those of that country.
    """

    __tablename__ = "place_prefix"
    __table_args__ = ({"sqlite_with_rowid": False},)

    prefix: str = Field(sa_column=by_bytes(40))
    country: str = Field(primary_key=True, max_length=2)
    geonames_id: int = Field(primary_key=True)
    weight: int


class Region(SQLModel, table=True):
    """Folded words for countries and regions, to narrow a search ("springfield il").

    A country's own words have no `region_code`.
    """

    __table_args__ = ({"sqlite_with_rowid": False},)

    word: str = Field(sa_column=by_bytes(120))
    country: str = Field(primary_key=True, max_length=2)
    region_code: str = Field(primary_key=True, max_length=20)


class Town(SQLModel, table=True):
    """A town somebody asked for. Facts come from its place, the counters from votes.

    The counters are kept in the same transaction as what they count. `closeness` is
    readiness in one number, stored so that "closest to launch" is an index; `rising` is a
    log-decayed sum of votes (towns.rules); `mx`, `my` are integer Mercator coordinates (core.geo).
    `standing`: listed · by_hand (typed, not yet confirmed by staff) · dropped (it is none) ·
    merged (it is the town of `merged_into_id`, and leads there). `owner_id` is whoever of the staff
    looks after it. `celled_as` is what the map's cells count it as ("SI asking 1", towns.cells),
    empty while they don't; `zkey` is its place there as one number.
    """

    __table_args__ = (
        UniqueConstraint("country", "slug"),
        Index("town_by_votes", "standing", "vote_count", "id"),
        Index("town_by_country_votes", "standing", "country", "vote_count", "id"),
        Index("town_by_status_votes", "standing", "status", "vote_count", "id"),
        # What the desk counts above its table and sorts by most, without the towns' own rows.
        Index(
            "town_for_desk",
            "standing",
            "status",
            "vote_count",
            "come_count",
            "facilitate_count",
            "host_count",
            "ready_at",
            "answered_at",
            "asked_at",
        ),
        Index("town_by_closeness", "standing", "closeness", "vote_count", "id"),
        Index("town_by_rising", "standing", "rising", "id"),
        Index("town_by_newest", "standing", "asked_at", "id"),
        Index("town_by_need", "standing", "need", "id"),
        Index("town_by_place", "mx", "my"),
        Index("town_by_zkey", "zkey"),
        Index("town_by_region", "country", "region_code"),
        Index("town_by_nearest", "nearest_circle_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    geonames_id: int | None = Field(default=None, unique=True)
    code: str = Field(unique=True, max_length=8)
    slug: str = Field(max_length=120)
    name: str = Field(max_length=200)
    folded: str = Field(max_length=200)
    country: str = Field(max_length=2)
    region_code: str = Field(default="", max_length=20)
    region: str = Field(default="", max_length=120)
    lat: float | None = None
    lng: float | None = None
    mx: int | None = None
    my: int | None = None
    population: int = 0
    timezone: str = Field(default="UTC", max_length=40)
    standing: str = Field(default="listed", max_length=8)
    status: str = Field(default="asking", max_length=12)
    status_since: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    ready_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    vote_count: int = 0
    nearby_count: int = 0
    come_count: int = 0
    facilitate_count: int = 0
    host_count: int = 0
    help_count: int = 0
    story_count: int = 0
    comment_count: int = 0
    closeness: int = 0
    rising: float = 0.0
    need: float = 0.0
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    nearest_circle_id: int | None = None
    nearest_km: float | None = None
    merged_into_id: int | None = Field(default=None, foreign_key="town.id")
    celled_as: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": ""})
    zkey: int | None = Field(default=None, sa_type=BigInteger)


class TownCell(SQLModel, table=True):
    """How many towns stand in a square of the map under the same facets (towns.cells).

    Each is counted under its country and under "", all of them. `lonely`: no circle meets near.
    The sums give the middle of several towns, and the id of a single one.
    """

    __tablename__ = "town_cell"
    __table_args__ = ({"sqlite_with_rowid": False},)

    level: int = Field(primary_key=True)
    country: str = Field(primary_key=True, max_length=2)
    key: int = Field(primary_key=True, sa_type=BigInteger)
    status: str = Field(primary_key=True, max_length=12)
    lonely: int = Field(primary_key=True)
    towns: int
    sum_mx: int = Field(sa_type=BigInteger)
    sum_my: int = Field(sa_type=BigInteger)
    sum_id: int = Field(sa_type=BigInteger)


class TownSpelling(SQLModel, table=True):
    """The words of all names of a town, in every language and spelling the gazetteer knows."""

    __tablename__ = "town_spelling"

    town_id: int = Field(primary_key=True, foreign_key="town.id")
    words: str


class TownWord(SQLModel, table=True):
    """A word under which a town is found (core.text.words_of), and where it stands.

    `story_id` is the public story that holds it, `OWN` for the town's name, `SPELT` for another
    spelling of that. Kept by triggers (stories.word_triggers), so that no write can forget it.
    """

    __tablename__ = "town_word"
    __table_args__ = ({"sqlite_with_rowid": False},)

    word: str = Field(sa_column=by_bytes(40))
    town_id: int = Field(primary_key=True)
    story_id: int = Field(primary_key=True)


# Where a word of a town stands that stands in no story.
OWN: Final = 0
SPELT: Final = -1


class TownLanguage(SQLModel, table=True):
    """How many public stories of a town are written in a language."""

    __tablename__ = "town_language"
    __table_args__ = (Index("town_language_by_language", "language", "town_id"),)

    town_id: int = Field(primary_key=True, foreign_key="town.id")
    language: str = Field(primary_key=True, max_length=8)
    stories: int


class TownAddress(SQLModel, table=True):
    """An address that a town once had; it redirects."""

    __tablename__ = "town_address"

    country: str = Field(primary_key=True, max_length=2)
    slug: str = Field(primary_key=True, max_length=120)
    town_id: int = Field(foreign_key="town.id", index=True)


places = table_of(Place)
place_names = table_of(PlaceName)
place_prefixes = table_of(PlacePrefix)
regions = table_of(Region)
towns = table_of(Town)
town_cells = table_of(TownCell)
town_spellings = table_of(TownSpelling)
town_words = table_of(TownWord)
town_languages = table_of(TownLanguage)
town_addresses = table_of(TownAddress)
