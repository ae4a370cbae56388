"""The orders of the list of towns: their columns, their indexes, and the cursors of its pages.

Pure. A cursor is the sort values of a row, so that a link to a page goes on meaning the same while
votes come in: what follows that key, or what precedes it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement

from board.towns.models import towns
from board.towns.queries import TownRow

_t = towns.c
Key = tuple[Any, ...]


class Order(NamedTuple):
    """A sort, highest first: its columns, how a cursor's texts become values again, its index."""

    columns: tuple[ColumnElement[Any], ...]
    fields: tuple[str, ...]
    readers: tuple[Callable[[str], Any], ...]
    walk: str
    # The indexes that hold the towns of each country or status in this order, where there are any.
    walk_by_country: str = ""
    walk_by_status: str = ""


def whole(text: str) -> int:
    """A number of a cursor; beyond 32 bits none of ours lies, and a database would choke."""
    number = int(text)
    if abs(number) >= 2**31:
        raise ValueError("no number of ours")
    return number


def measure(text: str) -> float:
    """A finite number of a cursor."""
    number = float(text)
    if not isfinite(number):
        raise ValueError("no measure of ours")
    return number


def moment(text: str) -> datetime:
    """A moment of a cursor, with its time zone, as the database would keep it."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no moment of ours")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a moment before or after all years") from error


ORDERS: Final = {
    "votes": Order(
        (_t.vote_count, _t.id),
        ("vote_count", "id"),
        (whole, whole),
        "town_by_votes",
        "town_by_country_votes",
        "town_by_status_votes",
    ),
    "ready": Order(
        (_t.closeness, _t.vote_count, _t.id),
        ("closeness", "vote_count", "id"),
        (whole, whole, whole),
        "town_by_closeness",
    ),
    "rising": Order((_t.rising, _t.id), ("rising", "id"), (measure, whole), "town_by_rising"),
    "new": Order(
        (_t.asked_at, _t.id),
        ("asked_at", "id"),
        (moment, whole),
        "town_by_newest",
    ),
    "need": Order((_t.need, _t.id), ("need", "id"), (measure, whole), "town_by_need"),
}
# By distance, nearest first: no index knows it (near_queries).
NEAR: Final = (measure, whole)


def key_of(order: Order, town: TownRow) -> Key:
    """The sort values of a town."""
    return tuple(getattr(town, field) for field in order.fields)


def cursor_of(key: Key) -> str:
    """A key as it stands in an address."""
    return "~".join(v.isoformat() if isinstance(v, datetime) else repr(v) for v in key)


def read_cursor(readers: tuple[Callable[[str], Any], ...], text: str) -> Key | None:
    """The key of a cursor; None when there is none, or the address was changed by hand."""
    parts = text.split("~")
    if len(parts) != len(readers):
        return None
    try:
        return tuple(reader(part) for reader, part in zip(readers, parts, strict=True))
    except ValueError:
        return None
