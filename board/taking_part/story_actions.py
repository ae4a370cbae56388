"""What authors do with their stories, and what else moves along: comments, photos, counters."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from board.comments.actions import move_comment
from board.comments.models import comments
from board.core.errors import Conflict, Gone, Mistake, Refused
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.quotas import spend
from board.core.text import count_links
from board.people.queries import is_blocked, is_trusted
from board.stories.actions import lock_story, withdraw_story
from board.stories.edit_actions import (
    Change,
    drop_held_edit,
    hold_edit,
    keep_rewritten,
    rewrite,
    take_held_edit,
)
from board.stories.photo_actions import drop_photo, drop_upload
from board.stories.photo_queries import edited_photo_of, sent_picture
from board.stories.queries import StoryView, Wording, held_edit, own_story
from board.stories.rules import Telling, first_visibility, leaves_trace, way_of_edit
from board.taking_part.actions import no_more_part
from board.taking_part.rules import Terms
from board.updates.models import updates

EDITS_A_DAY: Final = 40


class Edit(NamedTuple):
    """A story as its author would have it now; `seen` is what they had before their eyes."""

    story_id: int
    seen: str
    telling: Telling
    alt: str = ""
    photo: str = ""
    without_photo: bool = False


def seen_of(story: StoryView, waiting: Wording | None) -> str:
    """What an author sees who opens a story to edit it: its words, and the edit that waits."""
    return f"{story.wording}-{waiting.id if waiting else 0}"


def edit_story(
    conn: Connection,
    keys: Keys,
    edit: Edit,
    *,
    person_id: int,
    key: bytes,
    terms: Terms,
    now: datetime,
) -> str:
    """Change one's own story; what became of the edit: in place, now, held, or same.

    Raises Conflict when it is no longer what its author saw, in another window or on another
    computer.
    """
    _may_edit(conn, key, now)
    lock_story(conn, edit.story_id)
    story = own_story(conn, edit.story_id, person_id)
    waiting = held_edit(conn, story.id)
    if edit.seen != seen_of(story, waiting):
        raise Conflict(_("This story was changed meanwhile, perhaps in another window."))
    way = way_of_edit(story.visibility, appears=_appears(conn, edit.telling, person_id, terms))
    if not way:
        raise Refused(_("This story isn't shown at the moment, so it can't be changed."))
    change = _change_of(conn, keys, edit, waiting, now)
    if edit.without_photo:
        # What somebody wants gone from a picture goes at once, whoever looks at the words.
        drop_photo(conn, story.id)
        story = story._replace(photo_id=None, photo_alt="")
    drop_upload(conn, edit.photo)
    if _same(story, change):
        drop_held_edit(conn, story.id)
        return "same"
    if way == "held":
        hold_edit(conn, story, change, now)
    else:
        rewrite(conn, story, change, trace=_leaves_trace(conn, story), now=now)
    return way


def _may_edit(conn: Connection, key: bytes, now: datetime) -> None:
    if is_blocked(conn, key):
        raise Refused(no_more_part())
    if spend(conn, "edits", key, window=timedelta(days=1), now=now) > EDITS_A_DAY:
        raise Mistake({"why": _("You changed a lot today. Come back to it tomorrow.")})


def _appears(conn: Connection, telling: Telling, person_id: int, terms: Terms) -> bool:
    shown = first_visibility(
        trusted=is_trusted(conn, person_id),
        publish_first=terms.publish_first,
        links=sum(count_links(text) for text in (telling.title, *telling.texts)),
    )
    return shown == "public"


def _change_of(
    conn: Connection, keys: Keys, edit: Edit, waiting: Wording | None, now: datetime
) -> Change:
    """The edit with its picture: a new one, or the one that waits since an earlier edit."""
    picture = sent_picture(conn, keys, edit.photo, now) if edit.photo else None
    if picture is None and waiting is not None and not edit.without_photo:
        picture = edited_photo_of(conn, waiting.id)
    return Change(edit.telling, edit.alt, picture)


def _same(story: StoryView, change: Change) -> bool:
    described = change.alt == story.photo_alt or story.photo_id is None
    telling = change.telling._replace(name=story.name)
    return telling == story.telling and described and change.picture is None


def _leaves_trace(conn: Connection, story: StoryView) -> bool:
    c = comments.c
    commented = select(c.id).where(c.story_id == story.id, c.visibility != "held").limit(1)
    answered = select(func.max(updates.c.published_at)).where(updates.c.town_id == story.town_id)
    return leaves_trace(
        story.published_at,
        commented=conn.execute(commented).first() is not None,
        answered_at=conn.execute(answered).scalar(),
    )


# --- what a moderator says to an edit -------------------------------------------------------


def keep_edit(conn: Connection, revision_id: int, now: datetime) -> StoryView:
    """Put the edit that waited in the story's place; the story as it was before."""
    taken = take_held_edit(conn, revision_id)
    trace = _leaves_trace(conn, taken.story)
    rewrite(conn, taken.story, taken.change, trace=trace, now=now)
    keep_rewritten(conn, taken.story.id, now)
    return taken.story


def refuse_edit(conn: Connection, revision_id: int) -> StoryView:
    """Drop the edit that waited; the story keeps the words it has."""
    return take_held_edit(conn, revision_id).story


# --- taking back ----------------------------------------------------------------------------


def withdraw(conn: Connection, story_id: int, person_id: int, now: datetime) -> None:
    """The author takes a story back: its words are destroyed, what was said under it is put away.

    The vote it came with stands. Raises NotFound for anybody else's story.
    """
    lock_story(conn, story_id)
    story = own_story(conn, story_id, person_id)
    if story.visibility == "withdrawn" or not story.title:
        raise Gone(_("You took this story back already."))
    withdraw_story(conn, story.id, now)
    c = comments.c
    seen = c.visibility.in_(("held", "public", "unlisted"))
    said = conn.execute(select(c.id).where(c.story_id == story.id, seen))
    for comment_id in said.scalars().all():
        move_comment(conn, comment_id, "archived", now=now)
