"""What the search looks at beside what names and stories say, every row anew.

Two steps, as the words are kept: the words of a row stand in one text of it, made by rules; and
each word of these texts is a row of `town_word`, made by triggers.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, select

from board.core.language import gettext as _
from board.core.language import ngettext
from board.core.text import fold
from board.stories.models import stories
from board.stories.rules import Telling, words_in
from board.stories.word_triggers import wrong_words
from board.towns.models import town_spellings, towns
from board.towns.word_actions import words_of_towns

_AT_ONCE: Final = 500
_TOLD: Final = tuple(stories.c[name] for name in Telling._fields)


class Texts(NamedTuple):
    """Rows whose words aren't those that the rules make, with the words as they must be."""

    names: dict[int, str]
    spellings: dict[int, str]
    stories: dict[int, str]


def drifted_texts(conn: Connection) -> Texts:
    """The rows that would be found under other words than what they say."""
    return Texts(
        names={
            town_id: fold(name)
            for town_id, name, folded in _rows(conn, towns, "name", "folded")
            if folded != fold(name)
        },
        spellings=_drifted_spellings(conn),
        stories={
            story_id: words
            for story_id, folded, *told in _rows(conn, stories, "folded", *Telling._fields)
            if folded != (words := words_in(Telling(*told)))
        },
    )


def drifted_words(conn: Connection) -> list[str]:
    """A sentence for each way in which the search finds something else than what is there."""
    texts, words = drifted_texts(conn), wrong_words(conn)
    found = []
    if n := len(texts.names.keys() | texts.spellings.keys()):
        found.append(
            ngettext(
                "The search knows %(n)s town under other words than its names.",
                "The search knows %(n)s towns under other words than their names.",
                n,
            )
            % {"n": n}
        )
    if n := len(texts.stories):
        found.append(
            ngettext(
                "The search knows %(n)s story by other words than it has.",
                "The search knows %(n)s stories by other words than they have.",
                n,
            )
            % {"n": n}
        )
    if any(words):
        said = _("Words of the search: %(missing)s missing, %(extra)s that stand nowhere.")
        found.append(said % words._asdict())
    return found


def _rows(conn: Connection, table: Table, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The numbers and some columns of all rows, a few at a time: a story is long."""
    last = 0
    asked = select(table.c.id, *(table.c[name] for name in columns)).order_by(table.c.id)
    while rows := conn.execute(asked.where(table.c.id > last).limit(_AT_ONCE)).all():
        last = rows[-1].id
        yield from map(tuple, rows)


def _drifted_spellings(conn: Connection) -> dict[int, str]:
    found = dict[int, str]()
    s = town_spellings.c
    for words in words_of_towns(conn):
        rows = conn.execute(select(s.town_id, s.words).where(s.town_id.in_(words)))
        stored = {row.town_id: row.words for row in rows}
        found |= {town_id: text for town_id, text in words.items() if stored.get(town_id) != text}
    return found
