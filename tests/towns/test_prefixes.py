"""Crowded prefixes: prepared once, and the same as if all spellings had been read."""

from collections import defaultdict
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from board.towns import prefixes
from board.towns.prefixes import OF_A_COUNTRY, OF_THE_WORLD, Name, after, crowded_prefixes

words = st.text(alphabet="abü東", min_size=1, max_size=5)
rows = st.lists(st.tuples(words, st.integers(1, 60), st.integers(0, 9)), max_size=120)


@given(rows, st.integers(0, 12))
@settings(max_examples=60)
def test_prepared_places_are_the_weightiest_of_each_crowded_prefix(
    names: list[Name], crowded: int
) -> None:
    weights = {(name, place): weight for name, place, weight in names}
    flat = [(name, place, weight) for (name, place), weight in sorted(weights.items())]
    country_of = {place: "AB"[place % 2] * 2 for place in range(61)}

    with mock.patch.object(prefixes, "CROWDED", crowded):
        found = set(crowded_prefixes(flat, country_of))

    assert found == expected(flat, country_of, crowded)


def expected(
    names: list[Name], country_of: dict[int, str], crowded: int
) -> set[tuple[str, str, int, int]]:
    """The same, read the long way."""
    begin: defaultdict[str, list[Name]] = defaultdict(list)
    for row in names:
        for length in range(1, len(row[0]) + 1):
            begin[row[0][:length]].append(row)
    wanted = set()
    for prefix, matching in begin.items():
        if len(matching) <= crowded:
            continue
        best: dict[int, int] = {}
        for _name, place, weight in matching:
            best[place] = max(weight, best.get(place, weight))
        ranked = sorted(best, key=lambda place: (-best[place], place))
        for country in ("", "AA", "BB"):
            home = [place for place in ranked if country in ("", country_of[place])]
            most = OF_A_COUNTRY if country else OF_THE_WORLD
            wanted |= {(prefix, country, place, best[place]) for place in home[:most]}
    return wanted


@given(words, words)
def test_range_of_a_prefix_holds_what_begins_with_it_and_nothing_else(
    prefix: str, word: str
) -> None:
    inside = prefix <= word < after(prefix)
    assert inside == word.startswith(prefix)
