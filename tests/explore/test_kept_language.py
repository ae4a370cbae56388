"""What is kept of lists in a language is what would be found now, whatever happens."""

from random import Random

import pytest
from sqlalchemy import delete, insert, update

from board.core import clock
from board.core.db import Database
from board.explore.rules import Question
from board.explore.towns_page import TownsAndMap, towns_page
from board.towns.models import town_languages, towns
from tests.happenings import happens
from tests.invented import ELK, NEED, VELENJE, add_towns, person, row_of_town, tell, vote

ASKED = tuple(
    Question(language=language, **more)
    for language in ("en", "sl", "fi")
    for more in ({}, {"country": "SI", "status": "any"}, {"at": "46.2,15.1,7"}, {"sort": "need"})
)


def found(database: Database, question: Question, *, keeping: bool) -> TownsAndMap:
    """The page of a question, with what is kept or without."""
    now = clock.now().replace(second=0, microsecond=0)
    engine = database.reader if keeping else database.reader.execution_options(answers=None)
    with engine.connect() as conn:
        return towns_page(conn, question, need=NEED, join_km=25, now=now)


def seen(page: TownsAndMap) -> tuple[object, ...]:
    """What a page shows; a map is only the same as itself (drawing.still_map)."""
    fields = {name: value for name, value in vars(page).items() if name != "map"}
    return fields, page.map.view, page.map.layers, page.map.moves


@pytest.mark.parametrize("seed", range(2))
def test_lists_in_a_language_are_never_older_than_the_towns(database: Database, seed: int) -> None:
    draw = Random(seed)
    with database.transaction() as conn:
        ana = person(conn, "Ana")
        for place, language in ((VELENJE, "sl"), (VELENJE, "en"), (ELK, "en")):
            tell(conn, ana, vote(conn, ana, place), language=language)
    for step in range(60):
        with database.transaction() as conn:
            done = happens(conn, draw)
        for question in draw.sample(ASKED, 3):
            kept, now = (found(database, question, keeping=keeping) for keeping in (True, False))
            assert seen(kept) == seen(now), (step, done, question)


def test_total_of_a_language_follows_the_first_story_and_the_last(database: Database) -> None:
    question = Question(language="fi")
    spoken = town_languages.c
    with database.transaction() as conn:
        first, second = add_towns(conn, [row_of_town(1), row_of_town(2)])
        conn.execute(insert(town_languages).values(town_id=first, language="fi", stories=1))
    totals = [found(database, question, keeping=True).towns.total]
    steps = (
        insert(town_languages).values(town_id=second, language="fi", stories=1),
        update(town_languages).where(spoken.town_id == first).values(stories=0),
        update(towns).where(towns.c.id == second).values(vote_count=0),
        delete(town_languages).where(spoken.town_id == second),
        update(town_languages).where(spoken.town_id == first).values(stories=2),
    )
    for step in steps:
        with database.transaction() as conn:
            conn.execute(step)
        totals.append(found(database, question, keeping=True).towns.total)
    assert totals == [1, 2, 1, 0, 0, 1]
