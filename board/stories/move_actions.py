"""Stories of a town that turned out to be another one."""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from board.stories.models import stories
from board.towns.actions import count_stories
from board.towns.models import towns
from board.towns.moving import Moved, ids_of


def move_stories(conn: Connection, source: int, target: int) -> list[Moved]:
    """Bring all stories of `source` to `target`, whoever may see them."""
    told = conn.execute(select(stories.c.id).where(stories.c.town_id == source)).scalars().all()
    _hang(conn, told, source, target)
    return [Moved("story", story_id) for story_id in told]


def move_stories_back(conn: Connection, moved: Collection[Moved], source: int, target: int) -> None:
    """Undo `move_stories`; what was told since stays where it was told."""
    _hang(conn, ids_of(moved, "story"), target, source)


def _hang(conn: Connection, ids: Collection[int], before: int, after: int) -> None:
    s = stories.c
    country = conn.execute(select(towns.c.country).where(towns.c.id == after)).scalar_one()
    rows = conn.execute(
        update(stories)
        .where(s.id.in_(ids), s.town_id == before)
        .values(town_id=after, country=country)
        .returning(s.visibility, s.language)
    ).all()
    for language in sorted({row.language for row in rows}):
        public = sum(row == ("public", language) for row in rows)
        if public:
            count_stories(conn, before, language, -public)
            count_stories(conn, after, language, public)
