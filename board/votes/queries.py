"""What the board knows of votes: one person's own, and the votes of a period."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from board.votes.models import votes
from board.votes.rules import Offer


class OwnVote(NamedTuple):
    """A person's own vote in a town, as their pages show it."""

    state: str
    nearby: bool
    offer: Offer


def own_vote(conn: Connection, town_id: int, voter_key: bytes) -> OwnVote | None:
    """The vote that the holder of this key has in a town, in whatever state."""
    c = votes.c
    row = conn.execute(
        select(c.state, c.nearby, c.come, c.facilitate, c.host, c.help).where(
            c.town_id == town_id, c.voter_key == voter_key
        )
    ).first()
    if row is None:
        return None
    return OwnVote(row.state, row.nearby, Offer(row.come, row.facilitate, row.host, row.help))


def offers_of(conn: Connection, authors: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Offer]:
    """What people offer in towns, by (town, person); one statement for all of them."""
    if not authors:
        return {}
    c = votes.c
    rows = conn.execute(
        select(c.town_id, c.person_id, c.come, c.facilitate, c.host, c.help).where(
            tuple_(c.town_id, c.person_id).in_(authors), c.state == "counted"
        )
    )
    return {
        (row.town_id, row.person_id): Offer(row.come, row.facilitate, row.host, row.help)
        for row in rows
    }
