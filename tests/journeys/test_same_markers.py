"""The live map's markers are the still map's: both rules, the same cells, in a real browser."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from board.core.geo import MERCATOR_SIZE, from_mercator
from board.drawing.bubbles import asking_outline, several, short
from board.drawing.clusters import Cell, place_markers
from board.drawing.markers import Marker
from board.drawing.view import View

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ZOOM, WIDE, TALL = 4, 640, 560
SCALE = 256 * 2**ZOOM / MERCATOR_SIZE
PLACE = """
async (worlds) => {
  const src = document.querySelector('script[src$="app.js"]').src;
  const { placeMarkers, target } = await import(src.replace('app.js', 'clusters.js'));
  const { partWidth } = await import(src.replace('app.js', 'shapes.js'));
  const label = (n) => n < 10000 ? String(n) : `${Math.floor(n / 1000)}k`;
  const plural = { town: 'towns', circle: 'circles', library: 'libraries' };
  const wide = (n, word) => partWidth(label(n), n === 1 ? word : plural[word]);
  return worlds.map(({ cells, listed }) => placeMarkers(cells, {
    wide, label,
    rank: ({ kind, id }) => {
      const at = kind === 'asking' ? listed.indexOf(id) : -1;
      return at < 0 ? Infinity : at;
    },
  }).map((m) => ({ ...m, cells: m.cells.length, target: target(m, { wide, label }) })));
}
"""
OUTLINES = """
async ({ labels, pairs }) => {
  const src = document.querySelector('script[src$="app.js"]').src;
  const shapes = await import(src.replace('app.js', 'shapes.js'));
  const { askingOutline, severalOutline, partWidth } = shapes;
  const { severalHalf } = await import(src.replace('app.js', 'clusters.js'));
  const label = (n) => n < 10000 ? String(n) : `${Math.floor(n / 1000)}k`;
  const plural = { town: 'towns', circle: 'circles', library: 'libraries' };
  const wide = (n, word) => partWidth(label(n), n === 1 ? word : plural[word]);
  return {
    asking: labels.map(askingOutline),
    several: pairs.map(([towns, now, libraries]) =>
      severalOutline(severalHalf({ towns, now, soon: 0, finished: 0, libraries }, wide))),
  };
}
"""


def a_world(chance: random.Random) -> tuple[list[dict[str, Any]], list[Cell], list[int]]:
    """The cells of a crowded view as a browser knows them, and as the still map does."""
    theirs, ours = [], []
    left, top = 2048, 1280
    for number in range(1, chance.randint(2, 90)):
        x, y = left + chance.randrange(WIDE), top + chance.randrange(TALL)
        one = chance.random() < 0.6
        kind = chance.choice(("towns", "now", "soon", "finished", "libraries"))
        counts = dict.fromkeys(("towns", "now", "soon", "finished", "libraries"), 0)
        if one:
            counts[kind] = 1
        else:
            counts = {name: chance.choice((0, 0, 1, 2, 40, 12_345)) for name in counts}
        things = sum(counts.values())
        if not things:
            continue
        votes = chance.choice((1, 7, 7, 132, 10_500)) if one and kind == "towns" else 0
        theirs.append({"x": x, "y": y, "votes": votes, "id": number if one else None, **counts})
        ours.append(
            Cell(
                sum_mx=round(x / SCALE) * things,
                sum_my=round(y / SCALE) * things,
                towns=counts["towns"],
                votes=votes,
                circles_now=counts["now"],
                circles_soon=counts["soon"],
                circles_finished=counts["finished"],
                libraries=counts["libraries"],
                town_id=number if one and kind == "towns" else None,
                circle_id=number if one and kind in ("now", "soon", "finished") else None,
                library_id=number if one and kind == "libraries" else None,
            )
        )
    listed = [cell["id"] for cell in theirs if cell["id"] and cell["towns"]][::3]
    return theirs, ours, listed


def as_theirs(marker: Marker) -> dict[str, Any]:
    """A marker of the still map in the live one's words."""
    west, north, east, south = marker.target
    return {
        "kind": marker.kind,
        "towns": marker.towns,
        "votes": marker.votes,
        "now": marker.circles_now,
        "soon": marker.circles_soon,
        "finished": marker.circles_finished,
        "libraries": marker.libraries,
        "id": marker.town_id or marker.circle_id or marker.library_id,
        "target": [round(side, 1) for side in (west, north, east, south)],
    }


def test_same_cells_make_the_same_markers_in_the_same_order(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto("/about")
    chance = random.Random(7)
    worlds = [a_world(chance) for _ in range(60)]
    lat, lng = from_mercator(round((2048 + WIDE / 2) / SCALE), round((1280 + TALL / 2) / SCALE))
    view = View(lat, lng, ZOOM, WIDE, TALL)

    drawn = page.evaluate(PLACE, [{"cells": t, "listed": listed} for t, _o, listed in worlds])

    for (_theirs, ours, listed), markers in zip(worlds, drawn, strict=True):
        still = place_markers(ours, view, listed=listed)
        names = as_theirs(still[0]).keys() if still else ()
        found = [
            {
                **{name: marker.get(name) for name in names},
                "target": [round(side, 1) for side in marker["target"].values()],
            }
            for marker in markers
        ]
        assert found == [as_theirs(marker) for marker in still]
        for marker, other in zip(markers, still, strict=True):
            assert (marker["x"] - 2048, marker["y"] - 1280) == pytest.approx(
                (other.x, other.y), abs=0.01
            )


def test_bubbles_have_the_same_outlines(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto("/about")
    votes = (1, 9, 86, 132, 9999, 10_000, 123_456)
    pairs = [(1, 0, 0), (61, 0, 0), (61, 9, 0), (12_345, 1, 3), (0, 4, 0), (0, 0, 2), (0, 0, 5000)]

    drawn = page.evaluate(OUTLINES, {"labels": [short(n) for n in votes], "pairs": pairs})

    assert drawn["asking"] == [asking_outline(short(n)) for n in votes]
    assert drawn["several"] == [several(t, n, m, live=True).d for t, n, m in pairs]
