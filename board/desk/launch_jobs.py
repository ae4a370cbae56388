"""Looking for circles that answer a town; runs after each look at P2PU's feed."""

from board.core import clock
from board.core.db import Database
from board.desk.launch_actions import settle_answered, suggest_launches


def look_for_launches(database: Database) -> int:
    """Suggest what is new and drop what is settled; how many suggestions are new."""
    now = clock.now()
    with database.transaction() as conn:
        settle_answered(conn, now)
        return suggest_launches(conn, now)
