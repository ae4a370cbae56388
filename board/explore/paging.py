"""Turning the pages of a list by keys, forward and back. Pure: who finds the rows is a stranger.

A page's link names a key. Towns may come, go and move meanwhile: the page behind the link shows
what follows that key (or precedes it) when it is opened, nothing twice and nothing left out.
"""

from typing import Any, Generic, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
Key = tuple[Any, ...]


class Keyed(NamedTuple, Generic[T]):
    """A row and its place in the order."""

    key: Key
    row: T


class Finder(Protocol[T]):
    """Finds rows in order, from a key onwards; the row of that key isn't among them."""

    def following(self, key: Key | None, most: int) -> list[Keyed[T]]:
        """The first rows behind a key, or of all; in order."""

    def preceding(self, key: Key | None, most: int) -> list[Keyed[T]]:
        """The last rows before a key, or of all; in order."""


class Page(NamedTuple, Generic[T]):
    """Some rows, and the keys behind which the next and before which the last page lies."""

    rows: list[T]
    after: Key | None
    before: Key | None


def turn(finder: Finder[T], after: Key | None, before: Key | None, size: int) -> Page[T]:
    """The page that an address asks for.

    A page that would begin above the top is the first page, whole; one behind the end is the last.
    """
    if before is not None:
        return _page_before(finder, before, size)
    found = finder.following(after, size + 1)
    if after is None:
        return _page(found[:size], more=len(found) > size, earlier=False)
    if not found:
        return _page_before(finder, None, size)
    earlier = bool(finder.preceding(found[0].key, 1))
    return _page(found[:size], more=len(found) > size, earlier=earlier)


def _page_before(finder: Finder[T], key: Key | None, size: int) -> Page[T]:
    found = finder.preceding(key, size + 1)
    if len(found) < size:
        return turn(finder, None, None, size)
    rows = found[-size:]
    more = key is not None and bool(finder.following(rows[-1].key, 1))
    return _page(rows, more=more, earlier=len(found) > size)


def _page(found: list[Keyed[T]], *, more: bool, earlier: bool) -> Page[T]:
    return Page(
        [one.row for one in found],
        found[-1].key if found and more else None,
        found[0].key if found and earlier else None,
    )
