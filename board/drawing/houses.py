"""What stands in a street: houses made of books, leaning books, trees and lamps, as shapes.

Everything is drawn at one scale with the ground at y = 180 and only scaled afterwards, so a street
looks the same on the page, the flyer and the social card. A shape is a path of the commands
M L H V m l h v a z, so that a painter without SVG can follow it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from board.drawing.chance import Chance
from board.drawing.paths import box, disc
from board.drawing.paths import number as _n

GROUND: Final = 180.0
INK: Final = "#323231"
CREAM: Final = "#FCFBF6"
_PAGE: Final = "#FFFDF4"
_PAGE_LINE: Final = "#DCD6C2"
_KNOB: Final = "#FFBC1A"

Roof = Literal["book", "gable", "flat", "step", "slant"]
ROOFS: Final[tuple[Roof, ...]] = ("book", "gable", "flat", "step", "slant")


class Paint(NamedTuple):
    """A wall and what goes with it: the colour of roof, spine bands and lit windows.

    Neighbours are never of one `family`, so that a street has no block of one colour.
    """

    family: str
    wall: str
    roof: str
    band: str
    lit: str = "#FFCB45"


PAINTS: Final = (
    Paint("orange", "#FC7100", INK, CREAM),
    Paint("teal", "#05C6B4", INK, CREAM),
    Paint("yellow", "#FFBC1A", INK, CREAM, "#FC7100"),
    Paint("green", "#B7D500", INK, INK),
    Paint("orange", "#FBD0A6", "#FC7100", "#FC7100"),
    Paint("teal", "#A9E6DC", "#04877B", "#04877B"),
    Paint("yellow", "#F6DE9A", "#C98A00", "#C98A00"),
    Paint("green", "#E3EDA0", "#7F9400", "#7F9400"),
    Paint("slate", "#5A5957", "#FC7100", "#FFBC1A"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """One painted path; `turn` is degrees around (`turn_x`, the ground), for what leans."""

    d: str
    fill: str = "none"
    stroke: str = ""
    stroke_width: float = 0
    turn: float = 0
    turn_x: float = 0


@dataclass(frozen=True, slots=True)
class House:
    """A house of a story. `skew` moves the four corners a little: it is cut from paper."""

    x: float
    width: float
    height: float
    paint: Paint
    roof: Roof
    pages: bool
    round_windows: bool
    skew: tuple[float, float, float, float]

    @property
    def top(self) -> float:
        """The y of the eaves."""
        return GROUND - self.height

    @property
    def front(self) -> float:
        """How wide the wall is without the edge of pages beside it."""
        return self.width - (max(5.0, self.width * 0.12) if self.pages else 0.0)


@dataclass(frozen=True, slots=True)
class Book:
    """A book that leans to the left, in place of a house; `lean` is degrees below zero."""

    x: float
    width: float
    height: float
    paint: Paint
    lean: float


def draw_house(house: House, lights: Chance, share: float) -> Iterator[Shape]:
    """The shapes of a house, back to front; `share` of its windows are lit, by `lights`."""
    x, top, front = house.x, house.top, house.front
    a, b, c, d = house.skew
    yield Shape(
        f"M{_n(x + a)} 180L{_n(x + b)} {_n(top)}H{_n(x + house.width + c)}"
        f"L{_n(x + house.width + d)} 180z",
        house.paint.wall,
    )
    if house.pages:
        yield from _page_edge(x + front, house.width - front - 1.4, top)
    yield Shape(box(x, top + 7, front, 3) + box(x, 168, front, 3), house.paint.band)
    yield from _windows(house, lights, share)
    yield from _door(x + front / 2, min(7.0, front * 0.14))
    yield from _ROOF_MAKERS[house.roof](house)


def draw_book(book: Book) -> Iterator[Shape]:
    """The shapes of a leaning book: spine, two bands, a label with three lines."""
    x, width, top = book.x, book.width, GROUND - book.height
    label, tall = width * 0.56, book.height * 0.38
    left, head = x + (width - label) / 2, top + 20
    lines = (head + tall * share for share in (0.2, 0.44, 0.68))
    words = zip(lines, (0.52, 0.34, 0.52), strict=True)
    for d, fill in (
        (box(x, top, width, book.height), book.paint.wall),
        (box(x, top + 7, width, 3) + box(x, 168, width, 3), book.paint.band),
        (box(left, head, label, tall, 2), CREAM),
        (
            "".join(box(left + label * 0.24, y, label * w, 2.6, 1.3) for y, w in words),
            INK if book.paint.band == CREAM else book.paint.band,
        ),
    ):
        yield Shape(d, fill, turn=book.lean, turn_x=x)


def draw_tree(x: float, height: float) -> Iterator[Shape]:
    """A slim tree of the given height, its trunk at `x`."""
    foot, top = GROUND - height * 0.38, GROUND - height
    yield Shape(box(x - 1.6, foot, 3.2, GROUND - foot), "#8A6B43")
    belly = top + (foot - top) * 0.62
    yield Shape(
        f"M{_n(x)} {_n(top)}a{_n(height * 0.75)} {_n(height * 0.75)} 0 0 1 {_n(height * 0.13)}"
        f" {_n(belly - top)}l-1.2 {_n(foot + 2 - belly)}a11 8 0 0 1 {_n(2.4 - height * 0.26)} 0"
        f"l-1.2 {_n(belly - foot - 2)}a{_n(height * 0.75)} {_n(height * 0.75)} 0 0 1"
        f" {_n(height * 0.13)} {_n(top - belly)}z",
        "#B7D500",
    )


def draw_lamp(x: float) -> Iterator[Shape]:
    """A street lamp."""
    yield Shape(f"M{_n(x)} 180V130", stroke=INK, stroke_width=2.2)
    yield Shape(disc(x, 126, 4.6), _KNOB)


def _page_edge(x: float, width: float, top: float) -> Iterator[Shape]:
    yield Shape(box(x, top + 3, width, GROUND - 6 - top), _PAGE)
    lines = (x + width * share for share in (0.34, 0.76))
    yield Shape(
        "".join(f"M{_n(line)} {_n(top + 3)}V177" for line in lines),
        stroke=_PAGE_LINE,
        stroke_width=0.9,
    )


def _windows(house: House, lights: Chance, share: float) -> Iterator[Shape]:
    """Rows of windows in two paths, lit and unlit, and their bars in a third."""
    columns = 3 if house.front > 50 else 2
    wide = min(11.0, house.front * 0.52 / columns)
    tall = wide * 1.3
    gap = (house.front - columns * wide) / (columns + 1)
    rows = min(3, max(1, int((house.height - 48) / (tall + 8))))
    panes: dict[bool, list[str]] = {False: [], True: []}
    bars: list[str] = []
    for row in range(rows):
        for column in range(columns):
            x = house.x + gap + column * (wide + gap)
            y = house.top + 18 + row * (tall + 8)
            panes[lights.next() < share].append(
                box(x, y, wide, tall, wide / 2 if house.round_windows else 1.2)
            )
            bars.append(f"M{_n(x + wide / 2)} {_n(y)}v{_n(tall)}m{_n(-wide / 2)} {_n(-tall / 2)}")
            bars.append(f"h{_n(wide)}")
    for lit, fill in ((False, CREAM), (True, house.paint.lit)):
        if panes[lit]:
            yield Shape("".join(panes[lit]), fill)
    yield Shape("".join(bars), stroke=house.paint.wall, stroke_width=1)


def _door(middle: float, half: float) -> Iterator[Shape]:
    arch = f"a{_n(half)} {_n(half)} 0 0 1 {_n(2 * half)} 0"
    yield Shape(f"M{_n(middle - half)} 180v{_n(half - 22)}{arch}V180z", INK)
    yield Shape(disc(middle + half * 0.52, 172, 1.1), _KNOB)


def _book_roof(house: House) -> Iterator[Shape]:
    """A book, face down: its cover outside, its pages a white line inside."""
    left, right, eaves = house.x - 6, house.x + house.width + 6, house.top + 2
    middle, ridge = house.x + house.width / 2, eaves - max(22.0, house.width * 0.42)
    yield Shape(
        f"M{_n(house.x)} {_n(eaves + 2)}L{_n(middle)} {_n(ridge + 8)}"
        f"L{_n(house.x + house.width)} {_n(eaves + 2)}z",
        house.paint.wall,
    )
    yield Shape(
        f"M{_n(left)} {_n(eaves)}L{_n(middle)} {_n(ridge)}L{_n(right)} {_n(eaves)}l-2 5"
        f"L{_n(middle)} {_n(ridge + 8)}L{_n(left + 2)} {_n(eaves + 5)}z",
        house.paint.roof,
    )
    yield Shape(
        f"M{_n(left + 3)} {_n(eaves + 6)}L{_n(middle)} {_n(ridge + 10)}"
        f"L{_n(right - 3)} {_n(eaves + 6)}",
        stroke=_PAGE,
        stroke_width=2.4,
    )


def _gable(house: House) -> Iterator[Shape]:
    middle, rise = house.x + house.width / 2, max(20.0, house.width * 0.42)
    yield Shape(
        f"M{_n(house.x - 4)} {_n(house.top + 1)}L{_n(middle)} {_n(house.top + 1 - rise)}"
        f"L{_n(house.x + house.width + 4)} {_n(house.top + 1)}z",
        house.paint.roof,
    )
    yield Shape(disc(middle, house.top + 1 - rise * 0.39, 4), CREAM)


def _flat(house: House) -> Iterator[Shape]:
    yield Shape(box(house.x - 3, house.top - 4, house.width + 6, 6, 1.5), house.paint.roof)


def _step(house: House) -> Iterator[Shape]:
    tread = house.width / 5
    up, down = f"v-6h{_n(tread)}" * 2, f"h{_n(tread)}v6" * 2
    yield Shape(f"M{_n(house.x)} {_n(house.top + 1)}{up}v-6h{_n(tread)}v6{down}z", house.paint.wall)
    yield Shape(box(house.x - 2, house.top - 2, house.width + 4, 3.6), house.paint.roof)
    yield Shape(box(house.x + 2 * tread - 1.5, house.top - 18.6, tread + 3, 3), house.paint.roof)


def _slant(house: House) -> Iterator[Shape]:
    left, right, low = house.x - 4, house.x + house.width + 4, house.top + 1
    yield Shape(f"M{_n(left)} {_n(low)}v-7L{_n(right)} {_n(low - 19)}V{_n(low)}z", house.paint.roof)


_ROOF_MAKERS: Final = {
    "book": _book_roof,
    "gable": _gable,
    "flat": _flat,
    "step": _step,
    "slant": _slant,
}
