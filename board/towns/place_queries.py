"""Finding places of the gazetteer: by what somebody types, by GeoNames id, by address.

A keystroke is a range of `place_name` or, where that range is crowded, the ready rows of
`place_prefix`; a text of several words first asks which of them name a country or region.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    desc,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from board.towns.models import place_names, place_prefixes, places, regions, towns
from board.towns.prefixes import after
from board.towns.readings import Area, Areas, Reading, Typed, begun, readings, spans, typed
from board.towns.spelling import DOUBLING

# What a place gains, as if it had so many doublings more people: for being typed in full, for
# that and nothing beside it, and for lying in the country that the visitor probably means.
_TYPED_IN_FULL: Final = 6 * DOUBLING
_NOTHING_ELSE: Final = DOUBLING
_IN_COUNTRY: Final = 5 * DOUBLING
# An unfinished word that so many areas begin with narrows nothing.
_MOST_AREAS: Final = 60


class Found(NamedTuple):
    """A place as the picker shows it; without a town nobody has asked there yet."""

    geonames_id: int
    name: str
    region: str
    country: str
    lat: float
    lng: float
    population: int
    slug: str
    town_id: int | None
    vote_count: int
    story_count: int

    @property
    def path(self) -> str:
        return f"/towns/{self.country.lower()}/{self.slug}"


_COLUMNS: Final = (
    places.c.geonames_id,
    places.c.name,
    places.c.region,
    places.c.country,
    places.c.lat,
    places.c.lng,
    places.c.population,
    places.c.slug,
    towns.c.id,
    towns.c.vote_count,
    towns.c.story_count,
)
_WITH_TOWN: Final = places.outerjoin(towns, towns.c.geonames_id == places.c.geonames_id)


def find_places(conn: Connection, text: str, *, country: str = "", limit: int = 8) -> list[Found]:
    """The places a text may mean, the likeliest first; `country` is a hint, not a filter.

    Likeliest is the most populous, where a name typed in full counts 64 times as much as one
    that only begins so, other languages' names a sixteenth, and inner words a twentieth.
    """
    asked = typed(text)
    if not asked.words:
        return []
    ways = _readings(conn, asked) if len(asked.words) > 1 else []
    values: dict[str, Any] = {"whole": asked.whole, "whole_end": after(asked.whole)}
    for number, way in enumerate(ways):
        values |= _values_of(way, number)
    statement = _statement(len(ways), bool(country))
    values |= {"limit": limit, "country": country.upper()}
    return [_found(tuple(row)) for row in conn.execute(statement, values)]


def get_place(conn: Connection, geonames_id: int) -> Found | None:
    """The place of a GeoNames id, or None."""
    return _one(conn, places.c.geonames_id == geonames_id)


def get_place_at(conn: Connection, country: str, slug: str) -> Found | None:
    """The place of an address ("pl", "elk"), or None."""
    return _one(conn, and_(places.c.country == country.upper(), places.c.slug == slug))


def _one(conn: Connection, where: ColumnElement[bool]) -> Found | None:
    row = conn.execute(select(*_COLUMNS).select_from(_WITH_TOWN).where(where)).first()
    return None if row is None else _found(tuple(row))


def _found(row: tuple[Any, ...]) -> Found:
    """A row of `_COLUMNS`; a place without a town has no votes and no stories."""
    return Found._make((*row[:-2], row[-2] or 0, row[-1] or 0))


# --- which words name an area ---------------------------------------------------------------


def _readings(conn: Connection, asked: Typed) -> list[Reading]:
    parts, tails = spans(asked), begun(asked)
    values = {f"span{number}": part for number, part in enumerate(parts)}
    for number, tail in enumerate(tails):
        values |= {f"tail{number}": tail, f"tail{number}_end": after(tail)}
    known: defaultdict[str, list[Area]] = defaultdict(list)
    unfinished: defaultdict[str, list[Area]] = defaultdict(list)
    for number, word, *area in conn.execute(_areas(len(parts), len(tails)), values):
        if number < 0:
            known[word].append(Area(*area))
        else:
            unfinished[tails[number]].append(Area(*area))
    narrow = {tail: areas for tail, areas in unfinished.items() if len(areas) < _MOST_AREAS}
    return readings(asked, _sets(known), _sets(narrow))


def _sets(words: Mapping[str, list[Area]]) -> Mapping[str, Areas]:
    return {word: frozenset(areas) for word, areas in words.items()}


@cache
def _areas(parts: int, tails: int) -> Select[Any]:
    """Areas that a span names (under -1), and areas whose name begins with one of the tails."""
    columns = (regions.c.word, regions.c.country, regions.c.region_code)
    arms = [
        select(literal_column("-1").label("tail"), *columns).where(
            regions.c.word.in_([bindparam(f"span{number}") for number in range(parts)])
        )
    ]
    for number in range(tails):
        some = select(literal_column(str(number)).label("tail"), *columns).where(
            regions.c.word > bindparam(f"tail{number}"),
            regions.c.word < bindparam(f"tail{number}_end"),
        )
        arms.append(select(some.limit(_MOST_AREAS).subquery()))
    return select(union_all(*arms).subquery())


# --- the places -----------------------------------------------------------------------------


def _values_of(reading: Reading, number: int) -> dict[str, Any]:
    return {
        f"name{number}": reading.name,
        f"name{number}_end": after(reading.name),
        f"whole_countries{number}": [
            area.country for area in reading.areas if not area.region_code
        ],
        f"regions{number}": [".".join(area) for area in reading.areas if area.region_code],
        f"countries{number}": sorted({area.country for area in reading.areas}),
    }


@cache
def _statement(ways: int, boosted: bool) -> Select[Any]:
    """One statement for all meanings of a text; each arm is a short range of an index."""
    arms = _whole_arms(boosted)
    for number in range(ways):
        arms += _area_arms(number)
    hits = union_all(*arms).subquery()
    best = select(hits.c.geonames_id, func.max(hits.c.score).label("score")).group_by(
        hits.c.geonames_id
    )
    if not boosted:
        best = best.order_by(desc("score"), hits.c.geonames_id).limit(bindparam("limit"))
    top = best.subquery()
    here = case((places.c.country == bindparam("country"), _IN_COUNTRY), else_=0)
    score = top.c.score + here if boosted else top.c.score
    return (
        select(*_COLUMNS)
        .select_from(_WITH_TOWN.join(top, top.c.geonames_id == places.c.geonames_id))
        .order_by(score.desc(), places.c.geonames_id)
        .limit(bindparam("limit"))
    )


def _whole_arms(boosted: bool) -> list[Select[Any]]:
    """Places whose name is the whole text, or begins with it."""
    n, p = place_names.c, place_prefixes.c
    whole: BindParameter[str] = bindparam("whole")
    prepared = select(p.geonames_id, p.weight).where(p.prefix == whole)
    arms = [
        select(n.geonames_id, (n.weight + (_TYPED_IN_FULL + _NOTHING_ELSE)).label("score")).where(
            n.norm == whole
        ),
        select(n.geonames_id, n.weight).where(
            n.norm > whole, n.norm < _end_unless_crowded("whole")
        ),
        prepared.where(p.country == ""),
    ]
    return [*arms, prepared.where(p.country == bindparam("country"))] if boosted else arms


def _area_arms(number: int) -> list[Select[Any]]:
    """Places of one reading: named so, or beginning so, in one of its areas."""
    n, p = place_names.c, place_prefixes.c
    name: BindParameter[str] = bindparam(f"name{number}")
    inside = or_(
        places.c.country.in_(bindparam(f"whole_countries{number}", expanding=True)),
        (places.c.country + "." + places.c.region_code).in_(
            bindparam(f"regions{number}", expanding=True)
        ),
    )
    named = place_names.join(places, places.c.geonames_id == n.geonames_id)
    prepared = place_prefixes.join(places, places.c.geonames_id == p.geonames_id)
    return [
        select(n.geonames_id, n.weight + _TYPED_IN_FULL)
        .select_from(named)
        .where(n.norm == name, inside),
        select(n.geonames_id, n.weight)
        .select_from(named)
        .where(
            n.norm > name,
            n.norm < _end_unless_crowded(f"name{number}"),
            inside,
        ),
        select(p.geonames_id, p.weight)
        .select_from(prepared)
        .where(
            p.prefix == name,
            p.country.in_(bindparam(f"countries{number}", expanding=True)),
            inside,
        ),
    ]


def _end_unless_crowded(name: str) -> ColumnElement[str]:
    """The end of the range that begins at a name; where it is crowded the range is empty.

    As a bound, because SQLite would walk the whole range to see a false condition in each row.
    """
    crowded = exists().where(place_prefixes.c.prefix == bindparam(name))
    return case((crowded, bindparam(name)), else_=bindparam(f"{name}_end"))
