"""What keeps `town_word` true: triggers, so that no write from anywhere can be forgotten.

A town is found under the words of its name, of the gazetteer's other spellings, and of its public
stories. Each of these is a row with its words in one text; a trigger takes away the words of the
row as it was, and puts there those of the row as it is. A story that is hidden, withdrawn or
erased is found no more from the same moment on, and its words stand nowhere.

Set by alembic/env.py, after each migration: SQLite drops the triggers of a table that is copied.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, inspect

from board.core.text import LONGEST_WORD
from board.towns.models import OWN, SPELT

_MADE_BY_US: Final = "word_of_"
# A town's name may be one very long word; what is asked for is cut, too (core.text.words_asked).
_CUT: Final = f"substr(word.value, 1, {LONGEST_WORD})"


class Source(NamedTuple):
    """Where words stand: a table's column; `r.` stands for its row. `only` those rows count."""

    table: str
    words: str
    town: str
    story: str
    only: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns that say something of the row's words."""
        given = (self.words, self.town, self.story, self.only.partition(" ")[0])
        return [name.removeprefix("r.") for name in given if name.startswith("r.")]


SOURCES: Final = (
    Source("town", "r.folded", "r.id", str(OWN)),
    Source("town_spelling", "r.words", "r.town_id", str(SPELT)),
    Source("story", "r.folded", "r.town_id", "r.id", "r.visibility = 'public'"),
)


def set_word_triggers(conn: Connection) -> None:
    """Put the triggers in place, and the words where none are (a schema that is just made)."""
    drop_word_triggers(conn)
    if "town_word" not in inspect(conn).get_table_names():
        return
    for source in SOURCES:
        for statement in _triggers(conn, source):
            conn.exec_driver_sql(statement)
    if conn.exec_driver_sql("SELECT 1 FROM town_word LIMIT 1").first() is None:
        post_all_words(conn)


def drop_word_triggers(conn: Connection) -> None:
    """Take them away, so that a migration may do with the tables what it likes."""
    there = set(inspect(conn).get_table_names())
    for source in SOURCES:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql(f"DROP FUNCTION IF EXISTS {_MADE_BY_US}{source.table}() CASCADE")
        elif source.table in there:
            for event in ("insert", "update", "delete"):
                conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_MADE_BY_US}{source.table}_{event}")


def post_all_words(conn: Connection) -> None:
    """All words anew, from the rows that hold them."""
    conn.exec_driver_sql("DELETE FROM town_word")
    for source in SOURCES:
        conn.exec_driver_sql(_insert(conn.dialect.name, source, "x", source.table))


class WrongWords(NamedTuple):
    """How many words are missing, and how many stand there that no row holds."""

    missing: int
    extra: int


def wrong_words(conn: Connection) -> WrongWords:
    """Compare `town_word` with the rows that hold the words; only looks, however many there are."""
    missing = (_count(conn, _missing(conn.dialect.name, source)) for source in SOURCES)
    return WrongWords(sum(missing), _count(conn, _extra(conn.dialect.name)))


def mend_words(conn: Connection) -> None:
    """Put the words there that are missing, and take away those that no row holds."""
    gone = _extra(conn.dialect.name)
    conn.exec_driver_sql(
        " ".join(("DELETE FROM town_word WHERE (word, town_id, story_id) IN (", gone, ")"))
    )
    for source in SOURCES:
        conn.exec_driver_sql(_put(_missing(conn.dialect.name, source)))


def _count(conn: Connection, rows: str) -> int:
    asked = " ".join(("SELECT count(*) FROM (", rows, ") AS found"))
    count: int = conn.exec_driver_sql(asked).scalar_one()
    return count


def _missing(dialect: str, source: Source) -> str:
    """The words of all rows of a source that don't stand in `town_word`."""
    town, story = (_as_row(one, "x") for one in (source.town, source.story))
    same = f"w.word = {_CUT} AND w.town_id = {town} AND w.story_id = {story}"
    held = _words(dialect, source, "x", source.table)
    return " ".join((held, "AND NOT EXISTS (SELECT 1 FROM town_word AS w WHERE", same, ")"))


def _extra(dialect: str) -> str:
    """The rows of `town_word` whose word no row holds."""
    unheld = " AND ".join(f"NOT EXISTS ({_holder(dialect, source)})" for source in SOURCES)
    return " ".join(("SELECT w.word, w.town_id, w.story_id FROM town_word AS w WHERE", unheld))


def _holder(dialect: str, source: Source) -> str:
    """The row of a source that holds the word `w`, if it does."""
    town, story, text = (_as_row(one, "x") for one in (source.town, source.story, source.words))
    where = "strpos" if dialect == "postgresql" else "instr"
    # A word that was cut is the beginning of a longer one.
    whole = f"{where}(' ' || {text} || ' ', ' ' || w.word || ' ') > 0"
    cut = f"length(w.word) = {LONGEST_WORD} AND {where}(' ' || {text}, ' ' || w.word) > 0"
    here = f"{town} = w.town_id AND {story} = w.story_id AND ({whole} OR {cut})"
    only = f"AND {_as_row(source.only, 'x')}" if source.only else ""
    return " ".join(("SELECT 1 FROM", source.table, "AS x WHERE", here, only))


def _triggers(conn: Connection, source: Source) -> Iterator[str]:
    if conn.dialect.name == "postgresql":
        return _postgres_triggers(source)
    return _sqlite_triggers(source)


def _as_row(expression: str, row: str) -> str:
    return expression.replace("r.", f"{row}.")


def _split(dialect: str, words: str) -> str:
    """A text of words as rows. Ours hold letters and figures only, and one space between them."""
    if dialect == "postgresql":
        return f"unnest(string_to_array({words}, ' ')) AS word(value)"
    quoted = f"""'["' || replace({words}, ' ', '","') || '"]'"""
    return f"json_each({quoted}) AS word"


def _words(dialect: str, source: Source, row: str, table: str = "") -> str:
    """The rows of `town_word` that a row stands for."""
    chosen = ", ".join(_as_row(one, row) for one in (source.town, source.story))
    found = _split(dialect, _as_row(source.words, row))
    if table:
        found = f"{table} AS {row} CROSS JOIN {found}"
    only = f"AND {_as_row(source.only, row)}" if source.only else ""
    return " ".join((f"SELECT {_CUT},", chosen, "FROM", found, "WHERE word.value <> ''", only))


def _insert(dialect: str, source: Source, row: str, table: str = "") -> str:
    return _put(_words(dialect, source, row, table))


def _put(words: str) -> str:
    """Put words there, where they aren't yet."""
    return f"INSERT INTO town_word (word, town_id, story_id) {words} ON CONFLICT DO NOTHING"


def _delete(dialect: str, source: Source, row: str) -> str:
    gone = _words(dialect, source, row)
    return " ".join(("DELETE FROM town_word WHERE (word, town_id, story_id) IN (", gone, ")"))


def _sqlite_triggers(source: Source) -> Iterator[str]:
    name, table = f"{_MADE_BY_US}{source.table}", source.table
    changed = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in source.columns)
    out, come = (_delete("sqlite", source, "OLD"), _insert("sqlite", source, "NEW"))
    yield f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} BEGIN {come}; END"
    yield f"CREATE TRIGGER {name}_delete AFTER DELETE ON {table} BEGIN {out}; END"
    yield (
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {', '.join(source.columns)} ON {table}"
        f" WHEN {changed} BEGIN {out}; {come}; END"
    )


def _postgres_triggers(source: Source) -> Iterator[str]:
    name, table = f"{_MADE_BY_US}{source.table}", source.table
    out, come = _delete("postgresql", source, "OLD"), _insert("postgresql", source, "NEW")
    changed = " OR ".join(f"OLD.{one} IS DISTINCT FROM NEW.{one}" for one in source.columns)
    yield (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN {out}; END IF;"
        f" IF TG_OP <> 'DELETE' THEN {come}; END IF;"
        " RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {name}_all AFTER INSERT OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    yield (
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {', '.join(source.columns)} ON {table}"
        f" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {name}()"
    )
