"""Forgetting who of the team wrote P2PU's words; the words are P2PU's and stay."""

from sqlalchemy import Connection, update

from board.updates.models import updates


def forget_author(conn: Connection, person_id: int) -> None:
    """Take a person's name from the official words they wrote."""
    conn.execute(
        update(updates).where(updates.c.person_id == person_id).values(person_id=None, name="")
    )
