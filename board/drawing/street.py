"""The street of book-houses: every town has its own, grown from its slug, one house per story.

A house never moves: what the first n stories built stands the same when the next one comes. The
lights have a stream of their own, so that they change without moving a wall.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from board.drawing.chance import Chance
from board.drawing.houses import (
    PAINTS,
    ROOFS,
    Book,
    House,
    Paint,
    Roof,
    Shape,
    draw_book,
    draw_house,
    draw_lamp,
    draw_tree,
)

CAP: Final = 12
HEIGHT: Final = 190
_LONG: Final = 9
_MARGIN: Final = 20.0
_LOT: Final = 94.0


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """A street to draw in a box of `width` by 190, the ground at y = 180.

    `ghost` is the x of the dotted house for the next story, none where the street is full;
    `long`: on a narrow screen the dotted house is left out, so that the others stay readable.
    """

    width: int
    shapes: tuple[Shape, ...]
    houses: int
    ghost: float | None
    long: bool


@dataclass(frozen=True, slots=True)
class Green:
    """A tree or a lamp between two houses."""

    shapes: tuple[Shape, ...]


# Drawn once, and a street is only the same as itself, so that its picture is kept as easily.
@lru_cache(512)
def street(slug: str, stories: int, come: int, votes: int, *, cap: int = CAP) -> Street:
    """The street of a town; `come` of `votes` is the share of windows that are lit.

    `slug` is whatever names the town for ever; another name is another street.
    """
    houses = max(0, min(stories, cap))
    lights = Chance(f"{slug}/lights")
    share = min(1.0, come / votes) if votes > 0 else 0.0
    shapes: list[Shape] = []
    end = _MARGIN
    for thing in plan(slug, houses):
        if isinstance(thing, House):
            shapes += draw_house(thing, lights, share)
            end = thing.x + thing.width
        elif isinstance(thing, Book):
            shapes += draw_book(thing)
            end = thing.x + thing.width + 4
        else:
            shapes += thing.shapes
    ghost = None if houses == cap else (end + 22 if houses else 6.0)
    width = end + _MARGIN if ghost is None else ghost + _LOT + _MARGIN
    return Street(round(width), tuple(shapes), houses, ghost, houses >= _LONG)


def empty_street() -> Street:
    """Where nobody has asked yet: a dotted house between trees and a lamp."""
    shapes = [*draw_tree(54, 52), *draw_tree(84, 34), *draw_lamp(362), *draw_tree(400, 42)]
    return Street(440, tuple(shapes), 0, 172.0, long=False)


def plan(slug: str, houses: int) -> Iterator[House | Book | Green]:
    """What stands in the street from left to right, `houses` of them for stories."""
    chance = Chance(slug)
    x, family, roof, after_book = _MARGIN, "", "", False
    for place in range(houses):
        between = chance.next()
        if place and between < 0.16:
            yield _green(chance, x + 9, lamp=between < 0.05)
            x += 21
        paint = chance.one_of([other for other in PAINTS if other.family != family])
        family = paint.family
        if chance.next() < 0.25 and place and not after_book:
            book = _book(chance, x, paint)
            yield book
            x, after_book = book.x + book.width + chance.between(6, 8), True
            continue
        roof = chance.one_of([other for other in ROOFS if other != roof])
        house = _house(chance, x, paint, roof)
        yield house
        x, after_book = x + house.width + chance.between(2.5, 7), False


def _house(chance: Chance, x: float, paint: Paint, roof: Roof) -> House:
    return House(
        x=x,
        width=chance.between(40, 74),
        height=chance.between(62, 134),
        paint=paint,
        roof=roof,
        pages=chance.next() < 0.4,
        round_windows=chance.next() < 0.45,
        skew=(
            chance.between(-0.8, 0.8),
            chance.between(-0.8, 0.8),
            chance.between(-0.8, 0.8),
            chance.between(-0.8, 0.8),
        ),
    )


def _book(chance: Chance, x: float, paint: Paint) -> Book:
    """A leaning book, with room on its left for the head to lean into."""
    lean, height = -chance.between(2.4, 5), chance.between(64, 104)
    return Book(x + 5 + height * 0.05, chance.between(20, 32), height, paint, lean)


def _green(chance: Chance, x: float, *, lamp: bool) -> Green:
    height = chance.between(32, 54)
    return Green(tuple(draw_lamp(x) if lamp else draw_tree(x, height)))
