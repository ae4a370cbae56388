"""What the statements of the map's squares have in common: the ground, windows, single things."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, bindparam, func, or_

from board.drawing.view import Window


def if_single(count: int, **known: Any) -> dict[str, Any]:
    """What is known of the only one; of several nothing."""
    return known if count == 1 else {}


def extent(mx: Any, my: Any) -> tuple[Any, ...]:
    """The ground on which things of a square lie, as columns named like those of `Window`."""
    return (
        func.min(mx).label("west"),
        func.max(mx).label("east"),
        func.min(my).label("north"),
        func.max(my).label("south"),
    )


def in_sides(windows: int, mx: Column[Any], my: Column[Any]) -> list[ColumnElement[bool]]:
    """Inside so many windows, whose sides are given when it is asked; without any, anywhere."""
    inside = [
        and_(
            mx.between(bindparam(f"west{n}"), bindparam(f"east{n}")),
            my.between(bindparam(f"north{n}"), bindparam(f"south{n}")),
        )
        for n in range(windows)
    ]
    return [or_(*inside)] if inside else []


def sides(windows: Sequence[Window]) -> dict[str, int]:
    """The values that `in_sides` asks for."""
    return {
        f"{side}{n}": value
        for n, window in enumerate(windows)
        for side, value in window._asdict().items()
    }
