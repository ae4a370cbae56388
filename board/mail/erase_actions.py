"""Forgetting a mailbox in the outbox; that it wants no mail stays remembered, by its key."""

import secrets

from sqlalchemy import Connection, delete, select, update

from board.mail.models import outgoing_mails
from board.mail.rules import OPEN_STATES


def forget_mailbox(conn: Connection, key: bytes) -> None:
    """Drop what waits for a mailbox, and let nothing lead back from what was sent.

    A row that was sent keeps its event under a key that nobody has: who is mailed once per event
    stays countable. A worker that has a mail in hand at this moment finds its row gone.
    """
    m = outgoing_mails.c
    conn.execute(delete(outgoing_mails).where(m.recipient_key == key, m.state.in_(OPEN_STATES)))
    for row_id in conn.execute(select(m.id).where(m.recipient_key == key)).scalars().all():
        conn.execute(
            update(outgoing_mails)
            .where(m.id == row_id)
            .values(
                recipient_key=secrets.token_bytes(32),
                recipient=b"",
                payload=b"",
                message_id="",
                answer="",
            )
        )
