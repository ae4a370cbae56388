"""Bars: numbers in a row as one path, small beside a word or large over an axis. Pure geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Final

# One vote alone must not look like a wave.
LEAST_TOP: Final = 4


@dataclass(frozen=True, slots=True)
class Spark:
    """A row of bars in a box: those of before, and the latest, which are drawn stronger."""

    before: str
    latest: str
    width: int
    height: int


def spark(values: Sequence[int], *, latest: int, height: int = 24) -> Spark:
    """Bars of 3 with gaps of 1, scaled to the highest; `latest` of them are the latest."""
    top = max(LEAST_TOP, *values) if values else LEAST_TOP
    heights = [round(value * height / top, 1) for value in values]
    bars = [bar(4 * n, height, 3, tall) for n, tall in enumerate(heights)]
    parted = len(values) - latest
    return Spark("".join(bars[:parted]), "".join(bars[parted:]), 4 * len(values) - 1, height)


def bar(x: float, ground: float, width: float, tall: float) -> str:
    """One bar that stands on the ground; nothing where it has no height."""
    return f"M{x:g} {ground:g}v{-tall:g}h{width:g}v{tall:g}z" if tall > 0 else ""


@dataclass(frozen=True, slots=True)
class Column:
    """One bar of a chart: what it is called and counts, and where it stands."""

    label: str
    value: int
    x: float
    d: str
    top: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over an axis with a few even lines; coordinates of a picture `width` by `height`."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[float, int], ...]
    width: int
    height: int
    ground: float
    left: float
    bar_width: float


def chart(
    labels: Sequence[str], values: Sequence[int], *, width: int = 520, height: int = 180
) -> Chart:
    """A chart of bars: names under them, numbers over them, at most four lines behind."""
    left, above, below = 34.0, 20.0, 24.0
    ground = height - below
    top, step = scale(max(values, default=0))
    each = (width - left) / max(1, len(values))
    thick = round(min(44.0, each * 0.64), 1)
    room = ground - above
    columns = []
    for n, (label, value) in enumerate(zip(labels, values, strict=True)):
        tall = round(value * room / top, 1)
        middle = round(left + each * (n + 0.5), 1)
        d = bar(round(middle - thick / 2, 1), ground, thick, tall)
        columns.append(Column(label, value, middle, d, round(ground - tall, 1)))
    lines = tuple((round(ground - n * room / top, 1), n) for n in range(0, top + 1, step))
    return Chart(tuple(columns), lines, width, height, ground, left, thick)


def scale(most: int) -> tuple[int, int]:
    """The top of an axis that holds `most`, and the step between its lines (1, 2 or 5 · 10ⁿ)."""
    if most <= LEAST_TOP:
        return LEAST_TOP, 2
    rough = most / 4
    ten = 10 ** int(log10(rough)) if rough >= 1 else 1
    step = next(times * ten for times in (1, 2, 5, 10) if times * ten >= rough)
    return ceil(most / step) * step, step
