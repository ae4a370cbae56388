"""Mails put into the outbox, and what became of them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from board.core.http import Board
from board.core.keys import Keys
from board.mail.actions import Letter, Queued, enqueue
from board.mail.carriers import Carrier
from board.mail.jobs import deliver_once
from board.mail.models import outgoing_mails
from board.mail.rules import Limits

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
MANY = Limits(per_hour=1_000, per_day=1_000)


def put(
    conn: Connection,
    keys: Keys,
    *,
    to: str = "bob@example.org",
    event: str = "confirm:1:1",
    kind: str = "confirm",
    language: str = "en",
    town: str = "Velenje",
    limits: Limits = MANY,
    now: datetime = NOW,
    stream: str = "",
    values: Mapping[str, Any] | None = None,
) -> Queued:
    """Put a mail for somebody into the outbox."""
    given = {"waiting_id": 1, "issue": 1, "kind": "vote", "town": town, "person_id": 1}
    letter = Letter(
        event=event,
        kind=kind,
        language=language,
        address=to,
        recipient_key=keys.person_key(to),
        values=given if values is None else values,
        stream=stream,
    )
    return enqueue(conn, keys, letter, domain="board.example.org", limits=limits, now=now)


def put_now(board: Board, **mail: Any) -> Queued:
    """The same, in a transaction of its own."""
    with board.database.transaction() as conn:
        return put(conn, board.keys, **mail)


def rows(board: Board) -> Sequence[Row[Any]]:
    """The whole outbox, the oldest first."""
    with board.database.snapshot() as conn:
        return conn.execute(select(outgoing_mails).order_by(outgoing_mails.c.id)).all()


def deliver_with(board: Board, carrier: Carrier) -> int:
    """Deliver what is due; how many mails were taken in hand."""

    async def all_of_it() -> int:
        taken = 0
        while await deliver_once(board.database, board.keys, board.settings, board.pages, carrier):
            taken += 1
        return taken

    return asyncio.run(all_of_it())
