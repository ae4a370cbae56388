"""What reaches the desk from outside: partners who write, towns that need a look."""

from datetime import datetime

from sqlmodel import Field, SQLModel

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


partner_messages = table_of(PartnerMessage)
