"""A process that tells, so that a test can kill it or let two of them run at once."""

from pathlib import Path

from board.app import keys_of
from board.core.config import Settings
from board.core.db import Database
from board.digests.jobs import tell_all


def work(url: str, var: Path, secret: str, rounds: int) -> None:
    """Tell some rounds."""
    settings = Settings(
        database_url=url, var=var, voter_secret=secret, sealing_keys=(secret,), link_secret=secret
    )
    database = Database(url)
    for _round in range(rounds):
        tell_all(database, keys_of(settings), settings, look=True)
    database.close()
