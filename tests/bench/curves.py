"""How costs grow from a thousand towns to a million: measured, drawn as SVG, written as a table."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from jinja2 import Environment, FileSystemLoader
from sqlalchemy import func, select

from board.core import clock
from board.towns.models import towns
from board.towns.place_queries import find_places
from board.towns.rules import Need
from board.votes.actions import Ballot, cast_vote
from tests.bench.growth_chart import chart_of
from tests.bench.inside import Inside, cost_of, cost_of_asking
from tests.bench.pages import LIST, some_paths
from tests.bench.picker import typed
from tests.bench.report import Report

# What is drawn, in its order, and what it is called there.
CURVES: Final = {
    "list": "list page, made anew",
    "town": "town page, made anew",
    "tile-0": "tile of the world",
    "tile-5": "tile of a country",
    "tile-10": "tile of a city",
    "picker": "picker",
    "vote": "vote, in a group of 32",
}
_TILES: Final = {"tile-0": "/map/0/0/0", "tile-5": "/map/5/17/10", "tile-10": "/map/10/555/361"}
_GROUP: Final = 32
_HERE: Final = Path(__file__).parent


def measure(report: Report, worlds: Mapping[int, str], var: Path) -> None:
    """Every curve at every size."""
    for size, url in sorted(worlds.items()):
        inside = Inside(url, var)
        with inside.database.snapshot() as conn:
            paths = some_paths(conn, 20)
        costs: dict[str, Callable[[], float]] = {
            "list": partial(cost_of_asking, inside.app, [LIST] * 3, 3),
            "town": partial(cost_of_asking, inside.app, paths[:8], 3),
            **{
                name: partial(cost_of_asking, inside.app, [path] * 12, 3)
                for name, path in _TILES.items()
            },
            "picker": partial(_picking, inside),
            "vote": partial(_voting, inside),
        }
        for name, cost in costs.items():
            report.figure(f"growth-{name}-{size}", cost() * 1_000, "ms of CPU")
        inside.close()


def _picking(world: Inside) -> float:
    with world.database.snapshot() as conn:
        texts = typed(conn, 200)
        return cost_of(lambda: [find_places(conn, text) for text in texts], 1) / len(texts)


def _voting(world: Inside) -> float:
    """A vote's own statements in groups as the writer makes them; nothing of it is kept."""
    chance, need, costs = Random(3), Need(), []
    with world.database.writer_engine.connect() as conn:
        most: int = conn.execute(select(func.max(towns.c.id))).scalar_one()
        conn.rollback()
        for _group in range(12):
            begun = time.process_time()
            with conn.begin() as transaction:
                for _vote in range(_GROUP):
                    ballot = Ballot(chance.randint(1, most), chance.randbytes(32), 1)
                    cast_vote(conn, ballot, need=need, now=clock.now())
                transaction.rollback()
            costs.append((time.process_time() - begun) / _GROUP)
    return median(costs)


def draw(results: Path, target: Path) -> str:
    """Draw the curves that were measured; the table that says the same, as Markdown."""
    figures = json.loads(results.read_text("utf-8"))["figures"]
    found: dict[str, dict[int, float]] = {}
    for name in CURVES:
        mark = f"growth-{name}-"
        points = {
            int(key.removeprefix(mark)): value[0]
            for key, value in figures.items()
            if key.startswith(mark) and key.removeprefix(mark).isdigit()
        }
        if points:
            found[name] = dict(sorted(points.items()))
    pages = Environment(loader=FileSystemLoader(_HERE), autoescape=True, trim_blocks=True)
    chart = chart_of({CURVES[name]: points for name, points in found.items()})
    target.write_text(pages.get_template("growth.svg.jinja").render(chart=chart), "utf-8")
    return table_of(found)


def table_of(found: Mapping[str, Mapping[int, float]]) -> str:
    """The numbers behind the chart."""
    sizes: Sequence[int] = sorted({size for points in found.values() for size in points})
    lines = [
        "| ms of CPU | " + " | ".join(f"{size:,} towns" for size in sizes) + " | growth |",
        "|---|" + "--:|" * (len(sizes) + 1),
    ]
    for name, points in found.items():
        cells = [f"{points[size]:.3g}" if size in points else "" for size in sizes]
        growth = points[max(points)] / points[min(points)]
        lines.append(f"| {CURVES[name]} | " + " | ".join(cells) + f" | {growth:.1f} × |")
    return "\n".join(lines) + "\n"
