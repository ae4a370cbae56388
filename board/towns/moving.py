"""What a feature tells of a row that it moved from one town to another. Pure."""

from collections.abc import Iterable
from typing import NamedTuple


class Moved(NamedTuple):
    """A row that was moved ("vote", 12), and how it was before where going back isn't plain."""

    kind: str
    id: int
    before: str = ""


def ids_of(moved: Iterable[Moved], kind: str) -> list[int]:
    """The ids of one kind of rows."""
    return [item.id for item in moved if item.kind == kind]
