"""Gathering the news of a stretch of time: some statements for the whole board, none a person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select

from board.circles.models import circles
from board.comments.models import comments
from board.digests.news import CircleNews, News, StoryNews, TownNews, UpdateNews
from board.mail.models import announcements, outgoing_mails
from board.mail.rules import NEVER_WENT
from board.stories.models import stories
from board.towns.models import towns
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.updates.models import updates
from board.votes.models import votes

_TEXT_SHOWN: Final = 300
_CHUNK: Final = 5_000


def gather(conn: Connection, since: datetime, until: datetime) -> News:
    """What became public from a moment up to another one."""
    v, s, c, u = votes.c, stories.c, comments.c, updates.c
    new_votes = _counts(
        conn, v.town_id, v.state == "counted", v.cast_at >= since, v.cast_at < until
    )
    new_comments = _counts(
        conn,
        c.town_id,
        c.visibility == "public",
        c.town_id.is_not(None),
        c.created_at >= since,
        c.created_at < until,
    )
    new_stories = conn.execute(
        select(s.town_id, s.id, s.title, s.name, s.language)
        .where(s.visibility == "public", s.published_at >= since, s.published_at < until)
        .order_by(s.published_at.desc(), s.id.desc())
    ).all()
    new_updates = conn.execute(
        select(u.town_id, u.id, u.before, u.after, u.text, u.language)
        .where(u.published_at >= since, u.published_at < until)
        .order_by(u.published_at.desc(), u.id.desc())
    ).all()
    ids = {
        *new_votes, *new_comments, *(r.town_id for r in new_stories),
        *(r.town_id for r in new_updates),
    }  # fmt: skip
    found = {
        number: TownNews(town, new_votes.get(number, 0), new_comments.get(number, 0))
        for number, town in _towns(conn, ids).items()
    }
    for row in new_stories:
        if row.town_id in found:
            found[row.town_id].stories.append(StoryNews._make(row[1:]))
    for word in new_updates:
        if word.town_id in found:
            text = word.text if len(word.text) <= _TEXT_SHOWN else word.text[:_TEXT_SHOWN] + "…"
            said = UpdateNews(word.id, word.before, word.after, text, word.language)
            found[word.town_id].updates.append(said)
    return News(found, _circles(conn, since, until))


def _counts(
    conn: Connection, town_id: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> dict[int, int]:
    """How many rows that meet the conditions each town has."""
    rows = conn.execute(select(town_id, func.count()).where(*conditions).group_by(town_id))
    return {row[0]: row[1] for row in rows}


def _towns(conn: Connection, ids: Collection[int]) -> dict[int, TownRow]:
    ordered = sorted(ids)
    found: dict[int, TownRow] = {}
    for start in range(0, len(ordered), _CHUNK):
        rows = conn.execute(
            select(*TOWN_COLUMNS).where(
                towns.c.id.in_(ordered[start : start + _CHUNK]), towns.c.standing != "dropped"
            )
        )
        found |= {row.id: TownRow._make(row) for row in rows}
    return found


def _circles(conn: Connection, since: datetime, until: datetime) -> dict[int, CircleNews]:
    """Circles that were noticed in this time and still meet."""
    c, a = circles.c, announcements.c
    rows = conn.execute(
        select(
            c.id, c.title, c.city, c.country, c.geonames_id, c.lat, c.lng, c.starts_on,
            c.starts_at, c.url, c.signup_open,
        )
        .join(announcements, (a.kind == "circle") & (a.subject_id == c.id))
        .where(
            a.created_at >= since, a.created_at < until, c.gone_at.is_(None), c.over_at > until,
            c.lat.is_not(None), c.lng.is_not(None), ~c.online,
        )
        .order_by(c.id)
    )  # fmt: skip
    return {
        row.id: CircleNews(
            row.id, row.title, row.city, row.country, row.geonames_id, row.lat, row.lng,
            row.starts_on.isoformat(), row.starts_at, row.url if row.signup_open else "",
        )
        for row in rows
    }  # fmt: skip


def told_before(
    conn: Connection, keys: Collection[bytes], events: Collection[str]
) -> dict[bytes, set[str]]:
    """Which of these events each of these mailboxes had a mail of at once, or will have."""
    if not events:
        return {}
    m = outgoing_mails.c
    found: dict[bytes, set[str]] = {}
    rows = conn.execute(
        select(m.recipient_key, m.event).where(
            m.recipient_key.in_(keys), m.event.in_(events), m.state.not_in(NEVER_WENT)
        )
    )
    for key, event in rows:
        found.setdefault(key, set()).add(event)
    return found
