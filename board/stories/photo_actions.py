"""Pictures on their way: sent with a form that waits, then with a story, then gone.

An upload is found by a random token that only the sender's own pages carry; it is sealed, and
shown to nobody else until the story it came with is confirmed.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, update

from board.core.keys import Keys, token_hash
from board.stories.models import photos, uploads
from board.stories.photo_queries import UPLOAD, sent_picture
from board.stories.picture_rules import Picture


def keep_upload(
    conn: Connection,
    keys: Keys,
    token: str,
    picture: Picture,
    *,
    replaces: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Put a picture away under its token; the one it takes the place of goes."""
    drop_upload(conn, replaces)
    conn.execute(
        insert(uploads).values(
            token=token_hash(token),
            jpeg=keys.seal_bytes(UPLOAD, picture.jpeg),
            width=picture.width,
            height=picture.height,
            created_at=now,
            expires_at=expires_at,
        )
    )


def drop_upload(conn: Connection, token: str) -> None:
    """Throw a picture away that was sent, but belongs to nothing yet."""
    conn.execute(delete(uploads).where(uploads.c.token == token_hash(token)))


def keep_upload_until(conn: Connection, token: str, until: datetime) -> None:
    """Let a picture wait as long as the form it came with."""
    u = uploads.c
    conn.execute(
        update(uploads)
        .where(u.token == token_hash(token), u.expires_at < until)
        .values(expires_at=until)
    )


def attach_upload(
    conn: Connection, keys: Keys, token: str, story_id: int, alt: str, now: datetime
) -> None:
    """The story is confirmed: its picture belongs to it. One that lapsed is simply not there."""
    picture = sent_picture(conn, keys, token, now)
    if picture is not None:
        put_photo(conn, story_id, picture, alt, now)
        drop_upload(conn, token)


def put_photo(conn: Connection, story_id: int, picture: Picture, alt: str, now: datetime) -> None:
    """Give a story its picture; an earlier one goes, and its address with it."""
    drop_photo(conn, story_id)
    conn.execute(
        insert(photos).values(story_id=story_id, alt=alt, created_at=now, **picture._asdict())
    )


def drop_photo(conn: Connection, story_id: int) -> None:
    """Take a story's picture away; the file is gone at once."""
    conn.execute(delete(photos).where(photos.c.story_id == story_id))


def describe_photo(conn: Connection, story_id: int, alt: str) -> None:
    """Say anew what can be seen."""
    conn.execute(update(photos).where(photos.c.story_id == story_id).values(alt=alt))
