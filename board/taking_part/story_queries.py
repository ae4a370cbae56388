"""What an author's own pages show of a story: its words now, the edit that waits, what would go."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from board.comments.models import comments
from board.core.errors import Gone, NotFound
from board.core.language import gettext as _
from board.stories.queries import (
    EDITABLE,
    StoryView,
    Wording,
    earlier_wordings,
    get_story,
    held_edit,
    own_story,
)
from board.stories.rules import Telling, rendered
from board.taking_part.story_actions import seen_of


class Editing(NamedTuple):
    """A story as its author edits it: `telling` is the edit that waits, or what stands."""

    story: StoryView
    waiting: Wording | None
    seen: str

    @property
    def telling(self) -> Telling:
        """The words to begin with."""
        return self.waiting.telling(self.story.name) if self.waiting else self.story.telling

    @property
    def alt(self) -> str:
        """What the picture shows, in its author's newest words."""
        return self.waiting.alt if self.waiting else self.story.photo_alt


def story_to_edit(conn: Connection, story_id: int, person_id: int) -> Editing:
    """One's own story, with what it would be edited from; raises NotFound for anybody else's."""
    story = own_story(conn, story_id, person_id)
    if story.visibility not in EDITABLE or not story.title:
        raise Gone(_("This story isn't shown at the moment, so it can't be changed."))
    waiting = held_edit(conn, story.id)
    return Editing(story, waiting, seen_of(story, waiting))


class Leaving(NamedTuple):
    """What goes when an author takes a story back."""

    story: StoryView
    comments: int


def story_to_withdraw(conn: Connection, story_id: int, person_id: int) -> Leaving:
    """One's own story, and how much was said under it."""
    story = own_story(conn, story_id, person_id)
    said = select(func.count()).where(
        comments.c.story_id == story_id, comments.c.visibility == "public"
    )
    return Leaving(story, conn.execute(said).scalar_one())


class PastWording(NamedTuple):
    """An earlier wording as everybody may read it; `until` is when another took its place."""

    wording: Wording
    html: dict[str, str]

    @property
    def why_html(self) -> str:
        return self.html["why_html"]

    @property
    def how_html(self) -> str:
        return self.html["how_html"]

    @property
    def own_html(self) -> str:
        return self.html["own_html"]

    @property
    def language(self) -> str:
        return self.wording.language


class History(NamedTuple):
    """A story and the wordings that stood in its place before, the newest first."""

    story: StoryView
    past: list[PastWording]


def history_of(
    conn: Connection, story_id: int, *, viewer_id: int | None, may_moderate: bool
) -> History:
    """The earlier wordings of a story, for those who may see it; raises NotFound for none."""
    story = get_story(conn, story_id, viewer_id=viewer_id, may_moderate=may_moderate)
    found = earlier_wordings(conn, story_id)
    if not found:
        raise NotFound(_("This story stands as it was told: there is no earlier wording."))
    return History(story, [PastWording(w, rendered(w.telling(story.name))) for w in found])
