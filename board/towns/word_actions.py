"""Under which words a town is found: those of every name that the gazetteer knows of its place."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, select

from board.core.db import upsert
from board.core.text import words_of
from board.towns.models import place_names, town_spellings, towns

_AT_ONCE: Final = 500


def spell_town(conn: Connection, town_id: int, name: str, geonames_id: int | None = None) -> None:
    """Let a new town be found under all its names."""
    known = _spellings(conn, [] if geonames_id is None else [geonames_id])
    _keep(conn, {town_id: _words([name, *known.get(geonames_id or 0, ())])})


def spell_all_towns(conn: Connection) -> None:
    """The same for every town, after the gazetteer was replaced."""
    for words in words_of_towns(conn):
        _keep(conn, words)


def words_of_towns(conn: Connection) -> Iterator[dict[int, str]]:
    """The words of all towns by their numbers, some towns at a time."""
    t = towns.c
    last = 0
    while rows := conn.execute(
        select(t.id, t.name, t.geonames_id).where(t.id > last).order_by(t.id).limit(_AT_ONCE)
    ).all():
        last = rows[-1].id
        known = _spellings(conn, [row.geonames_id for row in rows if row.geonames_id is not None])
        yield {row.id: _words([row.name, *known.get(row.geonames_id, ())]) for row in rows}


def _spellings(conn: Connection, geonames_ids: Collection[int]) -> Mapping[int, list[str]]:
    if not geonames_ids:
        return {}
    n = place_names.c
    rows = conn.execute(select(n.geonames_id, n.norm).where(n.geonames_id.in_(geonames_ids)))
    found: defaultdict[int, list[str]] = defaultdict(list)
    for geonames_id, norm in rows:
        found[geonames_id].append(norm)
    return found


def _words(names: Collection[str]) -> str:
    return " ".join(words_of(" ".join(sorted(names))))


def _keep(conn: Connection, words: Mapping[int, str]) -> None:
    rows = [{"town_id": town_id, "words": text} for town_id, text in words.items()]
    upsert(conn, town_spellings, rows, ["town_id"])
