"""A worker that delivers in a process of its own, so that a test can kill it."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from board.app import keys_of
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.rendering import make_environment
from board.mail import delivery_actions
from board.mail.carriers import Smtp
from board.mail.jobs import deliver_once
from board.mail.models import outgoing_mails


def work(url: str, port: int, var: Path, secret: str, lease: float = 0.3) -> None:
    """Deliver until nothing waits any more; `lease` in seconds."""
    # A killed worker's mail is taken over within the test's patience.
    delivery_actions.LEASE = timedelta(seconds=lease)
    settings = Settings(
        database_url=url, var=var, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none",
        voter_secret=secret, sealing_keys=(secret,), link_secret=secret,
    )  # fmt: skip
    database, keys = Database(url), keys_of(settings)
    pages = make_environment(ROOT / "templates", build="worker")
    while _left(database):
        if not asyncio.run(deliver_once(database, keys, settings, pages, Smtp(settings))):
            time.sleep(0.05)
    database.close()


def _left(database: Database) -> int:
    waits = outgoing_mails.c.state.in_(["waiting", "sending"])
    with database.snapshot() as conn:
        return int(conn.execute(select(func.count()).where(waits)).scalar_one())
