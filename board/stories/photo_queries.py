"""Reading pictures: a story's for whoever may see the story, a sent one for who holds its token."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from board.core.errors import NotFound
from board.core.keys import Keys, token_hash
from board.core.language import gettext as _
from board.stories.models import photos, revisions, uploads
from board.stories.picture_rules import Picture
from board.stories.queries import get_story

# The label under which a sent picture is sealed.
UPLOAD: Final = "upload.jpeg"


class ShownPhoto(NamedTuple):
    """A story's picture, and whether everybody may see it."""

    jpeg: bytes
    is_public: bool


def get_photo(
    conn: Connection, photo_id: int, *, viewer_id: int | None, may_moderate: bool
) -> ShownPhoto:
    """A story's picture, for those who may see the story; raises NotFound or Gone as it would."""
    p = photos.c
    row = conn.execute(select(p.story_id, p.jpeg).where(p.id == photo_id)).first()
    if row is None:
        raise NotFound(no_picture())
    story = get_story(conn, row.story_id, viewer_id=viewer_id, may_moderate=may_moderate)
    return ShownPhoto(row.jpeg, story.is_public)


def edited_photo(
    conn: Connection, revision_id: int, *, viewer_id: int | None, may_moderate: bool
) -> bytes:
    """The picture of an edit that waits, for its author and moderators."""
    r = revisions.c
    row = conn.execute(
        select(r.story_id, r.jpeg).where(r.id == revision_id, r.state == "held")
    ).first()
    if row is None or row.jpeg is None:
        raise NotFound(no_picture())
    story = get_story(conn, row.story_id, viewer_id=viewer_id, may_moderate=may_moderate)
    if not may_moderate and (viewer_id is None or story.person_id != viewer_id):
        raise NotFound(no_picture())
    return bytes(row.jpeg)


def edited_photo_of(conn: Connection, revision_id: int) -> Picture | None:
    """The picture of an edit, for acts that asked who may."""
    r = revisions.c
    row = conn.execute(select(r.jpeg, r.width, r.height).where(r.id == revision_id)).first()
    return None if row is None or row.jpeg is None else Picture(*row)


def sent_picture(conn: Connection, keys: Keys, token: str, now: datetime) -> Picture | None:
    """The picture that was sent with a form, for who holds its token."""
    u = uploads.c
    row = conn.execute(
        select(u.jpeg, u.width, u.height).where(u.token == token_hash(token), u.expires_at > now)
    ).first()
    if row is None:
        return None
    return Picture(keys.open_bytes(UPLOAD, row.jpeg), row.width, row.height)


def was_sent(conn: Connection, token: str, now: datetime) -> bool:
    """Whether a picture waits under this token, without opening it."""
    u = uploads.c
    statement = select(u.width).where(u.token == token_hash(token), u.expires_at > now)
    return bool(token) and conn.execute(statement).first() is not None


def no_picture() -> str:
    """Said where no picture is, or none that this person may see."""
    return _("There is no picture at this address.")
