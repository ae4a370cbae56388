"""Another wording of a story: applied, held back for a look, or dropped (DECISIONS 7)."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from board.core.errors import Conflict
from board.core.language import gettext as _
from board.stories.actions import lock_story
from board.stories.models import revisions, stories
from board.stories.photo_actions import describe_photo, put_photo
from board.stories.picture_rules import Picture
from board.stories.queries import EDITABLE, StoryView, any_story
from board.stories.rules import Telling, rendered, title_of
from board.towns.actions import count_stories


class Change(NamedTuple):
    """What an edit makes of a story: its words, what its picture shows, perhaps another picture."""

    telling: Telling
    alt: str
    picture: Picture | None = None


def rewrite(
    conn: Connection, story: StoryView, change: Change, *, trace: bool, now: datetime
) -> None:
    """Put new words in a story's place; `trace` keeps the old ones for everybody to read."""
    if trace:
        conn.execute(insert(revisions).values(state="past", **_words(story, story.telling, now)))
    titled = change.telling._replace(name=story.name, title=title_of(change.telling))
    conn.execute(
        update(stories)
        .where(stories.c.id == story.id)
        .values(
            **titled._asdict(),
            **rendered(titled),
            edited_at=now if trace else story.edited_at,
            # A moderator kept the words before, not these.
            kept_at=None,
        )
    )
    if story.is_public and titled.language != story.language:
        count_stories(conn, story.town_id, story.language, -1)
        count_stories(conn, story.town_id, titled.language, 1)
    if change.picture is not None:
        put_photo(conn, story.id, change.picture, change.alt, now)
    else:
        describe_photo(conn, story.id, change.alt)
    drop_held_edit(conn, story.id)


def hold_edit(conn: Connection, story: StoryView, change: Change, now: datetime) -> None:
    """Put an edit away until a moderator saw it; it takes the place of an earlier one."""
    drop_held_edit(conn, story.id)
    picture = change.picture._asdict() if change.picture else {}
    words = _words(story, change.telling._replace(title=title_of(change.telling)), now)
    conn.execute(insert(revisions).values(state="held", alt=change.alt, **picture, **words))


def drop_held_edit(conn: Connection, story_id: int) -> None:
    """Forget the edit that waits; the story keeps the words it has."""
    r = revisions.c
    conn.execute(delete(revisions).where(r.story_id == story_id, r.state == "held"))


def _words(story: StoryView, telling: Telling, now: datetime) -> dict[str, object]:
    words = telling._asdict()
    del words["name"]
    return {"story_id": story.id, "created_at": now, **words}


def keep_rewritten(conn: Connection, story_id: int, now: datetime) -> None:
    """A moderator saw these new words and kept them: flags don't hide them again."""
    conn.execute(update(stories).where(stories.c.id == story_id).values(kept_at=now))


class TakenEdit(NamedTuple):
    """An edit that a moderator looks at: it waits no more."""

    story: StoryView
    change: Change


def take_held_edit(conn: Connection, revision_id: int) -> TakenEdit:
    """Take an edit out of the queue; raises Conflict when it was decided or replaced meanwhile."""
    r = revisions.c
    asked = select(r.story_id).where(r.id == revision_id, r.state == "held")
    story_id = conn.execute(asked).scalar()
    if story_id is not None:
        lock_story(conn, story_id)
    row = conn.execute(delete(revisions).where(r.id == revision_id).returning(revisions)).first()
    if story_id is None or row is None:
        raise Conflict(_("This edit was decided, or its author changed it once more."))
    story = _story_of(conn, story_id)
    telling = Telling(story.name, row.title, row.language, row.why, row.how, row.own)
    picture = Picture(row.jpeg, row.width, row.height) if row.jpeg else None
    return TakenEdit(story, Change(telling, row.alt, picture))


def _story_of(conn: Connection, story_id: int) -> StoryView:
    story = any_story(conn, story_id)
    if story.visibility not in EDITABLE:
        raise Conflict(_("The story was taken away meanwhile."))
    return story
