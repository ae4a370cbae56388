"""Counting everything anew, and comparing.

Left alone are what isn't counted from rows: `ready_at` flips once and stays, the nearest circle
has its own job.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import (
    Connection,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
    text,
    union_all,
)

from board.comments.models import comments
from board.core.config import Settings
from board.core.language import gettext as _
from board.recount.cell_queries import drifted_cells
from board.recount.rules import Counters, Tallies, counters_of, differing
from board.recount.word_queries import drifted_words
from board.stories.models import stories
from board.taking_part.rules import terms_of
from board.towns.models import town_languages, towns
from board.towns.rules import NOTHING_RISING, Need, risen
from board.votes.models import votes

_AT_ONCE: Final = 5_000
_TICKS: Final = ("nearby", "come", "facilitate", "host", "help")


class TownDrift(NamedTuple):
    """A town whose stored numbers are not what its rows say."""

    id: int
    name: str
    country: str
    stored: Counters
    counted: Counters


class LanguageDrift(NamedTuple):
    """A language in which a town has more or fewer public stories than stored."""

    town_id: int
    name: str
    country: str
    language: str
    stored: int
    counted: int


class StoryDrift(NamedTuple):
    """A story with more or fewer public comments than stored."""

    id: int
    name: str
    country: str
    stored: int
    counted: int


def differences(conn: Connection, settings: Settings) -> list[str]:
    """A sentence for every stored number that isn't what its rows say."""
    _hold_still(conn)
    need = terms_of(settings).need
    return [
        *(
            _sentence(drift.name, drift.country, name, *_pair(drift, name))
            for drift in drifted_towns(conn, need)
            for name in differing(drift.stored, drift.counted)
        ),
        *(
            _sentence(d.name, d.country, f"stories[{d.language}]", d.stored, d.counted)
            for d in drifted_languages(conn)
        ),
        *(
            _sentence(d.name, d.country, f"story {d.id} comment_count", d.stored, d.counted)
            for d in drifted_stories(conn)
        ),
        *drifted_cells(conn, settings),
        *drifted_words(conn),
    ]


def _hold_still(conn: Connection) -> None:
    """One picture for all statements, also on PostgreSQL while people vote."""
    if conn.dialect.name == "postgresql" and not conn.in_transaction():
        conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _pair(drift: TownDrift, name: str) -> tuple[float, float]:
    return getattr(drift.stored, name), getattr(drift.counted, name)


def _sentence(town: str, country: str, counter: str, stored: float, counted: float) -> str:
    words = _("%(town)s (%(country)s): %(counter)s is stored as %(stored)s, counted %(counted)s.")
    return words % {
        "town": town,
        "country": country,
        "counter": counter,
        "stored": f"{stored:.10g}",
        "counted": f"{counted:.10g}",
    }


def drifted_towns(conn: Connection, need: Need) -> Iterator[TownDrift]:
    """The towns with a number that isn't true."""
    rising = _rising(conn)
    t = towns.c
    told, said = _public_stories(), _public_comments()
    cast = _counted_votes()
    counts = [*(cast.c[name] for name in ("n", *_TICKS)), told.c.n, said.c.n]
    stored = [t[name] for name in Counters._fields]
    rows = conn.execute(
        select(
            t.id,
            t.name,
            t.country,
            t.population,
            t.nearest_km,
            *stored,
            *(func.coalesce(count, 0) for count in counts),
        )
        .outerjoin(cast, cast.c.town_id == t.id)
        .outerjoin(told, told.c.town_id == t.id)
        .outerjoin(said, said.c.town_id == t.id),
        execution_options={"yield_per": _AT_ONCE},
    )
    first, width = 5, len(stored)
    for row in rows:
        drift = TownDrift(
            row.id,
            row.name,
            row.country,
            Counters(*row[first : first + width]),
            counters_of(
                Tallies(*row[first + width :]),
                rising=rising.get(row.id, NOTHING_RISING),
                population=row.population,
                nearest_km=row.nearest_km,
                need=need,
            ),
        )
        if differing(drift.stored, drift.counted):
            yield drift


def _counted_votes() -> Subquery:
    ticks = (func.sum(case((votes.c[name], 1), else_=0)).label(name) for name in _TICKS)
    return (
        select(votes.c.town_id, func.count().label("n"), *ticks)
        .where(votes.c.state == "counted")
        .group_by(votes.c.town_id)
        .subquery()
    )


def _public_stories() -> Subquery:
    """How many public stories each town has."""
    s = stories.c
    return (
        select(s.town_id, func.count().label("n"))
        .where(s.visibility == "public")
        .group_by(s.town_id)
        .subquery()
    )


def _public_comments() -> Subquery:
    """How many public comments each town has; none under a story that isn't public itself."""
    c, s = comments.c, stories.c
    return (
        select(c.town_id, func.count().label("n"))
        .outerjoin(stories, s.id == c.story_id)
        .where(c.visibility == "public", c.story_id.is_(None) | (s.visibility == "public"))
        .group_by(c.town_id)
        .subquery()
    )


def _rising(conn: Connection) -> dict[int, float]:
    """Each town's log-decayed sum of counted votes, added up by the one formula there is."""
    sums: defaultdict[int, float] = defaultdict(lambda: NOTHING_RISING)
    rows = conn.execute(
        select(votes.c.town_id, votes.c.cast_at).where(votes.c.state == "counted"),
        execution_options={"yield_per": _AT_ONCE},
    )
    for town_id, cast_at in rows:
        sums[town_id] = risen(sums[town_id], cast_at)
    return sums


def drifted_languages(conn: Connection) -> list[LanguageDrift]:
    """Stored numbers of stories by language that aren't true, and those that are missing."""
    stored, s = town_languages.c, stories.c
    counted = (
        select(s.town_id, s.language, func.count().label("n"))
        .where(s.visibility == "public")
        .group_by(s.town_id, s.language)
        .subquery()
    )
    same = and_(stored.town_id == counted.c.town_id, stored.language == counted.c.language)
    true = func.coalesce(counted.c.n, 0)
    wrong = (
        select(stored.town_id, towns.c.name, towns.c.country, stored.language, stored.stories, true)
        .join_from(town_languages, towns, towns.c.id == stored.town_id)
        .outerjoin(counted, same)
        .where(stored.stories != true)
    )
    missing = (
        select(
            counted.c.town_id,
            towns.c.name,
            towns.c.country,
            counted.c.language,
            literal(0),
            counted.c.n,
        )
        .join_from(counted, towns, towns.c.id == counted.c.town_id)
        .outerjoin(town_languages, same)
        .where(stored.town_id.is_(None))
    )
    return [LanguageDrift._make(row) for row in conn.execute(union_all(wrong, missing))]


def drifted_stories(conn: Connection) -> list[StoryDrift]:
    """The stories whose number of comments isn't true."""
    c = comments.c
    counted = (
        select(c.story_id, func.count().label("n"))
        .where(c.visibility == "public", c.story_id.is_not(None))
        .group_by(c.story_id)
        .subquery()
    )
    true = func.coalesce(counted.c.n, 0)
    rows = conn.execute(
        select(stories.c.id, towns.c.name, towns.c.country, stories.c.comment_count, true)
        .join_from(stories, towns, towns.c.id == stories.c.town_id)
        .outerjoin(counted, counted.c.story_id == stories.c.id)
        .where(stories.c.comment_count != true)
    )
    return [StoryDrift._make(row) for row in rows]
