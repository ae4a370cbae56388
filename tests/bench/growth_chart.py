"""Where everything stands on the chart of growth: both axes by powers of ten. Pure geometry."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Final, NamedTuple

WIDTH, HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 520, 24, 372
_LINE_HEIGHT: Final = 16
# Told apart without colour too: by dashes and by the name at the line's end.
_STROKES: Final = (
    ("#0b6e4f", ""), ("#b3392f", "8 3"), ("#1f4e9e", "2 3"), ("#8a5a00", "10 3 2 3"),
    ("#6b3fa0", "5 5"), ("#3d3d3d", "1 4"), ("#00707a", "14 4"),
)  # fmt: skip


class Tick(NamedTuple):
    """A line of the grid and its word."""

    at: float
    label: str


class Label(NamedTuple):
    """A curve's name beside its end."""

    y: float
    text: str


class Curve(NamedTuple):
    """One line of the chart."""

    name: str
    path: str
    points: list[tuple[float, float]]
    colour: str
    dashes: str
    label: Label
    end: float


class Chart(NamedTuple):
    """Everything that is drawn."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    sizes: list[Tick]
    costs: list[Tick]
    curves: list[Curve]


def chart_of(found: Mapping[str, Mapping[int, float]]) -> Chart:
    """A chart of costs in ms by number of towns."""
    sizes = sorted({size for points in found.values() for size in points})
    values = [value for points in found.values() for value in points.values()]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    x_of = Scale((log10(sizes[0]), log10(sizes[-1])), (_LEFT, _RIGHT))
    y_of = Scale((low, high), (_BOTTOM, _TOP))
    drawn = {
        name: [(x_of(log10(size)), y_of(log10(value))) for size, value in points.items()]
        for name, points in found.items()
    }
    labels = apart({name: points[-1][1] for name, points in drawn.items()}, _LINE_HEIGHT)
    curves = [
        Curve(
            name,
            "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points),
            points,
            *_STROKES[number % len(_STROKES)],
            Label(labels[name], name),
            points[-1][1],
        )
        for number, (name, points) in enumerate(drawn.items())
    ]
    return Chart(
        WIDTH, HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM,
        [Tick(x_of(log10(size)), f"{size:,}") for size in sizes],
        [Tick(y_of(power), f"{10.0**power:g} ms") for power in range(low, high + 1)],
        curves,
    )  # fmt: skip


class Scale:
    """From one range of numbers to another, straight."""

    def __init__(self, given: tuple[float, float], wanted: tuple[float, float]) -> None:
        self.start, self.to = given[0], wanted[0]
        self.step = (wanted[1] - wanted[0]) / ((given[1] - given[0]) or 1)

    def __call__(self, value: float) -> float:
        return self.to + (value - self.start) * self.step


def apart(wanted: Mapping[str, float], gap: float) -> dict[str, float]:
    """Heights for labels, each near the one wanted and none over another."""
    order: Sequence[str] = sorted(wanted, key=lambda name: wanted[name])
    placed: dict[str, float] = {}
    below = float("-inf")
    for name in order:
        below = max(wanted[name], below + gap)
        placed[name] = below
    over = max(0.0, below - _BOTTOM)
    return {name: y - over for name, y in placed.items()}
