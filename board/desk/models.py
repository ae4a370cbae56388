"""What reaches the desk from outside: partners who write, towns that need a look."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from board.core.tables import UtcDateTime, table_of


class PartnerMessage(SQLModel, table=True):
    """Somebody wants to partner with P2PU; the words and the contact are sealed."""

    __tablename__ = "partner_message"

    id: int | None = Field(default=None, primary_key=True)
    town_id: int | None = Field(default=None, foreign_key="town.id", index=True)
    language: str = Field(max_length=8)
    content: bytes
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TownMerge(SQLModel, table=True):
    """One town was found to be another one; undone within 30 days, or for good.

    `standing` is what the source was before; `moved` and `already` count its voters.
    """

    __tablename__ = "town_merge"

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="town.id", index=True)
    target_id: int = Field(foreign_key="town.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    standing: str = Field(max_length=8)
    moved: int
    already: int
    merged_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TownMergeItem(SQLModel, table=True):
    """One row that a merge moved or changed, and how it was before where that isn't plain."""

    __tablename__ = "town_merge_item"

    id: int | None = Field(default=None, primary_key=True)
    merge_id: int = Field(foreign_key="town_merge.id", index=True)
    kind: str = Field(max_length=16)
    item_id: int
    before: str = Field(default="", max_length=80)


class SavedView(SQLModel, table=True):
    """A question to the table of towns that somebody kept; `query` as `TableQuestion` writes it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    name: str = Field(max_length=40)
    query: str = Field(max_length=1_000)
    shared: bool = Field(default=False, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class TownNote(SQLModel, table=True):
    """What staff tell each other about a town; never shown outside the desk."""

    __tablename__ = "town_note"

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    text: str = Field(max_length=2000)
    written_at: datetime = Field(sa_type=UtcDateTime)


class Outreach(SQLModel, table=True):
    """A letter that staff wrote to the people who offered something in a town.

    `asked_for` names the offers it was for; the words are in the mails alone. `once` comes from
    the page it was written on, so that sending that page twice sends one letter.
    """

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    asked_for: str = Field(max_length=40)
    people: int
    once: str = Field(max_length=60, unique=True)
    sent_at: datetime = Field(sa_type=UtcDateTime)


class HandOver(SQLModel, table=True):
    """Somebody will facilitate in a town: who offered is asked whether their contact may go there.

    `name` is the facilitator's first name as the mails say it; `email` their sealed mailbox.
    `issue` counts the links that were sent to it; `sent_at` and `opened_at` are the newest one's.
    """

    __tablename__ = "hand_over"

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    name: str = Field(max_length=40)
    email: bytes
    asked: int
    asked_at: datetime = Field(sa_type=UtcDateTime)
    issue: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HandOverYes(SQLModel, table=True):
    """Somebody said yes: their contact may be passed on; silence is no. `passed_at`: it was."""

    __tablename__ = "hand_over_yes"

    hand_over_id: int = Field(primary_key=True, foreign_key="hand_over.id")
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    said_at: datetime = Field(sa_type=UtcDateTime)
    passed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LaunchSuggestion(SQLModel, table=True):
    """A circle appeared in a town that asks: staff say whether it is the one that was asked for."""

    __tablename__ = "launch_suggestion"
    __table_args__ = (UniqueConstraint("town_id", "circle_id"),)

    id: int | None = Field(default=None, primary_key=True)
    town_id: int = Field(foreign_key="town.id", index=True)
    circle_id: int = Field(foreign_key="circle.id")
    noticed_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


partner_messages = table_of(PartnerMessage)
saved_views = table_of(SavedView)
town_merges = table_of(TownMerge)
town_merge_items = table_of(TownMergeItem)
town_notes = table_of(TownNote)
outreaches = table_of(Outreach)
hand_overs = table_of(HandOver)
hand_over_yeses = table_of(HandOverYes)
launch_suggestions = table_of(LaunchSuggestion)
