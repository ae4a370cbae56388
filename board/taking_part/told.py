"""Counting forms as they are sent, for the desk's trends: a day, a kind and a country, no person.

What waits is deleted later, so it is counted when it is put away.
"""

from datetime import datetime

from sqlalchemy import Connection

from board.core.tallies import add_tallies, tallied
from board.taking_part.rules import Where, Wish
from board.towns.queries import country_of_place, town_by_id

# Votes and stories, which ask for a circle; a comment asks for nothing.
TOLD = {"vote": "told_vote", "story": "told_story"}


def note_told(conn: Connection, wish: Wish, now: datetime, *, country: str = "") -> None:
    """One more form was sent: one that now waits, or of somebody who was confirmed before.

    `country` where it is known already.
    """
    kind = TOLD.get(getattr(wish, "kind", ""))
    if kind is not None:
        country = country or _country(conn, wish.where)
        add_tallies(conn, {tallied(kind, country, now): 1})


def _country(conn: Connection, where: Where) -> str:
    if where.town_id is not None:
        town = town_by_id(conn, where.town_id)
        return "" if town is None else town.country
    if where.geonames_id is not None:
        return country_of_place(conn, where.geonames_id)
    return where.country
