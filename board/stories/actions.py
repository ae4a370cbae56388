"""Telling a story, what moderators do with it, and its end. The town's counter moves along."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, delete, func, insert, select, update

from board.core.errors import Conflict, NotFound
from board.core.language import gettext as _
from board.stories.models import photos, revisions, stories, uploads
from board.stories.rules import PUT_AWAY_FOR, UNDO_FOR, Telling, rendered, title_of
from board.towns.actions import count_comments, count_stories
from board.towns.models import towns


class Before(NamedTuple):
    """Where a story or comment stood before somebody's decision, and since when."""

    visibility: str
    reason: str = ""
    held_for: str = ""
    hidden_at: datetime | None = None


def submit_story(
    conn: Connection,
    telling: Telling,
    *,
    town_id: int,
    person_id: int,
    visibility: str,
    now: datetime,
    signals: str = "",
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
            held_for="first" if visibility == "held" else "",
            signals=signals,
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


def keep_story(conn: Connection, story_id: int, now: datetime) -> str:
    """A moderator looked and keeps it, be it held or public and flagged; what it was before.

    Flags don't hide it again until its author changes it (DECISIONS 8).
    """
    s = stories.c
    kept = (s.id == story_id) & (s.visibility == "public")
    still = conn.execute(update(stories).where(kept).values(kept_at=now).returning(s.visibility))
    return "public" if still.first() else show_story(conn, story_id, now)


def hide_story(conn: Connection, story_id: int, visibility: str, reason: str, now: datetime) -> str:
    """Unlist, archive or delete a story, with one of P2PU's reasons; what it was before."""
    return _move(conn, story_id, visibility, reason, now)


def put_story_back(
    conn: Connection, story_id: int, before: Before, *, decided_at: datetime
) -> None:
    """Take the decision of that moment back: the story stands where it stood.

    What appeared by that decision never did; if nobody could read it before, nobody finds it.
    """
    s = stories.c
    row = lock_story(conn, story_id)
    if not row.title or row.visibility == "withdrawn":
        raise Conflict(_("Its words are destroyed: nobody can move it any more."))
    conn.execute(
        update(stories)
        .where(s.id == story_id)
        .values(
            visibility=before.visibility,
            reason=before.reason,
            held_for=before.held_for,
            hidden_at=before.hidden_at,
            published_at=case((s.published_at == decided_at, None), else_=s.published_at),
            kept_at=case((s.kept_at == decided_at, None), else_=s.kept_at),
        )
    )
    _count(conn, row, before.visibility)


def archive_stories(conn: Connection, town_id: int, now: datetime) -> dict[int, str]:
    """Put away all that was told in a town, because it is none; what each was before."""
    seen = stories.c.visibility.in_(("held", "public", "unlisted"))
    told = conn.execute(select(stories.c.id).where(stories.c.town_id == town_id, seen))
    return {
        story_id: _move(conn, story_id, "archived", "", now) for story_id in told.scalars().all()
    }


def withdraw_story(conn: Connection, story_id: int, now: datetime) -> None:
    """Its author takes a story back: it leaves the pages, and its words are destroyed at once.

    What was said under it is not known here: see `taking_part.story_actions.withdraw`.
    """
    _move(conn, story_id, "withdrawn", "", now)
    empty_stories(conn, [story_id])


def hold_flagged_story(conn: Connection, story_id: int, now: datetime) -> str:
    """Hold a public story until somebody looked at it, because several people asked for that."""
    return _move(conn, story_id, "held", "", now, held_for="flags")


def _move(
    conn: Connection, story_id: int, after: str, reason: str, now: datetime, *, held_for: str = ""
) -> str:
    s = stories.c
    row = lock_story(conn, story_id)
    if row.visibility == after:
        raise Conflict(_("Somebody else was faster: this is done already."))
    if row.visibility == "withdrawn" or not row.title:
        raise Conflict(_("Its words are destroyed: nobody can move it any more."))
    conn.execute(
        update(stories)
        .where(s.id == story_id)
        .values(
            visibility=after,
            reason=reason,
            published_at=row.published_at or (now if after == "public" else None),
            held_for=held_for,
            kept_at=now if after == "public" else row.kept_at,
            hidden_at=None if after == "public" else now,
        )
    )
    _count(conn, row, after)
    before: str = row.visibility
    return before


def lock_story(conn: Connection, story_id: int) -> Any:
    """A story's row, kept still until the transaction ends; raises NotFound."""
    s = stories.c
    row = conn.execute(
        select(
            s.visibility,
            s.town_id,
            s.person_id,
            s.language,
            s.comment_count,
            s.published_at,
            s.kept_at,
            s.title,
        )
        .where(s.id == story_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(_("There is no such story."))
    return row


def _count(conn: Connection, row: Any, after: str) -> None:
    """A story comes or goes, and what was said under it with it: nobody reads the one without
    the other."""
    change = int(after == "public") - int(row.visibility == "public")
    if change:
        count_stories(conn, row.town_id, row.language, change)
        if row.comment_count:
            count_comments(conn, row.town_id, change * row.comment_count)


def count_comment(conn: Connection, story_id: int, change: int) -> bool:
    """A comment under this story became public, or stopped being so; whether the story is."""
    visibility = conn.execute(
        update(stories)
        .where(stories.c.id == story_id)
        .values(comment_count=stories.c.comment_count + change)
        .returning(stories.c.visibility)
    ).scalar()
    return visibility == "public"


# --- what is destroyed for good -------------------------------------------------------------


class Destroyed(NamedTuple):
    """How much went for good."""

    stories: int
    edits: int
    uploads: int


def destroy_due(conn: Connection, now: datetime) -> Destroyed:
    """Destroy the words whose time is over, and pictures that came with nothing.

    Deleted ones after their day of undo; what was archived, refused or never looked at after 90.
    """
    s, r, u = stories.c, revisions.c, uploads.c
    hidden = func.coalesce(s.hidden_at, s.created_at)
    beyond_undo = (s.visibility == "deleted") & (hidden <= now - UNDO_FOR)
    archived = (s.visibility == "archived") & (hidden <= now - PUT_AWAY_FOR)
    refused = (
        (s.visibility == "unlisted") & s.published_at.is_(None) & (hidden <= now - PUT_AWAY_FOR)
    )
    unseen = (
        (s.visibility == "held") & s.published_at.is_(None) & (s.created_at <= now - PUT_AWAY_FOR)
    )
    due = select(s.id).where(s.title != "", beyond_undo | archived | refused | unseen)
    ids = list(conn.execute(due).scalars())
    empty_stories(conn, ids)
    # Without words nobody can look at a story any more: it must not wait in the queue.
    conn.execute(
        update(stories)
        .where(s.id.in_(ids), s.visibility == "held")
        .values(visibility="deleted", hidden_at=now)
    )
    edits = conn.execute(
        delete(revisions)
        .where(r.state == "held", r.created_at <= now - PUT_AWAY_FOR)
        .returning(r.id)
    ).all()
    lapsed = conn.execute(delete(uploads).where(u.expires_at <= now).returning(u.width)).all()
    return Destroyed(len(ids), len(edits), len(lapsed))


def empty_stories(conn: Connection, story_ids: Collection[int]) -> None:
    """Destroy the words of these stories, their other wordings and their pictures."""
    blank = dict.fromkeys(
        ("name", "title", "why", "how", "own", "why_html", "how_html", "own_html", "folded"), ""
    )
    conn.execute(update(stories).where(stories.c.id.in_(story_ids)).values(**blank))
    conn.execute(delete(revisions).where(revisions.c.story_id.in_(story_ids)))
    conn.execute(delete(photos).where(photos.c.story_id.in_(story_ids)))
