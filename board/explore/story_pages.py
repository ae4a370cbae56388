"""Turning the pages of the stories, the newest first, forward and back."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from board.explore.paging import Key, Keyed, turn
from board.stories.queries import StoryView
from board.stories.search_queries import StoryFilter, StoryKey, newest_stories, stories_before
from board.taking_part.story_cards import with_offers

STORIES_A_PAGE: Final = 20


class StoryPage(NamedTuple):
    """Some stories, and the cursors of the pages that follow and lead up, or nothing."""

    stories: list[StoryView]
    after: str
    before: str


def stories_page(
    conn: Connection, chosen: StoryFilter, after: str = "", before: str = ""
) -> StoryPage:
    """The page of stories that an address asks for."""
    page = turn(_Newest(conn, chosen), read_key(after), read_key(before), STORIES_A_PAGE)
    return StoryPage(with_offers(conn, page.rows), _written(page.after), _written(page.before))


class _Newest:
    """Finds stories by their keys (paging.Finder)."""

    def __init__(self, conn: Connection, chosen: StoryFilter) -> None:
        self.conn = conn
        self.chosen = chosen

    def following(self, key: Key | None, most: int) -> list[Keyed[StoryView]]:
        return _keyed(newest_stories(self.conn, self.chosen, after=_story_key(key), limit=most))

    def preceding(self, key: Key | None, most: int) -> list[Keyed[StoryView]]:
        return _keyed(stories_before(self.conn, self.chosen, _story_key(key), limit=most))


def _keyed(found: list[StoryView]) -> list[Keyed[StoryView]]:
    return [Keyed((story.at, story.id), story) for story in found]


def _story_key(key: Key | None) -> StoryKey | None:
    return None if key is None else (key[0], key[1])


def _written(key: Key | None) -> str:
    """A key as an address carries it."""
    return "" if key is None else f"{key[0].isoformat()}~{key[1]}"


def read_key(text: str) -> StoryKey | None:
    """The story that a cursor names; None when it was changed by hand."""
    at, _mark, number = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    fits = number.isdecimal() and len(number) < 10
    return (moment, int(number)) if moment.tzinfo and fits else None
