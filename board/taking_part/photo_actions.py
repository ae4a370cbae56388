"""The picture of a story that is told: it waits with the form, and comes along when it counts."""

from datetime import datetime

from sqlalchemy import Connection

from board.core.keys import Keys
from board.stories.photo_actions import attach_upload
from board.taking_part.rules import StoryWish, Wish


def attach_picture(
    conn: Connection, keys: Keys, wish: Wish, story_id: int | None, now: datetime
) -> None:
    """A story was confirmed: the picture that was sent with it is its own from now on."""
    if isinstance(wish, StoryWish) and wish.photo and story_id is not None:
        attach_upload(conn, keys, wish.photo, story_id, wish.alt, now)
