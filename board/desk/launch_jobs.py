"""Looking for circles that answer a town; runs after each look at P2PU's feed."""

from board.core import clock
from board.core.db import Database
from board.desk.launch_actions import settle_answered, suggest
from board.desk.launch_matches import unsuggested


def look_for_launches(database: Database) -> int:
    """Suggest what is new and drop what is settled; how many suggestions are new.

    Votes wait for what is written here alone, not for the looking. What was launched between the
    two is settled at once.
    """
    now = clock.now()
    with database.snapshot() as conn:
        pairs = unsuggested(conn, now)
    with database.transaction() as conn:
        new = suggest(conn, pairs, now)
        settle_answered(conn, now)
        return new
