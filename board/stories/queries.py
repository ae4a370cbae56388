"""Reading stories. `get_story` is the only way to one, so hidden ones stay hidden."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, func, literal, or_, select

from board.core.errors import Gone, NotFound
from board.core.language import gettext as _
from board.stories.models import photos, revisions, stories
from board.stories.rules import Telling, wording_of
from board.towns.models import towns
from board.towns.rules import town_path


class StoryView(NamedTuple):
    """A story as cards and pages show it; the author's offers are filled in by who shows it."""

    id: int
    town_id: int
    name: str
    title: str
    language: str
    why_html: str
    how_html: str
    own_html: str
    why: str
    how: str
    own: str
    visibility: str
    comment_count: int
    created_at: datetime
    published_at: datetime | None
    person_id: int | None
    town_name: str
    country: str
    town_slug: str
    edited_at: datetime | None = None
    photo_id: int | None = None
    photo_width: int = 0
    photo_height: int = 0
    photo_alt: str = ""
    come: bool = False
    facilitate: bool = False
    host: bool = False

    @property
    def at(self) -> datetime:
        """The date that stands beside the name."""
        return self.published_at or self.created_at

    @property
    def is_public(self) -> bool:
        return self.visibility == "public"

    @property
    def town_path(self) -> str:
        return town_path(self.country, self.town_slug)

    @property
    def was_erased(self) -> bool:
        """Whether it is empty because its author had everything about them erased."""
        return self.visibility == "withdrawn" and self.person_id is None

    @property
    def telling(self) -> Telling:
        """What its author typed."""
        return Telling(self.name, self.title, self.language, self.why, self.how, self.own)

    @property
    def wording(self) -> str:
        """Tells this wording and picture from any other, so that nobody judges an older one."""
        return wording_of(self.telling, self.photo_id or 0, self.photo_alt)


_s = stories.c
# Filled in by who shows the story; here nothing is known of votes.
OFFERS_SHOWN = ("come", "facilitate", "host")
_COLUMNS = select(
    _s.id,
    _s.town_id,
    _s.name,
    _s.title,
    _s.language,
    _s.why_html,
    _s.how_html,
    _s.own_html,
    _s.why,
    _s.how,
    _s.own,
    _s.visibility,
    _s.comment_count,
    _s.created_at,
    _s.published_at,
    _s.person_id,
    towns.c.name.label("town_name"),
    towns.c.country,
    towns.c.slug.label("town_slug"),
    _s.edited_at,
    photos.c.id.label("photo_id"),
    func.coalesce(photos.c.width, 0),
    func.coalesce(photos.c.height, 0),
    func.coalesce(photos.c.alt, ""),
    *(literal(False) for _offer in OFFERS_SHOWN),
)
STORY_ROWS = _COLUMNS.join(towns, towns.c.id == _s.town_id).outerjoin(
    photos, photos.c.story_id == _s.id
)


def get_story(
    conn: Connection, story_id: int, *, viewer_id: int | None, may_moderate: bool = False
) -> StoryView:
    """One story, for those who may see it; a held one is for its author and moderators.

    Raises NotFound for a story that never was public, Gone for one that was taken away.
    """
    story = any_story(conn, story_id)
    own = viewer_id is not None and story.person_id == viewer_id
    if story.was_erased and story.comment_count:
        # What neighbours said under it stays readable; of the story one neutral line does.
        return story
    if story.visibility == "withdrawn":
        raise Gone(_("Its author took this story back."))
    if not story.title:
        # Its words were destroyed: there is nothing left that anybody could see.
        raise Gone(_("This story was taken away."))
    if story.is_public or may_moderate or (own and story.visibility in ("held", "unlisted")):
        return story
    if story.visibility == "held" and story.published_at is None:
        raise NotFound(_("There is no story at this address."))
    raise Gone(_("This story was taken away."))


def any_story(conn: Connection, story_id: int) -> StoryView:
    """A story whatever became of it, for acts that asked who may; raises NotFound."""
    row = conn.execute(STORY_ROWS.where(_s.id == story_id)).first()
    if row is None:
        raise NotFound(_("There is no story at this address."))
    return StoryView._make(row)


def own_story(conn: Connection, story_id: int, person_id: int) -> StoryView:
    """A story for its author's own acts, whatever became of it; raises NotFound for others."""
    story = any_story(conn, story_id)
    if story.person_id != person_id:
        raise NotFound(_("There is no story at this address."))
    return story


def stories_by(conn: Connection, person_id: int) -> list[StoryView]:
    """What a person told and didn't take back, the newest first."""
    rows = conn.execute(
        STORY_ROWS.where(_s.person_id == person_id, _s.visibility != "withdrawn", _s.title != "")
        .order_by(_s.created_at.desc(), _s.id.desc())
        .limit(500)
    )
    return [StoryView._make(row) for row in rows]


_OF_TOWN: Final = (
    STORY_ROWS.where(_s.town_id == bindparam("town"))
    .order_by(_s.published_at.is_not(None), _s.published_at.desc(), _s.id.desc())
    .limit(bindparam("most"))
)
_OWN_HELD: Final = and_(_s.visibility == "held", _s.person_id == bindparam("viewer"))
_PUBLIC_OF_TOWN: Final = _OF_TOWN.where(_s.visibility == "public")
_SEEN_OF_TOWN: Final = _OF_TOWN.where(or_(_s.visibility == "public", _OWN_HELD))


def stories_of_town(
    conn: Connection, town_id: int, *, viewer_id: int | None, limit: int = 30
) -> list[StoryView]:
    """A town's public stories, the newest first, and the viewer's own held ones before them."""
    statement = _PUBLIC_OF_TOWN if viewer_id is None else _SEEN_OF_TOWN
    rows = conn.execute(statement, {"town": town_id, "viewer": viewer_id, "most": limit})
    return [StoryView._make(row) for row in rows]


def public_ids(ids: Collection[int]) -> Select[int]:
    """A statement for which of these stories everybody may read."""
    return select(_s.id).where(_s.id.in_(ids), _s.visibility == "public")


def stories_to_judge(conn: Connection, ids: Sequence[int]) -> list[StoryView]:
    """These stories, whatever became of them: for a moderator's eyes."""
    return [StoryView._make(row) for row in conn.execute(STORY_ROWS.where(_s.id.in_(ids)))]


# --- other wordings -------------------------------------------------------------------------


class Wording(NamedTuple):
    """Another wording of a story: an earlier one, or an edit that waits."""

    id: int
    title: str
    language: str
    why: str
    how: str
    own: str
    alt: str
    width: int
    height: int
    created_at: datetime

    @property
    def has_photo(self) -> bool:
        return self.width > 0

    def telling(self, name: str) -> Telling:
        """These words as their author typed them."""
        return Telling(name, self.title, self.language, self.why, self.how, self.own)


_r = revisions.c
_WORDING = tuple(_r[name] for name in Wording._fields)


def earlier_wordings(conn: Connection, story_id: int) -> list[Wording]:
    """The wordings that everybody could read before, the newest first."""
    rows = conn.execute(
        select(*_WORDING)
        .where(_r.story_id == story_id, _r.state == "past")
        .order_by(_r.created_at.desc(), _r.id.desc())
        .limit(50)
    )
    return [Wording._make(row) for row in rows]


def held_edit(conn: Connection, story_id: int) -> Wording | None:
    """The edit of a story that waits for a moderator's eyes."""
    row = conn.execute(select(*_WORDING).where(_r.story_id == story_id, _r.state == "held")).first()
    return None if row is None else Wording._make(row)


class HeldEdit(NamedTuple):
    """An edit that waits, beside what stands now."""

    edit: Wording
    story: StoryView


# An edit of what was taken away meanwhile isn't looked at; it goes with its story.
EDITABLE = ("held", "public")


def held_edits(conn: Connection, ids: Sequence[int]) -> list[HeldEdit]:
    """These edits, as far as they still wait for a moderator's eyes."""
    rows = conn.execute(
        STORY_ROWS.add_columns(*(column.label(f"edit_{column.name}") for column in _WORDING))
        .join(revisions, _r.story_id == _s.id)
        .where(_r.id.in_(ids), _r.state == "held", _s.visibility.in_(EDITABLE))
    ).all()
    width = len(StoryView._fields)
    return [HeldEdit(Wording(*row[width:]), StoryView(*row[:width])) for row in rows]


def count_held_edits() -> Select[int]:
    """How many edits wait, as a statement for the desk's counter."""
    return (
        select(func.count())
        .select_from(revisions.join(stories, _r.story_id == _s.id))
        .where(_r.state == "held", _s.visibility.in_(EDITABLE))
    )
