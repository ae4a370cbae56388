"""Finding towns by words: of their names in any language, of where they lie, of their stories.

A town is found when it has every word that was typed, wherever each of them stands: in a name of
it, in that of its region or country, in a public story. The last word may be begun only.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from board.core.text import Word, search_form, words_asked
from board.towns.models import regions, town_words, towns
from board.towns.prefixes import after

_t = towns.c
_w = town_words.c
_r = regions.c
# More than so many words nobody reads; what comes behind them doesn't narrow any more.
MOST_WORDS: Final = 8
# From how many letters on a word may be the beginning of a country's or region's name.
_BEGUN: Final = 3
_LONGEST_AREA: Final = 5
# Words that stand more often than this are all the same to us: often.
OFTEN: Final = 2_000


class Part(NamedTuple):
    """A typed word: the words a town must have for it, or the areas it may lie in instead.

    `areas` are all stretches of typed words with this one in them, `begun` those that may go on.
    """

    words: tuple[Word, ...]
    areas: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()

    @property
    def sure(self) -> int:
        """How telling it is, as far as one can see that: long words are rare."""
        return max((len(word.text) for word in self.words), default=0)


def parts_of(text: str) -> list[Part]:
    """What was typed, word by word."""
    typed = search_form(text).split()[:MOST_WORDS]
    count = len(typed)
    spans: list[tuple[int, int]] = [
        (start, end)
        for start in range(count)
        for end in range(start + 1, min(count, start + _LONGEST_AREA) + 1)
    ]
    parts = []
    for number, word in enumerate(typed):
        around = [span for span in spans if span[0] <= number < span[1]]
        areas = {" ".join(typed[start:end]): end == count for start, end in around}
        # A single letter begins half of all words there are.
        last = number == count - 1 and (count > 1 or len(word) > 1 or not word.isascii())
        parts.append(
            Part(
                tuple(words_asked(word, last=last)[:MOST_WORDS]),
                tuple(areas),
                tuple(area for area, ends in areas.items() if ends and len(area) >= _BEGUN),
            )
        )
    return parts


def towns_found(text: str, lead: int | None = None) -> ColumnElement[bool]:
    """A town that has all of these words; `lead` is the part to begin with (`rarest`).

    Whichever that is, the same towns are found. Nothing typed, or nothing with a letter in it,
    asks for nothing.
    """
    parts = parts_of(text)
    if not parts:
        return literal(1) == literal(1)
    first = max(parts, key=lambda part: part.sure) if lead is None else parts[lead]
    return and_(_t.id.in_(_having(first)), *(_has(part) for part in parts if part is not first))


def rarest(conn: Connection, text: str) -> tuple[int | None, int]:
    """Which part of a text the fewest towns have, and how many (a bound; `OFTEN` says: many)."""
    parts = parts_of(text)
    if not parts:
        return None, OFTEN
    counts = [_bounded(_having(part)) for part in parts]
    found = conn.execute(select(*counts)).one()
    return min(range(len(parts)), key=lambda n: found[n]), min(found)


def _bounded(rows: Any) -> Any:
    some = select(rows.subquery()).limit(OFTEN).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def stands(word: Word) -> ColumnElement[bool]:
    """A row of `town_word` that holds this word."""
    if word.begun:
        return and_(_w.word >= word.text, _w.word < after(word.text))
    return _w.word == word.text


def _having(part: Part) -> Any:
    """The numbers of all towns that have a part."""
    lying = select(_t.id).with_hint(towns, "INDEXED BY town_by_region", "sqlite")
    whole, region = _areas(part)
    first, *others = part.words
    worded = select(_w.town_id).where(stands(first), *(_probe(word) for word in others))
    return union_all(worded, lying.where(_t.country.in_(whole)), lying.where(_in_region(region)))


def _probe(word: Word) -> ColumnElement[bool]:
    """The town of this row of `town_word` has another word, too."""
    other = town_words.alias()
    held = and_(other.c.word == word.text)
    if word.begun:
        held = and_(other.c.word >= word.text, other.c.word < after(word.text))
    return exists().where(held, other.c.town_id == _w.town_id)


def _has(part: Part) -> ColumnElement[bool]:
    """The same, asked of one town."""
    whole, region = _areas(part)
    return or_(
        and_(*(_has_word(word) for word in part.words)),
        _t.country.in_(whole),
        _in_region(region),
    )


def _has_word(word: Word) -> ColumnElement[bool]:
    if word.begun:
        # Looked up once for all towns: for each town anew, it would be every word begun so.
        return _t.id.in_(select(_w.town_id).where(stands(word)))
    return exists().where(stands(word), _w.town_id == _t.id)


def _areas(part: Part) -> tuple[Select[Any], Select[Any]]:
    """The countries, and the regions, that a part may name."""
    named: ColumnElement[bool] = _r.word.in_(part.areas) if part.areas else false()
    for area in part.begun:
        named = or_(named, and_(_r.word >= area, _r.word < after(area)))
    return (
        select(_r.country).where(named, _r.region_code == ""),
        select(_r.country, _r.region_code).where(named, _r.region_code != ""),
    )


def _in_region(region: Select[Any]) -> ColumnElement[bool]:
    return tuple_(_t.country, _t.region_code).in_(region)
