"""Telling a story, by somebody who is confirmed: whether it appears at once, and its row."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.core.text import count_links
from board.people.queries import is_trusted
from board.stories.actions import submit_story
from board.stories.rules import Telling, first_visibility
from board.taking_part.rules import StoryWish, Terms
from board.taking_part.signs import Hints


class Told(NamedTuple):
    """A story that was told, and who sees it."""

    id: int
    visibility: str


def tell(
    conn: Connection,
    wish: StoryWish,
    town_id: int,
    person_id: int,
    *,
    terms: Terms,
    hints: Hints,
    now: datetime,
) -> Told:
    """Keep the story; it appears once a moderator read it, or at once where they trust."""
    telling = Telling(wish.name, wish.title, wish.language, wish.why, wish.how, wish.own)
    visibility = first_visibility(
        trusted=is_trusted(conn, person_id),
        publish_first=terms.publish_first,
        links=sum(count_links(text) for text in telling.texts),
        odd=hints.odd,
    )
    story_id = submit_story(
        conn,
        telling,
        town_id=town_id,
        person_id=person_id,
        visibility=visibility,
        signals=hints.text,
        now=now,
    )
    return Told(story_id, visibility)
