"""The map: P8's tiles. Exact sums, small answers, and what they cost in a large world."""

import asyncio
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.inside import Inside, ask, cost_of_asking
from tests.bench.pages import LIST, some_paths
from tests.bench.report import Report

_ALL_LEVELS: Final = (0, 1, 2, 3)
_DEEP: Final = (5, 8, 10, 12)
_KB: Final = 1_024
_EVERYTHING: Final = "status=any"


def measure(report: Report, small: str, large: str, var: Path) -> None:
    """Costs of both worlds side by side, and the large one's tiles."""
    few, many = Inside(small, var), Inside(large, var)
    try:
        growth(report, few, many)
        sums(report, many)
        weights(report, many)
    finally:
        few.close()
        many.close()


def growth(report: Report, few: Inside, many: Inside) -> None:
    """P8: list, town and tile in the large world beside the small one."""
    targets: list[tuple[str, float]] = [("list", 1.5), ("town", 1.5), ("tile", 10)]
    for name, target in targets:
        low, high = (cost_of_asking(world.app, paths_of(world, name)) for world in (few, many))
        report.figure(f"P8-{name}-small", low * 1_000, "ms of CPU")
        report.figure(f"P8-{name}-large", high * 1_000, "ms of CPU")
        report.bar(f"P8-{name}", high / low, "<=", target)


def paths_of(world: Inside, name: str) -> list[str]:
    """What is asked of a world under this name."""
    if name == "list":
        return [LIST] * 10
    if name == "tile":
        return ["/map/0/0/0", "/map/5/16/10", "/map/5/17/10", "/map/10/555/361"] * 5
    with world.database.snapshot() as conn:
        return some_paths(conn, 20)


def tile(world: Inside, z: int, x: int, y: int, query: str = _EVERYTHING) -> Any:
    """A tile as it is sent."""
    status, body = asyncio.run(ask(world.app, f"/map/{z}/{x}/{y}?{query}"))
    if status != 200:
        raise RuntimeError(f"tile {z}/{x}/{y} was answered with {status}")
    return json.loads(body)


def towns_in(answer: Any) -> int:
    """How many towns a tile holds: those in clusters, and those alone."""
    towns, alone = answer["c"][2], answer["t"][0]
    return int(sum(towns)) + len(alone)


def sums(report: Report, world: Inside) -> None:
    """P8: the tiles of each level hold together what the whole world does."""
    totals = []
    for z in _ALL_LEVELS:
        side = range(1 << z)
        totals.append(sum(towns_in(tile(world, z, x, y)) for x in side for y in side))
    report.figure("P8-towns-on-map", totals[0], "towns")
    report.bar("P8-sums-differ", max(abs(total - totals[0]) for total in totals), "<=", 0)


def weights(report: Report, world: Inside) -> None:
    """P8: what a tile weighs compressed, over the busiest way down and all of the first levels."""
    sizes = [(weight_of(world, at), at) for at in busiest(world)]
    size, (z, x, y) = max(sizes)
    report.figure("P8-heaviest-tile-zoom", z, f"zoom, at {x}/{y}")
    report.bar("P8-tile-kb", size / _KB, "<=", 1.0)


def weight_of(world: Inside, at: tuple[int, int, int]) -> int:
    """Bytes of a tile, compressed as the board compresses."""
    z, x, y = at
    _status, body = asyncio.run(ask(world.app, f"/map/{z}/{x}/{y}"))
    return len(gzip.compress(body, 5))


def busiest(world: Inside) -> Sequence[tuple[int, int, int]]:
    """Each level's tile with the most towns, found by going down from the world's."""
    way, at = [], (0, 0, 0)
    for z in range(max(_DEEP) + 1):
        way.append(at)
        _z, x, y = at
        below = [(z + 1, 2 * x + dx, 2 * y + dy) for dx in (0, 1) for dy in (0, 1)]
        at = max(below, key=lambda one: towns_in(tile(world, *one)))
    return way
