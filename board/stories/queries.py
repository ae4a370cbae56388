"""Reading stories. `get_story` is the only way to one, so hidden ones stay hidden."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select, tuple_

from board.core.errors import Gone, NotFound
from board.core.language import gettext as _
from board.core.text import fold
from board.stories.models import stories
from board.towns.models import towns


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
        return f"/towns/{self.country.lower()}/{self.town_slug}"


_s = stories.c
# Filled in by who shows the story; here nothing is known of votes.
OFFERS_SHOWN = ("come", "facilitate", "host")
_SELECT = select(
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
    *(literal(False) for _offer in OFFERS_SHOWN),
).join(towns, towns.c.id == _s.town_id)


def get_story(
    conn: Connection, story_id: int, *, viewer_id: int | None, may_moderate: bool = False
) -> StoryView:
    """One story, for those who may see it; a held one is for its author and moderators.

    Raises NotFound for a story that never was public, Gone for one that was taken away.
    """
    row = conn.execute(_SELECT.where(_s.id == story_id)).first()
    if row is None:
        raise NotFound(_("There is no story at this address."))
    story = StoryView._make(row)
    own = viewer_id is not None and story.person_id == viewer_id
    if story.is_public or may_moderate or (own and story.visibility in ("held", "unlisted")):
        return story
    if story.visibility == "held":
        raise NotFound(_("There is no story at this address."))
    raise Gone(_("This story was taken away."))


def stories_of_town(
    conn: Connection, town_id: int, *, viewer_id: int | None, limit: int = 30
) -> list[StoryView]:
    """A town's public stories, the newest first, and the viewer's own held ones before them."""
    mine = and_(_s.visibility == "held", _s.person_id == viewer_id) if viewer_id else None
    seen: ColumnElement[bool] = _s.visibility == "public"
    rows = conn.execute(
        _SELECT.where(_s.town_id == town_id, seen if mine is None else or_(seen, mine))
        .order_by(_s.published_at.is_not(None), _s.published_at.desc(), _s.id.desc())
        .limit(limit)
    )
    return [StoryView._make(row) for row in rows]


class StoryFilter(NamedTuple):
    """What `/stories` was asked for; empty means any."""

    q: str = ""
    country: str = ""
    language: str = ""


ANY_STORY = StoryFilter()


def newest_stories(
    conn: Connection,
    chosen: StoryFilter = ANY_STORY,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 20,
) -> list[StoryView]:
    """Public stories, the newest first; `after` is the last one of the page before."""
    words = fold(chosen.q)
    asked: list[ColumnElement[bool]] = [_s.visibility == "public"]
    if chosen.country:
        asked.append(_s.country == chosen.country.upper())
    if chosen.language:
        asked.append(_s.language == chosen.language)
    for word in words.split()[:6]:
        asked.append(
            or_(
                _s.folded.contains(word, autoescape=True),
                towns.c.folded.startswith(word, autoescape=True),
            )
        )
    if after is not None:
        asked.append(tuple_(_s.published_at, _s.id) < tuple_(*after))
    rows = conn.execute(
        _SELECT.where(*asked).order_by(_s.published_at.desc(), _s.id.desc()).limit(limit)
    )
    return [StoryView._make(row) for row in rows]


def story_languages(conn: Connection) -> list[str]:
    """The languages of public stories, for the filter."""
    rows = conn.execute(
        select(_s.language).where(_s.visibility == "public").distinct().order_by(_s.language)
    ).scalars()
    return list(rows)


def held_stories(conn: Connection, limit: int = 100) -> list[StoryView]:
    """Stories that wait for a moderator's eyes, the longest waiting first."""
    rows = conn.execute(
        _SELECT.where(_s.visibility == "held").order_by(_s.created_at, _s.id).limit(limit)
    )
    return [StoryView._make(row) for row in rows]
