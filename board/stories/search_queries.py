"""Lists of public stories: the newest first, and those in which words stand."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select, tuple_, union_all

from board.core.loose import each_value
from board.core.text import Word, words_asked
from board.stories.models import stories
from board.stories.queries import STORY_ROWS, StoryView
from board.towns.models import OWN, town_words
from board.towns.word_queries import MOST_WORDS, OFTEN, stands

_s = stories.c
_w = town_words.c
_IS_PUBLIC: Final = _s.visibility == "public"


class StoryFilter(NamedTuple):
    """What `/stories` was asked for; empty means any."""

    q: str = ""
    country: str = ""
    language: str = ""


ANY_STORY: Final = StoryFilter()


def newest_stories(
    conn: Connection,
    chosen: StoryFilter = ANY_STORY,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 20,
) -> list[StoryView]:
    """Public stories, the newest first; `after` is the last one of the page before.

    Those with words that stand seldom are gathered and put in order; else the index of the newest
    is walked.
    """
    words = words_asked(chosen.q, last=True)[:MOST_WORDS]
    lead = _rarest(conn, words)
    asked: list[ColumnElement[bool]] = [_IS_PUBLIC]
    if chosen.country:
        asked.append(_s.country == chosen.country.upper())
    if chosen.language:
        asked.append(_s.language == chosen.language)
    asked += [_has(word) for word in words if word is not lead]
    if after is not None:
        asked.append(tuple_(_s.published_at, _s.id) < tuple_(*after))
    newest = (_s.published_at.desc(), _s.id.desc())
    found = select(_s.id)
    if lead is not None:
        few = select(_s.id, _s.published_at).where(*asked, _s.id.in_(_having(lead))).limit(OFTEN)
        f = few.with_hint(stories, "NOT INDEXED", "sqlite").subquery("few").c
        found = select(f.id).order_by(f.published_at.desc(), f.id.desc()).limit(limit)
        asked = [_s.id.in_(found)]
    statement = STORY_ROWS.where(*asked).order_by(*newest).limit(limit)
    return [StoryView._make(row) for row in conn.execute(statement)]


def _rarest(conn: Connection, words: list[Word]) -> Word | None:
    """The word that the fewest stories have, if these are few enough to gather."""
    if not words:
        return None
    some = (select(_having(word).subquery()).limit(OFTEN).subquery() for word in words)
    counts = conn.execute(
        select(*(select(func.count()).select_from(one).scalar_subquery() for one in some))
    ).one()
    least = min(range(len(words)), key=lambda n: counts[n])
    return words[least] if counts[least] < OFTEN else None


def _having(word: Word) -> Any:
    """The numbers of all stories that have a word, or whose town's names do."""
    named = select(_w.town_id).where(stands(word), _w.story_id <= OWN)
    return union_all(
        select(_w.story_id).where(stands(word), _w.story_id > OWN),
        select(_s.id).where(_IS_PUBLIC, _s.town_id.in_(named)),
    )


def _has(word: Word) -> ColumnElement[bool]:
    """The same, asked of one story."""
    if word.begun:
        # Looked up once for all stories: for each anew, it would be every word begun so.
        return _s.id.in_(_having(word))
    here = or_(_w.story_id <= OWN, _w.story_id == _s.id)
    return exists().where(stands(word), _w.town_id == _s.town_id, here)


def story_languages(conn: Connection) -> list[str]:
    """The languages of public stories, for the filter."""
    return each_value(conn, _s.language, _IS_PUBLIC)


def story_countries(conn: Connection) -> list[str]:
    """The countries with public stories, for the filter."""
    return each_value(conn, _s.country, _IS_PUBLIC)
