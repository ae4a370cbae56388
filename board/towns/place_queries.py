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
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    desc,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from board.towns.models import place_names, place_prefixes, places, regions, towns
from board.towns.prefixes import CROWDED, after
from board.towns.readings import Area, Areas, Reading, Typed, begun, readings, spans, typed
from board.towns.rules import town_path
from board.towns.spelling import DOUBLING

# What a place gains, as if it had so many doublings more people: for being typed in full, for
# that and nothing beside it, and for lying in the country that the visitor probably means.
_TYPED_IN_FULL: Final = 6 * DOUBLING
_NOTHING_ELSE: Final = DOUBLING
_IN_COUNTRY: Final = 5 * DOUBLING
# More places of one name than any two countries have.
_NAMESAKES: Final = 1_000
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
        return town_path(self.country, self.slug)


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
    boosted = _is_code(country)
    values |= {"limit": limit, "country": country.upper() if boosted else ""}
    return [_found(tuple(row)) for row in conn.execute(_statement(len(ways), boosted), values)]


def get_place(conn: Connection, geonames_id: int) -> Found | None:
    """The place of a GeoNames id, or None."""
    if not 0 < geonames_id < 2**31:
        return None
    return _one(conn, places.c.geonames_id == geonames_id)


def get_place_at(conn: Connection, country: str, slug: str) -> Found | None:
    """The place of an address ("pl", "elk"), or None."""
    if not _is_code(country) or not slug.isascii() or not slug.isprintable():
        return None
    return _one(conn, and_(places.c.country == country.upper(), places.c.slug == slug))


def _is_code(country: str) -> bool:
    return len(country) == 2 and country.isascii() and country.isalpha()


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
    exact, longer, prepared = _ranges("whole")
    arms = [
        select(
            exact.c.geonames_id, (exact.c.weight + _TYPED_IN_FULL + _NOTHING_ELSE).label("score")
        ),
        select(longer.c.geonames_id, longer.c.weight),
        select(prepared.c.geonames_id, prepared.c.weight).where(prepared.c.country == ""),
    ]
    if boosted:
        mine = prepared.c.country == bindparam("country")
        arms.append(select(prepared.c.geonames_id, prepared.c.weight).where(mine))
    return arms


def _area_arms(number: int) -> list[Select[Any]]:
    """Places of one reading: named so, or beginning so, in one of its areas."""
    inside = or_(
        places.c.country.in_(bindparam(f"whole_countries{number}", expanding=True)),
        (places.c.country + "." + places.c.region_code).in_(
            bindparam(f"regions{number}", expanding=True)
        ),
    )
    exact, longer, prepared = _ranges(f"name{number}")
    theirs = prepared.c.country.in_(bindparam(f"countries{number}", expanding=True))
    return [
        select(hits.c.geonames_id, score)
        .select_from(hits.join(places, places.c.geonames_id == hits.c.geonames_id))
        .where(inside, condition)
        for hits, score, condition in (
            (exact, exact.c.weight + _TYPED_IN_FULL, true()),
            (longer, longer.c.weight, true()),
            (prepared, prepared.c.weight, theirs),
        )
    ]


def _ranges(name: str) -> tuple[Subquery, Subquery, FromClause]:
    """Where a name is spelled out, where longer ones begin with it, and its prepared rows.

    The limits cut nothing off: they tell PostgreSQL how little there is, or it would rather
    read all places than look a few of them up.
    """
    n, p = place_names.c, place_prefixes.c
    wanted: BindParameter[str] = bindparam(name)
    spelled = select(n.geonames_id, n.weight)
    # As a bound, because SQLite would walk the whole range to see a false condition in each row.
    end = case((exists().where(p.prefix == wanted), wanted), else_=bindparam(f"{name}_end"))
    prepared = select(p.geonames_id, p.country, p.weight).where(p.prefix == wanted)
    return (
        spelled.where(n.norm == wanted).limit(_NAMESAKES).subquery(),
        spelled.where(n.norm > wanted, n.norm < end).limit(CROWDED).subquery(),
        prepared.subquery(),
    )
