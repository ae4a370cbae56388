"""Mending what differs: only rows that are wrong are written."""

from collections.abc import Mapping

from sqlalchemy import Connection, Table, bindparam, text, update

from board.core.changes import say_everything_changed
from board.core.config import Settings
from board.core.db import upsert
from board.recount.cell_queries import drifted_cells
from board.recount.queries import drifted_languages, drifted_stories, drifted_towns
from board.recount.rules import Counters
from board.recount.word_queries import drifted_texts
from board.stories.models import stories
from board.stories.word_triggers import mend_words, wrong_words
from board.taking_part.rules import terms_of
from board.towns.cell_actions import keep_join_km, rebuild_cells
from board.towns.models import town_languages, town_spellings, towns


def mend(conn: Connection, settings: Settings) -> None:
    """Make every stored number say what its rows say."""
    _keep_others_out(conn)
    truths = [
        {"town": drift.id, **{f"true_{k}": v for k, v in drift.counted._asdict().items()}}
        for drift in drifted_towns(conn, terms_of(settings).need)
    ]
    if truths:
        statement = update(towns).where(towns.c.id == bindparam("town"))
        conn.execute(
            statement.values({name: bindparam(f"true_{name}") for name in Counters._fields}), truths
        )
    languages = [
        {"town_id": drift.town_id, "language": drift.language, "stories": drift.counted}
        for drift in drifted_languages(conn)
    ]
    upsert(conn, town_languages, languages, ["town_id", "language"])
    counts = [{"story": drift.id, "true_n": drift.counted} for drift in drifted_stories(conn)]
    if counts:
        of_story = update(stories).where(stories.c.id == bindparam("story"))
        conn.execute(of_story.values(comment_count=bindparam("true_n")), counts)
    if drifted_cells(conn, settings):
        keep_join_km(conn, settings.join_km)
        rebuild_cells(conn)
        say_everything_changed(conn)
    _mend_words(conn)


def _mend_words(conn: Connection) -> None:
    """First what each row is found by; triggers bring its words along, where they know them."""
    texts = drifted_texts(conn)
    if not any(texts) and not any(wrong_words(conn)):
        return
    _write(conn, towns, "folded", texts.names)
    rows = [{"town_id": town_id, "words": words} for town_id, words in texts.spellings.items()]
    upsert(conn, town_spellings, rows, ["town_id"])
    _write(conn, stories, "folded", texts.stories)
    mend_words(conn)
    say_everything_changed(conn)


def _write(conn: Connection, table: Table, column: str, values: Mapping[int, str]) -> None:
    if values:
        statement = update(table).where(table.c.id == bindparam("row"))
        conn.execute(
            statement.values({column: bindparam("words")}),
            [{"row": number, "words": words} for number, words in values.items()],
        )


def _keep_others_out(conn: Connection) -> None:
    """Nobody moves a counter while it is counted.

    Every action that moves one touches its town first, so locking that table is enough; SQLite
    has one writer anyway.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE town IN SHARE ROW EXCLUSIVE MODE"))
