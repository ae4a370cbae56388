"""Where on the map a town may have one of a few circles as its nearest. Pure.

From the whole world downwards each square is cut in four, and those are left out where another
circle is nearer to all of the square than these are to any of it.
"""

from typing import Final, NamedTuple

from board.circles.globe import Globe
from board.core.geo import MERCATOR_SIZE, distance_km, from_mercator
from board.drawing.view import Window

_FIRST_LEVEL: Final = 3
_LAST_LEVEL: Final = 12
# Small enough beside the distance that counts: smaller squares would leave out little more.
_FINE: Final = 4
_SMALLEST_KM: Final = 5.0
_SLACK_KM: Final = 0.01


class _Square(NamedTuple):
    """One of 2^level by 2^level squares."""

    level: int
    x: int
    y: int

    @property
    def ground(self) -> Window:
        size = MERCATOR_SIZE >> self.level
        return Window(
            self.x * size, (self.x + 1) * size - 1, self.y * size, (self.y + 1) * size - 1
        )

    def quarters(self) -> "list[_Square]":
        return [
            _Square(self.level + 1, 2 * self.x + right, 2 * self.y + down)
            for down in (0, 1)
            for right in (0, 1)
        ]

    def middle(self) -> tuple[float, float, float]:
        """The latitude and longitude of a point in it, and how far it reaches from there in km.

        The uppermost and lowest squares reach to the poles: what lies beyond the map stands at
        its edge.
        """
        size = MERCATOR_SIZE >> self.level
        north, west = from_mercator(self.x * size, self.y * size)
        south, east = from_mercator((self.x + 1) * size, (self.y + 1) * size)
        north = 90.0 if self.y == 0 else north
        south = -90.0 if self.y + 1 == 1 << self.level else south
        lat, lng = (north + south) / 2, (west + east) / 2
        return lat, lng, max(distance_km(lat, lng, north, west), distance_km(lat, lng, south, west))


def grounds_of(few: Globe, everything: Globe, most: int) -> list[Window] | None:
    """Windows that hold every point whose nearest of `everything` is among the `few` of it.

    None where they would be more than `most`.
    """
    found: list[Window] = []
    side = range(1 << _FIRST_LEVEL)
    squares = [_Square(_FIRST_LEVEL, x, y) for y in side for x in side]
    while squares and len(found) + len(squares) <= most:
        cut: list[_Square] = []
        for square in squares:
            lat, lng, reach = square.middle()
            theirs, nearest = few.nearest(lat, lng), everything.nearest(lat, lng)
            if theirs is None or nearest is None:
                return []
            if theirs.km > nearest.km + 2 * reach + _SLACK_KM:
                continue
            fine = reach <= max(_SMALLEST_KM, nearest.km / _FINE)
            if fine or square.level == _LAST_LEVEL:
                found.append(square.ground)
            else:
                cut.append(square)
        squares = [quarter for square in cut for quarter in square.quarters()]
    return None if squares else found
