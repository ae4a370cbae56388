"""Reading the talk. `get_comment` is the only way to one comment, so hidden ones stay hidden."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from board.comments.models import comments, talk_locks
from board.comments.rules import EDIT_FOR, Talk
from board.core.errors import Gone, NotFound
from board.core.language import gettext as _
from board.stories.models import stories
from board.towns.models import towns
from board.towns.rules import town_path

_c = comments.c


class CommentView(NamedTuple):
    """A comment as pages show it."""

    id: int
    town_id: int | None
    story_id: int | None
    parent_id: int | None
    answers_id: int | None
    person_id: int | None
    name: str
    staff: bool
    language: str
    text: str
    html: str
    visibility: str
    held_for: str
    signals: str
    created_at: datetime
    edited_at: datetime | None
    hidden_at: datetime | None

    @property
    def is_public(self) -> bool:
        return self.visibility == "public"

    @property
    def talk(self) -> Talk:
        return Talk(self.town_id, self.story_id)

    @property
    def editable_until(self) -> datetime:
        """Until when its author may change it, while it isn't taken away."""
        return self.created_at + EDIT_FOR


COLUMNS = tuple(_c[name] for name in CommentView._fields)


def in_talk(talk: Talk) -> ColumnElement[bool]:
    """Said in this talk. A story's talk is not the talk of its town."""
    if talk.story_id is not None:
        return _c.story_id == talk.story_id
    town = _c.town_id.is_(None) if talk.town_id is None else _c.town_id == talk.town_id
    return town & _c.story_id.is_(None)


def get_comment(
    conn: Connection, comment_id: int, *, viewer_id: int | None, may_moderate: bool = False
) -> CommentView:
    """One comment, for those who may see it; one that is held is for its author and moderators.

    Raises NotFound for a comment that never was public, Gone for one that was taken away.
    """
    row = conn.execute(select(*COLUMNS).where(_c.id == comment_id)).first()
    if row is None:
        raise NotFound(_("There is no comment at this address."))
    comment = CommentView._make(row)
    own = viewer_id is not None and comment.person_id == viewer_id
    if comment.is_public or may_moderate or (own and comment.visibility in ("held", "unlisted")):
        return comment
    if comment.visibility == "held" and comment.hidden_at is None:
        raise NotFound(_("There is no comment at this address."))
    raise Gone(_("This comment was taken away."))


class ReplyPlace(NamedTuple):
    """Where a reply hangs: the comment that begins the thread, and the answer it replies to."""

    parent_id: int | None = None
    answers_id: int | None = None


def place_of_reply(conn: Connection, talk: Talk, replied: int | None) -> ReplyPlace:
    """Where an answer to this comment hangs; at no thread if nothing of the kind is in this talk.

    A comment that was taken away meanwhile still holds what was being written under it.
    """
    if replied is None:
        return ReplyPlace()
    spoken = (_c.visibility != "held") | _c.hidden_at.is_not(None)
    row = conn.execute(
        select(_c.id, _c.parent_id).where(_c.id == replied, in_talk(talk), spoken)
    ).first()
    if row is None:
        return ReplyPlace()
    return ReplyPlace(row.id) if row.parent_id is None else ReplyPlace(row.parent_id, row.id)


# --- how heated a talk is -------------------------------------------------------------------


def public_since(conn: Connection, talk: Talk, since: datetime) -> int:
    """How many public comments this talk got since a moment."""
    recent = (_c.visibility == "public") & (_c.created_at > since)
    count: int = conn.execute(
        select(func.count()).select_from(comments).where(in_talk(talk), recent)
    ).scalar_one()
    return count


def last_word_at(conn: Connection, talk: Talk, person_id: int) -> datetime | None:
    """When somebody spoke last in this talk, also where it was taken away since."""
    moment: datetime | None = conn.execute(
        select(_c.created_at)
        .where(in_talk(talk), _c.person_id == person_id)
        .order_by(_c.created_at.desc())
        .limit(1)
    ).scalar()
    return moment


# --- locks ----------------------------------------------------------------------------------


def lock_row(town_id: int | None) -> ColumnElement[bool]:
    """The lock of a town's talk and those of its stories; with None that of `/talk`."""
    t = talk_locks.c.town_id
    return t.is_(None) if town_id is None else t == town_id


def lock_reason(conn: Connection, town_id: int | None) -> str:
    """Why a talk takes no more words; nothing while it does."""
    reason: str | None = conn.execute(
        select(talk_locks.c.reason).where(lock_row(town_id)).limit(1)
    ).scalar()
    return reason or ""


# --- for the desk and for authors -----------------------------------------------------------


class PlacedComment(NamedTuple):
    """A comment with its town and story; both are empty on `/talk`."""

    comment: CommentView
    town_name: str = ""
    country: str = ""
    slug: str = ""
    story_title: str = ""
    story_language: str = ""

    @property
    def town_path(self) -> str:
        """The town's page, or that of the open talk."""
        return town_path(self.country, self.slug) if self.slug else "/talk"

    @property
    def path(self) -> str:
        """The page on which this was said."""
        story_id = self.comment.story_id
        return self.town_path if story_id is None else f"/stories/{story_id}"


def placed(*conditions: ColumnElement[bool]) -> Any:
    """Selects comments with town and story, for `read_placed`."""
    town = (func.coalesce(towns.c[name], "") for name in ("name", "country", "slug"))
    story = (func.coalesce(stories.c[name], "") for name in ("title", "language"))
    return (
        select(*COLUMNS, *town, *story)
        .outerjoin(towns, towns.c.id == _c.town_id)
        .outerjoin(stories, stories.c.id == _c.story_id)
        .where(*conditions)
    )


def read_placed(conn: Connection, statement: Any) -> list[PlacedComment]:
    """The comments that a statement of `placed` finds."""
    width = len(COLUMNS)
    return [
        PlacedComment(CommentView(*row[:width]), *row[width:]) for row in conn.execute(statement)
    ]


def get_placed(
    conn: Connection, comment_id: int, *, viewer_id: int | None, may_moderate: bool = False
) -> PlacedComment:
    """One comment with its town and story, for those who may see it (`get_comment`)."""
    comment = get_comment(conn, comment_id, viewer_id=viewer_id, may_moderate=may_moderate)
    return read_placed(conn, placed(_c.id == comment.id))[0]


def comments_by(conn: Connection, person_id: int) -> list[PlacedComment]:
    """What somebody said and didn't take away, the newest first."""
    own = (_c.person_id == person_id) & (_c.visibility != "withdrawn")
    return read_placed(conn, placed(own).order_by(_c.created_at.desc(), _c.id.desc()))
