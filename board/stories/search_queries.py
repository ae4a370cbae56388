"""Lists of public stories: the newest first, and those in which words stand."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select, tuple_, union_all

from board.core.loose import values_of
from board.core.text import Word, words_asked
from board.stories.models import stories
from board.stories.queries import STORY_ROWS, StoryView
from board.towns.models import OWN, town_words
from board.towns.word_queries import MOST_WORDS, OFTEN, stands

_s = stories.c
_w = town_words.c
_IS_PUBLIC: Final = _s.visibility == "public"


# Where a story stands in the list: when it was published, and its number.
StoryKey = tuple[datetime, int]


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
    after: StoryKey | None = None,
    limit: int = 20,
) -> list[StoryView]:
    """Public stories, the newest first; `after` is the last one of the page before."""
    return _walked(conn, chosen, after, limit, back=False)


def stories_before(
    conn: Connection, chosen: StoryFilter, before: StoryKey | None, *, limit: int
) -> list[StoryView]:
    """The last stories of the same list that stand before one, or the last of all."""
    return _walked(conn, chosen, before, limit, back=True)[::-1]


def _walked(
    conn: Connection, chosen: StoryFilter, beyond: StoryKey | None, limit: int, *, back: bool
) -> list[StoryView]:
    """The stories next to one, as one meets them on the way down the list, or back up.

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
    if beyond is not None:
        here, there = tuple_(_s.published_at, _s.id), tuple_(*beyond)
        asked.append(here > there if back else here < there)
    found = select(_s.id)
    if lead is not None:
        few = select(_s.id, _s.published_at).where(*asked, _s.id.in_(_having(lead))).limit(OFTEN)
        f = few.with_hint(stories, "NOT INDEXED", "sqlite").subquery("few").c
        found = select(f.id).order_by(*_met(f, back=back)).limit(limit)
        asked = [_s.id.in_(found)]
    statement = STORY_ROWS.where(*asked).order_by(*_met(_s, back=back)).limit(limit)
    return [StoryView._make(row) for row in conn.execute(statement)]


def _met(columns: Any, *, back: bool) -> list[ColumnElement[Any]]:
    """The order in which stories are met: the newest first, or on the way back the oldest."""
    keys = (columns.published_at, columns.id)
    return [key.asc() if back else key.desc() for key in keys]


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


_LANGUAGES: Final = values_of(_s.language, _IS_PUBLIC)
_COUNTRIES: Final = values_of(_s.country, _IS_PUBLIC)


def story_languages(conn: Connection) -> list[str]:
    """The languages of public stories, for the filter."""
    return list(conn.execute(_LANGUAGES).scalars())


def story_countries(conn: Connection) -> list[str]:
    """The countries with public stories, for the filter."""
    return list(conn.execute(_COUNTRIES).scalars())
