"""Which authors can be told by mail what was decided about their words; never their addresses."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, exists, select

from board.mail.models import stopped_streams, suppressions
from board.people.models import contacts, people

# Mails about one's own words (mail.rules.STREAMS).
STREAM: Final = "words"
_c, _p, _s, _t = contacts.c, people.c, suppressions.c, stopped_streams.c


def writable_authors(
    conn: Connection, person_ids: Collection[int], now: datetime
) -> dict[int, str]:
    """The language of each of these people who left an address and stopped no such mails."""
    rows = conn.execute(
        select(_p.id, _p.language)
        .join(contacts, (_c.person_id == _p.id) & (_c.kind == "email"))
        .where(
            _p.id.in_(person_ids),
            _p.blocked_at.is_(None),
            _c.expires_at > now,
            ~exists().where(_s.key == _p.key),
            ~exists().where(_t.key == _p.key, _t.stream == STREAM),
        )
    )
    return {row.id: row.language for row in rows}
