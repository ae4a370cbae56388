"""Telling a story, and what moderators do with it. The town's counter moves along."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from board.core.errors import Conflict, NotFound
from board.core.language import gettext as _
from board.stories.models import stories
from board.stories.rules import Telling, rendered, title_of
from board.towns.actions import count_stories
from board.towns.models import towns


def submit_story(
    conn: Connection,
    telling: Telling,
    *,
    town_id: int,
    person_id: int,
    visibility: str,
    now: datetime,
) -> int:
    """Keep a confirmed person's story, held or public; its id."""
    country: str = conn.execute(select(towns.c.country).where(towns.c.id == town_id)).scalar_one()
    titled = telling._replace(title=title_of(telling))
    story_id: int = conn.execute(
        insert(stories)
        .values(
            town_id=town_id,
            person_id=person_id,
            country=country,
            **titled._asdict(),
            **rendered(titled),
            visibility=visibility,
            created_at=now,
            published_at=now if visibility == "public" else None,
        )
        .returning(stories.c.id)
    ).scalar_one()
    if visibility == "public":
        count_stories(conn, town_id, telling.language, 1)
    return story_id


def show_story(conn: Connection, story_id: int, now: datetime) -> str:
    """Make a story public ("Keep it"); what it was before. Its date is the day it appeared."""
    return _move(conn, story_id, "public", "", now)


def hide_story(conn: Connection, story_id: int, visibility: str, reason: str, now: datetime) -> str:
    """Unlist, archive or delete a story, with one of P2PU's reasons; what it was before."""
    return _move(conn, story_id, visibility, reason, now)


def archive_stories(conn: Connection, town_id: int, now: datetime) -> None:
    """Put away all that was told in a town, because it is none."""
    seen = stories.c.visibility.in_(("held", "public", "unlisted"))
    told = conn.execute(select(stories.c.id).where(stories.c.town_id == town_id, seen))
    for story_id in told.scalars().all():
        _move(conn, story_id, "archived", "", now)


def _move(conn: Connection, story_id: int, after: str, reason: str, now: datetime) -> str:
    s = stories.c
    row = conn.execute(
        select(s.visibility, s.town_id, s.language, s.published_at)
        .where(s.id == story_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(_("There is no such story."))
    if row.visibility == after:
        raise Conflict(_("Somebody else was faster: this is done already."))
    conn.execute(
        update(stories)
        .where(s.id == story_id)
        .values(
            visibility=after,
            reason=reason,
            published_at=row.published_at or (now if after == "public" else None),
        )
    )
    change = int(after == "public") - int(row.visibility == "public")
    if change:
        count_stories(conn, row.town_id, row.language, change)
    before: str = row.visibility
    return before


def count_comment(conn: Connection, story_id: int, change: int) -> None:
    """A comment under this story became public, or stopped being so."""
    conn.execute(
        update(stories)
        .where(stories.c.id == story_id)
        .values(comment_count=stories.c.comment_count + change)
    )
