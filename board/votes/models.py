"""One vote per person and town, and the offers that hang on it."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class Vote(SQLModel, table=True):
    """A person's vote for a town. `state`: counted · taken_back · voided.

    `voter_key` stays when the person is erased, so that nobody votes twice; then `person_id`,
    `nearby` and the offers are null or false. `reason` says why staff voided it, `voided_from`
    what restoring makes of it; `network` (a keyed hash, kept 14 days) and `signals` are hints for
    staff, never a verdict.
    """

    __table_args__ = (
        UniqueConstraint("town_id", "voter_key"),
        # Trends and the table count from it alone, whatever the rows hold beside.
        Index("vote_by_town", "town_id", "state", "cast_at", "come", "facilitate", "host", "help"),
    )

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id")
    voter_key: bytes = Field(index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    state: str = Field(default="counted", max_length=10)
    name: str = Field(default="", max_length=40)
    nearby: bool = False
    come: bool = False
    facilitate: bool = False
    host: bool = False
    help: bool = False
    cast_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=40)
    voided_from: str = Field(default="", max_length=10)
    batch_id: int | None = Field(default=None, foreign_key="code_batch.id", index=True)
    network: bytes | None = Field(default=None)
    signals: str = Field(default="", max_length=120)


class VoteTopic(SQLModel, table=True):
    """What a voter would like to learn, in their word; counted by its folded spelling."""

    __tablename__ = "vote_topic"

    vote_id: int = Field(primary_key=True, foreign_key="vote.id")
    folded: str = Field(primary_key=True, max_length=60)
    word: str = Field(max_length=60)


class VoteSlot(SQLModel, table=True):
    """When a voter could come: a weekday and a time of day ("thu_evening", votes.rules)."""

    __tablename__ = "vote_slot"

    vote_id: int = Field(primary_key=True, foreign_key="vote.id")
    slot: str = Field(primary_key=True, max_length=14)


votes = table_of(Vote)
vote_topics = table_of(VoteTopic)
vote_slots = table_of(VoteSlot)
